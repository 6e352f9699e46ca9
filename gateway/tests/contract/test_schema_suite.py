"""The cases of JSON-Schema-Test-Suite through the gateway's own path: load, rewrite, judge.

The suite is not part of this project: the environment variable JSON_SCHEMA_TEST_SUITE names a folder with a copy of
https://github.com/json-schema-org/JSON-Schema-Test-Suite.
"""

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema_specifications import REGISTRY

from gateway.config import References
from gateway.contract.findings import LoadError
from gateway.contract.load import load
from gateway.contract.rewrite import SchemaStore
from gateway.tests.contract.sources import openapi
from gateway.validate.schema import SchemaError, SchemaSet

SUITE = os.environ.get("JSON_SCHEMA_TEST_SUITE", "")
REMOTE = "http://localhost:1234/"
DRAFTS = {
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
# What the drafts leave to an application, and the suite expects of one that does not ask for it: here `format` and
# `content*` are assertions. Counted apart.
ASSERTED = ("format.json", "content.json")


class Case(NamedTuple):
    """One schema of the suite with its values."""

    file: str
    description: str
    schema: Any
    tests: list[dict[str, Any]]


def cases(draft: str) -> Iterator[Case]:
    for path in sorted(Path(SUITE, "tests", draft).glob("*.json")):
        for group in json.loads(path.read_text()):
            yield Case(path.name, group["description"], group["schema"], group["tests"])


def read_remote(url: str, limit: int) -> bytes:
    """A file of the suite's `remotes`, or a meta-schema."""
    if url.startswith(REMOTE):
        return Path(SUITE, "remotes", url.removeprefix(REMOTE)).read_bytes()
    try:
        return json.dumps(REGISTRY.contents(url)).encode()
    except LookupError:
        return json.dumps(REGISTRY.contents(url + "#")).encode()


def read_local(values: dict[str, Any], path: str, limit: int) -> bytes:
    """One of the two files of a case."""
    if path not in values:
        raise FileNotFoundError(2, "No such file or directory")
    return json.dumps(values[path]).encode()


def judge(schema: Any, dialect: str) -> Any:
    """The check of a schema that stands in a file of its own."""
    document = openapi("3.1.0", jsonSchemaDialect=dialect, components={"schemas": {"S": {"$ref": "case.json"}}})
    texts = {"/suite/api.json": document, "/suite/case.json": schema}
    source = load(
        "/suite/api.json",
        References(remote=(REMOTE, "http://json-schema.org/", "https://json-schema.org/")),
        partial(read_local, texts),
        read_remote,
    )
    store = SchemaStore(source, "suite")
    uri = store.uri(source.uri, "/components/schemas/S")
    return SchemaSet(store.documents()[0]).check(uri)


def wrong(case: Case, dialect: str) -> list[str]:
    """Descriptions of the values that are judged otherwise than the suite says."""
    try:
        check = judge(case.schema, dialect)
    except (LoadError, SchemaError, OSError, KeyError, LookupError) as error:
        return [f"{test['description']}: {type(error).__name__} {str(error).splitlines()[0]}" for test in case.tests]
    return [test["description"] for test in case.tests if check.is_valid(test["data"]) is not test["valid"]]


@pytest.mark.skipif(not SUITE, reason="JSON_SCHEMA_TEST_SUITE names no folder")
@pytest.mark.parametrize("draft", DRAFTS)
def test_required_cases(draft: str, capsys: pytest.CaptureFixture[str]) -> None:
    """At least 99.5 % of the cases that every implementation has to judge like this."""
    total, bad, apart, apart_bad = 0, list[str](), 0, 0
    for case in cases(draft):
        found = wrong(case, DRAFTS[draft])
        if case.file in ASSERTED:
            apart, apart_bad = apart + len(case.tests), apart_bad + len(found)
            continue
        total += len(case.tests)
        bad += [f"{case.file}: {case.description}: {each}" for each in found]
    with capsys.disabled():
        print(f"\n{draft}: {total} cases, {total - len(bad)} right, {len(bad)} wrong")
        print(f"  format and content*: {apart} cases, {apart_bad} asserted here against the draft's default")
        print("".join(f"  {each}\n" for each in bad))
    assert len(bad) <= 0.005 * total
