"""The pages of the public port: Swagger UI at /docs, the published documents beside it.

Everything is put together at load; answering is one look-up. The pages load nothing from elsewhere, and a
content security policy holds them to that.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from gateway.contract import store
from gateway.contract.model import Contract
from gateway.contract.written import ALL, Written, documents
from gateway.errors import Kind
from gateway.problem import FIELDS, PROBLEMS, TYPE_BASE
from gateway.request.exchange import Page
from gateway.wire.message import Field, RequestHead

if TYPE_CHECKING:
    from gateway.contract.publish import Mounted

TYPES = {
    ".html": b"text/html; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".png": b"image/png",
    ".json": b"application/json",
    ".yaml": b"application/yaml",  # RFC 9512
}
SWAGGER_UI = (
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "favicon-16x16.png",
    "favicon-32x32.png",
    "oauth2-redirect.html",
    "oauth2-redirect.js",
)
OURS = ("docs.css", "docs.js")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src {connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Pages that open one of these get no hold of it. The page that a login leads back to must do without: it speaks to the
# one that opened it.
OPENER = (b"Cross-Origin-Opener-Policy", b"same-origin-allow-popups")
_REVALIDATE = b"no-cache"
_QUOTED = re.compile("`([^`]*)`")


class AssetsMissing(Exception):
    """Swagger UI's files are not installed. The message says what to do."""


def _read_only() -> Page:
    kind = Kind.METHOD_NOT_ALLOWED
    document = {
        "type": TYPE_BASE + kind.value,
        "title": PROBLEMS[kind].title,
        "status": PROBLEMS[kind].status,
        "detail": "This page can only be read: use GET or HEAD.",
    }
    fields = [*FIELDS, (b"Allow", b"GET, HEAD")]
    return Page(PROBLEMS[kind].status, fields, json.dumps(document).encode())


READ_ONLY = _read_only()


class Pages:
    """Paths and what they answer."""

    def __init__(self, pages: Mapping[bytes, Page]) -> None:
        self._pages = pages
        self._tags = {path: dict(page.fields).get(b"ETag", b"") for path, page in pages.items()}

    @property
    def paths(self) -> Sequence[bytes]:
        """All paths that are answered."""
        return tuple(self._pages)

    def respond(self, head: RequestHead) -> Page | None:
        """The page for a request, None where there is none.

        The body is there for HEAD too: whoever sends the page leaves it out. `If-None-Match` as in RFC 9110
        section 13.1.2.
        """
        page = self._pages.get(head.path)
        if page is None:
            return None
        if head.method not in (b"GET", b"HEAD"):
            return READ_ONLY
        wanted = head.lookup.get(b"if-none-match")
        if wanted is not None and _names(wanted, self._tags[head.path]):
            kept = [field for field in page.fields if field[0] in (b"ETag", b"Cache-Control")]
            return Page(304, kept, b"")
        return page


def build(contracts: Sequence[Mounted], originals: bool = False, cache: str = store.OFF) -> Pages:
    """The pages for `contracts`, with `originals` also the files of their own documents. What takes long is kept in
    `cache`, as the setting `references.cache` names it. Raises AssetsMissing."""
    published = documents(contracts, cache)
    first = next(iter(published))
    bases = {name: "/openapi" if name == first else f"{_docs(name)}/openapi" for name in published}
    policy = (
        b"Content-Security-Policy",
        POLICY.format(connect=" ".join(["'self'", *published[first].origins])).encode(),
    )
    ours = (policy, OPENER)
    pages = {"/docs/": Page(308, [(b"Location", b"/docs")], b"")}
    for name, document in published.items():
        pages[f"{bases[name]}.json"] = _page(".json", document.json)
        pages[f"{bases[name]}.yaml"] = _page(".yaml", document.yaml)
    for contract, _ in contracts if originals else ():
        pages |= _originals(contract)
    for name, document in published.items():
        page = _page(".html", _swagger_ui(bases, name, document), ours)
        pages.setdefault("/docs", page)
        if name != ALL:
            pages[_docs(name)] = page
    pages[TYPE_BASE.rstrip("#")] = _page(".html", _problem_types(), ours)
    for name, data in _assets():
        pages[f"/docs/assets/{name}"] = _page(Path(name).suffix, data, (policy,), b"public, max-age=3600")
    return Pages({path.encode(): page for path, page in pages.items()})


def _originals(contract: Contract) -> dict[str, Page]:
    """Each file of a contract at the place that it has beside the root document, so that its references still lead
    there; what was fetched or lies outside is left where it is."""
    from gateway.contract.publish import as_json, as_yaml

    folder = Path(contract.sources[0]).parent
    pages = {}
    for uri, document in contract.documents.items():
        path = Path(uri)
        if path.is_relative_to(folder):
            written = as_json(document) if path.suffix == ".json" else as_yaml(document)
            suffix = ".json" if path.suffix == ".json" else ".yaml"
            pages[f"{_docs(contract.api)}/original/{quote(str(path.relative_to(folder)))}"] = _page(suffix, written)
    return pages


def _docs(api: str) -> str:
    return f"/docs/{quote(api, safe='')}"


def _page(suffix: str, body: bytes, more: Sequence[Field] = (), cache: bytes = _REVALIDATE) -> Page:
    fields = [
        (b"Content-Type", TYPES[suffix]),
        (b"ETag", b'"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()),
        (b"Cache-Control", cache),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"Referrer-Policy", b"same-origin"),
        (b"Cross-Origin-Resource-Policy", b"same-origin"),
        *more,
    ]
    return Page(200, fields, body)


def _swagger_ui(bases: Mapping[str, str], shown: str, document: Written) -> bytes:
    """The page that shows all documents (name -> path without suffix), `shown` first: `document`."""
    urls = [{"name": name, "url": f"{base}.json"} for name, base in bases.items()]
    values = {
        "title": document.title,
        "documents": json.dumps(urls),
        "shown": shown,
        "url": f"{bases[shown]}.json",
    }
    return _template("docs.html").format_map({key: html.escape(value) for key, value in values.items()}).encode()


def _problem_types() -> bytes:
    """What the `type` of a problem document leads to: one section for each kind."""
    sections = [
        f"<h2 id={kind.value}>{html.escape(problem.title)}</h2>\n"
        f"<p><code>{kind.value}</code>, status {problem.status}. To be changed by the {problem.fault.value}.\n"
        + _QUOTED.sub(r"<code>\1</code>", html.escape(problem.advice))
        + "</p>"
        for kind, problem in PROBLEMS.items()
    ]
    return _template("problems.html").format(sections="\n".join(sections)).encode()


def _template(name: str) -> str:
    return files("gateway.server").joinpath("assets", name).read_text("utf-8")


def _assets() -> Iterator[tuple[str, bytes]]:
    ours = files("gateway.server").joinpath("assets")
    yield from ((name, ours.joinpath(name).read_bytes()) for name in OURS)
    folder = _swagger_ui_folder()
    for name in SWAGGER_UI:
        try:
            yield name, (folder / name).read_bytes()
        except OSError as error:
            raise AssetsMissing(f"{folder / name} cannot be read: {error.strerror}. {_ADVICE}") from None


_ADVICE = "Install flask-swagger-ui (version 5 or newer), or set `docs: false`."


def _swagger_ui_folder() -> Path:
    """Where the package with Swagger UI keeps its files. The package is found, never imported."""
    spec = find_spec("flask_swagger_ui")
    if spec is None or not spec.submodule_search_locations:
        raise AssetsMissing(f"Swagger UI is not installed. {_ADVICE}")
    return Path(spec.submodule_search_locations[0]) / "dist"


def _names(if_none_match: bytes, etag: bytes) -> bool:
    """Whether a list of entity tags names `etag`, by weak comparison."""
    tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return b"*" in tags or etag in tags
