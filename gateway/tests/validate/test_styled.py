"""Parts of a form that are written in a style."""

from typing import Any

import pytest

from gateway.tests.validate.build import at, schema_set
from gateway.tests.validate.multiparts import FILE, body, encoding, multipart, part
from gateway.tests.validate.pieces import told, verdict
from gateway.validate.schema import SchemaError
from gateway.validate.styled import READER, compile_styled
from gateway.validate.text import BadText

NUMBERS = {"type": "array", "items": {"type": "integer"}}
COLOUR = {"type": "object", "properties": {"R": {"type": "integer"}, "G": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "said", "given", "value"),
    [
        ({"type": "integer"}, {"style": "form"}, {"p": ["5"]}, 5),
        ({"type": "string"}, {"allow_reserved": True}, {"p": ["a%41+"]}, "a%41+"),
        (NUMBERS, {"style": "form"}, {"p": ["1", "2"]}, [1, 2]),
        (NUMBERS, {"explode": False}, {"p": ["1,2"]}, [1, 2]),
        (NUMBERS, {"style": "spaceDelimited"}, {"p": ["1 2"]}, [1, 2]),
        (NUMBERS, {"style": "pipeDelimited"}, {"p": ["1|2"]}, [1, 2]),
        (NUMBERS, {"style": "pipeDelimited", "explode": True}, {"p": ["1", "2"]}, [1, 2]),
        (COLOUR, {"style": "form"}, {"R": ["1"], "G": ["2"]}, {"R": 1, "G": 2}),
        (COLOUR, {"explode": False}, {"p": ["R,1,G,2"]}, {"R": 1, "G": 2}),
        (COLOUR, {"style": "deepObject"}, {"p[R]": ["1"], "p[G]": ["2"]}, {"R": 1, "G": 2}),
        (COLOUR, {"style": "deepObject"}, {"q": ["1"]}, None),
    ],
)
def test_parts_are_put_together(schema: Any, said: Any, given: dict[str, list[str]], value: object) -> None:
    """As keys of a query are, without percent-encoding."""
    styled = compile_styled("p", at("P"), encoding(**said), schema_set(P=schema))
    raws = {name.encode(): [text.encode() for text in texts] for name, texts in given.items()}
    assert styled.value(raws) == value
    assert all(styled.keys.names(name) for name in raws) is (value is not None)


@pytest.mark.parametrize(
    ("schema", "said", "given", "pointer"),
    [
        ({"type": "integer"}, {"style": "form"}, {b"p": [b"5", b"6"]}, "/p"),
        ({"type": "integer"}, {"style": "form"}, {b"p": [b"\xff"]}, "/p"),
        (NUMBERS, {"explode": False}, {b"p": [b"1,x"]}, "/p/1"),
        (COLOUR, {"style": "deepObject"}, {b"p[R]": [b"x"]}, "/p/R"),
    ],
)
def test_what_a_style_cannot_have_written_is_refused(schema: Any, said: Any, given: Any, pointer: str) -> None:
    """At the place in the value."""
    with pytest.raises(BadText) as caught:
        compile_styled("p", at("P"), encoding(**said), schema_set(P=schema)).value(given)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("style", ["simple", "matrix", "label", "unheard"])
def test_other_styles_are_refused_at_load(style: str) -> None:
    """No part can have them."""
    with pytest.raises(SchemaError):
        compile_styled("p", at("P"), encoding(style=style), schema_set(P=COLOUR))


def test_a_styled_part_is_text() -> None:
    """In UTF-8; the content type of the encoding is ignored."""
    decode = READER.decode({b"content-type": b"text/plain; charset=utf-8"})
    assert decode is not None and decode(b"x") == b"x"
    for type_ in (b"text/plain; charset=iso-8859-1", b"application/json"):
        with pytest.raises(BadText):
            READER.decode({b"content-type": type_})


@pytest.mark.parametrize("file", [True, False])
def test_a_form_may_have_properties_in_styles(file: bool) -> None:
    """Beside others, whether it streams or not; what is wrong with them is said when the whole is there."""
    properties = {"n": {"type": "integer"}, "colour": COLOUR, "deep": COLOUR, **({"file": FILE} if file else {})}
    shape = {"type": "object", "properties": properties, "required": ["colour"], "additionalProperties": False}
    said = {"colour": encoding(style="form"), "deep": encoding(style="deepObject")}
    check = multipart(shape, encoding=said)
    good = [part(b"1", "R"), part(b"7", "n"), part(b"2", "G"), part(b"3", "deep[R]")]
    assert told(verdict(check, body(*good))) == []
    assert told(verdict(check, body(*good, part(b"x", "deep[G]")))) == [("/deep/G", "type")]
    assert told(verdict(check, body(part(b"7", "n")))) == [("/colour", "required")]
    assert told(verdict(check, body(*good, part(b"x", "B")))) == [("/B", "unknown")]


def test_styles_are_ignored_in_other_types() -> None:
    """3.2.0: "SHALL be ignored if the media type is not ... multipart/form-data"."""
    said = {"colour": encoding(style="deepObject")}
    check = multipart({"type": "object", "properties": {"colour": COLOUR}}, type_="mixed", encoding=said)
    assert told(verdict(check, body(part(b'{"R":1}', "colour")))) == []
