"""The published document, compiled again, accepts and refuses what the gateway does."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.config import Api, Issuer, Settings
from gateway.contract.compile import compile_settings
from gateway.contract.model import MediaType
from gateway.contract.publish import publish_one
from gateway.tests.fuzz.targets import EVERYTHING, SMALL
from gateway.verify import cases
from gateway.verify.judge import judge_reply, judge_request
from gateway.verify.message import Reply, Request
from gateway.verify.sampler import Sampler
from gateway.verify.subject import Subject, subjects_of
from gateway.verify.write_body import body

ROOT = Path(__file__).parents[3]
ISSUER = {"any": Issuer(issuer="https://issuer.example", audience=("api",), jwks="http://127.0.0.1:1/keys")}

# Lists that 3.x has no style for are published as text, which says less.
TEXTS = {
    ("query", "tabDelimited"),
    *((place, style) for place in ("path", "header") for style in ("spaceDelimited", "tabDelimited", "pipeDelimited")),
}
# What 2.0 says and 3.x cannot: `collectionFormat: tsv`; a discriminator that looks for the schemas that inherit it.
NOT_LIFTED = {"tabs", "inherited"}


def documents() -> Iterator[tuple[str, str]]:
    """(name, text) of documents of every version."""
    for path in sorted((ROOT / "specs").glob("*.yaml")):
        yield path.stem, path.read_text()
    for path in (EVERYTHING, *sorted((ROOT / "gateway/tests/verify").glob("*.yaml"))):
        yield path.stem, path.read_text()
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
    """Valid and invalid content of each media type of each documented response."""
    sampler = Sampler(subject.schemas)
    for response in subject.operation.responses:
        status = int(response.status[0]) * 100 + 1 if response.status.endswith("XX") else response.status
        for media in response.content:
            if "*" in media.range:
                continue
            for value in contents(sampler, media):
                written = body(value, media, sampler)
                fields = {b"content-type": written.content_type.encode()}
                yield Reply(200 if status == "default" else int(status), fields, written.data)


def contents(sampler: Sampler, media: MediaType) -> Iterator[Any]:
    """Values of its schema and such that break it; of the schema of its items, each as the only one."""
    uri = media.schema or media.item_schema
    values = sampler.values(uri) if uri else []
    wrong = [each.value for value in values[:1] for each in sampler.wrongs(uri or "", value)]
    yield from ((value if media.schema else [value]) for value in (*values, *wrong))


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
        if subject.operation.operation_id in NOT_LIFTED:
            continue
        other = again[subject.operation.method, subject.mount + subject.operation.template]
        texts = {(each.place, each.name) for each in subject.operation.parameters if (each.place, each.style) in TEXTS}
        for request in requests(subject):
            moved = request._replace(path=subject.mount + request.path)
            ours, theirs = judge_request(subject, request), judge_request(other, moved)
            if ours and {(each.place, each.name) for each in ours} <= texts:
                continue
            reasons = {each.keyword for each in ours} & {each.keyword for each in theirs}
            assert bool(reasons) == bool(ours) == bool(theirs), (request, ours, theirs)
            compared += 1
        for reply in replies(subject):
            ours, theirs = judge_reply(subject, reply), judge_reply(other, reply)
            assert bool(ours) == bool(theirs), (subject.name, reply, ours, theirs)
            compared += 1
    assert compared > 10, name
