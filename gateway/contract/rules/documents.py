"""Small whole documents for the examples of rules: minimal, and without any other flaw."""

from textwrap import indent

RESPONSES = '"204": {description: done}'


def operation(
    *,
    path: str = "/things",
    method: str = "get",
    name: str = "things",
    parameters: str = "",
    body: str = "",
    responses: str = RESPONSES,
    extra: str = "",
) -> str:
    """One path with one operation; `parameters`, `body` and `responses` are YAML, the first in flow style."""
    lines = [
        f"operationId: {name}" if name else "",
        f"parameters: [{parameters}]" if parameters else "",
        f"requestBody:\n{indent(body, '  ')}" if body else "",
        f"responses:\n{indent(responses, '  ')}" if responses else "",
        extra,
    ]
    inner = indent("\n".join(line for line in lines if line), "  ")
    return indent(f'"{path}":\n' + indent(f"{method}:\n{inner}", "  "), "  ")


def document(*operations: str, top: str = "", version: str = "3.0.3") -> str:
    """A document of the given operations; `top` is YAML for the root object."""
    head = f"openapi: {version}\ninfo: {{title: Things, version: '1'}}\n"
    return head + (f"{top}\n" if top else "") + "paths:\n" + "\n".join(operations) + "\n"
