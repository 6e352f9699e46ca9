"""The parameters of an operation: which of them are given, which are missing, and what is nobody's.

How one parameter is written and judged: see `gateway.validate.parameter`.
"""

from collections.abc import Iterable, Mapping, Sequence

from gateway.contract.model import Parameter
from gateway.errors import Violation
from gateway.validate import ambiguity
from gateway.validate.keyed import Pairs, free_keys
from gateway.validate.parameter import PLACES, KeyedCheck, TextCheck, compile_parameter
from gateway.validate.schema import SchemaSet
from gateway.validate.shape import kinds
from gateway.validate.styles import Raws
from gateway.validate.terms import Terms
from gateway.validate.text import SEMICOLON, BadText, pairs, printable


class ParameterCheck:
    """All parameters of one operation. Calling it gives the violations, empty when there are none."""

    __slots__ = (
        "_cookies", "_header_names", "_headers", "_keyed", "_keyed_cookies", "_path", "_prefixes", "_query", "_refuse",
        "_required", "_whole",
    )  # fmt: skip

    def __init__(
        self,
        checks: Iterable[TextCheck | KeyedCheck],
        path_names: Sequence[str],
        whole: TextCheck | None,
        unjudged: Iterable[str],
        refuse: bool,
    ) -> None:
        by_place: dict[str, list[TextCheck]] = {place: [] for place in PLACES}
        keyed: dict[str, list[KeyedCheck]] = {"query": [], "cookie": []}
        for check in checks:
            if isinstance(check, KeyedCheck):
                keyed[check.place].append(check)
            else:
                by_place[check.place].append(check)
        by_name = {check.name: check for check in by_place["path"]}
        self._path = [(n, by_name[name]) for n, name in enumerate(path_names) if name in by_name]
        self._headers = by_place["header"]
        self._header_names = frozenset(check.key for check in self._headers)
        self._cookies = {check.key: check for check in by_place["cookie"]}
        self._keyed_cookies = keyed["cookie"]
        self._query: dict[bytes, TextCheck | None] = {check.key: check for check in by_place["query"]}
        self._required = [check for check in by_place["query"] if check.required]
        self._keyed = keyed["query"]
        self._whole = whole  # `in: querystring`; then there are no others in the query
        keys = [name.encode() for name in unjudged]
        self._query.update(dict.fromkeys(keys))
        self._prefixes = tuple(key + b"[" for key in keys)  # what `deepObject` makes of a name
        self._refuse = refuse

    def __call__(
        self, path_values: Sequence[str], query: bytes | None, lookup: Mapping[bytes, bytes]
    ) -> list[Violation]:
        """Judge raw path values in template order, the raw query, and header fields by lower-case name."""
        found: list[Violation] = []
        for n, check in self._path:
            if not check.certainly(path_values[n]):
                found += check.violations([path_values[n].encode()])
        if query:
            found += self._judge_query(query)
        elif self._required or self._keyed or self._whole:
            found += self._judge_empty_query()
        for check in self._headers:
            raw = lookup.get(check.key)
            if raw is None:
                if check.required:
                    found.append(check.missing())
            elif not check.holds(raw):
                found += check.violations([raw])
        if self._headers:
            for name in ambiguity.twins(lookup, self._header_names):
                found.append(_flaw("header", name, ambiguity.UNDERSCORE))
        if self._cookies or self._keyed_cookies:
            found += self._judge_cookies(lookup.get(b"cookie", b""))
        return found

    def _judge_query(self, query: bytes) -> list[Violation]:
        if self._whole:
            return self._whole.violations([query])
        found: list[Violation] = []
        given = pairs(query)
        for key, raws in given.items():
            check = self._query.get(key)
            if check is None:
                found += self._judge_name(key)
            elif len(raws) > 1 or not check.holds(raws[0]):
                found += check.violations(raws)
        for check in self._required:
            if check.key not in given:
                found.append(check.missing())
        if SEMICOLON in query:
            found += self._judge_semicolons(query, given)
        return found + self._judge_keyed(given) if self._keyed else found

    def _judge_semicolons(self, query: bytes, given: Pairs) -> list[Violation]:
        keys = ambiguity.semicolons(query, given)
        return [_flaw("query", key, ambiguity.SEMICOLON) for key in keys if not self._may_hold_any(key)]

    def _may_hold_any(self, key: bytes) -> bool:
        """Whether the document says `allowReserved` of a query key, or leaves it unjudged."""
        if key in self._query:
            check = self._query[key]
            return check is None or check.allow_reserved
        return key.startswith(self._prefixes) or any(
            check.allow_reserved and check.keys.names(key) for check in self._keyed
        )

    def _judge_empty_query(self) -> list[Violation]:
        required = [self._whole] if self._whole and self._whole.required else self._required
        return [check.missing() for check in required] + self._judge_keyed({})

    def _judge_keyed(self, given: Pairs) -> list[Violation]:
        free = self._free(given)
        return [violation for check in self._keyed for violation in check.violations(given, free)]

    def _free(self, given: Pairs) -> list[bytes]:
        """The query keys that belong to objects with properties that the document does not name."""
        if not any(check.keys.open for check in self._keyed):
            return []
        free = free_keys(given, self._query, [check.keys for check in self._keyed])
        return [key for key in free if not key.startswith(self._prefixes)]

    def _judge_name(self, key: bytes) -> list[Violation]:
        """A query key without a check of its own: part of an object, passed on purpose, broken, or unknown."""
        if key in self._query or key.startswith(self._prefixes) or self._is_member(key):
            return []
        if not _is_utf8(key):
            return [_flaw("query", key, "is not a name in percent-encoded UTF-8")]
        name = ambiguity.bracketed(key)
        if name in self._query or self._is_member(name):
            return [_flaw("query", key, ambiguity.BRACKETS)]
        if self._refuse and not any(check.keys.open for check in self._keyed):
            return [_flaw("query", key, "is not a documented query parameter", "unknown")]
        return []

    def _is_member(self, key: bytes) -> bool:
        return any(check.keys.names(key) for check in self._keyed)

    def _judge_cookies(self, field: bytes) -> list[Violation]:
        given = _cookies(field)
        unclosed = ambiguity.unclosed_quotes(field) if b'"' in field else ()
        found = [_flaw("cookie", name, ambiguity.QUOTE) for name in unclosed]
        for key, check in self._cookies.items():
            raws = given.get(key)
            if raws is not None:
                found += check.violations(raws)
            elif check.required:
                found.append(check.missing())
        for keyed in self._keyed_cookies:
            found += keyed.violations(given, ())
        return found

    def decode(
        self, path_values: Sequence[str], query: bytes | None, lookup: Mapping[bytes, bytes]
    ) -> list[tuple[str, str, object]]:
        """(place, name, value) of every documented parameter that is given and decodes; for explanations."""
        queries, cookies = pairs(query or b""), _cookies(lookup.get(b"cookie", b""))
        given: list[tuple[TextCheck, Raws | None]] = [(check, [path_values[n].encode()]) for n, check in self._path]
        given += [(self._whole, [query] if query else None)] if self._whole else []
        given += [(check, queries.get(check.key)) for check in self._query.values() if check]
        given += [(check, [lookup[check.key]]) for check in self._headers if check.key in lookup]
        given += [(check, cookies.get(check.key)) for check in self._cookies.values()]
        keyed = [(check, queries, self._free(queries)) for check in self._keyed]
        keyed += [(check, cookies, []) for check in self._keyed_cookies]
        decoded = []
        for check, raws in given:
            try:
                if raws is not None:
                    decoded.append((check.place, check.name, check.value(raws)))
            except BadText:
                continue
        return decoded + list(_decoded(keyed))


def _decoded(checks: Iterable[tuple[KeyedCheck, Pairs, list[bytes]]]) -> Iterable[tuple[str, str, object]]:
    for check, given, free in checks:
        try:
            value = check.value(given, free)
        except BadText:
            continue
        if value is not None:
            yield check.place, check.name, value


def _flaw(place: str, key: bytes, message: str, keyword: str = "syntax") -> Violation:
    return Violation(place, printable(key.decode(errors="ignore")), "", keyword, message)


def _is_utf8(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True


def _cookies(field: bytes) -> dict[bytes, list[bytes]]:
    """The pairs of a `Cookie` field (RFC 6265 section 4.2.1); pieces without "=" are nobody's."""
    cookies: dict[bytes, list[bytes]] = {}
    for piece in field.split(b";"):
        key, equals, raw = piece.partition(b"=")
        if equals:
            cookies.setdefault(key.strip(b" \t"), []).append(raw.strip(b" \t"))
    return cookies


def compile_parameters(
    parameters: Iterable[Parameter],
    path_names: Sequence[str],
    schemas: SchemaSet,
    terms: Terms,
    query_keys: Iterable[str] = (),
) -> ParameterCheck:
    """The check of an operation's parameters. `query_keys` name parameters that security schemes document.

    The terms' `passes` name parameters that are known but not judged; one whose properties become
    query keys of their own (an exploded `form` object) makes every key possible. Raises SchemaError.
    """
    judged: list[TextCheck | KeyedCheck] = []
    whole: TextCheck | None = None
    passed: list[Parameter] = []
    for parameter in parameters:
        if f"parameter:{parameter.place}.{parameter.name}" in terms.passes:
            passed.append(parameter)
            continue
        check = compile_parameter(parameter, schemas, terms)
        if parameter.place == "querystring" and isinstance(check, TextCheck):
            whole = check
        else:
            judged.append(check)
    refuse = terms.validate.unknown_query == "refuse" and not any(_spreads(parameter, schemas) for parameter in passed)
    known = [parameter.name for parameter in passed if parameter.place == "query"]
    return ParameterCheck(judged, path_names, whole, [*known, *query_keys], refuse)


def _spreads(parameter: Parameter, schemas: SchemaSet) -> bool:
    if parameter.place == "querystring":
        return True
    if parameter.place != "query" or parameter.style != "form" or not parameter.explode or parameter.schema is None:
        return False
    return "object" in (kinds(schemas, parameter.schema) or ())
