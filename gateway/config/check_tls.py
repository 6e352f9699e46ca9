"""Flaws of the settings of TLS and of the PROXY protocol. What is in the files is seen when they are used."""

from collections.abc import Iterator

from gateway.config import Settings

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint


def _clients(settings: Settings) -> Iterator[Flaw]:
    tls = settings.tls
    if tls.clients != "off" and not tls.certificates:
        hint = "clients show a certificate only where the gateway does; give it `certificates`"
        yield "/tls/clients", "tls.clients without tls.certificates has no effect", hint
    if tls.clients != "off" and not tls.ca:
        hint = "name the authorities whose certificates are accepted; the system's would let anybody in"
        yield "/tls/clients", f"tls.clients is {tls.clients}, but there is no tls.ca", hint
    if tls.ca and tls.clients == "off":
        yield "/tls/ca", "tls.ca has no effect: tls.clients is off", "set clients: optional, or required"


def _backends(settings: Settings) -> Iterator[Flaw]:
    for index, api in enumerate(settings.apis):
        tls, place = api.tls, f"/apis/{index}/tls"
        if any((tls.ca, tls.certificate, tls.key, tls.name)) and not api.upstream.lower().startswith("https:"):
            yield place, f"tls has no effect: the upstream {api.upstream} is not https", "begin its URL with https://"
        if bool(tls.certificate) != bool(tls.key):
            yield place, "a certificate and its key come together", "set both certificate and key, or neither"


def _proxies(settings: Settings) -> Iterator[Flaw]:
    if settings.proxy_protocol and not settings.trusted_proxies:
        hint = "list the networks of the load balancers; a header from anybody else would be believed otherwise"
        yield "/proxy-protocol", "proxy-protocol without trusted-proxies would refuse every connection", hint


TLS_CHECKS = (_clients, _backends, _proxies)
