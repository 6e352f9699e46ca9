"""Flaws of the settings about the gateway's own origins."""

from collections.abc import Iterator

from gateway.config import Settings
from gateway.config.origin import ANY, NULL, parse_origin

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint


def _public_origins(settings: Settings) -> Iterator[Flaw]:
    for index, text in enumerate(settings.public_origins):
        hint = "write https://HOST or https://HOST:PORT, by which clients call the gateway"
        try:
            origin = parse_origin(text)
        except ValueError as error:
            yield f"/public-origins/{index}", str(error), hint
            continue
        if origin.subdomains or text in (ANY, NULL) or not origin.text.startswith(("http://", "https://")):
            yield f"/public-origins/{index}", f'"{text}" is not one origin of the web', hint


ORIGINS = (_public_origins,)
