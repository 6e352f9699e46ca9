"""The rules of RFC 6749 for one grant, as pure functions over what was sent."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from backends.tokendealer.clients import Client

Form = Mapping[str, str]


class OAuthError(Exception):
    """An error answer of RFC 6749 section 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description

    @property
    def status(self) -> int:
        """401 when the client could not be authenticated, else 400."""
        return 401 if self.error == "invalid_client" else 400


def parse_form(body: bytes) -> Form:
    """The fields of a form; those without a value are absent, none may come twice (RFC 6749 section 3.2)."""
    try:
        fields = parse_qsl(body.decode("ascii"), encoding="utf-8", errors="strict", max_num_fields=50)
    except ValueError:
        raise OAuthError("invalid_request", "The body is not a form in UTF-8.") from None
    form = dict(fields)
    if len(form) != len(fields):
        raise OAuthError("invalid_request", "A field comes more than once.")
    return form


def credentials(authorization: str, form: Form) -> tuple[str, str]:
    """Client id and secret, from the header or from the form (RFC 6749 section 2.3.1). Raises OAuthError."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() == "basic":
        id, secret = decode_basic(encoded.strip())
        if "client_secret" in form or form.get("client_id", id) != id:
            raise OAuthError("invalid_request", "The client authenticates in more than one way.")
        return id, secret
    if "client_id" in form and "client_secret" in form:
        return form["client_id"], form["client_secret"]
    raise OAuthError("invalid_client", "Client authentication is missing.")


def decode_basic(encoded: str) -> tuple[str, str]:
    """Id and secret, each form-urlencoded before they were joined. Raises OAuthError."""
    try:
        id, colon, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        id = colon = secret = ""
    if not colon:
        raise OAuthError("invalid_client", "Client authentication failed.")
    return unquote_plus(id), unquote_plus(secret)


def require_grant(form: Form) -> None:
    """Raise OAuthError unless the client asks for the one grant there is."""
    grant = form.get("grant_type")
    if grant is None:
        raise OAuthError("invalid_request", "The field grant_type is missing.")
    if grant != "client_credentials":
        raise OAuthError("unsupported_grant_type", "Only client_credentials is granted.")


def grant_scope(form: Form, client: Client) -> str:
    """The scopes granted, separated by spaces; all of the client's when it names none. Raises OAuthError."""
    wanted = form["scope"].split(" ") if "scope" in form else client.scopes
    if not set(wanted) <= set(client.scopes):
        raise OAuthError("invalid_scope", "This client may not have every scope that it asks for.")
    return " ".join(dict.fromkeys(wanted))


def grant_audience(form: Form, client: Client) -> str:
    """Whom the token is for. Raises OAuthError (`invalid_target`, RFC 8707 section 2)."""
    audience = form.get("audience", client.audiences[0])
    if audience not in client.audiences:
        raise OAuthError("invalid_target", "This client may not have tokens for that audience.")
    return audience
