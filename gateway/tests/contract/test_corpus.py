"""Documents of real services, kept elsewhere: OPENAPI_CORPUS names their folder."""

import os
import time
from pathlib import Path

import pytest

from gateway.contract.findings import LoadError
from gateway.contract.load import load
from gateway.contract.model import Contract
from gateway.contract.normalise import normalise
from gateway.validate.schema import SchemaError, SchemaSet

FOLDER = os.environ.get("OPENAPI_CORPUS", "")


def documents() -> list[Path]:
    return sorted(path for path in Path(FOLDER).glob("*") if path.suffix in (".json", ".yaml", ".yml"))


@pytest.mark.skipif(not FOLDER, reason="set OPENAPI_CORPUS to a folder of OpenAPI documents")
def test_real_documents_load_and_their_schemas_build() -> None:
    """Each document loads, or is refused with findings; every schema in use compiles or says why not."""
    assert documents()
    print(f"\n{'document':60} version operations seconds refused unusable")
    for path in documents():
        started = time.perf_counter()
        try:
            contract = normalise(load(str(path)), path.stem)
        except LoadError as error:
            assert all(finding.where.line and finding.rule and finding.message for finding in error.findings)
            print(f"{path.name:60} {'-':7} {'-':>10} {time.perf_counter() - started:7.3f} {len(error.findings):7}")
            continue
        seconds, unusable = time.perf_counter() - started, _unusable(contract)
        operations = len(contract.operations)
        print(f"{path.name:60} {contract.dialect:7} {operations:10} {seconds:7.3f} {0:7} {unusable:8}")


def _unusable(contract: Contract) -> int:
    """How many schemas of messages the engine refuses to build."""
    count = 0
    for documents_, uris in (
        (contract.request_schemas, _request_uris(contract)),
        (contract.response_schemas, _response_uris(contract)),
    ):
        schemas = SchemaSet(documents_)
        for uri in uris:
            try:
                schemas.check(uri)
            except SchemaError:
                count += 1
    return count


def _request_uris(contract: Contract) -> set[str]:
    found = {each.schema for operation in contract.operations for each in operation.parameters}
    bodies = [operation.body for operation in contract.operations if operation.body]
    return {uri for uri in found | {media.schema for body in bodies for media in body.content} if uri}


def _response_uris(contract: Contract) -> set[str]:
    replies = [reply for operation in contract.operations for reply in operation.responses]
    described = [
        *(each for reply in replies for each in reply.content),
        *(h for reply in replies for h in reply.headers),
    ]
    return {each.schema for each in described if each.schema}
