"""What the backend of an API is given in place of, and beside, the caller's own credentials."""

import secrets
import time
from dataclasses import dataclass

from gateway.config import Credentials, Identity
from gateway.security import web
from gateway.security.client_token import ClientToken
from gateway.security.identity import Signer, SigningKey
from gateway.security.principal import Principal
from gateway.security.token_endpoint import Endpoint
from gateway.security.token_exchange import TokenExchange
from gateway.security.token_source import TokenSource
from gateway.wire.message import Field, RequestHead


@dataclass(frozen=True, slots=True)
class Introduction:
    """Made at load, one for all operations of an API. At most one of `client` and `exchange` is there."""

    client: ClientToken | None = None
    exchange: TokenExchange | None = None
    signer: Signer | None = None
    header: bytes = b""  # of the signer's token

    async def fields(self, head: RequestHead, principal: Principal | None) -> list[Field]:
        """Header fields for the backend. Nothing is said of an anonymous caller. Raises Refused and NoToken."""
        found: list[Field] = []
        if self.client is not None:
            found.append((b"Authorization", b"Bearer " + await self.client.token()))
        elif self.exchange is not None and principal is not None:
            subject = head.lookup[b"authorization"].partition(b" ")[2].strip(b" ")
            found.append((b"Authorization", b"Bearer " + await self.exchange.token(subject, principal.expires)))
        if self.signer is not None and principal is not None:
            found.append((self.header, self.signer.tell(principal)))
        return found


def introduction(
    api: str, credentials: Credentials, secret: str, identity: Identity, key: SigningKey | None
) -> Introduction | None:
    """What the settings ask for, on real clocks; None when that is nothing. `secret` is that of the client."""
    client, exchange = None, None
    if credentials.mode in ("client", "exchange"):
        web.ready()
        place = Endpoint(credentials.token_url, credentials.client_id, secret, credentials.timeout)
        source = TokenSource(f"API {api}", place)
        asked = (source, credentials.audience, credentials.scope, credentials.leeway, time.monotonic)
        client = ClientToken(*asked) if credentials.mode == "client" else None
        exchange = TokenExchange(*asked) if credentials.mode == "exchange" else None
    signer = None
    if credentials.identity and key is not None:
        signer = Signer(key, identity.issuer, api, identity.lifetime, time.time, lambda: secrets.token_hex(16))
    if client is None and exchange is None and signer is None:
        return None
    return Introduction(client, exchange, signer, identity.header.encode("ascii"))
