"""What to send to an operation: its examples, valid requests at the edges of the schemas, and requests that break
one clause each.

A case is made of values, not bytes, so that ids and entity tags of the moment can be put in before it is sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from gateway.contract.model import MediaType, Parameter
from gateway.verify.judge import judge_request
from gateway.verify.message import ABSENT, BODY, MEDIA, Edit, Key, Raw, Request, Values, edited, serialise
from gateway.verify.sampler import Steps
from gateway.verify.subject import Subject
from gateway.wire.media import is_form, is_json, parse

IMPLIED = frozenset(("undocumented", "unknown", "repeated"))
_OWN = IMPLIED | {"required", "media-type", "syntax", "duplicate-key"}  # what is no keyword of JSON Schema here
VALID = 60  # cases per operation
VIOLATIONS = 250
RANDOM = 4  # bodies put together by chance


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `edits` are what it is about and are applied last, over what the moment puts into `base`."""

    name: str
    base: Values
    edits: tuple[Edit, ...] = ()
    violates: str = ""  # the clause, as `place name pointer keyword`; "" for a valid request
    documented: bool = False  # an example: its values are sent as they are
    expected: tuple[str, Any] | None = None  # status and content that the document shows for this very request

    @property
    def keyword(self) -> str:
        """The last word of the clause."""
        return self.violates.rpartition(" ")[2]

    @property
    def implied(self) -> bool:
        """Whether the clause is one that documents leave unsaid: the gateway refuses what is not documented at all,
        a backend may ignore it."""
        return self.keyword in IMPLIED


def build(subject: Subject, case: Case, moment: Sequence[Edit] = ()) -> Request:
    """The bytes of a case. `moment` holds ids, entity tags and credentials that are good now."""
    return serialise(subject, edited(case.base, (*moment, *case.edits)))


def examples(subject: Subject) -> list[Case]:
    """One case per example that the document shows; those that an answer is shown for say so."""
    shown = subject.examples
    parameters = subject.operation.parameters
    named = [shown.parameters.get((each.place, each.name), {}) for each in parameters]
    names = {name for each in named for name in each} | {name for each in shown.bodies.values() for name in each}
    cases = []
    kinds: Sequence[MediaType | None] = _media(subject) or (None,)
    for media in kinds:
        bodies = shown.bodies.get(media.range, {}) if media else {}
        for name in sorted(names):
            if media and bodies and name not in bodies:
                continue
            edits = [
                Edit((parameter.place, parameter.name), each[name])
                for parameter, each in zip(parameters, named, strict=True)
                if name in each
            ]
            base = edited(_base(subject, media, optional=False), edits)
            body = (Edit(BODY, bodies[name]),) if name in bodies else ()
            expected = {pair: (status, value) for pair, status, value in shown.pairs}.get(name)
            cases.append(Case(f"example {name}".strip(), base, body, documented=True, expected=expected))
    return cases


def valid(subject: Subject, random: Random) -> list[Case]:
    """Valid requests: one with everything optional, one with nothing, and one value changed at a time."""
    cases = [Case(name, _base(subject, None, optional)) for name, optional in (("least", False), ("most", True))]
    for parameter in subject.operation.parameters:
        base = _base(subject, None, optional=False)
        for value in _values(subject, parameter):
            key = (parameter.place, parameter.name)
            cases.append(Case(_label(key, (), value), base, (Edit(key, value),)))
    for media in _media(subject):
        cases += _valid_bodies(subject, media, random)
    if subject.operation.body is not None and not subject.operation.body.required:
        cases.append(Case("no body", _base(subject, None, False), (Edit(BODY, ABSENT), Edit(MEDIA, ABSENT))))
    kept: dict[Request, Case] = {}
    for case in cases:
        request = build(subject, case)
        if not judge_request(subject, request):
            kept.setdefault(request, case)
    return list(kept.values())[:VALID]


def _valid_bodies(subject: Subject, media: MediaType, random: Random) -> Iterator[Case]:
    base = _base(subject, media, optional=False)
    if media.schema is None or not _is_structured(media):
        return
    sampler = subject.sampler
    bodies = sampler.values(media.schema)
    for number, body in enumerate(bodies):
        yield Case(f"{media.range} {number}", edited(base, [Edit(BODY, body)]))
    full = bodies[0] if bodies else {}
    base = edited(base, [Edit(BODY, full)])
    variations = list(sampler.variations(media.schema, full))
    for steps, value in variations:
        if steps:
            yield Case(_label(BODY, steps, value), base, (Edit(BODY, value, steps),))
    for number in range(RANDOM if len(variations) > 1 else 0):
        chosen = random.sample(variations, min(3, len(variations)))
        edits = tuple(Edit(BODY, value, steps) for steps, value in chosen if steps)
        yield Case(f"random {number}", base, edits)


def violations(subject: Subject) -> list[Case]:
    """Requests that break one clause each. What turns out to break another one, or none, once it is serialised is
    left out."""
    kept: dict[Request, Case] = {}
    for case in _violations(subject):
        request = build(subject, case)
        keywords = {violation.keyword for violation in judge_request(subject, request)}
        if keywords and "unmatched" not in keywords and (case.keyword in _OWN or keywords & {case.keyword, "schema"}):
            kept.setdefault(request, case)
    return list(kept.values())[:VIOLATIONS]


def _violations(subject: Subject) -> Iterator[Case]:
    base = _base(subject, None, optional=False)
    for parameter in subject.operation.parameters:
        yield from _wrong_parameter(subject, parameter, base)
    yield _violating(base, ("query", "unexpected"), "unknown", "1")
    body = subject.operation.body
    if body is None:
        yield _violating(base, BODY, "undocumented", Raw(b"{}"), Edit(MEDIA, "application/json"))
        return
    if body.required:
        yield _violating(base, BODY, "required", ABSENT, Edit(MEDIA, ABSENT))
    yield _violating(base, MEDIA, "media-type", "text/x-unheard-of")
    yield _violating(base, MEDIA, "media-type", "not a media type")
    for media in _media(subject):
        yield from _wrong_body(subject, media)


def _wrong_parameter(subject: Subject, parameter: Parameter, base: Values) -> Iterator[Case]:
    key = (parameter.place, parameter.name)
    values = _values(subject, parameter)
    if parameter.required and parameter.place != "path":
        yield _violating(base, key, "required", ABSENT)
    if parameter.schema is None or not values:
        return
    for wrong in subject.sampler.wrongs(parameter.schema, values[0]):
        value = edited({key: values[0]}, [Edit(key, wrong.value, wrong.steps)])[key]
        yield _violating(base, key, f"{wrong.pointer} {wrong.keyword}".strip(), value)
    if parameter.place == "query" and not isinstance(values[0], list):
        yield _violating(base, key, "repeated", [values[0], values[0]])


def _wrong_body(subject: Subject, media: MediaType) -> Iterator[Case]:
    base = _base(subject, media, optional=True)
    if media.schema is None or not _is_structured(media) or BODY not in base:
        return
    for wrong in subject.sampler.wrongs(media.schema, base[BODY]):
        clause = f"{wrong.pointer} {wrong.keyword}".strip()
        yield _violating(base, BODY, clause, wrong.value, steps=wrong.steps)
    type_ = parse(media.range.encode())
    if type_ and is_json(type_):
        text = serialise(subject, base).body or b""
        yield _violating(base, BODY, "syntax", Raw(text[:-1]))
        yield _violating(base, BODY, "syntax", Raw(text + b"]"))
        yield _violating(base, BODY, "syntax", Raw(b"\xff" + text))
        if isinstance(base[BODY], dict) and base[BODY]:
            name = next(iter(base[BODY]))
            yield _violating(base, BODY, "duplicate-key", Raw(text[:-1] + f', "{name}": 1}}'.encode()))
    else:
        yield _violating(base, BODY, "syntax", Raw((serialise(subject, base).body or b"") + b"&%zz=1"))


def _violating(base: Values, key: Key, keyword: str, value: Any, *more: Edit, steps: Steps = ()) -> Case:
    clause = " ".join(part for part in (*key, keyword) if part)
    return Case(f"{clause}: {_shown(value)}", base, (*more, Edit(key, value, steps)), clause)


def _label(key: Key, steps: Steps, value: Any) -> str:
    pointer = "".join(f"/{step}" for step in steps)
    return " ".join(part for part in (*key, pointer, "=", _shown(value)) if part)


def _shown(value: Any) -> str:
    """Short: long values are shown by type and size."""
    if isinstance(value, Raw):
        shown = f"{value.data[-12:]!r}"
    else:
        shown = "absent" if value is ABSENT else repr(value)
    if len(shown) > 40:
        size = f" of {len(value)}" if isinstance(value, str | list | dict) else ""
        shown = f"{type(value).__name__}{size}"
    return shown


def _base(subject: Subject, media: MediaType | None, optional: bool) -> Values:
    """A valid request: examples of the parameters where there are any, sampled values elsewhere."""
    values: dict[Key, Any] = {}
    for parameter in subject.operation.parameters:
        if parameter.required or optional:
            shown = subject.examples.parameters.get((parameter.place, parameter.name), {})
            found = [*shown.values(), *_values(subject, parameter)]
            if found:
                values[parameter.place, parameter.name] = found[0]
    chosen = media or next(iter(_media(subject)), None)
    if chosen is not None:
        values |= {MEDIA: chosen.range, BODY: _content(subject, chosen, optional)}
    return values


def _content(subject: Subject, media: MediaType, optional: bool) -> Any:
    if not _is_structured(media) or media.schema is None:
        return Raw(b"any bytes")
    bodies = subject.sampler.values(media.schema)
    if not bodies:
        shown = subject.examples.bodies.get(media.range, {})
        return next(iter(shown.values()), {})
    return bodies[0] if optional else min(bodies, key=lambda body: len(body) if isinstance(body, dict) else 0)


def _values(subject: Subject, parameter: Parameter) -> list[Any]:
    """Valid values of a parameter, as far as they can be sent: an empty path segment is another path."""
    if parameter.schema is None:
        return ["a"]
    values = subject.sampler.values(parameter.schema)
    return [value for value in values if parameter.place != "path" or value not in ("", [])]


def _media(subject: Subject) -> list[MediaType]:
    body = subject.operation.body
    return [media for media in body.content if "*" not in media.range] if body else []


def _is_structured(media: MediaType) -> bool:
    type_ = parse(media.range.encode())
    return type_ is not None and (is_json(type_) or is_form(type_))
