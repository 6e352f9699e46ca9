"""What pages may do, from the document and the settings."""

from pathlib import Path

from gateway import config
from gateway.config import Issuer, Settings
from gateway.contract.compile import compile_settings
from gateway.security.cors import VARY, Cors
from gateway.tests.contract.test_compile import api, only

DOCUMENT = """
openapi: 3.0.3
info: {title: Pages, version: "1"}
paths:
  /things:
    post:
      parameters:
        - {name: X-Units, in: header, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '201': {description: made, headers: {Location: {schema: {type: string}}, Set-Cookie: {schema: {type: string}}}}
        default: {description: else, headers: {X-Hint: {schema: {type: string}}, Expires: {schema: {type: string}}}}
    get:
      security: []
      responses: {'200': {description: fine}}
"""


def compiled(folder: Path, method: str, cors: config.Cors) -> Cors:
    """The CORS of one operation."""
    settings = Settings(apis=(api(folder, "pages", DOCUMENT, cors=cors),))
    found = only(compile_settings(settings), method, "/things").cors
    assert found is not None
    return found


def test_a_page_may_send_what_is_documented(tmp_path: Path) -> None:
    """Header parameters, Content-Type where there is a body, and what the settings add."""
    cors = config.Cors(origins=("https://a.example",), headers=("If-Match",))
    always = {b"accept", b"accept-language", b"content-language", b"if-match"}
    assert compiled(tmp_path, "POST", cors).headers == always | {b"content-type", b"x-units"}
    assert compiled(tmp_path, "GET", cors).headers == always


def test_a_page_may_read_what_is_documented_and_what_is_the_gateways(tmp_path: Path) -> None:
    """Not what it may read anyway, and never cookies."""
    found = compiled(tmp_path, "POST", config.Cors(origins=("https://a.example",), expose=("ETag", "x-hint")))
    fields = dict(found.answered(b"https://a.example"))
    shown = fields[b"Access-Control-Expose-Headers"].decode().lower().split(", ")
    assert {"location", "x-hint", "etag", "x-request-id", "ratelimit", "ratelimit-policy", "retry-after"} <= set(shown)
    assert {"set-cookie", "expires"}.isdisjoint(shown) and len(shown) == len(set(shown))


def test_credentials_and_age_are_said_where_they_count(tmp_path: Path) -> None:
    """Credentials in both answers, the age in that of a preflight."""
    cors = config.Cors(origins=("https://a.example", "https://*.b.example:8443"), credentials=True, max_age=5.9)
    found = compiled(tmp_path, "GET", cors)
    allowing = dict(found.preflight(b"https://a.example", b"GET", False))
    assert allowing[b"Access-Control-Allow-Credentials"] == b"true" and allowing[b"Access-Control-Max-Age"] == b"5"
    assert (b"Access-Control-Allow-Credentials", b"true") in found.answered(b"https://x.b.example:8443")
    assert list(found.answered(b"https://x.b.example")) == [VARY]


def test_keys_in_header_fields_may_be_sent(tmp_path: Path) -> None:
    """Under the name that the security scheme gives; keys in queries and cookies are no header fields."""
    text = DOCUMENT.replace(
        "paths:\n",
        """security: [{key: [], ticket: []}, {jwt: []}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    ticket: {type: apiKey, in: query, name: ticket}
    jwt: {type: http, scheme: bearer}
paths:
""",
    )
    settings = Settings(
        apis=(
            api(
                tmp_path,
                "pages",
                text,
                cors=config.Cors(origins=("*",)),
                passes=("security:key", "security:ticket"),
            ),
        ),
        issuers={"dealer": Issuer("https://issuer.example", ("pages",), "https://issuer.example/keys")},
    )
    found = only(compile_settings(settings), "POST", "/things").cors
    assert found is not None and {b"x-key", b"authorization", b"dpop"} <= found.headers
    assert b"ticket" not in found.headers


def test_without_origins_there_is_no_cors(tmp_path: Path) -> None:
    """The operation costs nothing then."""
    settings = Settings(apis=(api(tmp_path, "pages", DOCUMENT),))
    assert only(compile_settings(settings), "GET", "/things").cors is None
