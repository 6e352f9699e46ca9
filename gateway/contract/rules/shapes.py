"""What a schema lets a value be, as far as it decides how text on the wire is decoded."""

from collections.abc import Iterator

from gateway.contract.rules.node import Node

PRIMITIVES = frozenset({"string", "integer", "number", "boolean", "null"})
OBJECT_KEYWORDS = frozenset({"properties", "additionalProperties", "patternProperties", "required", "minProperties"})
ARRAY_KEYWORDS = frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems"})
ANNOTATIONS = frozenset(
    {
        *("title", "description", "default", "example", "examples", "deprecated", "externalDocs", "xml", "$comment"),
        *("readOnly", "writeOnly", "nullable", "contentMediaType", "contentEncoding"),
    }
)


def kinds(schema: Node | None, depth: int = 0) -> frozenset[str]:
    """Which of `primitive`, `array`, `object` a value may be; empty when the schema does not say.

    `array` promises that members may be primitive; `nested` stands for arrays of arrays or objects only.
    """
    if schema is None or depth > 20:
        return frozenset()
    node = schema.follow()
    if not isinstance(node.value, dict):
        return frozenset()
    found = {kind for name in type_names(node) for kind in kind_of_type(node, name, depth)}
    if not found:
        found |= {"object"} if OBJECT_KEYWORDS & node.value.keys() else set()
        found |= kind_of_type(node, "array", depth) if ARRAY_KEYWORDS & node.value.keys() else set()
    for key in ("oneOf", "anyOf", "allOf"):
        for branch in node.elements(key):
            found |= kinds(branch, depth + 1)
    return frozenset(found)


def type_names(node: Node) -> list[str]:
    """The value of `type` as a list."""
    declared = node.value.get("type")
    names = declared if isinstance(declared, list) else [declared]
    return [name for name in names if isinstance(name, str)]


def kind_of_type(node: Node, name: str, depth: int) -> set[str]:
    if name in PRIMITIVES:
        return {"primitive"} if name != "null" else set()
    if name != "array":
        return {"object"} if name == "object" else set()
    members = [node.get("items"), *node.elements("prefixItems")]
    inner = [kinds(member, depth + 1) for member in members]
    return {"array"} if all("primitive" in each or not each for each in inner) else {"nested"}


def properties(schema: Node | None, depth: int = 0) -> Iterator[tuple[str, Node]]:
    """The properties that a schema names, those of its alternatives and parts included."""
    node = schema.follow() if schema is not None and depth <= 20 else None
    if node is None:
        return
    yield from node.items("properties")
    for key in ("oneOf", "anyOf", "allOf"):
        for branch in node.elements(key):
            yield from properties(branch, depth + 1)


def opaque(schema: Node | None) -> bool:
    """True when the schema says nothing about a body that is not JSON: absent, empty, or any string or file."""
    if schema is None:
        return True
    node = schema.follow()
    if not isinstance(node.value, dict):
        return node.value is True
    judged = {key for key in node.value if key not in ANNOTATIONS and not str(key).startswith("x-")}
    if node.value.get("type") == "file":
        return True
    if "type" in judged and node.value.get("format") in ("binary", "byte"):
        judged.discard("format")
    return not judged or (judged == {"type"} and node.value["type"] == "string")
