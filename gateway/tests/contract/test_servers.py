"""Which path a server stands for."""

from typing import Any

import pytest

from gateway.contract.normalise import normalise
from gateway.contract.servers import mount_of, path_of, prefix_of
from gateway.tests.contract.sources import openapi, source_of

GET = {"get": {"responses": {}}}


@pytest.mark.parametrize(
    ("servers", "path"),
    [
        ([], ""),
        ([{"url": "/"}], ""),
        ([{"url": "/v1"}], "/v1"),
        ([{"url": "/v1/"}], "/v1"),
        ([{"url": "v1"}], "/v1"),
        ([{"url": "./v1"}], "/v1"),
        ([{"url": "../v1"}], "/v1"),
        ([{"url": "https://a.example"}], ""),
        ([{"url": "https://a.example/v1/x?y#z"}, {"url": "/other"}], "/v1/x"),
        ([{"url": "https://{host}/{base}/x", "variables": {"base": {"default": "v2"}}}], "/v2/x"),
        ([{"url": "https://a.example/{base}", "variables": {"base": {"default": ""}}}], ""),
        ([{"url": "/v{n}", "variables": {"n": {"default": 2, "enum": ["2", "3"]}}}], "/v2"),
        ([{"url": "{scheme}://a.example/v1", "variables": {"scheme": {"default": "https"}}}], "/v1"),
        ([{"url": "http://[::1/v1"}], ""),
    ],
)
def test_the_path_of_the_first_server(servers: list[Any], path: str) -> None:
    """Variables take their defaults; host, query and trailing slashes do not matter."""
    assert normalise(source_of(openapi(servers=servers)), "test").server_path == path


@pytest.mark.parametrize(("url", "path"), [("", ""), ("/", ""), ("//a.example/x/", "/x"), ("/a/b", "/a/b")])
def test_paths_of_urls(url: str, path: str) -> None:
    """Empty, or starting with a slash and not ending in one."""
    assert path_of(url) == path


@pytest.mark.parametrize(
    ("version", "own", "url", "path"),
    [
        ("3.2.0", "https://a.example/apis/things/openapi.yaml", "v1", "/apis/things/v1"),
        ("3.2.0", "https://a.example/apis/things/openapi.yaml", "../v1", "/apis/v1"),
        ("3.2.0", "https://a.example/apis/things/openapi.yaml", "/v1", "/v1"),
        ("3.2.0", "/apis/openapi.yaml", "./v1", "/apis/v1"),
        ("3.1.0", "https://a.example/apis/things/openapi.yaml", "v1", "/v1"),
    ],
)
def test_relative_urls(version: str, own: str, url: str, path: str) -> None:
    """They are relative to the document's `$self`, which means nothing before 3.2."""
    document = openapi(version, servers=[{"url": url}], **{"$self": own})
    assert normalise(source_of(document), "test").server_path == path


@pytest.mark.parametrize(
    ("root", "item", "own", "path"),
    [
        ("/root", None, None, "/root"),
        ("/root", "/item", None, "/item"),
        ("/root", "/item", "/own", "/own"),
        ("/root", None, "/own", "/own"),
        (None, None, "https://other.example/", ""),
        ("/root", None, "https://other.example/", ""),
    ],
)
def test_the_nearest_level_wins(root: str | None, item: str | None, own: str | None, path: str) -> None:
    """Operation, then path item, then document; an empty list says nothing."""

    def servers(url: str | None) -> dict[str, Any]:
        return {"servers": [] if url is None else [{"url": url}]}

    paths = {"/a": {"get": {"responses": {}, **servers(own)}, **servers(item)}}
    [operation] = normalise(source_of(openapi(paths=paths, **servers(root))), "test").operations
    assert operation.server_path == path


def test_a_path_item_elsewhere_brings_its_servers() -> None:
    """What stands beside the `$ref` is nearer than what it leads to."""
    other = {"item": {"servers": [{"url": "/there"}], **GET}}
    for beside, path in (({}, "/there"), ({"servers": [{"url": "/here"}]}, "/here")):
        document = openapi("3.1.0", paths={"/a": {"$ref": "other.yaml#/item", **beside}}, servers=[{"url": "/root"}])
        [operation] = normalise(source_of(document, other_yaml=other), "test").operations
        assert operation.server_path == path


@pytest.mark.parametrize(
    ("path", "upstream", "mount", "prefix"),
    [
        (None, "http://h", "/own", "/own"),
        ("/public/", "http://h/", "/public", "/own"),
        ("/", "http://h/base/", "", "/base"),
        (None, "http://h/bäse", "/own", "/b%C3%A4se"),
        (None, "http://h/a%20b", "/own", "/a%20b"),
    ],
)
def test_mount_and_prefix(path: str | None, upstream: str, mount: str, prefix: str) -> None:
    """What gateway.yaml says wins; a prefix is sent as it is, so it has to be in ASCII."""
    paths = {"/a": {"get": {"responses": {}, "servers": [{"url": "/own"}]}}}
    [operation] = normalise(source_of(openapi(paths=paths)), "test").operations
    assert (mount_of(operation, path), prefix_of(operation, upstream)) == (mount, prefix)
