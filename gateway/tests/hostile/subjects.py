"""Who is struck: the gateway and nginx, each as a process of its own in front of the same kind of origin."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from gateway.tests.processes import PATIENCE, Process

DOCUMENT = """
openapi: 3.1.0
info: {title: Hostile, version: "1"}
servers: [{url: http://backend.example/v1}]
paths:
  /things:
    get: {responses: &any {'200': {description: any, content: {application/json: {schema: {type: string}}}}}}
    post: {requestBody: {content: {application/octet-stream: {schema: {maxLength: 100000}}}}, responses: *any}
  /blobs:
    post: {requestBody: {content: {application/octet-stream: {}}}, responses: *any}
  /smuggled:
    get: {responses: *any}
  /replies/{number}:
    parameters: &number [{name: number, in: path, required: true, schema: {type: integer}}]
    get:
      x-gateway: {validate: {response: block}}
      responses: &all
        '200': {description: any, content: {application/json: {schema: {type: string}}}}
        '204': {description: none}
        '304': {description: none}
        4XX: {description: any}
        5XX: {description: any}
  /streams/{number}:
    parameters: *number
    get:
      responses: &bytes
        '200': {description: any, content: {application/octet-stream: {}}}
        '204': {description: none}
        '304': {description: none}
"""

# Short where a client that says nothing would hold up the run, long where a busy machine could be taken for one.
TIMEOUTS = "timeouts: {first-byte: 2s, head: 2s, body: 2s, read: 3s, total: 6s}\nvalidate: {unknown-query: allow}"

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 2000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_header_timeout 2s;
    client_body_timeout 2s;
    upstream origin {{ server 127.0.0.1:{origin}; keepalive 16; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_read_timeout 3s;
        }}
    }}
}}
"""


@contextmanager
def gateway(folder: Path, origin: int) -> Iterator[int]:
    """`gateway run` in front of the port `origin`; the port it listens on."""
    process = Process(folder, SimpleNamespace(port=origin), document=DOCUMENT, more=TIMEOUTS)
    try:
        yield urlsplit(process.url).port or 0
    finally:
        process.stop()


def find_nginx() -> str | None:
    """nginx, if it is installed."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


@contextmanager
def nginx(folder: Path, origin: int) -> Iterator[int]:
    """nginx as its manual configures a reverse proxy with keep-alive to the backend."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, origin=origin, port=port))
    process = subprocess.Popen([find_nginx() or "nginx", "-p", str(folder), "-c", str(configuration)])
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, "nginx does not start"
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()
