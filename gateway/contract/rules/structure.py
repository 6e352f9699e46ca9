"""What the text of the specification demands and its meta-schemas leave open."""

import re
from collections.abc import Iterator

import httptools

from gateway.contract.findings import Severity
from gateway.contract.grammar import ADDITIONAL, FIXED_METHODS
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.objects import objects
from gateway.contract.rules.rule import Flaw, Rule
from gateway.contract.rules.view import View

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # RFC 9110 section 5.6.2


def method_fault(method: str) -> str:
    """Why nothing can be served under a key of `additionalOperations`; "" when it can."""
    if method in FIXED_METHODS:
        return f"has a field of its own: write it as `{method.lower()}`"
    if not TOKEN.match(method):
        return "is no token (RFC 9110 section 9.1)"
    return ""


def receivable(method: str) -> bool:
    """Whether requests with this method get through the HTTP parser."""
    try:
        httptools.HttpRequestParser(object()).feed_data(f"{method} / HTTP/1.1\r\n\r\n".encode())
    except httptools.HttpParserError:
        return False
    return True


def method_invalid(view: View) -> Iterator[Flaw]:
    for _, levels in view.paths:
        for level in levels if view.dialect == "3.2" else ():
            for method, node in level.items(ADDITIONAL):
                if fault := method_fault(method):
                    yield Flaw(node, f"method {method!r} {fault}")
                elif not receivable(method):
                    yield Flaw(
                        node,
                        f"requests with the method {method!r} are refused by the HTTP parser, so nobody can call this",
                        "methods are case-sensitive; known are those that are registered with IANA",
                        Severity.WARNING,
                    )


def querystring_conflict(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        whole = [parameter for parameter in op.parameters if parameter.place == "querystring"]
        single = next((parameter for parameter in op.parameters if parameter.place == "query"), None)
        for parameter in whole[1:]:
            yield Flaw(parameter.node, f"{op.method} {op.template} has two parameters for the whole query")
        if whole and single:
            message = f"{op.method} {op.template} has parameters for the whole query and for a part of it"
            yield Flaw(single.node, message, "describe the parts in the content of the `querystring` parameter")


def header_name(view: View) -> Iterator[Flaw]:
    for kind, node, _ in objects(view) if view.dialect == "3.2" else ():
        if kind == "parameter" and node.text("in") == "header" and not TOKEN.match(node.text("name")):
            yield Flaw(node, f"{node.text('name')!r} cannot be the name of a header field")
        for name, header in node.items("headers") if kind in ("response", "encoding") else ():
            if not TOKEN.match(name):
                yield Flaw(header, f"{name!r} cannot be the name of a header field")


def xml_conflict(view: View) -> Iterator[Flaw]:
    for kind, node, _ in objects(view) if view.dialect == "3.2" else ():
        xml = node.get("xml") if kind == "schema" else None
        for old in ("attribute", "wrapped") if xml and xml.get("nodeType") else ():
            if xml and xml.get(old):
                yield Flaw(xml.child(old), f"`{old}` beside `nodeType`, which says the same")


ERROR = Severity.ERROR


def _queried(name: str) -> str:
    whole = "{name: whole, in: querystring, content: {application/json: {schema: {type: object}}}}"
    return _new(whole) + f"    parameters: [{{name: {name}, schema: {{type: string}}}}]\n"


def _additional(method: str) -> str:
    described = "{operationId: copy, responses: {'204': {description: done}}}"
    return document(f'  "/things":\n    additionalOperations:\n      {method}: {described}', version="3.2.0")


def _new(parameters: str = "", schema: str = "{type: string}") -> str:
    top = f"components: {{schemas: {{Thing: {schema}}}}}"
    return document(operation(parameters=parameters), top=top, version="3.2.0")


RULES = (
    Rule(
        "method-invalid",
        ERROR,
        "A key of `additionalOperations` cannot be a method there",
        "Methods that have a field of their own belong there (OpenAPI 3.2, Path Item Object), and a method is a token. "
        "One that the HTTP parser does not know is a warning: requests with it are refused before they are routed.",
        method_invalid,
        _additional("POST"),
        _additional("COPY"),
    ),
    Rule(
        "querystring-conflict",
        ERROR,
        "The query is described twice",
        "A parameter with `in: querystring` describes the whole query, so that it stands alone: neither a second one "
        "nor one with `in: query` may be in force beside it (OpenAPI 3.2, Parameter Object).",
        querystring_conflict,
        _queried("part, in: query"),
        _queried("part, in: header"),
    ),
    Rule(
        "header-name",
        ERROR,
        "A header has a name that no header field can have",
        "Names of header fields are tokens (RFC 9110 section 5.1). Asked of documents of OpenAPI 3.2, which says so.",
        header_name,
        _new(parameters="{name: 'X Client', in: header, schema: {type: string}}"),
        _new(parameters="{name: X-Client, in: header, schema: {type: string}}"),
    ),
    Rule(
        "xml-conflict",
        ERROR,
        "`xml` says twice what a node is",
        "`nodeType` replaces `attribute` and `wrapped` and must not stand beside them (OpenAPI 3.2, XML Object).",
        xml_conflict,
        _new(schema="{type: string, xml: {attribute: true, nodeType: attribute}}"),
        _new(schema="{type: string, xml: {nodeType: attribute}}"),
    ),
)
