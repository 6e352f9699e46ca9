"""The vector files in `data`, read as vectors. Who wrote them and under which licence: data/NOTICE."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gateway.tests.vectors.replay import Vector, class_of, request

DATA = Path(__file__).parent / "data"
BOUNDARY = "------------------------d74496d66958873e"


def prism() -> Iterator[Vector]:
    """Cases against a mock server. Those where the mock's own answer is at fault (5xx) say nothing about requests."""
    for case in json.loads((DATA / "prism.json").read_text()):
        if case["status"] < 500:
            yield Vector(case["file"], case["spec"], _prism_request(case), class_of(case["status"]))


def _prism_request(case: dict[str, Any]) -> bytes:
    url = urlsplit(case["url"])
    target = url.path + (f"?{url.query}" if url.query else "")
    fields, body = case["headers"], case["body"]
    if case["form"]:
        body = "".join(_part(*field.split("=", 1)) for field in case["form"]) + f"--{BOUNDARY}--\r\n"
        fields = [
            f"{field}; boundary={BOUNDARY}" if field.lower().startswith("content-type:") else field for field in fields
        ]
    return request(case["method"], target, fields, None if body is None else body.encode())


def _part(name: str, value: str) -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


def apisix() -> Iterator[Vector]:
    """Cases of a plugin. Where it is told not to look at something, nothing can be compared."""
    documents = {
        "spec.json": "apisix-spec.json",
        "spec31.json": "apisix-spec31.json",
        "spec31-gaps.json": "apisix-spec31-gaps.json",
    }
    for case in json.loads((DATA / "apisix.json").read_text()):
        if "skip_" in case["opts"] or '"reject_if_not_match": false' in case["opts"]:
            continue
        body = case["body"]
        status = 400 if case["status"] == 503 else case["status"]  # its option for the status of a refusal
        yield Vector(
            f"{case['file']}: {case['title']}",
            (DATA / documents[case["spec"]]).read_text(),
            request(case["method"], case["path"], case["headers"], None if body is None else body.encode()),
            class_of(status),
        )
