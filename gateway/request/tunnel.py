"""Switching protocols, where the document declares a response 101: who may, and passing the bytes on.

What is said in the other protocol is not judged. So it must not be HTTP again: by `h2c` a client could ask the backend
for anything, past every check.
"""

import asyncio

from gateway.errors import Kind, Refusal
from gateway.request.exchange import Exchange, Reply
from gateway.stream import Inbound
from gateway.upstream.lost import BackendLost
from gateway.upstream.switched import Switched
from gateway.wire.fields import protocols
from gateway.wire.message import Field

_NEVER = (b"h2", b"h3", b"http", b"tls")  # and their drafts: h2c, h2c-14


def offered(exchange: Exchange) -> bytes:
    """The `Upgrade` value to offer the backend; b"" when the request asks for nothing that it may have.

    Raises Refusal(MALFORMED_REQUEST) for a body, whose end the backend might see elsewhere.
    """
    upgrade = exchange.head.lookup.get(b"upgrade", b"")
    wanted = protocols(upgrade)
    if wanted and exchange.has_body:
        raise Refusal(Kind.MALFORMED_REQUEST, "A request that asks for another protocol must not have a body.")
    if exchange.tunnel is None:
        return b""
    fine = [name for name in wanted if not name.startswith(_NEVER)]
    return upgrade if fine == wanted else b", ".join(fine)


async def tunnel(exchange: Exchange, reply: Reply, fields: list[Field], idle: float) -> None:
    """Pass bytes on in both directions until both ends are silent for good, or for `idle` seconds. Raises BackendLost
    and ClientGone."""
    client, connection = exchange.tunnel, reply.connection
    assert client is not None
    backend = connection.tunnel(idle)
    upload = exchange.upload = asyncio.get_running_loop().create_task(_upstream(client.inbound, backend))
    backend.on_lost = upload.cancel
    exchange.begun = True
    exchange.status = reply.head.status
    client.switch(reply.head.reason, fields)
    try:
        while data := await reply.body.piece():
            exchange.bytes_out += len(data)
            await exchange.client.write(data)
    except BackendLost as lost:
        if lost.kind != "timeout":
            raise
        exchange.error = "tunnel-idle"
        return
    client.write_eof()
    if connection.open:
        await asyncio.wait((upload,))


async def _upstream(inbound: Inbound, backend: Switched) -> None:
    try:
        while data := await inbound.piece():
            await backend.write(data)
        backend.write_eof()
    except BackendLost:
        pass  # whoever reads from it learns of it too
