"""Request heads whose fields have to agree with each other."""

import pytest

from gateway.errors import Kind, Refusal
from gateway.wire.framing import reply_flaw, request_head
from gateway.wire.message import Field, RequestHead, lookup_of

HOST: Field = (b"Host", b"api.example")


def judged(*fields: Field, target: bytes = b"/a?b", version: str = "1.1") -> RequestHead:
    """A GET with these fields."""
    return request_head(b"GET", target, version, list(fields), lookup_of(list(fields)), "192.0.2.1")


def test_a_good_head_keeps_its_fields() -> None:
    """Order, case and duplicates as they came; the target in its two parts."""
    fields = [HOST, (b"X-A", b"1"), (b"x-a", b"2"), (b"Cookie", b"a=1"), (b"cookie", b"b=2")]
    head = judged(*fields)
    assert head.fields == fields
    assert (head.path, head.query, head.peer) == (b"/a", b"b", "192.0.2.1")
    assert (head.lookup[b"x-a"], head.lookup[b"cookie"]) == (b"1, 2", b"a=1; b=2")


def test_fields_that_connection_names_are_not_found() -> None:
    """They go no further, so nobody may count on them; framing and credentials cannot be named away."""
    named = b"X-A, content-length, authorization, host, connection, expect"
    fields = [HOST, (b"Connection", named), (b"X-A", b"1"), (b"Content-Length", b"2"), (b"Authorization", b"a")]
    head = judged(*fields, (b"Expect", b"100-continue"))
    assert sorted(head.lookup) == [b"authorization", b"connection", b"content-length", b"expect", b"host"]


@pytest.mark.parametrize("host", [b"a", b"a.b:80", b"127.0.0.1", b"[::1]:8080", b"a:", b"xn--mnchen-3ya.example"])
def test_hosts_with_an_optional_port_pass(host: bytes) -> None:
    """RFC 9110 section 7.2."""
    assert judged((b"Host", host)).lookup[b"host"] == host


@pytest.mark.parametrize(
    "host", [b"", b"a b", b"u@a", b"a/b", b"a:b", b"a:123456", b"[::1", b"a?b", b"a\n", b"a%2Db", b"a,b"]
)
def test_other_hosts_are_refused(host: bytes) -> None:
    """Each could be read as another host by somebody behind the gateway."""
    with pytest.raises(Refusal) as caught:
        judged((b"Host", host))
    assert caught.value.kind is Kind.MALFORMED_REQUEST


def test_host_is_needed_in_http_11_only() -> None:
    """RFC 9112 section 3.2; HTTP/1.0 did not know it."""
    assert judged(version="1.0").lookup == {}
    with pytest.raises(Refusal):
        judged()
    with pytest.raises(Refusal):
        judged(target=b"http://api.example/", version="1.0")


def test_an_absolute_target_names_the_same_host() -> None:
    """Otherwise routing and backend would believe different ones; letter case does not matter."""
    assert judged(HOST, target=b"http://API.example/x").path == b"/x"
    with pytest.raises(Refusal) as caught:
        judged(HOST, target=b"http://other.example/x")
    assert caught.value.kind is Kind.MALFORMED_REQUEST


@pytest.mark.parametrize(
    "name", [b"host", b"content-length", b"transfer-encoding", b"content-type", b"authorization", b"expect"]
)
def test_fields_that_decide_something_come_once(name: bytes) -> None:
    """Each copy could be the one that somebody believes, even when both are equal."""
    fields = [HOST, (name.title(), b"chunked"), (name, b"chunked")]
    with pytest.raises(Refusal) as caught:
        judged(*fields)
    assert caught.value.kind is Kind.MALFORMED_REQUEST


@pytest.mark.parametrize(
    ("fields", "version", "kind"),
    [
        ([(b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"1")], "1.1", Kind.MALFORMED_REQUEST),
        ([(b"Transfer-Encoding", b"chunked")], "1.0", Kind.MALFORMED_REQUEST),
        ([(b"Transfer-Encoding", b"gzip, chunked")], "1.1", Kind.NOT_IMPLEMENTED),
        ([(b"Transfer-Encoding", b"identity")], "1.1", Kind.NOT_IMPLEMENTED),
        ([(b"Transfer-Encoding", b"")], "1.1", Kind.NOT_IMPLEMENTED),
        ([], "2.0", Kind.VERSION_NOT_SUPPORTED),
        ([], "0.9", Kind.VERSION_NOT_SUPPORTED),
    ],
)
def test_codings_and_versions_that_are_not_understood(fields: list[Field], version: str, kind: Kind) -> None:
    """Ambiguous is malformed; clear but not offered has its own refusal."""
    with pytest.raises(Refusal) as caught:
        judged(HOST, *fields, version=version)
    assert caught.value.kind is kind


def test_chunked_in_any_case_is_understood() -> None:
    """Names of codings have no case."""
    assert judged(HOST, (b"Transfer-Encoding", b" Chunked ")).lookup[b"transfer-encoding"]


@pytest.mark.parametrize("length", [b"1000000000000000", b"9223372036854775808"])
def test_a_length_that_others_could_not_count_to_is_refused(length: bytes) -> None:
    """A backend whose number overflows would find another end of the body."""
    with pytest.raises(Refusal) as caught:
        judged(HOST, (b"Content-Length", length))
    assert caught.value.kind is Kind.CONTENT_TOO_LARGE


@pytest.mark.parametrize(
    ("version", "field", "flaw"),
    [
        ("1.1", (b"Content-Length", b"5"), ""),
        ("1.0", (b"Content-Length", b"5"), ""),
        ("1.1", (b"Transfer-Encoding", b" Chunked"), ""),
        ("1.1", (b"Transfer-Encoding", b"gzip, chunked"), "uses a transfer coding other than chunked"),
        ("1.0", (b"Transfer-Encoding", b"chunked"), "uses a transfer coding in HTTP/1.0"),
        ("2.0", (b"Content-Length", b"5"), "is of another version of HTTP"),
        ("1.1", (b"Content-Length", b"0" * 16), "has a length that no body has"),
    ],
)
def test_replies_whose_framing_cannot_be_trusted(version: str, field: Field, flaw: str) -> None:
    """RFC 9112 section 6.1."""
    assert reply_flaw(200, version, lookup_of([field])) == flaw


@pytest.mark.parametrize(("status", "trusted"), [(99, False), (100, True), (599, True), (600, False), (1000, False)])
def test_statuses_that_mean_nothing_are_not_trusted(status: int, trusted: bool) -> None:
    """RFC 9110 section 15."""
    assert (reply_flaw(status, "1.1", {}) == "") == trusted
