"""A document split over many files, as large teams keep theirs: a file for each path item and for each schema, YAML and
JSON mixed, with references in all directions."""

import json
from pathlib import Path
from typing import Any

REF = "$ref"
ROOT = "openapi.yaml"


def write(folder: Path, count: int, version: str = "3.0.3") -> Path:
    """Write a document of about `count` files below `folder`; returns the path of the root document.

    Each schema refers to the next one and to the one before, the last to the first, so there are cycles over all
    files; path items refer to schemas and, with the escapes of JSON Pointer and of URIs, to parts of the root.
    """
    half = count // 2
    paths = {f"/things{number}/{{id}}": {REF: f"paths/group{number % 50}/{_path(number)}"} for number in range(half)}
    error = {"type": "object", "properties": {"message": {"type": "string"}}}
    root = {
        "openapi": version,
        "info": {"title": "Many files", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Error": error}, "parameters": {"id": _parameter()}},
        "x-parts": {"a/b~c{d}": {"type": "object", "properties": {"n": {"type": "integer"}}}},
    }
    _dump(folder / ROOT, root)
    for number in range(half):
        _dump(folder / "paths" / f"group{number % 50}" / _path(number), _path_item(number))
        _dump(folder / "schemas" / _schema(number), {"Thing": _thing(number, half)})
    return folder / ROOT


def _path(number: int) -> str:
    return f"things{number}.{'json' if number % 3 == 0 else 'yaml'}"


def _schema(number: int) -> str:
    return f"thing%{number}.{'json' if number % 2 else 'yaml'}"


def _quoted(number: int) -> str:
    return _schema(number).replace("%", "%25")


def _parameter() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 40}}


def _path_item(number: int) -> dict[str, Any]:
    def content(ref: str) -> dict[str, Any]:
        return {"application/json": {"schema": {REF: ref}}}

    thing = f"../../schemas/{_quoted(number)}#/Thing"
    body = {"required": True, "content": content(thing)}
    return {
        "parameters": [{REF: f"../../{ROOT}#/components/parameters/id"}],
        "get": {
            "operationId": f"getThing{number}",
            "responses": {
                "200": {"description": "The thing.", "content": content(thing)},
                "404": {"description": "None.", "content": content(f"../../{ROOT}#/components/schemas/Error")},
                "409": {"description": "Two.", "content": content(f"../../{ROOT}#/x-parts/a~1b~0c%7Bd%7D")},
            },
        },
        "put": {
            "operationId": f"putThing{number}",
            "requestBody": body,
            "responses": {"204": {"description": "Done."}},
        },
    }


def _thing(number: int, half: int) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "count": {"type": "integer", "minimum": 0, "maximum": number + 1},
            "next": {REF: f"{_quoted((number + 1) % half)}#/Thing"},
            "before": {REF: f"./{_quoted((number - 1) % half)}#/Thing"},
            "self": {REF: "#/Thing"},
            "kind": {"type": "string", "enum": ["a", "b", f"k{number}"]},
        },
    }


def _dump(path: Path, value: Any) -> None:
    """JSON, or the block style of YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value) if path.suffix == ".json" else "\n".join(_yaml(value)) + "\n")


def _yaml(value: Any) -> list[str]:
    """A non-empty mapping or list of JSON values as lines of YAML; quoted scalars are JSON strings."""
    lines: list[str] = []
    members = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in members:
        head = "-" if key is None else f"{json.dumps(key)}:"
        if isinstance(item, dict | list) and item:
            lines += [head, *(f"  {line}" for line in _yaml(item))]
        else:
            lines.append(f"{head} {json.dumps(item)}")
    return lines
