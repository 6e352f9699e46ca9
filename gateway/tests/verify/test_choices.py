"""What can be sent to an operation."""

from pathlib import Path
from random import Random

import pytest

from gateway.contract.model import MediaType, Parameter
from gateway.tests.verify.subjects import subjects, thing
from gateway.verify import cases
from gateway.verify.choices import Choices
from gateway.verify.judge import judge_request
from gateway.verify.message import BODY, MEDIA, Raw, serialise
from gateway.verify.subject import Subject

DOCUMENTS = sorted(Path(__file__).parent.glob("every_style*.yaml"))
ALL = [subject for path in DOCUMENTS for subject in subjects(path.read_text("utf-8"), head="")]
CELLS = [
    pytest.param(subject, parameter, id=f"{subject.operation.operation_id} {parameter.name}")
    for subject in ALL
    for parameter in subject.operation.parameters
]
CONTENT = [
    pytest.param(subject, media, id=f"{subject.operation.operation_id} {media.range}")
    for subject in ALL
    for media in Choices(subject).media
]


@pytest.mark.parametrize(("subject", "parameter"), CELLS)
def test_every_style_has_values_that_arrive(subject: Subject, parameter: Parameter) -> None:
    """All samples of each parameter of each place are judged valid and read as what they were; but for the empty array,
    of which a style leaves nothing."""
    choices = Choices(subject)
    key = (parameter.place, parameter.name)
    samples = [value for value in subject.sampler.values(parameter.schema or "") if value != []]
    assert samples
    assert [value for value in samples if value not in choices.values(parameter)] == []
    for value in samples:
        request = serialise(subject, {**choices.base(None, optional=False), key: value})
        assert judge_request(subject, request) == []
        route = subject.router.match(request.path.encode())
        assert route is not None
        query = request.query.encode() if request.query is not None else None
        read = subject.parameters.decode(route[1], query, request.lookup)
        assert value in [each for _, name, each in read if name == parameter.name]


@pytest.mark.parametrize(("subject", "media"), CONTENT)
def test_every_media_type_has_bodies_that_arrive(subject: Subject, media: MediaType) -> None:
    """What is written in it is judged valid; and something that breaks it is refused."""
    choices = Choices(subject)
    bodies = choices.bodies(media)
    base = choices.base(media, optional=False)
    assert bodies
    for body in bodies:
        assert judge_request(subject, serialise(subject, {**base, BODY: body})) == []
    broken = [case for case in cases.violations(subject) if case.base.get(MEDIA) == base[MEDIA]]
    assert {case.keyword for case in broken} - {"required", "unknown", "media-type"}


def test_cases_are_taken_from_each_media_type() -> None:
    """However many there are of the first one."""
    for subject in ALL:
        chosen = cases.valid(subject, Random(1))
        assert {case.base[MEDIA] for case in chosen if MEDIA in case.base} >= {
            media.range for media in Choices(subject).media
        }


def test_examples_come_before_samples() -> None:
    """What the document shows is what its author means."""
    subject = thing()
    assert Choices(subject).values(subject.operation.parameters[0])[0] == 7


def test_what_does_not_arrive_is_not_chosen() -> None:
    """An empty segment is another path, `.` is no segment at all, and text has no null."""
    subject = subjects("""
      paths:
        /a/{p}:
          get:
            parameters: [{name: p, in: path, required: true, schema: {enum: ["", ".", "..", null, a]}}]
            responses: {'200': {description: ok}}
    """)[0]
    assert Choices(subject).values(subject.operation.parameters[0]) == ["a"]


BODIES = """
paths:
  /b:
    post:
      requestBody: {required: true, content: {%s}}
      responses: {'200': {description: ok}}
"""


@pytest.mark.parametrize(
    ("content", "media", "body"),
    [
        ("application/json: {}", "application/json", {}),
        ("application/x-www-form-urlencoded: {}", "application/x-www-form-urlencoded", {"a": "a"}),
        ("application/zip: {}", "application/zip", Raw(b"any bytes")),
        ("'*/*': {schema: {enum: [x]}}", "application/json", "x"),
        ("application/*+json: {schema: {enum: [x]}}", "application/x+json", "x"),
        ("audio/*: {}", "audio/x-any", Raw(b"any bytes")),
    ],
)
def test_content_of_ranges_and_without_a_schema(content: str, media: str, body: object) -> None:
    """A type that lies in the range, and something of that type."""
    subject = subjects(BODIES % content)[0]
    assert dict(Choices(subject).base(None, optional=True)) == {MEDIA: media, BODY: body}
