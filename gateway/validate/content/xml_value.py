"""The elements of a document to values, by plans that were made of the schemas at load (`xml_plan`).

Where the specification says nothing: what no property takes is judged like a property that the schema does not name,
an element under its name, an attribute behind "@", text as "#text". What cannot be told from something missing, an
empty list without an element around it or an empty text, is taken for empty where it is required.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import ParamSpec, TypeVar

from gateway.validate.content.xml_names import Claims
from gateway.validate.content.xml_tree import XSI, Cdata, Element, Name
from gateway.validate.explain import pointer_of
from gateway.validate.text import BadText

BLANK = " \t\r\n"
_NIL = Name(XSI, "nil", "xsi")
_FETCHED = frozenset(((XSI, "schemaLocation"), (XSI, "noNamespaceSchemaLocation")))
_HARMLESS = frozenset((XSI, "http://www.w3.org/XML/1998/namespace"))

P = ParamSpec("P")
T = TypeVar("T")


MISSING = object()


class Member:
    """A property of an object. `key` leads to it: several names where objects between have no element of their own.

    Its element, or each of its elements if it is a list, is read by `plan`; the only one by `alone`, if that is set.
    """

    __slots__ = ("absent", "alone", "is_list", "key", "plan")

    def __init__(self, key: tuple[str, ...], plan: "Plan", is_list: bool = False, alone: "Plan | None" = None) -> None:
        self.key = key
        self.plan = plan
        self.is_list = is_list
        self.alone = alone
        self.absent: object = MISSING  # the value where there is no node for it

    def value(self, elements: Sequence[Element]) -> object:
        """What the elements in an object that are this property's are. Raises BadText."""
        if not self.is_list:
            if len(elements) > 1:
                raise BadText("is given more than once")
            return self.plan.read(elements[0])
        if self.alone is not None and len(elements) == 1:
            return self.alone.read(elements[0])
        return [within([index], self.plan.read, element) for index, element in enumerate(elements)]


class Plan:
    """How the inside of an element is read. `shape`: object, array, text; "" for what the element itself decides."""

    __slots__ = (
        "attributes",
        "cdata",
        "children",
        "convert",
        "items",
        "members",
        "other",
        "positions",
        "shape",
        "strips",
        "text",
    )

    def __init__(self) -> None:
        self.shape = ""
        self.convert: Callable[[str], object] = str
        self.strips = False  # blanks around the text say nothing
        self.attributes: Claims[Member] = Claims()
        self.children: Claims[Member] = Claims()
        self.members: list[Member] = []
        self.text: Member | None = None  # the property that is the text of the element
        self.cdata: Member | None = None  # the property that is its CDATA sections
        self.other: Member | None = None  # how properties without a name are read
        self.positions: list[Item] = []
        self.items: Item | None = None

    def read(self, element: Element) -> object:
        """The value of an element. Raises BadText with a pointer below it."""
        if _is_nil(element):
            if element.content:
                raise BadText("has content although it is nil")
            return None
        shape = self.shape or self._shape_of(element)
        if shape == "object":
            return self._object(element)
        return self._array(element) if shape == "array" else self._text(element)

    def _shape_of(self, element: Element) -> str:
        """What an element that may be several things is by its looks."""
        if any(element.elements()) or any(name.namespace not in _HARMLESS for name in element.attributes):
            takes_all = self.items is not None and not self.members
            return "array" if takes_all else "object"
        return "text"

    # text

    def _text(self, element: Element) -> object:
        _no_attributes(element)
        if any(element.elements()):
            raise BadText("must hold text only", "type")
        return self.converted("".join(element.texts()))

    def converted(self, text: str) -> object:
        """The value of a text. Raises BadText."""
        return self.convert(text.strip(BLANK) if self.strips else text)

    # objects

    def _object(self, element: Element) -> dict[str, object]:
        value: dict[str, object] = {}
        around = element.name.namespace
        for name, text in element.attributes.items():
            if name != _NIL:
                self._attribute(value, name, text)
        found: dict[Member, list[Element]] = {}
        unknown: dict[str, list[Element]] = {}
        for child in element.elements():
            member = self.children.find(child.name, around)
            if member is not None:
                found.setdefault(member, []).append(child)
            else:
                unknown.setdefault(self._key(child.name, around), []).append(child)
        for member, elements in found.items():
            _put(value, member.key, within(member.key, member.value, elements))
        for key, elements in unknown.items():
            value[key] = within([key], self._unknown, elements)
        self._own_text(value, element)
        for member in self.members:
            if member.absent is not MISSING and not _has(value, member.key):
                _put(value, member.key, member.absent)
        return value

    def _attribute(self, value: dict[str, object], name: Name, text: str) -> None:
        member = self.attributes.find(name, "")
        if member is not None:
            _put(value, member.key, within(member.key, member.plan.converted, text))
        elif (name.namespace, name.local) in _FETCHED:
            raise BadText("has a schema location, which readers might fetch")
        else:
            value["@" + _clark(name)] = text

    def _key(self, name: Name, around: str) -> str:
        """The key of an element that no property takes. It is no property's key: that one has another element."""
        key = name.local if name.namespace in ("", around) else _clark(name)
        return f"<{key}>" if any(member.key[0] == key for member in self.members) else key

    def _unknown(self, elements: Sequence[Element]) -> object:
        if self.other is not None:
            return self.other.value(elements)
        values = [ANYTHING.read(element) for element in elements]
        return values[0] if len(values) == 1 else values

    def _own_text(self, value: dict[str, object], element: Element) -> None:
        """CDATA sections are the text where no property is the one or the other."""
        texts = element.texts()
        sections = [text for text in texts if isinstance(text, Cdata)] if self.cdata is not None else []
        if sections and self.cdata is not None:
            _put(value, self.cdata.key, within(self.cdata.key, self.cdata.plan.converted, "".join(sections)))
            texts = [text for text in texts if not isinstance(text, Cdata)]
        text = "".join(texts)
        member = self.text or (None if sections else self.cdata)
        if not text or (not text.strip(BLANK) and (member is None or any(element.elements()))):
            return
        if member is None:
            value["#text"] = text
        else:
            _put(value, member.key, within(member.key, member.plan.converted, text))

    # arrays

    def _array(self, element: Element) -> list[object]:
        _no_attributes(element)
        around = element.name.namespace
        values = []
        for index, node in enumerate(_runs(element.content)):
            item = self.positions[index] if index < len(self.positions) else self.items
            values.append(within([index], ANY_ITEM.value if item is None else item.value, node, around))
        return values


class Item:
    """An item of an array: an element with one of some names, or a text."""

    __slots__ = ("is_text", "names", "plan")

    def __init__(self, plan: Plan, names: Claims[bool] | None, is_text: bool) -> None:
        """`names` is None when an element of any name will do."""
        self.plan = plan
        self.names = names
        self.is_text = is_text

    def value(self, node: Element | str, around: str) -> object:
        """What a node of the array is. Raises BadText."""
        if isinstance(node, str):
            if not self.is_text:
                raise BadText("must be an element, and is text", "type")
            return self.plan.converted(node)
        if self.is_text:
            raise BadText("must be text, and is an element", "type")
        if self.names is not None and self.names.find(node.name, around) is None:
            raise BadText("is an element of another name than documented", "unknown")
        return self.plan.read(node)


ANYTHING = Plan()
ANY_ITEM = Item(ANYTHING, None, False)


def within(tokens: Sequence[str | int], read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `read` gives; its BadText then leads from here to there."""
    try:
        return read(*args, **kwargs)
    except BadText as error:
        raise BadText(error.message, error.keyword, pointer_of(tokens) + error.pointer) from None


def _is_nil(element: Element) -> bool:
    stated = element.attributes.get(_NIL) if element.attributes else None
    if stated not in (None, "true", "false", "1", "0"):
        raise BadText("has an xsi:nil that is neither true nor false")
    return stated in ("true", "1")


def _no_attributes(element: Element) -> None:
    """An element that is read as a text or a list has no place for them."""
    for name in element.attributes:
        if name.namespace not in _HARMLESS or name[:2] in _FETCHED:
            raise BadText("has an attribute that is not documented", "additionalProperties")


def _clark(name: Name) -> str:
    return f"{{{name.namespace}}}{name.local}" if name.namespace else name.local


def _put(value: dict[str, object], key: Sequence[str], inner: object) -> None:
    for step in key[:-1]:
        value = value.setdefault(step, {})  # type: ignore[assignment]
    value[key[-1]] = inner


def _has(value: object, key: Sequence[str]) -> bool:
    for step in key:
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


def _runs(content: Sequence[Element | str]) -> Iterator[Element | str]:
    """The elements and the texts between them, blank ones left out."""
    text = ""
    for node in content:
        if isinstance(node, str):
            text += node
            continue
        if text.strip(BLANK):
            yield text
        text = ""
        yield node
    if text.strip(BLANK):
        yield text
