"""XML (RFC 7303) to the value that a schema judges: plans for reading it are made of the schemas at load."""

from collections.abc import Callable
from functools import cache

from gateway.validate.content.charsets import codec
from gateway.validate.content.xml_names import Claims, Node, Wanted, node_of
from gateway.validate.content.xml_tree import tree
from gateway.validate.content.xml_value import ANYTHING, MISSING, Item, Member, Plan
from gateway.validate.media import Decode
from gateway.validate.outline import Outline, Uris, converter_of, kinds_of, outline
from gateway.validate.schema import SchemaError, SchemaSet
from gateway.validate.terms import Terms
from gateway.wire.media import Media, charset

Key = tuple[str, ...]
Names = tuple[Wanted, ...]

_TEXTS = frozenset(("string", "integer", "number", "boolean"))


def compile_xml(uri: str, schemas: SchemaSet, terms: Terms) -> Callable[[Media], Decode | None]:
    """The decoder of documents whose root element the schema at `uri` describes. Raises SchemaError for XML Objects
    that contradict each other, or that leave two properties the same element."""
    planner = _Planner(schemas)
    node = node_of(schemas, (uri,), "")
    root = Item(planner.plan((uri,), node.names[0].local if node.names else ""), _claims(node.names), False)

    @cache  # as many as there are codecs
    def decoder(name: str | None) -> Decode:
        return lambda data: root.value(tree(data, name), "")

    def decode(media: Media) -> Decode | None:
        given = charset(media) if any(name == "charset" for name, _ in media.parameters) else None
        name = codec(given) if given is not None else None
        return None if given is not None and name is None else decoder(name)

    return decode


def _claims(names: Names) -> Claims[bool] | None:
    if not names:
        return None
    claims: Claims[bool] = Claims()
    for wanted in names:
        claims.add(wanted, True)
    return claims


def is_element(uri: str, schemas: SchemaSet) -> bool:
    """Whether the schema says of itself how it stands in XML: then even a string is an element."""
    return node_of(schemas, (uri,), "").said


class _Planner:
    """Makes each plan once, so that schemas may contain themselves."""

    def __init__(self, schemas: SchemaSet) -> None:
        self._schemas = schemas
        self._plans: dict[tuple[Uris, str], Plan] = {}

    def plan(self, uris: Uris, inherited: str) -> Plan:
        """How the inside of an element is read; `inherited` is the name for items that have none."""
        key = uris, inherited
        if key not in self._plans:
            self._plans[key] = plan = Plan()
            self._fill(plan, uris, inherited)
        return self._plans[key]

    def _fill(self, plan: Plan, uris: Uris, inherited: str) -> None:
        said = outline(self._schemas, uris)
        shapes = self._shapes(uris, said)
        plan.shape = next(iter(shapes)) if len(shapes) == 1 else ""
        admitted = kinds_of(self._schemas, uris)
        plan.convert = converter_of(self._schemas, uris)
        plan.strips = bool(admitted & _TEXTS) and "string" not in admitted
        if "object" in shapes:
            self._object(plan, said)
        if "array" in shapes:
            plan.positions = [self._item(position, inherited) for position in said.positions]
            plan.items = self._item(said.items, inherited) if said.items else None

    def _shapes(self, uris: Uris, said: Outline) -> set[str]:
        """Which of object, array and text a value may be; none when nothing is said."""
        admitted = kinds_of(self._schemas, uris) - {"null"}
        if admitted:
            return {"text" if kind in _TEXTS else kind for kind in admitted}
        return {"object"} if said.properties else {"array"} if said.items or said.positions else set()

    def _item(self, uris: Uris, inherited: str) -> Item:
        node = node_of(self._schemas, uris, inherited)
        if node.node == "attribute":
            raise SchemaError(uris[0], "an item of a list cannot be an attribute in XML")
        named = node.names[0].local if node.names else ""
        return Item(self.plan(uris, named), _claims(node.names), node.node in ("text", "cdata"))

    def _object(self, plan: Plan, said: Outline) -> None:
        """The properties of an object in the plan of its element."""
        others: list[tuple[Member, Names]] = []
        self._properties(plan, said, (), others)
        for member, names in others:  # names that count when nobody else has them
            taken = [plan.children.add(name, member) for name in names[1:]]
            if plan.children.lost(names[0], member) and not any(taken):
                raise SchemaError(said.parts[0][0], f"two properties have the element '{names[0].local}' in XML")
        if said.additional and self._shapes(said.additional, outline(self._schemas, said.additional)):
            plan.other, _ = self._member((), said.additional, Node("", (), False))

    def _properties(self, plan: Plan, said: Outline, above: Key, others: list[tuple[Member, Names]]) -> None:
        for name, uris in said.properties.items():
            key, node = (*above, name), node_of(self._schemas, uris, name)
            if node.node == "none" and "object" in kinds_of(self._schemas, uris):
                self._properties(plan, outline(self._schemas, uris), key, others)
                continue
            if node.node == "none" and "array" not in kinds_of(self._schemas, uris):
                continue  # it has no node
            member, names = self._member(key, uris, node)
            plan.members.append(member)
            self._empty(member, uris, node, name in said.required)
            if node.node in ("text", "cdata"):
                if getattr(plan, node.node) is not None:
                    raise SchemaError(uris[0], f"two properties are the {node.node} of one element in XML")
                setattr(plan, node.node, member)
            elif node.node == "attribute":
                if not plan.attributes.add(node.names[0], member):
                    raise SchemaError(uris[0], f"two properties have the attribute '{node.names[0].local}' in XML")
            else:
                plan.children.add(names[0], member)
                others.append((member, names))
            if all(self._schemas.lookup(uri) is False for uri in uris):
                plan.attributes.add(names[0], member)  # whatever it was before it was forbidden

    def _member(self, key: Key, uris: Uris, node: Node) -> tuple[Member, Names]:
        """A property, and the names of its elements."""
        said = outline(self._schemas, uris)
        shapes = self._shapes(uris, said)
        own = self.plan(uris, node.names[0].local if node.names else "")
        if node.node in ("attribute", "text", "cdata"):
            if shapes and "text" not in shapes:
                raise SchemaError(uris[0], f"an object or a list cannot be {node.node} in XML")
            return Member(key, own), node.names
        if node.node == "element" or (shapes and "array" not in shapes):
            return Member(key, own), node.names
        if said.positions:
            raise SchemaError(uris[0], "a list with prefixItems needs xml.nodeType: element")
        single = shapes != {"array"} or "null" in kinds_of(self._schemas, uris)
        if not said.items:
            return Member(key, ANYTHING, is_list=True, alone=own if single else None), node.names
        item = node_of(self._schemas, said.items, key[-1] if key else "")
        plan = self.plan(said.items, item.names[0].local if item.names else "")
        return Member(key, plan, is_list=True, alone=own if single else None), item.names

    def _empty(self, member: Member, uris: Uris, node: Node, required: bool) -> None:
        """What it means that there is no node for a property (3.2.0, "Handling null Values")."""
        admitted = kinds_of(self._schemas, uris)
        if node.node == "attribute":
            member.absent = None if "null" in admitted else MISSING
        elif required and node.node in ("text", "cdata"):
            member.absent = "" if "string" in admitted else MISSING
        elif required and member.is_list and "array" in admitted:
            member.absent = []
