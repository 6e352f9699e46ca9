"""Operations and what they refer to, out of one or several files."""

import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.contract.bundle import Bundle, collect
from gateway.contract.naming import component_name
from gateway.contract.publish import as_json, publish_one
from gateway.tests.contract.contracts import contract

HEAD = "openapi: {version}\ninfo: {{title: T, version: '1'}}\n"


def bundled(body: str, version: str = "3.0.3", **files: str) -> Bundle:
    text = HEAD.format(version=version) + body
    files = {name.replace("__", "/").replace("_yaml", ".yaml"): content for name, content in files.items()}
    made = contract("api", text, files)
    validate(json.loads(as_json(publish_one(made, "/api"))))
    return collect(made, "/api", made.dialect)


def schema_of(bundle: Bundle) -> Any:
    """The schema of the first operation's 200."""
    return bundle.operations[0].node["responses"]["200"]["content"]["application/json"]["schema"]


def responding(schema: str) -> str:
    """Paths with one operation that answers `schema`."""
    content = "{application/json: {schema: " + schema + "}}"
    return "paths: {/a: {get: {responses: {'200': {description: OK, content: " + content + "}}}}}\n"


def names(bundle: Bundle, section: str = "schemas") -> set[str]:
    return {name for key, name in bundle.components if key == section}


def test_other_files_become_components() -> None:
    """A whole file, a part of a file, and what these refer to relative to themselves, are all bundled."""
    bundle = bundled(
        responding("{$ref: 'schemas/user.yaml'}"),
        schemas__user_yaml="{type: object, properties: {run: {$ref: 'more.yaml#/$defs/Run'}, u: {$ref: '#'}}}",
        schemas__more_yaml="$defs: {Run: {type: object, properties: {by: {$ref: 'user.yaml'}}}}",
    )
    assert names(bundle) == {"user", "Run"}
    assert bundle.components["schemas", "user"]["properties"] == {"run": {"$ref": "Run"}, "u": {"$ref": "user"}}
    assert bundle.components["schemas", "Run"]["properties"] == {"by": {"$ref": "user"}}


def test_a_path_item_of_another_file() -> None:
    """A path item may stand elsewhere; what it refers to is relative to there."""
    bundle = bundled(
        "paths: {/a: {$ref: 'item.yaml'}}",
        item_yaml="get: {responses: {'200': {$ref: 'answers.yaml#/OK'}}}",
        answers_yaml="OK: {description: Fine}",
    )
    assert bundle.operations[0].node["responses"] == {"200": {"$ref": "OK"}}
    assert bundle.components == {("responses", "OK"): {"description": "Fine"}}


def test_names_of_the_root_document_win() -> None:
    """A component of another file with the name of one in the root document gets its file's name in front."""
    bundle = bundled(
        responding("{allOf: [{$ref: 'other.yaml#/User'}, {$ref: '#/components/schemas/User'}]}")
        + "components: {schemas: {User: {type: string}}}",
        other_yaml="User: {type: string, maxLength: 3}",
    )
    assert schema_of(bundle) == {"allOf": [{"$ref": "other_User"}, {"$ref": "User"}]}
    assert bundle.components["schemas", "User"] == {"type": "string"}


def test_a_reference_into_a_component() -> None:
    """A part of a component becomes one itself, with escapes in the pointer undone."""
    bundle = bundled(
        responding("{$ref: '#/components/schemas/A/properties/x~1y%20z'}")
        + "components: {schemas: {A: {type: object, properties: {'x/y z': {type: integer}}}}}"
    )
    assert bundle.components == {("schemas", "x_y_z"): {"type": "integer"}}


@pytest.mark.parametrize(
    ("version", "expected"),
    [("3.0.3", {"$ref": "A"}), ("3.1.0", {"$ref": "A", "description": "Mine", "maxLength": 3})],
)
def test_siblings_of_references(version: str, expected: dict[str, Any]) -> None:
    """What stands beside a `$ref` counts since 3.1 and is ignored before."""
    bundle = bundled(
        responding("{$ref: '#/components/schemas/A', description: Mine, maxLength: 3}")
        + "components: {schemas: {A: {type: string}}}",
        version,
    )
    assert schema_of(bundle) == expected


def test_anchors() -> None:
    """A plain name after the `#` leads to the schema with that anchor."""
    bundle = bundled(
        responding("{$ref: '#here'}") + "components: {schemas: {A: {$anchor: here, type: string}}}", "3.1.0"
    )
    assert bundle.components["schemas", "A"]["type"] == "string"


def test_booleans_are_schemas_and_properties_have_any_name() -> None:
    """`true` is copied as it is; properties called like keywords are properties."""
    schema = "{properties: {properties: {type: string}, $ref: {type: string}, allOf: {type: array, items: {}}}}"
    assert schema_of(bundled(responding(schema)))["properties"].keys() == {"properties", "$ref", "allOf"}
    assert schema_of(bundled(responding("true"), "3.1.0")) is True


@pytest.mark.parametrize("mapping", ["", ", mapping: {Cat: Cat}", ", mapping: {Cat: '#/components/schemas/Cat'}"])
def test_discriminators_map_by_reference(mapping: str) -> None:
    """Names in a mapping, and the implicit ones of oneOf, follow their components when these are renamed."""
    bundle = bundled(
        responding("{$ref: '#/components/schemas/Pet'}")
        + "components: {schemas: {Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}], discriminator: {propertyName: kind"
        + mapping
        + "}}, Cat: {type: object, required: [kind], properties: {kind: {type: string}}}}}"
    )
    assert bundle.components["schemas", "Pet"]["discriminator"]["mapping"] == {"Cat": "Cat"}
    assert sum(link.key == "Cat" for link in bundle.links) == 1


def test_extensions_of_a_base_type_are_published() -> None:
    """Types that are known only by their allOf to a base with a discriminator come along."""
    bundle = bundled(
        responding("{$ref: '#/components/schemas/Pet'}")
        + "components: {schemas: {Pet: {type: object, required: [kind], properties: {kind: {type: string}},"
        "  discriminator: {propertyName: kind}}, Dog: {allOf: [{$ref: '#/components/schemas/Pet'}]}, Other: {}}}"
    )
    assert names(bundle) == {"Pet", "Dog"}


def test_parameters_of_the_path_are_written_out() -> None:
    """The operation's own parameter overrides that of the path with the same name and place."""
    bundle = bundled(
        "paths: {'/a/{x}': {parameters: [{$ref: '#/components/parameters/X'}, {name: q, in: query, schema: {}}],"
        " get: {parameters: [{name: q, in: query, description: Own, schema: {}}, {name: q, in: header, schema: {}}],"
        " responses: {'200': {description: OK}}}}}\n"
        "components: {parameters: {X: {name: x, in: path, required: true, schema: {type: string}}}}"
    )
    parameters = bundle.operations[0].node["parameters"]
    assert parameters[0] == {"$ref": "X"}
    assert [(p["in"], p.get("description")) for p in parameters[1:]] == [("query", "Own"), ("header", None)]


def test_callbacks_and_links_are_described() -> None:
    """They are no traffic of the gateway's, but consumers want to know them."""
    bundle = bundled(
        "paths: {/a: {post: {operationId: make, callbacks: {done: {'{$request.body#/url}': {post:"
        " {requestBody: {$ref: '#/components/requestBodies/B'}, responses: {'200': {description: OK}}}}}},"
        " responses: {'201': {description: OK, links: {again: {operationId: make}}}}}}}\n"
        "components: {requestBodies: {B: {content: {application/json: {schema: {}}}}}}"
    )
    assert names(bundle, "requestBodies") == {"B"}
    assert bundle.follow_ups == [{"operationId": "make"}]


@pytest.mark.parametrize(
    ("text", "name"), [("User", "User"), ("a b/c", "a_b_c"), ("", "_"), ("é", "_"), ("a.b-1", "a.b-1")]
)
def test_component_names(text: str, name: str) -> None:
    """Whatever a name was made of, the key fits the Components Object."""
    assert component_name(text) == name


def test_schemas_with_identities_become_components() -> None:
    """What references mean inside a schema with `$id` is kept; the `$id` itself would change it, so it goes."""
    bundle = bundled(
        responding("{$ref: 'https://s.example/v1/a'}")
        + "components:\n"
        + "  schemas:\n"
        + "    A:\n"
        + "      $id: https://s.example/v1/a\n"
        + "      $defs: {x: {$anchor: here, type: integer}}\n"
        + "      properties: {x: {$ref: '#here'}, b: {$ref: b}, inner: {$id: sub/c, items: {$ref: ../b}}}\n"
        + "    B: {$id: 'https://s.example/v1/b', type: string}\n",
        "3.1.0",
    )
    text = json.dumps([*bundle.components.values()])
    assert names(bundle) == {"A", "B", "x"}
    assert "$id" not in text
    assert "$anchor" not in text
    links = {link.target[1] for link in bundle.links}
    assert links == {"A", "B", "x"}


def test_what_leads_nowhere_is_left_out() -> None:
    """Links, callbacks and examples: consumers could not follow them either."""
    nowhere = "{$ref: '#/nope'}"
    media = "{schema: {}, examples: {a: " + nowhere + ", b: {value: 1}}}"
    response = "{description: d, links: {a: " + nowhere + "}, content: {application/json: " + media + "}}"
    callbacks = "{a: " + nowhere + ", b: {'{$url}': {$ref: gone.yaml}}}"
    bundle = bundled(f"paths: {{/a: {{get: {{callbacks: {callbacks}, responses: {{'200': {response}}}}}}}}}\n")
    node = bundle.operations[0].node
    assert node["callbacks"] == {"b": {}}
    assert node["responses"]["200"]["links"] == {}
    assert node["responses"]["200"]["content"]["application/json"]["examples"] == {"b": {"value": 1}}


def test_links_and_callbacks_of_other_files_become_components() -> None:
    """Nothing is enforced about them, but they are part of what consumers read."""
    bundle = bundled(
        "paths: {/a: {get: {operationId: a, callbacks: {a: {$ref: 'b.yaml#/cb'}}, "
        "responses: {'200': {description: d, links: {a: {$ref: 'b.yaml#/link'}}}}}}}\n",
        b_yaml="cb: {'{$url}': {post: {responses: {'200': {description: d}}}}}\nlink: {operationId: a}\n",
    )
    assert names(bundle, "callbacks") == {"cb"}
    assert names(bundle, "links") == {"link"}


def test_a_dynamic_reference_that_can_mean_one_schema_only() -> None:
    """It becomes a plain one, since the resource that it asks for is not published."""
    tree = "{$id: 'https://a.example/tree', $dynamicAnchor: node, properties: {kids: {items: {$dynamicRef: '#node'}}}}"
    responses = responding("{$ref: '#/components/schemas/Tree'}")
    bundle = bundled(responses + f"components: {{schemas: {{Tree: {tree}}}}}", "3.1.0")
    assert bundle.components == {("schemas", "Tree"): {"properties": {"kids": {"items": {"$ref": "Tree"}}}}}


def test_a_dynamic_reference_that_can_mean_several_schemas_says_nothing() -> None:
    """Two anchors of one name cannot stand in one document, and neither schema alone is what is meant."""
    schemas = (
        "A: {$id: 'https://a.example/a', $dynamicAnchor: n, items: {$dynamicRef: '#n', maxLength: 1}}, "
        "B: {$id: 'https://a.example/b', $dynamicAnchor: n, $ref: a, minItems: 1}"
    )
    bundle = bundled(
        responding("{$ref: '#/components/schemas/B'}") + f"components: {{schemas: {{{schemas}}}}}", "3.1.0"
    )
    assert bundle.components == {
        ("schemas", "A"): {"items": {"maxLength": 1}},
        ("schemas", "B"): {"$ref": "A", "minItems": 1},
    }


def test_the_dialect_of_the_document_is_that_of_its_published_schemas() -> None:
    """Other documents may be published together with it, so each schema says it."""
    bundle = bundled(
        "jsonSchemaDialect: 'http://json-schema.org/draft-07/schema#'\n"
        + responding("{$ref: '#/components/schemas/A'}")
        + "components: {schemas: {A: {dependencies: {a: {$ref: '#/components/schemas/A/definitions/x'}}, "
        "additionalItems: {$ref: '#/components/schemas/A/definitions/x'}, definitions: {x: {type: object}}}}}",
        "3.1.0",
    )
    a, x = bundle.components["schemas", "A"], bundle.components["schemas", "x"]
    assert a["$schema"] == x["$schema"] == "http://json-schema.org/draft-07/schema"
    assert a["dependencies"]["a"] == a["additionalItems"] == {"$ref": "x"}
    assert "$schema" not in schema_of(bundle)


def test_parameters_of_paths_are_required() -> None:
    """Whatever the document says: the gateway takes them so."""
    bundle = bundled(
        "paths: {'/a/{x}': {get: {parameters: [{name: x, in: path, required: false, schema: {}}],"
        " responses: {'200': {description: OK}}}}}\n"
    )
    assert bundle.operations[0].node["parameters"][0]["required"] is True
