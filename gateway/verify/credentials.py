"""What callers may bring to an operation with security, and what has to become of them.

The cases are made from the Security Requirement Objects alone, and so is the expected status: this is a second reading
of the specification, beside the one that serves.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

Requirements = Sequence[Mapping[str, frozenset[str]]]  # scheme to scopes, for each alternative
Offer = Mapping[str, str]  # scheme to the state of its credential; a scheme that is not there is not offered

GOOD = "good"
LACKING = "lacking a scope"  # good, but one of the scopes is missing
ANONYMOUS = "nothing"


def offers(requirements: Requirements, wrong: Callable[[str], Sequence[str]]) -> Iterator[Offer]:
    """Each alternative satisfied; with each of its credentials missing, lacking a scope, and wrong in each way that
    `wrong` names for the scheme; and nothing at all. Each case once."""
    seen: set[frozenset[tuple[str, str]]] = set()
    for offer in _offers(requirements, wrong):
        key = frozenset(offer.items())
        if key not in seen:
            seen.add(key)
            yield offer


def _offers(requirements: Requirements, wrong: Callable[[str], Sequence[str]]) -> Iterator[Offer]:
    yield {}
    for alternative in requirements:
        satisfied = dict.fromkeys(alternative, GOOD)
        yield satisfied
        for scheme, scopes in alternative.items():
            yield {other: GOOD for other in alternative if other != scheme}
            for state in [*([LACKING] if scopes else []), *wrong(scheme)]:
                yield {**satisfied, scheme: state}


def expected(requirements: Requirements, offer: Offer) -> int:
    """200, 401 or 403, by the specification: one alternative holds as a whole, `{}` lets callers without credentials
    in, and credentials that are offered where they are optional have to be good."""
    if not any(requirements):
        return 200
    outcomes = {_outcome(alternative, offer) for alternative in requirements if alternative}
    relevant = {scheme for alternative in requirements for scheme in alternative} & offer.keys()
    anonymous = {} in requirements
    if 200 in outcomes or (anonymous and (not relevant or 403 in outcomes)):
        return 200
    return 403 if 403 in outcomes else 401


def _outcome(alternative: Mapping[str, frozenset[str]], offer: Offer) -> int:
    states = {offer.get(scheme) for scheme in alternative}
    if not states <= {GOOD, LACKING}:
        return 401
    return 403 if any(scopes and offer[scheme] == LACKING for scheme, scopes in alternative.items()) else 200


def title(offer: Offer) -> str:
    """`key: good, token: expired`."""
    return ", ".join(f"{scheme}: {state}" for scheme, state in sorted(offer.items())) or ANONYMOUS
