"""Sources for tests: files in memory, as if they lay in one folder."""

import json
from typing import Any

from gateway.config import References
from gateway.contract.load import Source, load

FOLDER = "/contracts/"


def source_of(root: Any, references: References | None = None, **files: Any) -> Source:
    """The source of a document given as text or value; `files` are others beside it, `name_yaml` for `name.yaml`."""
    texts = {FOLDER + name.replace("_", "."): _text(value) for name, value in {"api_yaml": root, **files}.items()}

    def read(path: str, limit: int) -> bytes:
        if path not in texts:
            raise FileNotFoundError(2, "No such file or directory")
        return texts[path][: limit + 1]

    def fetch(url: str, limit: int) -> bytes:
        return read(FOLDER + url.rpartition("/")[2], limit)

    return load(FOLDER + "api.yaml", references, read, fetch)


def openapi(version: str = "3.0.3", **parts: Any) -> dict[str, Any]:
    """A document of OpenAPI 3 with `parts` added or replaced."""
    return {"openapi": version, "info": {"title": "Test", "version": "1"}, "paths": {}, **parts}


def swagger(**parts: Any) -> dict[str, Any]:
    """A document of OpenAPI 2.0 with `parts` added or replaced."""
    return {"swagger": "2.0", "info": {"title": "Test", "version": "1"}, "paths": {}, **parts}


def in_use(document: Any) -> Any:
    """The same document with an operation that uses each of its schemas."""
    if not isinstance(document, dict) or not (schemas := document.get("components", {}).get("schemas")):
        return document
    content = {name: {"schema": {"$ref": f"#/components/schemas/{name}"}} for name in schemas}
    content = {f"application/{name}+json": each for name, each in content.items()}
    responses = {"200": {"description": "", "content": content}}
    return {**document, "paths": {"/used": {"get": {"responses": responses}}, **document["paths"]}}


def _text(value: Any) -> bytes:
    return value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
