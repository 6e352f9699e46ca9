"""`application/x-www-form-urlencoded` bodies, judged as the object that their pairs make.

Each property is decoded as an exploded `form` query parameter would be (OpenAPI 3.0.4, "Support for
x-www-form-urlencoded Request Bodies"): the schema decides the type, arrays repeat their key.
"""

from collections.abc import Callable, Sequence

from gateway.errors import Violation
from gateway.validate.explain import pointer_of
from gateway.validate.primitives import converter
from gateway.validate.schema import SchemaSet
from gateway.validate.shape import items, kinds, properties
from gateway.validate.text import BadText, pairs, percent_decode

MAX_FIELDS = 10_000

_Read = Callable[[Sequence[bytes]], object]


def compile_form(uri: str, schemas: SchemaSet) -> Callable[[bytes], list[Violation]]:
    """The judge of form bodies whose object satisfies the schema at `uri`. Raises SchemaError.

    Fields that the schema does not name are strings, or arrays of strings when repeated.
    """
    check = schemas.check(uri)
    readers = {name.encode(): _reader(schemas, place) for name, place in properties(schemas, uri).items()}

    def judge(data: bytes) -> list[Violation]:
        if data.count(b"&") >= MAX_FIELDS:
            return [Violation("body", "", "", "syntax", f"has more than {MAX_FIELDS} fields")]
        found = []
        form = {}
        for key, raws in pairs(data).items():
            try:
                name = key.decode()
            except UnicodeDecodeError:
                found.append(Violation("body", "", "", "syntax", "has a field name that is not valid UTF-8"))
                continue
            try:
                form[name] = readers.get(key, _undocumented)(raws)
            except BadText as error:
                pointer = pointer_of([name]) + error.pointer
                found.append(Violation("body", "", pointer, error.keyword, error.message))
        return found or check.violations(form, "body")

    return judge


def _reader(schemas: SchemaSet, uri: str) -> _Read:
    if kinds(schemas, uri) in (frozenset(["array"]), frozenset(["array", "null"])):
        item = items(schemas, uri)
        convert = converter(schemas, item) if item else str
        return lambda raws: _each(convert, raws)
    single = converter(schemas, uri)
    return lambda raws: single(_only(raws))


def _each(convert: Callable[[str], object], raws: Sequence[bytes]) -> list[object]:
    values = []
    for index, raw in enumerate(raws):
        try:
            values.append(convert(percent_decode(raw, plus=True)))
        except BadText as error:
            raise BadText(error.message, error.keyword, f"/{index}") from None
    return values


def _only(raws: Sequence[bytes]) -> str:
    if len(raws) > 1:
        raise BadText("is given more than once")
    return percent_decode(raws[0], plus=True)


def _undocumented(raws: Sequence[bytes]) -> object:
    texts = [percent_decode(raw, plus=True) for raw in raws]
    return texts if len(texts) > 1 else texts[0]
