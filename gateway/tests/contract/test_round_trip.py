"""The published document, compiled again, accepts and refuses what the gateway does."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import pytest
from openapi_spec_validator import validate

from gateway.config import Api, Issuer, Settings
from gateway.contract.compile import compile_settings
from gateway.contract.publish import publish_one
from gateway.tests.fuzz.targets import EVERYTHING, SMALL
from gateway.verify import cases
from gateway.verify.judge import judge_reply, judge_request
from gateway.verify.message import Reply, Request
from gateway.verify.sampler import Sampler
from gateway.verify.subject import Subject, subjects_of

ROOT = Path(__file__).parents[3]
ISSUER = {"any": Issuer(issuer="https://issuer.example", audience="api", jwks="http://127.0.0.1:1/keys")}


def documents() -> Iterator[tuple[str, str]]:
    """(name, text) of documents of every version."""
    for path in sorted((ROOT / "specs").glob("*.yaml")):
        yield path.stem, path.read_text()
    yield EVERYTHING.stem, EVERYTHING.read_text()
    for document in SMALL:
        yield str(document.get("openapi", document.get("swagger"))), json.dumps(document)


def subjects(path: Path, passes: Iterable[str] = ()) -> tuple[Subject, ...]:
    """The operations of the document at `path`. What ours passes unjudged, consumers are not told."""
    api = Api(contract=str(path), upstream="http://127.0.0.1:1", name="api", passes=tuple(passes))
    return subjects_of(Settings(apis=(api,), issuers=ISSUER))


def published(path: Path) -> dict[str, object]:
    """The document that consumers of the one at `path` get."""
    api = Api(contract=str(path), upstream="http://127.0.0.1:1", name="api")
    compiled = compile_settings(Settings(apis=(api,), issuers=ISSUER))
    (mounted,) = compiled.mounted
    return publish_one(mounted.contract, None)


def requests(subject: Subject) -> list[Request]:
    """Valid requests, and such that break one clause."""
    chosen = [*cases.examples(subject), *cases.valid(subject, Random(1)), *cases.violations(subject)]
    return [cases.build(subject, case) for case in chosen]


def replies(subject: Subject) -> Iterator[Reply]:
    """Valid and invalid JSON bodies for each documented response."""
    for response in subject.operation.responses:
        status = int(response.status[0]) * 100 + 1 if response.status.endswith("XX") else response.status
        for media in response.content:
            sampler = Sampler(subject.schemas)
            values = sampler.values(media.schema) if media.schema and "json" in media.range else []
            wrong = [each.value for value in values[:1] for each in sampler.wrongs(media.schema or "", value)]
            for value in (*values, *wrong):
                body = json.dumps(value).encode()
                yield Reply(200 if status == "default" else int(status), {b"content-type": media.range.encode()}, body)


@pytest.mark.parametrize(("name", "text"), [pytest.param(*each, id=each[0]) for each in documents()])
def test_the_published_document_judges_as_the_gateway_does(name: str, text: str, tmp_path: Path) -> None:
    """Every generated request and reply gets the same verdict from both; the document itself is valid OpenAPI."""
    (tmp_path / "api.yaml").write_text(text)
    document = published(tmp_path / "api.yaml")
    validate(document)
    (tmp_path / "published.json").write_text(json.dumps(document))
    original = subjects(tmp_path / "api.yaml")
    passes = {entry for subject in original for entry in subject.operation.behaviour.passes}
    compiled = subjects(tmp_path / "published.json", passes)
    again = {(each.operation.method, each.operation.template): each for each in compiled}
    compared = 0
    for subject in original:
        if not subject.routed:
            assert (subject.operation.method, subject.mount + subject.operation.template) not in again
            continue
        other = again[subject.operation.method, subject.mount + subject.operation.template]
        for request in requests(subject):
            moved = request._replace(path=subject.mount + request.path)
            ours, theirs = judge_request(subject, request), judge_request(other, moved)
            assert [each.keyword for each in ours] == [each.keyword for each in theirs], (request, ours, theirs)
            compared += 1
        for reply in replies(subject):
            ours, theirs = judge_reply(subject, reply), judge_reply(other, reply)
            assert bool(ours) == bool(theirs), (subject.name, reply, ours, theirs)
            compared += 1
    assert compared > 10, name
