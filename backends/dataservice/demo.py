"""Runners and runs for a first look; the examples in the document are about them."""

from datetime import datetime

from sqlalchemy import select

from backends.common import hashing
from backends.dataservice.store import Run, Store, User

USERS = (
    {
        "email": "ada@example.com",
        "password": "analytical engine",
        "firstname": "Ada",
        "lastname": "Lovelace",
        "age": 36,
        "weight": 57.5,
        "max_hr": 184,
        "rest_hr": 52,
        "strava_token": "3f1a9d",
    },
    {"email": "emil@example.com", "password": "zatopek 1952", "firstname": "Emil", "lastname": "Zátopek", "age": 30},
    {"email": "paula@example.com", "password": "two fifteen 25", "firstname": "Paula", "lastname": "Radcliffe"},
)
RUNS = (
    (1, "Morning run", "Along the river", 1001, 8046.7, datetime(2026, 1, 10, 6, 30), 2700, 2.98, 148.5, 42.0),
    (1, "Lunch break", None, 1002, 5000.0, datetime(2026, 1, 14, 12, 5), 1560, 3.21, 151.0, None),
    (1, "Hill repeats", "Eight times", 1003, 9500.0, datetime(2026, 2, 3, 17, 45), 3300, 2.88, 163.2, 310.0),
    (2, "400 m x 40", None, 1004, 16000.0, datetime(2026, 1, 11, 7, 0), 4400, 3.64, None, None),
    (2, "Forest", "In boots", 1005, 12000.0, datetime(2025, 12, 31, 23, 59, 59), 3900, 3.08, None, 120.0),
)
COLUMNS = (
    "runner_id",
    "title",
    "description",
    "strava_id",
    "distance",
    "start_date",
    "elapsed_time",
    "average_speed",
    "average_heartrate",
    "total_elevation_gain",
)


def seed(store: Store) -> None:
    """Fill an empty database; leave any other as it is."""
    with store.writing() as session:
        if session.scalar(select(User.id).limit(1)) is not None:
            return
        for user in USERS:
            session.add(User(**user | {"password": hashing.conceal(str(user["password"]))}))
            session.flush()
        for values in RUNS:
            session.add(Run(**dict(zip(COLUMNS, values, strict=True))))
            session.flush()
