"""XML to elements: what is read, what is refused, and what that may cost."""

import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validate.content.xml_tree import Cdata, Element, Name, tree
from gateway.validate.text import BadText


def shown(element: Element) -> Any:
    """An element as (name, attributes, content), texts joined."""
    content: list[Any] = []
    for node in element.content:
        if isinstance(node, Element):
            content.append(shown(node))
        elif content and isinstance(content[-1], str):
            content[-1] += node
        else:
            content.append(node)
    return element.name[:2], {name[:2]: value for name, value in element.attributes.items()}, content


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a/>", (("", "a"), {}, [])),
        ("<a b='1'>t<c/>u</a>", (("", "a"), {("", "b"): "1"}, ["t", (("", "c"), {}, []), "u"])),
        ("<a>x<![CDATA[<&]]>&lt;&#65;</a>", (("", "a"), {}, ["x<&<A"])),
        ("<a> <!-- x --> <b>y</b><!-- z --></a>", (("", "a"), {}, ["  ", (("", "b"), {}, ["y"])])),
        ('<p:a xmlns:p="u" p:b="1" c="2"/>', (("u", "a"), {("u", "b"): "1", ("", "c"): "2"}, [])),
        ('<a xmlns="u"><b xmlns=""/></a>', (("u", "a"), {}, [(("", "b"), {}, [])])),
        ("<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<!-- <!DOCTYPE a> --><a/>", (("", "a"), {}, [])),
    ],
)
def test_elements_keep_names_attributes_and_order(text: str, expected: Any) -> None:
    """Names with their namespaces; comments are nothing."""
    assert shown(tree(text.encode(), None)) == expected


def test_prefixes_and_cdata_are_kept() -> None:
    """Schemas may ask for them."""
    root = tree(b'<p:a xmlns:p="u">x<![CDATA[y]]><![CDATA[z]]></p:a>', None)
    assert root.name == Name("u", "a", "p") and root.texts() == ["x", "y", "z"]
    assert [isinstance(text, Cdata) for text in root.texts()] == [False, True, True]


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ("<a>é</a>".encode(), None),
        ("\ufeff<a>é</a>".encode(), None),
        ("\ufeff<a>é</a>".encode(), "utf-8"),
        ("\ufeff<a>é</a>".encode("utf-16-le"), None),
        ("\ufeff<?xml version='1.0' encoding='UTF-16'?><a>é</a>".encode("utf-16-be"), None),
        ("<?xml version='1.0' encoding='utf-16'?><a>é</a>".encode("utf-16-be"), "utf-16-be"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1"), None),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1"), "latin-1"),
        ("<a>é</a>".encode("latin-1"), "latin-1"),
    ],
)
def test_encodings_are_told_by_mark_media_type_or_declaration(data: bytes, charset: str | None) -> None:
    """In this order (RFC 7303 section 3.2), and they have to agree."""
    assert "".join(tree(data, charset).texts()) == "é"


_BOMB = '<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{chr(ord(name) - 1)};" * 10}">' for name in "bcdefghi"
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" ", "well-formed"),
        (b"<a>", "well-formed"),
        (b"<a/><b/>", "well-formed"),
        (b"<a b='1' b='2'/>", "well-formed"),
        (b"<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "well-formed"),
        (b"<p:a/>", "well-formed"),
        (b"<a>&nbsp;</a>", "well-formed"),
        (b"<a>\x00</a>", "well-formed"),
        (b"<a>&#0;</a>", "well-formed"),
        (b"<a>\xff</a>", "utf-8"),
        (b"<a>\xed\xa0\x80</a>", "utf-8"),
        (b"<!DOCTYPE a><a/>", "document type"),
        (b"<!-- -->\n <!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "document type"),
        (b"<?xml version='1.0'?><!DOCTYPE a SYSTEM 'http://127.0.0.1/'><a/>", "document type"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "document type"),
        (f"<!DOCTYPE a [{_BOMB}]><a>&i;</a>".encode(), "document type"),
        (f"<?p?><!DOCTYPE a [{_BOMB}]><a>&i;</a>".encode(), "processing instruction"),
        (f"<?p?><!DOCTYPE a [{_BOMB}]><a>&i;</a>".encode("utf-16"), "processing instruction"),
        (b"<?xml-stylesheet href='http://127.0.0.1/x.xsl'?><a/>", "processing instruction"),
        (b"<a><?php x?></a>", "processing instruction"),
        (b"<a/><?x?>", "processing instruction"),
        (b"<?xml version='1.0' encoding='rot13'?><a/>", "not known"),
        (b"<?xml version='1.0' encoding='utf-16'?><a/>", "byte order mark"),
        ("\ufeff<?xml version='1.0' encoding='utf-8'?><a/>".encode("utf-16"), "two encodings"),
        ("\ufeff<?xml version='1.0' encoding='iso-8859-1'?><a/>".encode(), "two encodings"),
        (b"<?xml version='1.0'" + b" " * 300 + b"encoding='UTF-7'?><a/>", "XML declaration"),
        (b"\xef\xbb\xbf<?xml version='1.0'" + b" " * 300 + b"encoding='UTF-7'?><a/>", "XML declaration"),
        (b"<a>us<!-- -->er</a>", "comment"),
        (b"<a>user<!-- --></a>", "comment"),
        (b"<a><!-- --> <!-- -->user</a>", "comment"),
        (b"<a>" * 100_000, "deeper"),
        (b"<a " + b" ".join(b"b%d=''" % n for n in range(300)) + b"/>", "attributes"),
        (b"<!-- ", "well-formed"),
        (b"<!--" * 100_000, "well-formed"),
    ],
)
def test_the_rest_is_refused(data: bytes, reason: str) -> None:
    """What is not well-formed, declares types or entities, leads elsewhere, or has no certain encoding."""
    tracemalloc.start()
    with pytest.raises(BadText, match=reason):
        tree(data, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_the_media_type_may_not_contradict_the_declaration() -> None:
    """Two readers would not agree."""
    with pytest.raises(BadText, match="two encodings"):
        tree(b"<?xml version='1.0' encoding='utf-8'?><a/>", "latin-1")


@given(st.binary(max_size=80) | st.text(alphabet="<>/!?[]-&;#xaCDAT='\" :", max_size=60).map(str.encode))
def test_no_bytes_break_it(data: bytes) -> None:
    """A tree or BadText."""
    for charset in (None, "latin-1", "utf-16"):
        try:
            tree(data, charset)
        except BadText as error:
            assert error.message.isprintable()
