"""What a request gives: its parameters as they came and as they decode, and the paths that it nearly means."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from gateway.cli.explanation import Shown
from gateway.contract.model import Operation, Parameter
from gateway.contract.table import Segment, match_segment, parse_template
from gateway.validate.text import pairs, printable
from gateway.wire.message import RequestHead
from gateway.wire.path import decoded_segments

_LONGEST = 200  # characters of a value


def parameters(
    operation: Operation,
    head: RequestHead,
    path_values: Sequence[str],
    decoded: Iterable[tuple[str, str, object]],
) -> Iterator[Shown]:
    """The documented parameters that are given, in the order of the document. `decoded` holds (place, name, value)."""
    values = {(place, name.lower() if place == "header" else name): value for place, name, value in decoded}
    path = dict(zip(parse_template(operation.template)[1], path_values, strict=False))
    for parameter in operation.parameters:
        name = parameter.name.lower() if parameter.place == "header" else parameter.name
        known = (parameter.place, name) in values
        value = values.get((parameter.place, name))
        raw = _raw(parameter, value, head, path)
        if known or raw:
            text = printable(json.dumps(value, ensure_ascii=False), _LONGEST) if known else ""
            yield Shown(parameter.place, parameter.name, _style(parameter, value), printable(raw, _LONGEST), text)


def _style(parameter: Parameter, value: object) -> str:
    exploded = parameter.explode and isinstance(value, list | dict)
    return parameter.content or parameter.style + (", exploded" if exploded else "")


def _raw(parameter: Parameter, value: object, head: RequestHead, path: Mapping[str, str]) -> str:
    """What the wire has of a parameter, "" when nothing."""
    if parameter.place == "path":
        return path.get(parameter.name, "")
    if parameter.place == "header":
        return _text(head.lookup.get(parameter.name.lower().encode(), b""))
    if parameter.place == "querystring":
        return _text(head.query or b"")
    names = {parameter.name, *(value if isinstance(value, dict) and parameter.explode else ())}
    text, mark = (head.query or b"", "&") if parameter.place == "query" else (head.lookup.get(b"cookie", b""), "; ")
    pieces = [piece.strip() for piece in text.split(mark.strip().encode())]
    return mark.join(_text(piece) for piece in pieces if _names(piece, names, parameter.name))


def _names(piece: bytes, names: set[str], prefix: str) -> bool:
    """Whether a piece of a query or cookie belongs to a parameter."""
    for key in pairs(piece):
        name = key.decode("utf-8", "replace")
        if name in names or name.startswith(f"{prefix}["):
            return True
    return False


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def also_matching(templates: Iterable[str], chosen: str, path: bytes) -> Iterator[str]:
    """Other templates that the path would match; literals win."""
    segments = [segment.decode("utf-8", "replace") for segment in decoded_segments(path)]
    for template in dict.fromkeys(templates):
        if template != chosen and _first_difference(parse_template(template)[0], segments) is None:
            yield template


def near(templates: Iterable[str], path: bytes) -> Iterator[tuple[str, str]]:
    """The templates that resemble the path most, and why they do not match."""
    known = list(dict.fromkeys(templates))
    segments = [segment.decode("utf-8", "replace") for segment in decoded_segments(path)]
    closest = get_close_matches("/" + "/".join(segments), known, n=3, cutoff=0.5)
    almost = [template for template in known if _differences(template, segments) == 1 and template not in closest]
    for template in [*closest, *almost][:5]:
        yield template, _reason(template, segments)


def _reason(template: str, segments: Sequence[str]) -> str:
    """Why a template does not match."""
    parts = parse_template(template)[0]
    if segments[-1] == "" and _first_difference(parts, segments[:-1]) is None:
        return "without the slash at the end"
    if len(parts) != len(segments):
        return f"it has {_segments(len(parts))}, the path {_segments(len(segments))}"
    at = _first_difference(parts, segments) or 0
    return f"segment {at + 1} is `{template[1:].split('/')[at]}`"


def _segments(number: int) -> str:
    return "1 segment" if number == 1 else f"{number} segments"


def _first_difference(parts: Sequence[Segment], segments: Sequence[str]) -> int | None:
    """The index of the first segment that does not match; None when all do."""
    if len(parts) != len(segments):
        return min(len(parts), len(segments))
    return next((n for n, pair in enumerate(zip(parts, segments, strict=True)) if not _matches(*pair)), None)


def _differences(template: str, segments: Sequence[str]) -> int:
    parts = parse_template(template)[0]
    if len(parts) != len(segments):
        return len(segments) + 1
    return sum(not _matches(part, segment) for part, segment in zip(parts, segments, strict=True))


def _matches(part: Segment, segment: str) -> bool:
    return part[0] == segment if len(part) == 1 else match_segment(part, segment) is not None
