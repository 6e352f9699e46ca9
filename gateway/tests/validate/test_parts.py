"""How one part is read: the media types it may have and the value behind its content."""

from typing import Any

import pytest

from gateway.contract.model import Encoding
from gateway.tests.validate.build import at, schema_set
from gateway.tests.validate.multiparts import FILE, encoding
from gateway.validate.media import Decode
from gateway.validate.parts import Context, File, PartReader, compile_part, styled
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media


def no_nesting(uri: str, said: Encoding) -> Any:
    """No part here is multipart."""
    raise AssertionError


def nested(media: Media) -> Decode:
    """Stands for what reads parts of parts."""
    return lambda data: ["nested"]


def reader(schema: Any, said: Encoding | None = None, nesting: Any = no_nesting) -> PartReader:
    """The reader of parts with this schema."""
    return compile_part(at("P"), said, Context(schema_set(P=schema), Terms(), nesting))


@pytest.mark.parametrize(
    ("schema", "content", "value"),
    [
        ({"type": "string"}, b"a", "a"),
        ({"type": "integer"}, b"12345678901234567890", 12345678901234567890),
        ({"type": "number"}, b"1.5", 1.5),
        ({"type": "boolean"}, b"true", True),
        ({"type": ["integer", "string"]}, b"x", "x"),
        ({"enum": ["a", 1]}, b"1", 1),
        ({"type": "object"}, b'{"a":[1]}', {"a": [1]}),
        ({"type": "array"}, b"[1]", [1]),
        ({"allOf": [{"properties": {"a": {}}}]}, b"{}", {}),
        ({"type": "string", "format": "byte"}, b"aGk=", "aGk="),
    ],
)
def test_the_type_of_the_value_says_how_it_is_written(schema: Any, content: bytes, value: object) -> None:
    """Primitives as text, everything else as JSON (3.2.0, Encoding Object)."""
    decode = reader(schema).decode({})
    assert decode is not None and decode(content) == value


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        (True, File("", 0, None)),
        ({}, File("", 0, None)),
        (FILE, File("", 0, None)),
        ({**FILE, "minLength": 2, "maxLength": 9}, File("xx", 2, 9)),
        ({"allOf": [{**FILE, "maxLength": 9}, {"maxLength": 7, "minLength": 1}]}, File("x", 1, 7)),
        ({"type": "string"}, None),
        ({"type": "object"}, None),
    ],
)
def test_files_have_a_marker_that_their_schema_admits(schema: Any, file: File | None) -> None:
    """And a length in octets."""
    found = reader(schema)
    assert found.file == file
    assert (found.decode({}) is None) is (file is not None)


@pytest.mark.parametrize(
    ("content_type", "value"), [(None, "{}"), ("text/plain; charset=latin1", "{}"), ("application/json", {})]
)
def test_a_string_or_an_object_is_told_by_the_media_type(content_type: str | None, value: object) -> None:
    """Without one it is text (RFC 7578 section 4.4)."""
    fields = {} if content_type is None else {b"content-type": content_type.encode()}
    decode = reader({"type": ["string", "object", "null"]}).decode(fields)
    assert decode is not None and decode(b"{}") == value


def test_nothing_said_is_a_file() -> None:
    """Of any type."""
    context = Context(schema_set(P=True), Terms(), no_nesting)
    assert compile_part(None, None, context).decode({b"content-type": b"x/y"}) is None
    with pytest.raises(BadText):
        compile_part(None, encoding("image/png"), context).decode({b"content-type": b"x/y"})


@pytest.mark.parametrize(
    ("content_type", "value"), [(b"application/json", {"a": 1}), (b"text/plain", None), (b"image/png", None)]
)
def test_under_a_range_the_part_itself_says_what_it_is(content_type: bytes, value: object) -> None:
    """What nothing decodes is refused where the schema is no file's."""
    found = reader({"type": "object"}, encoding("*/*"))
    try:
        decode = found.decode({b"content-type": content_type})
        assert decode is not None and decode(b'{"a":1}') == value
    except BadText as error:
        assert value is None and error.keyword == "media-type"


def test_the_most_specific_range_counts() -> None:
    """A text by its own charset, other content uncounted as text."""
    found = reader({"type": "string"}, encoding("*/*, text/plain, application/pdf"))
    text = found.decode({b"content-type": b"text/plain; charset=iso-8859-1"})
    assert text is not None and text(b"\xe9") == "\u00e9"
    assert found.decode({b"content-type": b"application/pdf"}) is None


def test_parts_of_parts_are_read_by_what_is_given_for_them() -> None:
    """Only where the encoding names a multipart type."""
    found = reader({"type": "array"}, encoding("multipart/mixed"), lambda uri, said: nested)
    decode = found.decode({b"content-type": b"multipart/mixed; boundary=x"})
    assert decode is not None and decode(b"") == ["nested"]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": ["integer", "object"]}, None),
        ({"minimum": 1}, None),
        ({"type": "object"}, encoding("image/png")),
        ({"type": "string", "pattern": "x"}, encoding("image/png")),
        ({"type": "object"}, encoding("application/json,")),
        (False, None),
    ],
)
def test_values_that_no_part_can_carry_are_refused(schema: Any, said: Encoding | None) -> None:
    """When the document is loaded."""
    with pytest.raises(SchemaError):
        reader(schema, said)


def test_any_word_about_style_selects_it() -> None:
    """3.2.0, Encoding Object: "at least one of style, explode, or allowReserved"."""
    chosen = [encoding(), encoding(style="form"), encoding(explode=False), encoding(allow_reserved=False)]
    assert [styled(said) for said in chosen] == [False, True, True, True]
