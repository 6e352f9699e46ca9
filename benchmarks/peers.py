"""Who is measured, and how each is configured: as fast as its manual allows, one worker, logs of peers off."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import yaml

from benchmarks import documents
from benchmarks.callers import with_key, with_token
from benchmarks.processes import free_port
from benchmarks.tools import Tools
from benchmarks.workloads import BROKEN_ID, BROKEN_RUN_JSON, DOCUMENT, RUN_JSON

NOTHING: frozenset[str] = frozenset()
REQUEST = frozenset({"request"})
BOTH = frozenset({"request", "response"})


@dataclass(frozen=True, slots=True)
class Place:
    """What a peer is given: a folder of its own, its ports, where the backend listens, and the tools."""

    folder: Path
    port: int
    admin_port: int
    backend_port: int
    tools: Tools

    def write(self, name: str, text: str) -> str:
        """Write a configuration file; returns its path."""
        path = self.folder / name
        path.write_text(text)
        return str(path)


@dataclass(frozen=True, slots=True)
class Launch:
    """How a peer is started; `ready` is a target that answers 200 once it serves.

    `headers` are what a good request brings along. `beside` are commands of what it needs besides the backend; they run
    where the load generator does, and what they use is not counted.
    """

    command: list[str]
    ready: str = "/v1/runs/42?units=metric"
    environment: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Peer:
    """One row of the table. `checks` says what it validates, and so what the parity check asks of it."""

    name: str
    does: str
    checks: frozenset[str]
    launch: Callable[[Place], Launch]
    ours: bool = False


NGINX_COMMON = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/json;
    client_max_body_size 4m;
    client_body_buffer_size 2m;
{servers}
}}
"""

BACKEND_SERVER = """
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /v1/runs {{ return 201 '{run}'; }}
        location = /v1/runs/{broken_id} {{ return 200 '{broken}'; }}
        location / {{ return 200 '{run}'; }}
    }}
"""

PROXY_SERVER = """
    upstream backend {{
        server 127.0.0.1:{backend_port};
        keepalive 64;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
"""


def _nginx(place: Place, servers: str) -> Launch:
    configuration = NGINX_COMMON.format(folder=place.folder, servers=servers)
    path = place.write("nginx.conf", configuration)
    return Launch([place.tools.nginx(), "-p", str(place.folder), "-c", path])


def backend(place: Place) -> Launch:
    """The backend of the table: nginx answering from its configuration, so that it is never the bottleneck."""
    servers = BACKEND_SERVER.format(
        port=place.port, run=RUN_JSON.decode(), broken=BROKEN_RUN_JSON.decode(), broken_id=BROKEN_ID
    )
    return _nginx(place, servers)


def nginx(place: Place) -> Launch:
    """nginx as a plain reverse proxy with keep-alive on both sides."""
    return _nginx(place, PROXY_SERVER.format(port=place.port, backend_port=place.backend_port))


def envoy(place: Place) -> Launch:
    """Envoy as a plain reverse proxy: one listener, one route, one cluster, one worker thread."""
    path = place.write("envoy.json", json.dumps(envoy_configuration(place.port, place.backend_port)))
    options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
    return Launch([place.tools.envoy(), "-c", path, *options])


def envoy_configuration(port: int, backend_port: int) -> dict[str, Any]:
    """Envoy's static bootstrap for `envoy`."""
    types = "type.googleapis.com/envoy.extensions.filters"
    everything = {"match": {"prefix": "/"}, "route": {"cluster": "backend"}}
    manager = {
        "@type": f"{types}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "codec_type": "HTTP1",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [everything]}]},
        "http_filters": [
            {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{types}.http.router.v3.Router"}}
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    endpoint = {"endpoint": {"address": _address(backend_port)}}
    cluster = {
        "name": "backend",
        "type": "STATIC",
        "load_assignment": {"cluster_name": "backend", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    listener = {"name": "front", "address": _address(port), "filter_chains": [chain]}
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def prism(place: Place) -> Launch:
    """Stoplight Prism as a validating proxy; `--errors` makes it refuse instead of only reporting."""
    path = place.write("prism.json", json.dumps(without_server_path(yaml.safe_load(DOCUMENT.read_text()))))
    backend = f"http://127.0.0.1:{place.backend_port}"
    where = ["--host", "127.0.0.1", "--port", str(place.port)]
    return Launch([place.tools.prism(), "proxy", path, backend, *where, "--errors", "--verboseLevel", "error"])


def without_server_path(document: dict[str, Any]) -> dict[str, Any]:
    """`document` with the path of its server moved into its paths: Prism's router leaves that path out."""
    server = urlsplit(document["servers"][0]["url"])
    paths = {server.path + template: item for template, item in document["paths"].items()}
    return {**document, "servers": [{"url": f"{server.scheme}://{server.netloc}"}], "paths": paths}


def connexion(place: Place) -> Launch:
    """Connexion on uvicorn: it validates the request and answers by itself; it is no proxy."""
    where = ["--host", "127.0.0.1", "--port", str(place.port)]
    application = [sys.executable, "-m", "uvicorn", "benchmarks.connexion_app:app"]
    return Launch([*application, *where, "--no-access-log", "--log-level", "error"])


def gateway(
    place: Place,
    contract: Path = DOCUMENT,
    backend_port: int = 0,
    api: Mapping[str, Any] = MappingProxyType({}),
    **settings: Any,
) -> Launch:
    """This gateway, one worker, with access log and metrics on; `settings` are merged into `gateway.yaml`, `api` into
    what it says of the API."""
    upstream = f"http://127.0.0.1:{backend_port or place.backend_port}"
    configuration = {
        "listen": f"127.0.0.1:{place.port}",
        "admin": f"127.0.0.1:{place.admin_port}",
        "workers": 1,
        "apis": [{"contract": str(contract), "upstream": upstream, **api}],
        "log": {"access": str(place.folder / "access.log")},
        **settings,
    }
    path = place.write("gateway.yaml", yaml.safe_dump(configuration))
    return Launch([sys.executable, "-m", "gateway", "run", "--config", path])


def gateway_checking(request: str, response: str) -> Callable[[Place], Launch]:
    """`gateway` with these validation modes."""
    return lambda place: gateway(place, validate={"request": request, "response": response})


RATE = 1_000_000  # units per second, more than any run uses up; one request of the parity check costs as many


def gateway_guarded(*guards: str) -> Callable[[Place], Launch]:
    """`gateway` checking both ways, with some of `token`, `key`, `memory` and `redis` (where a rate limit is counted)
    and `slots` (a concurrency limit)."""
    return lambda place: _guarded(place, guards)


def _guarded(place: Place, guards: tuple[str, ...]) -> Launch:
    schemes = tuple(name for name in ("token", "key") if name in guards)
    contract = documents.write_json(documents.guarded(schemes, RATE), place.folder / "guarded.json")
    settings: dict[str, Any] = {"validate": {"request": "block", "response": "block"}}
    api: dict[str, Any] = {}
    headers: dict[str, str] = {}
    beside: tuple[tuple[str, ...], ...] = ()
    for name, make in (("token", with_token), ("key", with_key)):
        if name in guards:
            known, brought = make(place.folder)
            settings |= known
            headers |= brought
    if "memory" in guards or "redis" in guards:
        settings["rate-limits"] = {"all": {"requests": RATE, "per": "1s", "by": "consumer" if schemes else "address"}}
        api["rate-limits"] = "all"
    if "redis" in guards:
        port = free_port()
        # Closed: were nothing counted there, nothing would be answered.
        url = place.write("redis.url", f"redis://127.0.0.1:{port}/0")
        settings["store"] = {"url": f"file:{url}", "on-failure": "closed", "timeout": "1s"}
        where = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(place.folder))
        beside = ((place.tools.redis(), *where, "--save", "", "--appendonly", "no"),)
    if "slots" in guards:
        api["concurrency"] = {"limit": 256, "queue": 256}
    command = gateway(place, contract, api=api, **settings).command
    return Launch(command, headers=headers, beside=beside)


OURS = Peer("gateway", "validates both, refuses both", BOTH, gateway_checking("block", "block"), ours=True)
WHOLE = Peer(
    "gateway-whole",
    "+ JWT, API key, rate limit in Redis, slots",
    BOTH | {"token", "key", "limit"},
    gateway_guarded("token", "key", "redis", "slots"),
    ours=True,
)

PEERS = (
    Peer("nginx", "proxies", NOTHING, nginx),
    Peer("envoy", "proxies", NOTHING, envoy),
    OURS,
    Peer(
        "gateway-observe", "validates both, reports answers", REQUEST, gateway_checking("block", "observe"), ours=True
    ),
    Peer("gateway-off", "routes, logs, validates nothing", NOTHING, gateway_checking("off", "off"), ours=True),
    Peer("gateway+jwt", "+ JWT (cached)", BOTH | {"token"}, gateway_guarded("token"), ours=True),
    Peer("gateway+key", "+ API key", BOTH | {"key"}, gateway_guarded("key"), ours=True),
    Peer("gateway+rate", "+ rate limit in shared memory", BOTH | {"limit"}, gateway_guarded("memory"), ours=True),
    Peer("gateway+redis", "+ rate limit in Redis", BOTH | {"limit"}, gateway_guarded("redis"), ours=True),
    WHOLE,
    Peer("connexion", "validates the request, answers itself", REQUEST, connexion),
    Peer("prism", "validates both, proxies", BOTH, prism),
)
