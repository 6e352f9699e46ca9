"""Is it the caller's own? Asked once it is known who calls, before limits, the body and the backend."""

from gateway.errors import Kind, Refusal
from gateway.request.exchange import Exchange, Match
from gateway.security.ownership import Owned


def own(owned: Owned, match: Match, exchange: Exchange) -> None:
    """Raises Refusal(FORBIDDEN) for another's object. The answer is the same whether there is such an object."""
    if not owned.allows(exchange.principal, match.values, exchange.head):
        name = owned.name.decode("utf-8", "replace")
        raise Refusal(
            Kind.FORBIDDEN,
            f"The {owned.place} parameter {name} has to name the caller, exactly once.",
            reason=f"not the owner: {owned.place} parameter {name} is not the claim {owned.claim}",
            cause="owner",
        )
