"""Which parameters are decoded, in which place, style and shape."""

import pytest

from gateway.contract.rules.documents import document, operation
from gateway.tests.contract.rules.reading import found, rules_of

COMPONENTS = """components:
  schemas:
    Text: {type: string}
    Thing: {type: object}
    Texts: {type: array, items: {$ref: '#/components/schemas/Text'}}
    Loop: {allOf: [{$ref: '#/components/schemas/Loop'}]}"""


def rules(parameter: str, version: str = "3.1.0", path: str = "/things") -> set[str]:
    return rules_of(found(document(operation(path=path, parameters=parameter), top=COMPONENTS, version=version)))


@pytest.mark.parametrize(
    ("schema", "decoded"),
    [
        ("{}", True),
        ("{type: string}", True),
        ("{type: integer}", True),
        ("{type: ['integer', 'null']}", True),
        ("{type: [integer, string]}", True),
        ("{enum: [a, b]}", True),
        ("{type: array, items: {type: integer}}", True),
        ("{type: array}", True),
        ("{$ref: '#/components/schemas/Texts'}", True),
        ("{oneOf: [{type: integer}, {type: string}]}", True),
        ("{allOf: [{$ref: '#/components/schemas/Text'}, {minLength: 2}]}", True),
        ("{type: object}", True),
        ("{properties: {a: {type: string}}}", True),
        ("{properties: {a: {type: array, items: {type: string}}}}", True),
        ("{$ref: '#/components/schemas/Thing'}", True),
        ("{oneOf: [{type: integer}, {type: object}]}", True),
        ("{oneOf: [{type: string}, {type: array, items: {type: string}}]}", True),
        ("{type: [string, array]}", True),
        ("{type: array, items: {oneOf: [{type: string}, {type: object}]}}", True),
        ("{properties: {a: {type: object}}}", False),
        ("{allOf: [{oneOf: [{type: object, properties: {a: {type: array, items: {items: {}}}}}]}]}", False),
        ("{type: array, items: {type: array, items: {type: string}}}", False),
        ("{type: array, items: {$ref: '#/components/schemas/Thing'}}", False),
    ],
)
def test_shapes_in_a_query(schema: str, decoded: bool) -> None:
    """One level of objects and arrays has a notation; what is nested deeper is refused, but for `deepObject`."""
    assert rules(f"{{name: a, in: query, schema: {schema}}}") == (set() if decoded else {"parameter-not-enforced"})
    assert rules(f"{{name: a, in: query, style: deepObject, schema: {schema}}}") == set()


@pytest.mark.parametrize("place", ["path", "header", "cookie"])
def test_arrays_in_objects(place: str) -> None:
    """Repeating a name is a matter of queries and cookies."""
    path, required = ("/things/{a}", "true") if place == "path" else ("/things", "false")
    schema = "{properties: {a: {type: array, items: {type: string}}}}"
    text = f"{{name: a, in: {place}, required: {required}, schema: {schema}}}"
    assert rules(text, path=path) == (set() if place == "cookie" else {"parameter-not-enforced"})


def test_a_schema_that_is_its_own_part_does_not_hang() -> None:
    """A schema may contain itself."""
    assert rules("{name: a, in: query, schema: {$ref: '#/components/schemas/Loop'}}") == set()


@pytest.mark.parametrize("place", ["path", "query", "header", "cookie"])
@pytest.mark.parametrize(
    "style", ["simple", "form", "label", "matrix", "spaceDelimited", "pipeDelimited", "deepObject"]
)
def test_styles(place: str, style: str) -> None:
    """The styles that the specification has for a place are decoded, whether exploded or not."""
    required = ", required: true" if place == "path" else ""
    path = "/things/{a}" if place == "path" else "/things"
    known = {
        "path": {"simple", "label", "matrix", "spaceDelimited", "pipeDelimited"},
        "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
        "header": {"simple", "spaceDelimited", "pipeDelimited"},
        "cookie": {"form"},
    }
    for explode in ("true", "false"):
        text = f"{{name: a, in: {place}, style: {style}, explode: {explode}, schema: {{type: array}}{required}}}"
        found_rules = rules(text, path=path) - {"specification"}
        assert found_rules == (set() if style in known[place] else {"parameter-not-enforced"})


@pytest.mark.parametrize(
    ("media", "decoded"),
    [
        ("application/json", True),
        ("application/vnd.a+json", True),
        ("application/x-www-form-urlencoded", True),
        ("application/pdf", False),
        ("nonsense", False),
    ],
)
def test_parameters_by_content(media: str, decoded: bool) -> None:
    """What is decoded in a body is decoded in a parameter."""
    text = f"{{name: a, in: query, content: {{{media}: {{schema: {{type: object}}}}}}}}"
    assert rules(text) - {"media-type-invalid"} == (set() if decoded else {"parameter-not-enforced"})


@pytest.mark.parametrize("where", ["operation", "configuration"])
def test_a_passed_parameter_is_let_through(where: str) -> None:
    """`pass` on the operation and in the configuration silence the finding, and only for this parameter."""
    parameters = (
        "{name: a, in: query, schema: {type: array, items: {type: array}}}, "
        "{name: b, in: query, schema: {type: array, items: {type: array}}}"
    )
    extra = "x-gateway: {pass: ['parameter:query.a']}" if where == "operation" else ""
    passes = [] if extra else ["parameter:query.a"]
    findings = found(document(operation(parameters=parameters, extra=extra)), *passes)
    assert ["'b'" in finding.message for finding in findings] == [True]
    assert "parameter:query.b" in findings[0].hint


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_header_parameters_that_the_specification_ignores(name: str) -> None:
    """Three names are ignored in any case of letters, whatever their shape."""
    assert rules(f"{{name: {name}, in: header, schema: {{type: object}}}}") == {"parameter-ignored"}


def test_an_operation_overrides_its_path_item() -> None:
    """The same parameter in both lists is no duplicate, and the operation's one counts."""
    text = document(operation(parameters="{name: x-A, in: header, schema: {type: string}}"))
    text += "    parameters: [{name: X-a, in: header, schema: {type: object}}]\n"
    assert found(text) == []


SWAGGER = """swagger: '2.0'
info: {title: t, version: '1'}
consumes: [application/x-www-form-urlencoded]
paths:
  /a:
    post:
      operationId: a
      parameters: [%s]
      responses: {204: {description: done}}
"""


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("{name: a, in: query, type: array, items: {type: string}}", set()),
        ("{name: a, in: query, type: array, items: {type: string}, collectionFormat: csv}", set()),
        ("{name: a, in: query, type: array, items: {type: string}, collectionFormat: multi}", set()),
        *(
            (f"{{name: a, in: query, type: array, items: {{type: string}}, collectionFormat: {collection}}}", set())
            for collection in ("ssv", "tsv", "pipes")
        ),
        ("{name: a, in: formData, type: string}", set()),
        ("{name: a, in: formData, type: array, items: {type: string}, collectionFormat: multi}", set()),
        ("{name: a, in: formData, type: array, items: {type: string}}", set()),
        ("{name: a, in: formData, type: array, items: {type: array, items: {type: string}}}", {"form-not-enforced"}),
        ("{name: a, in: formData, type: file}", set()),
    ],
)
def test_swagger_collections_and_forms(parameter: str, expected: set[str]) -> None:
    """2.0 says by `collectionFormat` what 3.x says by style and explode."""
    text = SWAGGER % parameter
    if "file" in parameter:
        text = text.replace("application/x-www-form-urlencoded", "multipart/form-data")
    assert rules_of(found(text)) == expected


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        ("schema: {type: object, properties: {a: {type: integer}, b: {type: array, items: {type: string}}}}", False),
        ("schema: {type: object, properties: {a: {type: object}}}", False),
        ("schema: {type: object, properties: {a: {type: array, items: {type: object}}}}", False),
        ("schema: {type: object, properties: {a: {type: array}}}, encoding: {a: {explode: true}}", False),
        ("schema: {type: object, properties: {a: {type: array}}}, encoding: {a: {explode: false}}", False),
        ("schema: {type: object, properties: {a: {type: object}}}, encoding: {a: {style: deepObject}}", False),
        ("schema: {type: object, properties: {a: {type: object}}}, encoding: {a: {style: simple}}", True),
        ("schema: {properties: {a: {type: array, items: {type: object}}}}, encoding: {a: {style: form}}", True),
        ("schema: {type: object, properties: {a: {type: object}}}, encoding: {a: {contentType: image/png}}", True),
        ("schema: {type: object, properties: {a: {type: string}}}, encoding: {a: {contentType: image/png}}", False),
        ("schema: {type: object, properties: {a: {type: object}}}, encoding: {a: {contentType: a/b+json}}", False),
    ],
)
def test_forms(content: str, refused: bool) -> None:
    """Fields of urlencoded forms are what their Encoding Objects say, by default JSON where they are objects."""
    text = document(operation(method="post", body=f"content: {{application/x-www-form-urlencoded: {{{content}}}}}"))
    assert rules_of(found(text)) - {"specification"} == ({"form-not-enforced"} if refused else set())
    passed = rules_of(found(text, "media:application/x-www-form-urlencoded"))
    assert passed <= {"specification"}
