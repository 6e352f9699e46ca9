"""Sends what a case was serialised to, byte for byte, and collects the answer."""

import requests
from requests.structures import CaseInsensitiveDict

from gateway.verify.message import Reply, Request

TIMEOUT = 30.0  # seconds
LONGEST = 1 << 21  # bytes of a body that are read; a stream may have gigabytes


class Client:
    """One connection pool. `requests` would otherwise quote, decode and follow on its own account."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def send(self, base: str, prefix: str, request: Request) -> Reply:
        """One exchange with the server at `base`."""
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        prepared.url = base + request.target(prefix)
        prepared.headers = CaseInsensitiveDict({"Accept": "*/*", "Accept-Encoding": "identity"})
        prepared.headers.update(dict(request.fields))  # type: ignore[arg-type]
        prepared.prepare_cookies({})
        prepared.body = request.body
        if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
            prepared.headers["Content-Length"] = str(len(request.body or b""))
        answer = self._session.send(prepared, timeout=TIMEOUT, allow_redirects=False, stream=True)
        with answer:
            body: bytes = answer.raw.read(LONGEST)
        fields = {name.lower().encode(): value.encode("latin-1") for name, value in answer.raw.headers.itermerged()}
        return Reply(answer.status_code, fields, body)
