"""Where references lead and whether they may."""

from pathlib import Path

import pytest

from gateway.config import References
from gateway.contract.references import ReferenceFlaw, Resolver, absolute, is_remote, permit

ROOT = "/contracts/api.yaml"


@pytest.mark.parametrize(
    ("base", "ref", "uri"),
    [
        (ROOT, "#/a", ROOT),
        (ROOT, "", ROOT),
        (ROOT, "common.yaml#/a", "/contracts/common.yaml"),
        (ROOT, "./parts/../common.yaml", "/contracts/common.yaml"),
        (ROOT, "a%20b.yaml", "/contracts/a b.yaml"),
        ("/contracts/parts/a.yaml", "../b.yaml#/x", "/contracts/b.yaml"),
        (ROOT, "https://a.example/x.yaml#/y", "https://a.example/x.yaml"),
        ("https://a.example/v1/x.yaml", "../y.yaml#/z", "https://a.example/y.yaml"),
        ("https://a.example/v1/x.yaml", "#/z", "https://a.example/v1/x.yaml"),
    ],
)
def test_relative_references(base: str, ref: str, uri: str) -> None:
    """RFC 3986 section 5, with plain paths for files."""
    assert absolute(base, ref) == uri
    assert is_remote(uri) == uri.startswith("https:")


@pytest.mark.parametrize(
    "ref", ["file:///etc/passwd", "FILE:x", "ftp://a.example/x", "data:,x", "a%00b", "http://[::1/x"]
)
def test_what_is_no_file(ref: str) -> None:
    """Other schemes and broken URLs are flaws, never opened."""
    with pytest.raises(ReferenceFlaw):
        permit(absolute(ROOT, ref), ref, ROOT, References(outside=True, remote=("http",)))


@pytest.mark.parametrize(
    ("prefix", "url", "allowed"),
    [
        ("https://a.example/", "https://a.example/x.yaml", True),
        ("https://a.example/specs", "https://a.example/specs/x.yaml", True),
        ("https://a.example/specs", "https://a.example/specs", True),
        ("https://a.example", "https://a.example.evil.org/x", False),
        ("https://a.example", "https://a.example@evil.org/x", False),
        ("https://a.example/", "https://a.example/%2e%2e/x", False),
        ("https://a.example/", "https://a.example/\\..\\x", False),
        ("https://a.example/specs", "https://a.example/specs-secret/x", False),
        ("https://a.example/", "http://a.example/x.yaml", False),
    ],
)
def test_remote_files_need_an_allowed_prefix(prefix: str, url: str, allowed: bool) -> None:
    """A prefix ends at a border; nothing that another reader could take for another host passes."""
    settings = References(remote=(prefix,))
    if allowed:
        permit(url, url, ROOT, settings)
    else:
        with pytest.raises(ReferenceFlaw, match="network"):
            permit(url, url, ROOT, settings)


def test_files_stay_below_the_folder_of_the_root(tmp_path: Path) -> None:
    """Neither dots nor absolute paths nor symbolic links lead out, unless that is allowed."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "secret.yaml").write_text("a: 1")
    (tmp_path / "specs/link.yaml").symlink_to(tmp_path / "secret.yaml")
    (tmp_path / "specs/inner.yaml").symlink_to("other.yaml")
    root = str(tmp_path / "specs/api.yaml")
    permit(str(tmp_path / "specs/inner.yaml"), "inner.yaml", root, References())
    for target in (tmp_path / "secret.yaml", tmp_path / "specs/link.yaml", Path("/etc/passwd"), tmp_path / "specs-b/x"):
        with pytest.raises(ReferenceFlaw, match="leads out"):
            permit(str(target), "x", root, References())
        permit(str(target), "x", root, References(outside=True))


def test_a_linked_folder_is_its_own_home(tmp_path: Path) -> None:
    """Documents mounted through a symbolic link may refer to each other."""
    (tmp_path / "real").mkdir()
    (tmp_path / "specs").symlink_to("real")
    permit(str(tmp_path / "specs/b.yaml"), "b.yaml", str(tmp_path / "specs/a.yaml"), References())


DOCUMENT = {"a/b": {"c~d": [10, {"$anchor": "here", "n": 1}]}, "e f": 2, "%": 3}


@pytest.mark.parametrize(
    ("ref", "pointer", "node"),
    [
        ("#/a~1b/c~0d/0", "/a~1b/c~0d/0", 10),
        ("#/a~1b/c%7E0d/0", "/a~1b/c~0d/0", 10),
        ("#/e%20f", "/e f", 2),
        ("#/e f", "/e f", 2),
        ("#/%25", "/%", 3),
        ("#here", "/a~1b/c~0d/1", {"$anchor": "here", "n": 1}),
        ("#", "", DOCUMENT),
        ("api.yaml", "", DOCUMENT),
    ],
)
def test_fragments(ref: str, pointer: str, node: object) -> None:
    """Percent-encoding is undone before the escapes of the pointer; anchors are found."""
    assert Resolver.over({ROOT: DOCUMENT}, "3.1").resolve(ROOT, "", ref) == (ROOT, pointer, node)


@pytest.mark.parametrize("ref", ["#/nope", "#/a~1b/c~0d/2", "#/a~1b/c~0d/-", "#nowhere", "#/e f/x", "other.yaml#/a"])
def test_dangling_fragments(ref: str) -> None:
    """What leads to nothing is a flaw with its own rule."""
    with pytest.raises(ReferenceFlaw) as caught:
        Resolver.over({ROOT: DOCUMENT}, "3.1").resolve(ROOT, "", ref)
    assert caught.value.rule == "reference-dangling"
