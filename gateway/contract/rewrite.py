"""The schemas of a contract, each under a URI, and the rewritten documents behind these URIs, once per direction."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from gateway.contract import pointer as pointers
from gateway.contract.load import Source
from gateway.contract.marks import REQUEST, RESPONSE
from gateway.contract.model import Document
from gateway.contract.places import Places
from gateway.contract.references import ReferenceFlaw
from gateway.contract.writer import Writer

Documents = dict[str, dict[str, Any]]


class SchemaStore:
    """The schemas of one contract: gives each its URI, and the documents behind the URIs."""

    def __init__(self, source: Source, api: str) -> None:
        self.source = source
        self._places = Places(source, api)
        self._inline: list[Callable[[Writer], Any]] = []

    def uri(self, uri: str, pointer: str) -> str:
        """The URI of the schema at `pointer` of the file `uri`."""
        return self._places.schema(uri, pointer)

    def add(self, schema: Mapping[str, Any], uri: str, pointer: str) -> str:
        """The URI of a schema that no file holds in this form; its references are relative to the file `uri`."""
        return self._add(lambda writer: writer.made(dict(schema), uri, pointer))

    def add_object(self, properties: Mapping[str, str], required: list[str]) -> str:
        """The URI of an object schema whose properties are schemas of this store, given by URI."""
        schema = {"type": "object", "properties": {name: {"$ref": uri} for name, uri in properties.items()}}
        return self.add_written({**schema, "required": required} if required else schema)

    def add_written(self, schema: Mapping[str, Any]) -> str:
        """The URI of a schema in draft 2020-12 that refers to schemas of this store by URI."""
        return self._add(lambda _: schema)

    def _add(self, write: Callable[[Writer], Any]) -> str:
        self._inline.append(write)
        return f"{self._places.base}inline#/{len(self._inline) - 1}"

    def documents(self) -> tuple[Mapping[str, Document], Mapping[str, Document]]:
        """The documents for requests and for responses; the same object when no schema tells them apart."""
        writer = Writer(self.source, self._places, REQUEST)
        requests = self._written(writer)
        if not writer.directional:
            return requests, requests
        return requests, self._written(Writer(self.source, self._places, RESPONSE))

    def _written(self, writer: Writer) -> Documents:
        documents: Documents = {}
        for uri, schemas in self.source.schemas.items():
            for pointer, schema in schemas.items():
                if self._places.stays(uri, pointer):
                    try:
                        written = writer.schema(schema, uri, pointer, writer.draft(uri, pointer))
                    except ReferenceFlaw:
                        written = False  # of a component that no operation uses
                    _place(documents, self._places.file(uri), self._places.top(uri) + pointer, written)
        for index, write in enumerate(self._inline):
            _place(documents, f"{self._places.base}inline", f"/{index}", write(writer))
        for anchor in self._places.anchors():
            reference = writer.asked(anchor.uri, anchor.pointer)
            schema = {"$dynamicAnchor": anchor.name, "$ref": reference}
            _place(documents, anchor.document, pointers.join("/$defs", f"$dynamicAnchor:{anchor.name}"), schema)
        for uri, pointer in self._places.nested:
            writer.asked(uri, pointer)
        self._work(writer, documents)
        return documents

    def _work(self, writer: Writer, documents: Documents) -> None:
        """What references ask for, and what the schemas written for that refer to in turn.

        An anchor may stand where there are no schemas, and so its references were never followed: no value satisfies
        it.
        """
        done = 0
        while done < len(writer.jobs):
            for place, job in list(writer.jobs.items())[done:]:
                document, _, fragment = place.partition("#")
                try:
                    written = writer.job(job)
                except ReferenceFlaw:
                    written = False
                _place(documents, document, unquote(fragment), written)
                done += 1


def _place(documents: Documents, document: str, pointer: str, schema: Any) -> None:
    """Put a schema at its place; one for a whole file must not lose what stands inside of it already."""
    node: dict[str, Any] = documents
    *above, last = document, *pointers.split(pointer)
    for token in above:
        node = node.setdefault(token, {})
    node[last] = _merged(schema, node.get(last, {})) if isinstance(schema, dict) else schema


def _merged(schema: dict[str, Any], inside: dict[str, Any]) -> dict[str, Any]:
    if not inside:
        return schema
    parts = [each["$defs"] for each in (schema, inside) if isinstance(each.get("$defs"), dict)]
    return {**schema, **inside, **({"$defs": {name: part[name] for part in parts for name in part}} if parts else {})}
