"""Values whose members have keys of their own among the pairs of a query, a form or a `Cookie` field.

`deepObject` puts the name in front of each key, an exploded `form` object leaves it out: its properties are keys like
those of any other parameter, and only the schema tells whose they are.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from gateway.validate.brackets import Branch, deep_object, tree
from gateway.validate.schema import SchemaSet
from gateway.validate.styles import Scattered, Style, scattered
from gateway.validate.text import BadText
from gateway.validate.views import object_views, shapes

Pairs = Mapping[bytes, Sequence[bytes]]  # raw texts by decoded key


class Keys(Protocol):
    """Which of the pairs belong to one value."""

    open: bool
    traceless: bool  # an empty value is written as nothing at all

    def names(self, key: bytes) -> bool:
        """Whether the document gives this key to the value."""

    def collect(self, given: Pairs, free: Iterable[bytes]) -> Any:
        """The source of the value; None when nothing of it is given. `free` are the keys that nobody names: they
        belong to a value that is `open`. Raises BadText."""


class Deep:
    """`name[...]` in style `deepObject`; also `name` alone, for values that are no objects."""

    open = False
    traceless = False

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self._prefix = self._name + b"["

    def names(self, key: bytes) -> bool:
        """See Keys."""
        return key == self._name or key.startswith(self._prefix)

    def collect(self, given: Pairs, free: Iterable[bytes]) -> Branch | None:
        """See Keys."""
        return tree(self._name, given)


class Spread:
    """An exploded object: its properties; and, where the value may be something else, its own name.

    Keys that the document does not name belong to it only where its schema speaks of such properties
    (`additionalProperties`, `patternProperties`), or names none at all.
    """

    def __init__(self, name: str, properties: Collection[str], alone: bool, open: bool) -> None:
        self._name = name.encode()
        self._properties = frozenset(each.encode() for each in properties)
        self._alone = alone and self._name not in self._properties
        self.open = open
        self.traceless = not alone

    def names(self, key: bytes) -> bool:
        """See Keys."""
        return key in self._properties or (self._alone and key == self._name)

    def collect(self, given: Pairs, free: Iterable[bytes]) -> Scattered | None:
        """See Keys."""
        own = [key for key in given if key in self._properties]
        if self.open:
            own += free
        raws = given.get(self._name, ()) if self._alone else ()
        if not own and not raws:
            return None
        return Scattered(raws, {_text(key): given[key] for key in own})


def _text(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise BadText("has a name that is not valid UTF-8") from None


def free_keys(given: Pairs, named: Collection[bytes], keyed: Iterable[Keys]) -> list[bytes]:
    """The keys that the document names nowhere; one that does not decode is nobody's."""
    return [
        key
        for key in given
        if key not in named and not key.startswith(b"\xff") and not any(keys.names(key) for keys in keyed)
    ]


def keys_of(
    schemas: SchemaSet, uri: str, style: str, explode: bool, name: str, decode: Callable[[bytes], str], open: bool
) -> tuple[Keys, Style] | None:
    """How the value at `uri` lies scattered over the pairs; None when it stands under its name alone. `open`: keys that
    the document does not name may belong to it."""
    if style == "deepObject":
        return Deep(name), deep_object(decode)
    if not explode or "object" not in (admitted := shapes(schemas, uri)):
        return None
    views = object_views(schemas, uri)
    properties = {each for view in views for each in view.named}
    keys = Spread(name, properties, bool(admitted - {"object"}), open and any(view.open for view in views))
    return keys, scattered(decode)
