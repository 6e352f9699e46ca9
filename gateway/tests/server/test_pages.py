"""What the public port answers below /docs and for the published documents."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from gateway.contract.load import load
from gateway.contract.normalise import normalise
from gateway.contract.publish import Mounted, publish, publish_one
from gateway.errors import Kind
from gateway.request.exchange import Page
from gateway.server import pages
from gateway.server.pages import AssetsMissing, Pages, build
from gateway.tests.contract.contracts import contract
from gateway.wire.message import RequestHead

TEXT = """
openapi: 3.0.3
info: {{title: 'The <b>{name}</b>', version: 1.0.0}}
security: [{{token: []}}]
paths:
  /things:
    get: {{responses: {{'200': {{description: OK}}}}}}
components:
  securitySchemes:
    token: {{type: oauth2, flows: {{clientCredentials: {{tokenUrl: '{token_url}', scopes: {{}}}}}}}}
"""


def two_apis() -> list[Mounted]:
    names = {"cats": "https://login.example.com/token", "dogs": "/token"}
    return [(contract(name, TEXT.format(name=name, token_url=url)), f"/{name}") for name, url in names.items()]


@pytest.fixture(scope="module")
def site() -> Pages:
    return build(two_apis())


def ask(site: Pages, path: str, method: bytes = b"GET", if_none_match: bytes | None = None) -> Page:
    lookup = {} if if_none_match is None else {b"if-none-match": if_none_match}
    page = site.respond(RequestHead(method, path.encode(), None, list(lookup.items()), lookup, ""))
    assert page is not None
    return page


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/docs", b"text/html; charset=utf-8"),
        ("/docs/cats", b"text/html; charset=utf-8"),
        ("/docs/problems", b"text/html; charset=utf-8"),
        ("/docs/assets/swagger-ui.css", b"text/css; charset=utf-8"),
        ("/docs/assets/swagger-ui-bundle.js", b"text/javascript; charset=utf-8"),
        ("/docs/assets/oauth2-redirect.html", b"text/html; charset=utf-8"),
        ("/docs/assets/favicon-32x32.png", b"image/png"),
        ("/openapi.json", b"application/json"),
        ("/openapi.yaml", b"application/yaml"),
        ("/docs/dogs/openapi.json", b"application/json"),
        ("/docs/dogs/openapi.yaml", b"application/yaml"),
    ],
)
def test_pages_have_type_tag_and_no_sniffing(site: Pages, path: str, content_type: bytes) -> None:
    """Each page is 200 with its media type, an entity tag, a caching rule and a body."""
    page = ask(site, path)
    fields = dict(page.fields)
    assert page.status == 200 and page.body
    assert fields[b"Content-Type"] == content_type
    assert re.fullmatch(rb'"[0-9a-f]{32}"', fields[b"ETag"])
    assert fields[b"X-Content-Type-Options"] == b"nosniff"
    assert b"Cache-Control" in fields


@pytest.mark.parametrize("path", ["/", "/docs/birds", "/docs/assets/", "/docs/assets/index.html", "/openapi", "/Docs"])
def test_everything_else_is_not_here(site: Pages, path: str) -> None:
    """An unknown path has no page, so the gateway's own 404 follows."""
    assert site.respond(RequestHead(b"GET", path.encode(), None, [], {}, "")) is None


def test_a_slash_at_the_end_leads_to_the_page(site: Pages) -> None:
    """/docs/ is a habit of fingers; it redirects."""
    page = ask(site, "/docs/")
    assert (page.status, dict(page.fields)[b"Location"]) == (308, b"/docs")


def test_documents_are_the_published_ones(site: Pages) -> None:
    """All APIs at /openapi.*, each API alone below /docs."""
    whole = publish(two_apis())
    assert json.loads(ask(site, "/openapi.json").body) == whole
    assert yaml.safe_load(ask(site, "/openapi.yaml").body) == whole
    assert json.loads(ask(site, "/docs/dogs/openapi.json").body) == publish_one(*two_apis()[1])


@pytest.mark.parametrize("form", [b"%s", b"W/%s", b'"other", %s', b"*"])
def test_a_known_entity_is_not_sent_again(site: Pages, form: bytes) -> None:
    """If-None-Match with the tag, weak or in a list, or a star: 304 without a body, with the tag."""
    tag = dict(ask(site, "/openapi.json").fields)[b"ETag"]
    page = ask(site, "/openapi.json", if_none_match=form % tag if b"%" in form else form)
    assert (page.status, page.body) == (304, b"")
    assert dict(page.fields)[b"ETag"] == tag
    assert b"Content-Type" not in dict(page.fields)


@pytest.mark.parametrize("tag", [b'"0"', b"", b'"', b"garbage, ,"])
def test_another_entity_is_sent(site: Pages, tag: bytes) -> None:
    """An unknown or broken If-None-Match gets the page."""
    assert ask(site, "/openapi.json", if_none_match=tag).status == 200


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"OPTIONS", b"get"])
def test_pages_can_only_be_read(site: Pages, method: bytes) -> None:
    """Other methods get 405 with Allow, as a problem document."""
    page = ask(site, "/docs", method)
    assert page.status == 405
    assert dict(page.fields)[b"Allow"] == b"GET, HEAD"
    assert json.loads(page.body)["type"].endswith("#method-not-allowed")


def test_head_is_answered_like_get(site: Pages) -> None:
    """Whoever sends the page leaves the body out."""
    assert ask(site, "/docs", b"HEAD") == ask(site, "/docs")


def test_nothing_is_loaded_from_elsewhere(site: Pages) -> None:
    """Every script, style and image of the page is one of ours, and none is inline."""
    text = ask(site, "/docs").body.decode()
    links = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert links and all(site.respond(RequestHead(b"GET", link.encode(), None, [], {}, "")) for link in links)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|javascript:", text)


def test_the_policy_forbids_what_the_page_does_not_need(site: Pages) -> None:
    """Scripts from here only, no framing; connections also to the token endpoint of another origin."""
    policy = dict(ask(site, "/docs").fields)[b"Content-Security-Policy"].decode()
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'" and "unsafe" not in policy
    assert rules["frame-ancestors"] == "'none'"
    assert rules["connect-src"] == "'self' https://login.example.com"


@pytest.mark.parametrize(
    ("path", "opener"),
    [("/docs", b"same-origin-allow-popups"), ("/docs/problems", b"same-origin-allow-popups")]
    + [(path, None) for path in ("/openapi.json", "/docs/assets/docs.js", "/docs/assets/oauth2-redirect.html")],
)
def test_pages_are_nothing_to_other_sites(site: Pages, path: str, opener: bytes | None) -> None:
    """Not embedded, not guessed at, not held on to; only what a login leads back to speaks to its opener."""
    fields = dict(ask(site, path).fields)
    assert fields[b"X-Content-Type-Options"] == b"nosniff" and fields[b"Referrer-Policy"] == b"same-origin"
    assert fields[b"Cross-Origin-Resource-Policy"] == b"same-origin"
    assert fields.get(b"Cross-Origin-Opener-Policy") == opener


def test_the_page_names_its_documents(site: Pages) -> None:
    """/docs starts with all APIs, /docs/dogs with its own; titles cannot smuggle markup in."""
    text = ask(site, "/docs").body.decode()
    assert "&quot;/openapi.json&quot;" in text and "&quot;/docs/cats/openapi.json&quot;" in text
    assert 'data-shown="All APIs"' in text
    alone = ask(site, "/docs/dogs").body.decode()
    assert 'data-shown="dogs"' in alone
    assert "<b>" not in alone and "The &lt;b&gt;dogs" in alone


def test_a_single_api_is_shown_at_docs() -> None:
    """With one API there is nothing to choose from."""
    text = ask(build(two_apis()[:1]), "/docs").body.decode()
    assert 'data-shown="cats"' in text and "All APIs" not in text


def test_no_api_at_all_still_has_pages() -> None:
    """A gateway without APIs shows an empty document."""
    assert json.loads(ask(build([]), "/openapi.json").body)["paths"] == {}


def test_every_problem_type_has_its_section(site: Pages) -> None:
    """The `type` of every problem document leads to a section of a page that is there."""
    text = ask(site, "/docs/problems").body.decode()
    assert all(f"<h2 id={kind.value}>" in text for kind in Kind)


def test_swagger_ui_is_found_without_importing_its_package(site: Pages) -> None:
    """The package would pull in a web framework; only its files are read."""
    assert "flask_swagger_ui" not in sys.modules


def test_missing_assets_say_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the package, or with one that lacks a file, the message names the remedy."""
    monkeypatch.setattr(pages, "find_spec", lambda name: None)
    with pytest.raises(AssetsMissing, match="Install flask-swagger-ui"):
        build(two_apis())
    monkeypatch.setattr(pages, "_swagger_ui_folder", lambda: tmp_path)
    with pytest.raises(AssetsMissing, match=r"swagger-ui\.css cannot be read"):
        build(two_apis())


def test_originals_are_served_where_their_references_look_for_them(tmp_path: Path) -> None:
    """Only when asked for: a document shows internal operations."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "user name.json").write_text('{"User": {"type": "object"}}')
    user = "components: {schemas: {User: {$ref: 'parts/user%20name.json#/User'}}}"
    (tmp_path / "api.yaml").write_text(f"openapi: 3.0.3\ninfo: {{title: Users, version: '1'}}\npaths: {{}}\n{user}\n")
    loaded = normalise(load(str(tmp_path / "api.yaml")), "users")
    site = build([(loaded, None)], originals=True)
    assert yaml.safe_load(ask(site, "/docs/users/original/api.yaml").body) == loaded.document
    assert json.loads(ask(site, "/docs/users/original/parts/user%20name.json").body) == {"User": {"type": "object"}}
    assert b"/docs/users/original/api.yaml" not in build([(loaded, None)]).paths
