"""What can be sent to an operation: of all samples those that still say what they should once they are written.

An empty path segment is another path, text has no null, and a header field cannot escape a comma: the judges decide.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from gateway.contract.model import MediaType, Parameter
from gateway.validate.shape import kinds
from gateway.verify.judge import judge_request
from gateway.verify.message import ABSENT, BODY, MEDIA, Key, Raw, Values, serialise
from gateway.verify.sampler import Steps, Wrong
from gateway.verify.subject import Subject
from gateway.verify.write_content import is_stream
from gateway.wire.media import Media, is_form, is_json, is_range, parse

_OF_RANGE = {"*": "application/json", "application": "application/json", "text": "text/plain", "image": "image/png"}
_FIELDS = {"a": "a"}
# Content that nothing is documented about.
_ANYTHING: tuple[tuple[Callable[[Media], bool], Any], ...] = (
    (is_json, {}),
    (is_form, _FIELDS),
    (lambda media: media.type == "multipart", _FIELDS),
    (lambda media: True, Raw(b"any bytes")),
)


class Choices:
    """The values of one operation, judged once."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._parameters: dict[Key, list[Any]] = {}
        self._bodies: dict[str, list[Any]] = {}

    @property
    def media(self) -> list[MediaType]:
        """The documented media types; in place of a range a type that lies in it."""
        body = self.subject.operation.body
        return [replace(media, range=_member_of(media.range)) for media in body.content] if body else []

    def values(self, parameter: Parameter) -> list[Any]:
        """Valid values of a parameter, those that the document shows first."""
        key = (parameter.place, parameter.name)
        if key not in self._parameters:
            shown = list(self.subject.examples.parameters.get(key, {}).values())
            sampled = self.subject.sampler.values(parameter.schema) if parameter.schema is not None else ["a"]
            self._parameters[key] = [value for value in (*shown, *sampled) if self._is_sendable(key, value)]
        return self._parameters[key]

    def _is_sendable(self, key: Key, value: Any) -> bool:
        """Whether the parameter alone is fine; the other variables of the path are there for the route's sake."""
        place = "query" if key[0] == "querystring" else key[0]
        path = {(each.place, each.name): "0" for each in self.subject.operation.parameters if each.place == "path"}
        found = judge_request(self.subject, serialise(self.subject, {**path, key: value}))
        return not any(
            (flaw.place, flaw.name) == (place, key[1]) or flaw.keyword == "unmatched" or flaw.name == "" == flaw.pointer
            for flaw in found
            if flaw.place != "body"
        )

    def bodies(self, media: MediaType) -> list[Any]:
        """Valid content of one media type."""
        if media.range not in self._bodies:
            sampled = list(self._sampled(media))
            self._bodies[media.range] = [value for value in sampled if self._is_sendable_body(media, value)]
        return self._bodies[media.range]

    def _sampled(self, media: MediaType) -> Iterator[Any]:
        item = self.item(media)
        if item is not None:
            values = self.subject.sampler.values(item)
            yield from (values[:1], values)
        elif media.schema is not None:
            yield from self.subject.sampler.values(media.schema)
        else:
            type_ = parse(media.range.encode())
            yield next(value for covers, value in _ANYTHING if type_ is None or covers(type_))

    def _is_sendable_body(self, media: MediaType, value: Any) -> bool:
        request = serialise(self.subject, {MEDIA: media.range, BODY: value})
        check = self.subject.body.media(request.lookup.get(b"content-type")) if self.subject.body else None
        return bool(request.body) and check is not None and not check.violations(request.body or b"")

    def item(self, media: MediaType) -> str | None:
        """The schema of each item, where the document describes no more than the items of a stream."""
        type_ = parse(media.range.encode())
        if media.item_schema is not None or media.schema is None or type_ is None or not is_stream(type_):
            return media.item_schema
        return None if "array" in (kinds(self.subject.schemas, media.schema) or ("array",)) else media.schema

    def variations(self, media: MediaType, body: Any) -> Iterator[tuple[Steps, Any]]:
        """Other valid values for each place within a body."""
        uri, above, value = self._judged(media, body)
        for steps, other in self.subject.sampler.variations(uri, value) if uri else ():
            yield (*above, *steps), other

    def wrongs(self, media: MediaType, body: Any) -> Iterator[Wrong]:
        """Values that break one clause at one place within a body."""
        uri, above, value = self._judged(media, body)
        for wrong in self.subject.sampler.wrongs(uri, value) if uri else ():
            pointer = "".join(f"/{step}" for step in above) + wrong.pointer
            yield wrong._replace(steps=(*above, *wrong.steps), pointer=pointer)

    def _judged(self, media: MediaType, body: Any) -> tuple[str | None, Steps, Any]:
        """What of a body the schema judges: all of it, or the first item."""
        item = self.item(media)
        if isinstance(body, Raw) or (item is not None and not body):
            return None, (), body
        return (media.schema, (), body) if item is None else (item, (0,), body[0])

    def base(self, media: MediaType | None, optional: bool) -> Values:
        """A valid request, as far as there are values, with everything that is optional or nothing of it."""
        values: dict[Key, Any] = {}
        for parameter in self.subject.operation.parameters:
            if (parameter.required or optional) and (found := self.values(parameter)):
                values[parameter.place, parameter.name] = found[0]
        chosen = media or next((each for each in self.media if self.bodies(each)), next(iter(self.media), None))
        if chosen is not None:
            values |= {MEDIA: chosen.range, BODY: self._content(chosen, optional)}
        return {key: value for key, value in values.items() if value is not ABSENT}

    def _content(self, media: MediaType, optional: bool) -> Any:
        bodies = self.bodies(media)
        if not bodies:
            return next(iter(self.subject.examples.bodies.get(media.range, {}).values()), {})
        return bodies[0] if optional else min(bodies, key=lambda body: len(body) if isinstance(body, dict) else 0)


def _member_of(name: str) -> str:
    """A media type for a range."""
    range_ = parse(name.encode())
    if range_ is None or not is_range(range_):
        return name
    if range_.subtype.startswith("*+"):
        return f"{range_.type}/x{range_.subtype[1:]}"
    return _OF_RANGE.get(range_.type, f"{range_.type}/x-any")
