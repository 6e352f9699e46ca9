"""The rewrite against the validators of openapi_schema_validator: on 3.0 schemas both must give the same verdict."""

from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

from gateway.contract.rewrite import SchemaStore
from gateway.tests.contract.sources import openapi, source_of

NAMES = ("id", "kind", "name", "nullable")
COMPONENTS = ("A", "B", "C")
REF = "$ref"

# Numbers with a fraction of zero are left out: 1.0 is an integer in draft 2020-12, in 3.0 it is not.
numbers = st.integers(-5, 5) | st.sampled_from([2**31 - 1, 2**31, -(2**31) - 1, 2**63, 0.5, -1.5])
scalars = st.none() | st.booleans() | numbers | st.sampled_from(["", "a", "abc", "2020-01-31", *NAMES, *COMPONENTS])
instances = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=6,
)
marks = st.sampled_from([{}, {}, {"readOnly": True}, {"writeOnly": True}, {"readOnly": False}])
annotations = st.sampled_from([{}, {}, {"description": "d"}, {"example": {REF: "#/nope"}}, {"x-note": 1, "title": "t"}])


def merged(*parts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for part in parts for key, value in part.items()}


def some(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the keywords."""
    return st.fixed_dictionaries({}, optional=keywords)


strings = st.builds(
    merged,
    st.just({"type": "string"}),
    some(
        minLength=st.integers(0, 3),
        maxLength=st.integers(0, 3),
        pattern=st.sampled_from(["^a", "c$", "^[0-9-]*$"]),
        enum=st.lists(st.sampled_from(["a", "abc", "A", None]), min_size=1, max_size=3, unique=True),
        nullable=st.booleans(),
        format=st.sampled_from(["date", "password", "unknown"]),
    ),
)
integers = st.builds(
    merged,
    st.sampled_from([{"type": "integer"}, {"type": "number"}]),
    some(
        minimum=st.integers(-3, 3),
        maximum=st.integers(-3, 3),
        exclusiveMinimum=st.booleans(),
        exclusiveMaximum=st.booleans(),
        multipleOf=st.integers(1, 3),
        nullable=st.booleans(),
        enum=st.lists(st.integers(-2, 2), min_size=1, max_size=3, unique=True),
    ),
)
formatted = st.builds(
    merged,
    st.sampled_from([{"type": "integer", "format": "int32"}, {"type": "integer", "format": "int64"}]),
    some(minimum=st.integers(-3, 3), maximum=st.sampled_from([3, 2**40]), nullable=st.booleans()),
)
# Nothing stands beside a `$ref`: 3.0 says it is ignored, the oracle applies it.
references = st.builds(lambda name: {REF: f"#/components/schemas/{name}"}, st.sampled_from(COMPONENTS))


def composed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.builds(
        merged,
        st.sampled_from([{}, {"type": "object"}, {"type": "object", "nullable": True}]),
        some(
            properties=st.dictionaries(st.sampled_from(NAMES), st.builds(property_schema, inner, marks), max_size=3),
            required=st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True),
            additionalProperties=st.booleans() | inner,
            minProperties=st.integers(0, 2),
            maxProperties=st.integers(0, 3),
        ),
    )
    arrays = st.builds(
        merged,
        st.just({"type": "array"}),
        st.fixed_dictionaries({"items": inner}),
        some(minItems=st.integers(0, 2), maxItems=st.integers(0, 2), uniqueItems=st.booleans(), nullable=st.booleans()),
    )
    combined = st.builds(
        merged,
        st.sampled_from([{}, {"nullable": True}]),
        some(
            oneOf=st.lists(inner, min_size=1, max_size=2),
            anyOf=st.lists(inner, min_size=1, max_size=2),
            allOf=st.lists(inner, min_size=1, max_size=2),
        ),
        st.just({}) | st.fixed_dictionaries({"not": inner}),
    )
    return st.builds(merged, objects | arrays | combined, annotations)


def property_schema(schema: dict[str, Any], mark: dict[str, Any]) -> dict[str, Any]:
    """Marks stand in the property's own schema: the oracle does not look behind references for them."""
    return schema if REF in schema else {**schema, **mark}


plain = strings | integers | formatted
schemas = st.recursive(plain | references, composed, max_leaves=8)


def components(schema: Any, others: list[Any]) -> dict[str, Any]:
    """`S` is the schema under test. Components refer to nothing, so that no reference can go round in a circle."""
    return {"S": schema, **dict(zip(COMPONENTS, others, strict=True))}


def compare(named: dict[str, Any], values: list[Any]) -> None:
    """The same verdicts on all values, for requests and for responses."""
    document = openapi(components={"schemas": named})
    source = source_of(document)
    store = SchemaStore(source, "test")
    uri = store.uri(source.uri, "/components/schemas/S")
    remote = Registry().with_resource("urn:document", DRAFT4.create_resource(document))
    for documents, oracle in zip(store.documents(), (OAS30WriteValidator, OAS30ReadValidator), strict=True):
        registry = jsonschema_rs.Registry(list(documents.items()), draft=jsonschema_rs.Draft202012)
        ours = jsonschema_rs.Draft202012Validator({REF: uri}, registry=registry, offline=True, validate_formats=True)
        theirs = oracle(
            {REF: "urn:document#/components/schemas/S"}, registry=remote, format_checker=oas30_format_checker
        )
        for value in values:
            assert ours.is_valid(value) == theirs.is_valid(value), (oracle.__name__, value)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(schemas, st.lists(plain, min_size=3, max_size=3), st.lists(instances, min_size=1, max_size=6))
def test_verdicts_agree(schema: Any, others: list[Any], values: list[Any]) -> None:
    """Every generated schema, referring to other components, and every generated instance, in both directions."""
    compare(components(schema, others), values)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    st.lists(st.builds(merged, composed(plain)), min_size=3, max_size=3),
    st.sampled_from(["oneOf", "anyOf"]),
    st.dictionaries(st.sampled_from(["a", "abc", "A"]), st.sampled_from(COMPONENTS), max_size=2),
    st.lists(st.dictionaries(st.sampled_from(NAMES), scalars, max_size=4), min_size=1, max_size=8),
)
def test_discriminators_agree(others: list[Any], keyword: str, mapping: dict[str, str], values: list[Any]) -> None:
    """A discriminator over all components, with and without a mapping."""
    choice = {
        keyword: [{REF: f"#/components/schemas/{name}"} for name in COMPONENTS],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {value: f"#/components/schemas/{name}" for value, name in mapping.items()},
        },
    }
    compare(components(choice, others), values)
