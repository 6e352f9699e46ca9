"""Between rows and JSON: representations, entity tags, times, cursors."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from backends.common.problem import Problem
from backends.dataservice.store import PROFILE, Run, User

RUN = (
    "id",
    "runner_id",
    "title",
    "description",
    "strava_id",
    "distance",
    "elapsed_time",
    "average_speed",
    "average_heartrate",
    "total_elevation_gain",
)


def user(row: User) -> dict[str, Any]:
    """A User of the document. Names its attributes, so that a new column does not leak."""
    attributes = {name: getattr(row, name) for name in ("id", "email", "firstname", "lastname", *PROFILE)}
    return present(attributes) | {"created": to_text(row.created), "strava_linked": row.strava_token is not None}


def run(row: Run) -> dict[str, Any]:
    """A Run of the document."""
    return present({name: getattr(row, name) for name in RUN}) | {"start_date": to_text(row.start_date)}


def present(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes that have a value."""
    return {name: value for name, value in attributes.items() if value is not None}


def user_tag(row: User) -> str:
    """The strong entity tag of this version of a user."""
    return f'"user-{row.id}-{row.version}"'


def run_tag(row: Run) -> str:
    """The strong entity tag of a run; runs never change."""
    return f'"run-{row.id}"'


def to_text(time: datetime) -> str:
    """RFC 3339 for a time of the tables."""
    return f"{time.isoformat()}Z"


def from_text(text: str) -> datetime:
    """A time of the tables for RFC 3339; raises 400."""
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise Problem(400, '"start_date" is not a time of the calendar.') from None


def encode_cursor(*keys: object) -> str:
    """Where a page ended, as text that clients have no reason to look into."""
    return base64.urlsafe_b64encode("|".join(map(str, keys)).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[str]:
    """The keys of `encode_cursor`; raises 400."""
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
    except (binascii.Error, ValueError):
        raise bad_cursor() from None


def bad_cursor() -> Problem:
    """400 for a cursor that never was a `next`."""
    return Problem(400, '"cursor" is not the "next" of any page.')
