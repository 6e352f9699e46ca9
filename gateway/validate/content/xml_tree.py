"""XML content (RFC 7303) to a tree of elements.

expat is used directly, since the tree libraries above it forget prefixes and CDATA sections. A document type
declaration is looked for before expat sees the text: after an exception in a handler, expat goes on to the end, with
all entities that were declared. Without a declaration there are none but the five of XML itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.parsers import expat

from gateway.validate.content.charsets import codec, text_of
from gateway.validate.text import BadText

DEPTH = 100  # levels of elements
ATTRIBUTES = 256  # of one element
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_BLANK = " \t\r\n"
_BEGUN = re.compile(r"<\?xml\s")
_DECLARATION = re.compile(r"<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(r"""\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_DECLARED = 256  # bytes to look for a declaration in


class Name(NamedTuple):
    """A name with its namespace, "" for none, and the prefix it was written with."""

    namespace: str
    local: str
    prefix: str = ""


class Cdata(str):
    """A piece of text from a CDATA section."""

    __slots__ = ()


class Element:
    """`content` holds elements and pieces of text in their order."""

    __slots__ = ("attributes", "content", "name")

    def __init__(self, name: Name, attributes: Mapping[Name, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.content: Sequence[Element | str] = ()

    def elements(self) -> "Iterator[Element]":
        """The child elements."""
        return (node for node in self.content if isinstance(node, Element))

    def texts(self) -> "list[str]":
        """All pieces of text that are not inside of a child element."""
        return [node for node in self.content if isinstance(node, str)]


def tree(data: bytes, charset: str | None) -> Element:
    """The root element. `charset` is the codec that the media type names, if any.

    Raises BadText: what is not well-formed with namespaces (XML 1.0, Namespaces in XML 1.0), a document type
    declaration, a processing instruction, a comment beside text, encodings that contradict each other, more than
    `DEPTH` levels or `ATTRIBUTES` attributes.
    """
    if not data:
        raise BadText("must not be empty", "required")
    text = _characters(data, charset)
    _refuse_declarations(text)
    builder = _Builder()
    parser = expat.ParserCreate("utf-8", " ")
    parser.namespace_prefixes = True
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.buffer_size = 65536
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartCdataSectionHandler = builder.start_cdata
    parser.EndCdataSectionHandler = builder.end_cdata
    parser.ProcessingInstructionHandler = builder.refuse
    parser.CommentHandler = builder.comment
    parser.StartDoctypeDeclHandler = builder.refuse
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise BadText(f"is not well-formed XML (line {error.lineno}, column {error.offset + 1})") from None
    assert builder.root is not None
    return builder.root


def _characters(data: bytes, charset: str | None) -> str:
    """The text, in the one encoding that the byte order mark, the media type and the declaration agree on."""
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if charset is None and marked is None:
        declared = _declared(data[:_DECLARED].decode("latin-1"))
        return text_of(data, "utf-8" if declared is None else declared)
    text = text_of(data, charset or marked or "utf-8")
    declared = _declared(text[:_DECLARED])
    if declared is not None and _family(declared) != _family(charset or marked):
        raise BadText("names two encodings")
    return text


def _declared(text: str) -> str | None:
    """The codec of the encoding declaration. Raises BadText when the encoding is not known, or may stand further on."""
    declaration = _DECLARATION.match(text)
    if declaration is None and _BEGUN.match(text):
        raise BadText(f"has an XML declaration of more than {_DECLARED} characters")
    found = _ENCODING.search(declaration[0]) if declaration else None
    if found is None:
        return None
    name = codec(found[1].lower())
    if name is None:
        raise BadText("declares an encoding that is not known")
    return name


def _family(name: str | None) -> str | None:
    return "utf-16" if name in ("utf-16-le", "utf-16-be") else name


def _refuse_declarations(text: str) -> None:
    """Look at what stands in front of the root element."""
    declaration = _DECLARATION.match(text)
    position = declaration.end() if declaration else 0
    while True:
        position = text.find("<", position)
        if not text.startswith("<!--", position):
            break
        position = text.find("-->", position + 4)
        if position < 0:
            break
    if position >= 0 and text.startswith("<?", position):
        raise BadText("has a processing instruction, which is not accepted")
    if position >= 0 and text.startswith("<!", position):
        raise BadText("has a document type declaration, which is not accepted")


_NONE: Mapping[Name, str] = {}


class _Builder:
    """expat's handlers."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._names: dict[str, Name] = {}
        self._in_cdata = False
        self._commented = False  # a comment was the last thing in the open element, blanks aside

    def start(self, raw: str, attributes: list[str]) -> None:
        if len(attributes) > 2 * ATTRIBUTES:
            raise BadText(f"has an element with more than {ATTRIBUTES} attributes")
        element = Element(self._name(raw), self._attributes(attributes) if attributes else _NONE)
        if self._open:
            self._add(element)
        else:
            self.root = element
        self._open.append(element)
        self._commented = False
        if len(self._open) > DEPTH:
            raise BadText(f"is nested deeper than {DEPTH} levels")

    def end(self, raw: str) -> None:
        self._open.pop()
        self._commented = False

    def comment(self, data: str) -> None:
        """Some readers take the text in front of a comment for the whole, so it must not stand beside one."""
        last = self._open[-1].content[-1:] if self._open else ()
        if any(isinstance(node, str) and node.strip(_BLANK) for node in last):
            raise BadText("has a comment within text")
        self._commented = True

    def text(self, data: str) -> None:
        if self._commented and data.strip(_BLANK):
            raise BadText("has a comment within text")
        self._add(Cdata(data) if self._in_cdata else data)

    def _add(self, node: Element | str) -> None:
        """Most elements have no content or one text, so that a list of their own has to be worth it."""
        content = self._open[-1].content
        if isinstance(content, list):
            content.append(node)
        else:
            self._open[-1].content = [*content, node] if content else (node,)

    def _attributes(self, raw: list[str]) -> dict[Name, str]:
        return dict(zip(map(self._name, raw[::2]), raw[1::2], strict=True))

    def start_cdata(self) -> None:
        self._in_cdata = True

    def end_cdata(self) -> None:
        self._in_cdata = False

    def refuse(self, *declared: object) -> None:
        raise BadText("has a processing instruction, which is not accepted")

    def _name(self, raw: str) -> Name:
        """expat's "namespace local prefix"; equal names are one object."""
        if raw not in self._names:
            parts = raw.split(" ")
            self._names[raw] = Name("", raw) if len(parts) == 1 else Name(*parts)
        return self._names[raw]
