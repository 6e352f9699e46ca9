"""`x-gateway.owner` becomes what a request is compared with."""

import pytest

from gateway.contract.model import Behaviour, Location, Operation, Owner, Parameter
from gateway.contract.ownership import owned
from gateway.security.ownership import Owned

WHERE = Location("a.yaml", 1, 1, "")


def operation(owner: Owner | None, *parameters: tuple[str, str], template: str = "/runs") -> Operation:
    given = tuple(
        Parameter(name, place, True, None, "simple", False, "", False, False, WHERE) for name, place in parameters
    )
    behaviour = Behaviour(owner=owner)
    return Operation("GET", template, "", None, False, given, None, (), (), behaviour, WHERE)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (operation(None, ("user_id", "path")), None),
        (
            operation(Owner("b", "sub", "staff"), ("a", "path"), ("b", "path"), template="/{a}/x.{b}/y"),
            Owned("path", b"b", 1, "sub", "staff"),
        ),
        (operation(Owner("user", "id"), ("user", "query")), Owned("query", b"user", 0, "id", "")),
        (operation(Owner("X-User", "id"), ("x-USER", "header")), Owned("header", b"x-user", 0, "id", "")),
    ],
)
def test_where_the_name_of_the_owner_stands(made: Operation, expected: Owned | None) -> None:
    """In the path by its position; a header field by its name in lower case."""
    assert owned(made) == expected


def test_a_parameter_that_is_not_there_opens_nothing() -> None:
    """The rules find it first; were they to miss it, nothing would be served."""
    with pytest.raises(LookupError):
        owned(operation(Owner("user", "id"), ("user", "cookie")))
