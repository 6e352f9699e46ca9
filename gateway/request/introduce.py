"""What the backend is told of the caller, when everything else is decided."""

from gateway.errors import Kind, Refusal
from gateway.request.exchange import Exchange
from gateway.security.introduction import Introduction
from gateway.security.token_endpoint import Refused
from gateway.security.token_source import NoToken


async def introduce(introduction: Introduction, exchange: Exchange) -> None:
    """Add to `Exchange.outgoing`. Raises Refusal: FORBIDDEN when the caller's token is not exchanged, and OVERLOADED
    while there is no token for the backend."""
    try:
        exchange.outgoing += tuple(await introduction.fields(exchange.head, exchange.principal))
    except Refused as refused:
        raise Refusal(
            Kind.FORBIDDEN,
            "The access token cannot be exchanged for one that the backend accepts.",
            reason=f"the token endpoint refuses with {refused}",
            cause="credentials-invalid",
        ) from None
    except NoToken as missing:
        raise Refusal(
            Kind.OVERLOADED,
            "There is no access to the backend at the moment. Try again later.",
            headers=((b"Retry-After", b"%d" % missing.wait),),
            reason=str(missing),
        ) from None
