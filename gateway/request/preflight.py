"""Answering what a browser asks before it sends a request for a page of another origin (the CORS protocol).

The answer is the document's and the settings': nobody has to be known for it, and no backend is asked.
"""

from gateway.contract.compiled import CompiledOperation
from gateway.contract.table import PathItem
from gateway.errors import Kind, Refusal
from gateway.request.exchange import Answered, Page
from gateway.security.cors import VARY_PREFLIGHT, is_preflight, is_private


def answer_preflight(item: PathItem[CompiledOperation], lookup: dict[bytes, bytes]) -> None:
    """Raises Answered, or Refusal, for a preflight about a path whose API has CORS; other requests go on.

    What is not allowed is 403 without a field that allows. 204 would do for browsers; but a person who looks for the
    reason finds it in the answer, and an operator sees a refusal where there was one.
    """
    if not is_preflight(lookup) or not any(operation.cors for operation in item.operations.values()):
        return
    operation = item.operations.get(lookup[b"access-control-request-method"])
    if operation is None or operation.cors is None:
        raise _refused("Pages may use the methods that are documented for this path.")
    if objection := operation.cors.objection(lookup):
        raise _refused(objection)
    raise Answered(Page(204, operation.cors.preflight(lookup[b"origin"], item.allow, is_private(lookup)), b""))


def _refused(detail: str) -> Refusal:
    return Refusal(Kind.FORBIDDEN, detail, headers=(VARY_PREFLIGHT,), cause="origin")
