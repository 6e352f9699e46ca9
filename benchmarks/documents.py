"""Documents made for one measurement: many paths, many megabytes, streams and large bodies."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from benchmarks.workloads import DOCUMENT, KEY_FIELD

Document = dict[str, Any]
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def base() -> Document:
    """The benchmark's own document."""
    document: Document = yaml.safe_load(DOCUMENT.read_text())
    return document


def with_paths(count: int) -> Document:
    """A document of `count` templated paths, all with the operation of the GET workload, which is one of them."""
    document = base()
    item = {"get": document["paths"]["/runs/{id}"]["get"]}
    document["paths"] = {"/runs/{id}": item}
    for number in range(1, count):
        other = copy.deepcopy(item)
        other["get"]["operationId"] = f"getThing{number}"
        # Neighbours below one parent and in depth, as real documents have them.
        template = f"/group{number % 20}/{{id}}/thing{number}" if number % 2 else f"/thing{number}/{{id}}"
        document["paths"][template] = other
    return document


def guarded(schemes: tuple[str, ...] = (), units: int = 1) -> Document:
    """The benchmark's document, where every operation asks for all of `schemes` (`token`, `key`) at once, with one more
    operation that costs `units`."""
    document = base()
    flow = {"clientCredentials": {"tokenUrl": "https://issuer.example/token", "scopes": {"runs:read": "read"}}}
    known: Document = {
        "token": {"type": "oauth2", "flows": flow},
        "key": {"type": "apiKey", "in": "header", "name": KEY_FIELD},
    }
    document["components"]["securitySchemes"] = {name: known[name] for name in schemes}
    document["security"] = [{name: ["runs:read"] if name == "token" else [] for name in schemes}] if schemes else []
    everything = copy.deepcopy(document["paths"]["/runs/{id}"]["get"])
    del everything["parameters"]
    document["paths"]["/everything"] = {"get": {**everything, "operationId": "all", "x-gateway": {"cost": units}}}
    return document


def of_size(size: int, dump: Callable[[Document], str]) -> Document:
    """A document of about `size` characters once dumped: paths and component schemas in equal numbers."""
    document = base()
    run = document["components"]["schemas"]["Run"]
    get = document["paths"]["/runs/{id}"]["get"]
    schema, item = _pair(1000, run, get)
    step = len(dump({"components": {"schemas": {"Run1000": schema}}, "paths": {"/runs1000/{id}": item}}))
    for number in range(size // step):
        schema, item = _pair(number, run, get)
        document["components"]["schemas"][f"Run{number}"] = schema
        document["paths"][f"/runs{number}/{{id}}"] = item
    return document


def _pair(number: int, run: Document, get: Document) -> tuple[Document, Document]:
    operation = copy.deepcopy(get)
    operation["operationId"] = f"getRun{number}"
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/Run{number}"}}}
    operation["responses"]["200"]["content"] = content
    return copy.deepcopy(run), {"get": operation}


def streams() -> Document:
    """One operation that takes and one that gives bytes nobody judges."""
    document = base()
    raw: Document = {"application/octet-stream": {}}
    size = {"name": "size", "in": "query", "schema": {"type": "integer", "minimum": 0}}
    document["paths"] = {
        "/blob": {
            "get": {
                "operationId": "getBlob",
                "parameters": [size],
                "responses": {"200": {"description": "Bytes.", "content": raw}},
            },
            "put": {
                "operationId": "putBlob",
                "requestBody": {"required": True, "content": raw},
                "responses": {"204": {"description": "Taken."}},
            },
        }
    }
    return document


def batches() -> Document:
    """`streams`, and a POST that takes an array of runs."""
    document = streams()
    content = {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/NewRun"}}}}
    document["paths"]["/batches"] = {
        "post": {
            "operationId": "addRuns",
            "requestBody": {"required": True, "content": content},
            "responses": {"204": {"description": "Taken."}},
        }
    }
    return document


def media() -> Document:
    """`streams`, and POSTs that take one run or many in every media type that is judged."""
    document = streams()
    document["openapi"] = "3.1.0"
    one: Document = {"$ref": "#/components/schemas/NewRun"}
    many: Document = {"type": "array", "items": one}
    wrapped = many | {"xml": {"name": "runs", "wrapped": True}}
    item: Document = {"x-gateway": {"item-schema": one}}
    whole = ("application/json", "application/yaml", "application/msgpack", "application/cbor")
    single: Document = {kind: {"schema": one} for kind in (*whole, "application/xml", *FORMS)}
    several: Document = {kind: {"schema": many} for kind in (*whole, "text/csv")}
    csv: Document = {"text/csv": {"schema": many}, "application/x-ndjson": item}
    lists: Document = {"application/xml": {"schema": wrapped}, "application/x-ndjson": item}
    for path, content in (("/run", single | csv), ("/runs", several | lists)):
        document["paths"][path] = {
            "post": {
                "requestBody": {"required": True, "content": content},
                "responses": {"204": {"description": "Taken."}},
            }
        }
    return document


class Plain(yaml.CSafeDumper):
    """Writes every value where it is used."""

    def ignore_aliases(self, data: Any) -> bool:
        return True  # written out in full, as people do


def to_json(document: Document) -> str:
    """As JSON text."""
    return json.dumps(document)


def to_yaml(document: Document) -> str:
    """As YAML text without anchors."""
    return str(yaml.dump(document, Dumper=Plain, sort_keys=False))


def write_json(document: Document, path: Path) -> Path:
    """Write as JSON; returns the path."""
    path.write_text(to_json(document))
    return path
