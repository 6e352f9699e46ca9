"""What to send to an operation: its examples, valid requests at the edges of the schemas, and requests that break
one clause each.

A case is made of values, not bytes, so that ids and entity tags of the moment can be put in before it is sent.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from random import Random
from typing import Any

from gateway.contract.model import MediaType, Parameter
from gateway.verify.choices import Choices
from gateway.verify.judge import judge_request
from gateway.verify.message import ABSENT, BODY, MEDIA, Edit, Key, Raw, Request, Values, edited, serialise
from gateway.verify.sampler import Steps
from gateway.verify.subject import Subject
from gateway.wire.media import is_json, parse

IMPLIED = frozenset(("undocumented", "unknown", "repeated"))
_OWN = IMPLIED | {"required", "media-type", "syntax", "duplicate-key"}  # what is no keyword of JSON Schema here
VALID = 60  # cases per operation
VIOLATIONS = 250
RANDOM = 4  # bodies put together by chance


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `edits` are what it is about and are applied last, over what the moment puts into `base`."""

    name: str
    base: Values
    edits: tuple[Edit, ...] = ()
    violates: str = ""  # the clause, as `place name pointer keyword`; "" for a valid request
    documented: bool = False  # an example: its values are sent as they are
    expected: tuple[str, Any] | None = None  # status and content that the document shows for this very request

    @property
    def keyword(self) -> str:
        """The last word of the clause."""
        return self.violates.rpartition(" ")[2]

    @property
    def implied(self) -> bool:
        """Whether the clause is one that documents leave unsaid: the gateway refuses what is not documented at all,
        a backend may ignore it."""
        return self.keyword in IMPLIED


def build(subject: Subject, case: Case, moment: Sequence[Edit] = ()) -> Request:
    """The bytes of a case. `moment` holds ids, entity tags and credentials that are good now."""
    return serialise(subject, edited(case.base, (*moment, *case.edits)))


def examples(subject: Subject) -> list[Case]:
    """One case per example that the document shows; those that an answer is shown for say so."""
    choices, shown = Choices(subject), subject.examples
    parameters = subject.operation.parameters
    named = [shown.parameters.get((each.place, each.name), {}) for each in parameters]
    names = {name for each in named for name in each} | {name for each in shown.bodies.values() for name in each}
    cases = []
    kinds: Sequence[MediaType | None] = choices.media or (None,)
    for media in kinds:
        bodies = shown.bodies.get(media.range, {}) if media else {}
        for name in sorted(names):
            if media and bodies and name not in bodies:
                continue
            edits = [
                Edit((parameter.place, parameter.name), each[name])
                for parameter, each in zip(parameters, named, strict=True)
                if name in each
            ]
            base = edited(choices.base(media, optional=False), edits)
            body = (Edit(BODY, bodies[name]),) if name in bodies else ()
            expected = {pair: (status, value) for pair, status, value in shown.pairs}.get(name)
            cases.append(Case(f"example {name}".strip(), base, body, documented=True, expected=expected))
    return cases


def valid(subject: Subject, random: Random) -> list[Case]:
    """Valid requests: one with everything optional, one with nothing, and one value changed at a time."""
    choices = Choices(subject)
    least = choices.base(None, optional=False)
    cases = [Case("least", least), Case("most", choices.base(None, optional=True))]
    parameters = (
        Case(_label((each.place, each.name), (), value), least, (Edit((each.place, each.name), value),))
        for each in subject.operation.parameters
        for value in choices.values(each)
    )
    cases += _in_turn([parameters, *(_valid_bodies(choices, media, random) for media in choices.media)])
    if subject.operation.body is not None and not subject.operation.body.required:
        cases.append(Case("no body", least, (Edit(BODY, ABSENT), Edit(MEDIA, ABSENT))))
    kept: dict[Request, Case] = {}
    for case in cases:
        request = build(subject, case)
        if not judge_request(subject, request):
            kept.setdefault(request, case)
    return list(kept.values())[:VALID]


def _in_turn(several: Iterable[Iterable[Case]]) -> Iterator[Case]:
    """One of each after the other, so that a limit leaves some of each."""
    for row in zip_longest(*several):
        yield from (case for case in row if case is not None)


def _valid_bodies(choices: Choices, media: MediaType, random: Random) -> Iterator[Case]:
    base, bodies = choices.base(media, optional=False), choices.bodies(media)
    for number, body in enumerate(bodies):
        yield Case(f"{media.range} {number}", edited(base, [Edit(BODY, body)]))
    if not bodies:
        return
    base = edited(base, [Edit(BODY, bodies[0])])
    variations = [(steps, value) for steps, value in choices.variations(media, bodies[0]) if steps]
    for steps, value in variations:
        yield Case(_label(BODY, steps, value), base, (Edit(BODY, value, steps),))
    for number in range(RANDOM if len(variations) > 1 else 0):
        chosen = random.sample(variations, min(3, len(variations)))
        yield Case(f"random {number}", base, tuple(Edit(BODY, value, steps) for steps, value in chosen))


def violations(subject: Subject) -> list[Case]:
    """Requests that break one clause each. What turns out to break another one, or none, once it is serialised is
    left out."""
    kept: dict[Request, Case] = {}
    for case in _violations(subject):
        request = build(subject, case)
        keywords = {violation.keyword for violation in judge_request(subject, request)}
        if keywords and "unmatched" not in keywords and (case.keyword in _OWN or keywords & {case.keyword, "schema"}):
            kept.setdefault(request, case)
    return list(kept.values())[:VIOLATIONS]


def _violations(subject: Subject) -> Iterator[Case]:
    choices = Choices(subject)
    base = choices.base(None, optional=False)
    yield _violating(base, ("query", "unexpected"), "unknown", "1")
    body = subject.operation.body
    if body is None:
        yield _violating(base, BODY, "undocumented", Raw(b"{}"), Edit(MEDIA, "application/json"))
    elif body.required:
        yield _violating(base, BODY, "required", ABSENT, Edit(MEDIA, ABSENT))
    if body is not None:
        yield _violating(base, MEDIA, "media-type", "text/x-unheard-of")
        yield _violating(base, MEDIA, "media-type", "not a media type")
    parameters = (_wrong_parameter(choices, parameter, base) for parameter in subject.operation.parameters)
    yield from _in_turn([chain.from_iterable(parameters), *(_wrong_body(choices, media) for media in choices.media)])


def _wrong_parameter(choices: Choices, parameter: Parameter, base: Values) -> Iterator[Case]:
    key = (parameter.place, parameter.name)
    values = choices.values(parameter)
    if parameter.required and parameter.place != "path":
        yield _violating(base, key, "required", ABSENT)
    if parameter.schema is None or not values:
        return
    for wrong in choices.subject.sampler.wrongs(parameter.schema, values[0]):
        value = edited({key: values[0]}, [Edit(key, wrong.value, wrong.steps)])[key]
        yield _violating(base, key, f"{wrong.pointer} {wrong.keyword}".strip(), value)
    if parameter.place == "query" and not isinstance(values[0], list | dict):
        yield _violating(base, key, "repeated", [values[0], values[0]])


def _wrong_body(choices: Choices, media: MediaType) -> Iterator[Case]:
    base = choices.base(media, optional=True)
    if not choices.bodies(media) or isinstance(base[BODY], Raw):
        return
    for wrong in choices.wrongs(media, base[BODY]):
        clause = f"{wrong.pointer} {wrong.keyword}".strip()
        yield _violating(base, BODY, clause, wrong.value, steps=wrong.steps)
    request = serialise(choices.subject, base)
    text, fields = request.body or b"", Edit(MEDIA, request.lookup[b"content-type"].decode())
    for broken in (text[:-1], text + b"]", b"\xff" + text, text + b"&%zz=1"):
        yield _violating(base, BODY, "syntax", Raw(broken), fields)
    type_ = parse(media.range.encode())
    if type_ and is_json(type_) and isinstance(base[BODY], dict) and base[BODY]:
        name = next(iter(base[BODY]))
        yield _violating(base, BODY, "duplicate-key", Raw(text[:-1] + f', "{name}": 1}}'.encode()))


def _violating(base: Values, key: Key, keyword: str, value: Any, *more: Edit, steps: Steps = ()) -> Case:
    clause = " ".join(part for part in (*key, keyword) if part)
    return Case(f"{clause}: {_shown(value)}", base, (*more, Edit(key, value, steps)), clause)


def _label(key: Key, steps: Steps, value: Any) -> str:
    pointer = "".join(f"/{step}" for step in steps)
    return " ".join(part for part in (*key, pointer, "=", _shown(value)) if part)


def _shown(value: Any) -> str:
    """Short: long values are shown by type and size."""
    if isinstance(value, Raw):
        shown = f"{value.data[-12:]!r}"
    else:
        shown = "absent" if value is ABSENT else repr(value)
    if len(shown) > 40:
        size = f" of {len(value)}" if isinstance(value, str | list | dict) else ""
        shown = f"{type(value).__name__}{size}"
    return shown
