"""Parts to one value, and what is held of them meanwhile."""

from typing import Any

import pytest

from gateway.config import Limits
from gateway.tests.validate.build import at, schema_set
from gateway.tests.validate.multiparts import body, no_context, part
from gateway.tests.validate.pieces import told
from gateway.validate.assembly import Layout, Member, Named, PartsJudge, Positional
from gateway.validate.parts import PartReader, compile_part
from gateway.validate.text import BadText

SCHEMAS = schema_set(Text={"type": "string"}, Anything=True)


def reader(name: str = "Text") -> PartReader:
    """Of parts with a component's schema."""
    return compile_part(at(name), None, no_context(SCHEMAS))


def first(values: list[object]) -> object:
    """For a property that is no array."""
    return values[0]


def named(rest: bool = False, form: bool = True) -> Named:
    """An object of a text, of texts, and perhaps of others."""
    text = Member(reader(), False, first)
    members = {"one": text, "many": Member(reader(), True, list)}
    return Named(members, text if rest else None, form)


def disposition(value: str) -> dict[bytes, bytes]:
    """The header fields of a part."""
    return {b"content-disposition": value.encode()}


def test_an_object_collects_its_parts() -> None:
    """In any order; an item of an array has its place in the pointer."""
    layout = named(rest=True)
    pointers = []
    for value, name in enumerate(["many", "one", "a/b", "many"]):
        pointers.append(layout.admit(disposition(f'form-data; name="{name}"'))[1])
        layout.add(value)
    assert pointers == ["/many/0", "/one", "/a~1b", "/many/1"]
    assert layout.value() == {"one": 1, "many": [0, 3], "a/b": 2}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({}, ""),
        (disposition("form-data"), ""),
        (disposition('inline; name="one"'), ""),
        (disposition('form-data; name="two"'), "/two"),
        (disposition('form-data; name="_charset_"'), ""),
    ],
)
def test_parts_that_do_not_belong_are_refused(fields: dict[bytes, bytes], pointer: str) -> None:
    """Nameless, of another kind, unknown."""
    with pytest.raises(BadText) as caught:
        named().admit(fields)
    assert caught.value.pointer == pointer


def test_a_single_value_is_given_once() -> None:
    """Two readers would take one or the other."""
    layout = named()
    layout.admit(disposition("form-data; name=one"))
    layout.add("x")
    with pytest.raises(BadText):
        layout.admit(disposition("form-data; name=one"))


def test_an_array_keeps_its_order() -> None:
    """And nothing at all when only items are judged."""
    text, any_ = reader(), reader("Anything")
    for keep, expected in ((True, ["a", "b"]), (False, [])):
        layout = Positional((any_,), text, keep)
        found = []
        for value in ("a", "b"):
            found.append(layout.admit({}))
            layout.add(value)
        assert found == [(any_, "/0"), (text, "/1")]
        assert layout.value() == expected


def judge(layout: Layout, **limits: Any) -> PartsJudge:
    """Of bodies that anything may be in."""
    return PartsJudge(b"b", layout, SCHEMAS.check(at("Anything")), Limits(**limits))


def test_content_is_dropped_as_soon_as_it_is_too_large() -> None:
    """What comes behind is not held either."""
    parts = judge(named(), item=100)
    assert parts.feed(part(b"", "one")[:-2]) == []
    assert told(parts.feed(b"x" * 101 + b"y" * 80)) == [("/one", "too-large")]
    assert parts.feed(b"x" * 1000) == [] and len(parts._content) == 0


def test_a_bad_part_does_not_hide_the_next() -> None:
    """Each is named; grammar that is broken ends it all."""
    data = body(part(b"\xff", "one"), part(b"", "two"), part(b"\xff", "many"))
    assert told(judge(named()).feed(data)) == [("/one", "syntax"), ("/two", "unknown"), ("/many/0", "syntax")]
    assert told(judge(named()).feed(part(b"\xff", "one") + b"--b\n\n")) == [("/one", "syntax"), ("", "syntax")]


def test_a_body_that_is_cut_off_is_incomplete() -> None:
    """Said at its end."""
    parts = judge(named())
    assert parts.feed(part(b"x", "one")) == []
    assert told(parts.end()) == [("", "syntax")]


def test_no_more_is_told_than_anybody_reads() -> None:
    """20 violations of many."""
    assert len(judge(named()).feed(body(*[part(b"", f"p{n}") for n in range(900)]))) == 20


@pytest.mark.parametrize("name", ["many[]", "one[0]", "one["])
def test_brackets_that_the_document_does_not_say_are_refused(name: str) -> None:
    """Some backends read such a part as one of the documented property, by whose schema it was not judged."""
    with pytest.raises(BadText) as caught:
        named(rest=True).admit(disposition(f'form-data; name="{name}"'))
    assert caught.value.pointer == f"/{name}"


def test_brackets_of_nothing_that_is_documented_are_part_of_a_name() -> None:
    """The schema for other properties judges it."""
    assert named(rest=True).admit(disposition('form-data; name="other[]"'))[1] == "/other[]"
