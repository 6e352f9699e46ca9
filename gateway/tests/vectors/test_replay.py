"""Other projects' cases through a running gateway: where we disagree, we say why."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.tests.vectors.replay import Vector, replay, request, table
from gateway.tests.vectors.sources import apisix, prism

PASSED_ON = "digest credentials cannot be verified: such an operation is not served, unless `pass` lets them through"
VERIFIED = "a token is verified, not merely present: `abc123` is no JSON Web Token (RFC 6750 section 3.1)"
BASIC = "security/security-scheme-validation-AC-"
PRISM = {
    f"{BASIC}22.": PASSED_ON,
    f"{BASIC}12.": "the cookie that its title speaks of is an option of the tool that sends it, and not in the data",
    f"{BASIC}26.": "a token and a password at once, where a request has one Authorization field: no request could ever "
    "be let in; refused when the document is loaded (security-two-tokens)",
    **{f"{BASIC}{number}": VERIFIED for number in ("9.", "10.", "11.")},
    "head-requests/head_requests-AC-2.": "HEAD is answered by GET (RFC 9110 section 9.1: both are always supported)",
    "routing/support-encoded-path.oas3.txt": "the template holds a percent sign that escapes nothing (RFC 3986 "
    "section 2.1), so that no request could match it; refused when the document is loaded",
    "validate-body-params/enforce-content-type-if-body-included.oas3_1.txt": "no body at all is documented, so no "
    "other media type would help: 400, not 415 (RFC 9110 section 15.5.16)",
    "validate-body-params/multipart-form-data-allow-reserved-fail.oas3.txt": "allowReserved is ignored for "
    "multipart/form-data (3.0.4, Encoding Object); nothing is percent-encoded there",
    "validate-body-params/x-www-urlencoded-fail.oas2.txt": "a field without value that the document does not name; "
    "2.0 does not close forms (schemas without additionalProperties: false are open)",
    "validate-path-params/missing-path-param.oas3.txt": "an empty segment is no value of a path parameter, so it "
    "is another path: 404",
    "validate-path-params/path-param-with-": "`description` stands as a media type in `content`: the document breaks "
    "its specification where responses are judged; refused when it is loaded",
    "validate-query-params/query-param-upper-case.oas2.txt": "a query parameter that the document does not name is "
    "refused by default (`unknown-query`); names are case-sensitive (2.0, Parameter Object)",
}
APISIX = {
    "oas-validator2: [LIMITATION] contentMediaType": "contentMediaType is enforced where the document says it; the "
    "case itself calls its expectation a limitation",
}


@pytest.mark.parametrize(
    ("source", "reasons", "secured"), [(prism, PRISM, True), (apisix, APISIX, False)], ids=["prism", "apisix"]
)
def test_cases_of_others_are_answered_alike_or_there_is_a_reason(
    source: Callable[[], Iterator[Vector]],
    reasons: dict[str, str],
    secured: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every disagreement has its reason, and every reason its disagreement."""
    answers = replay(list(source()), tmp_path, secured)
    known = {
        vector.title: next((reason for start, reason in reasons.items() if vector.title.startswith(start)), "")
        for vector, got in answers
        if got != vector.expected
    }
    with capsys.disabled():
        print(f"\n{source.__name__}: {table(answers, known)}")
    assert [title for title, reason in known.items() if not reason] == []
    assert [start for start in reasons if not any(title.startswith(start) for title in known)] == []


def test_a_disagreement_is_seen(tmp_path: Path) -> None:
    """A case that expects what the document does not say."""
    document = (
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {'200': {description: d}}}}}"
    )
    vectors = [Vector("good", document, request("GET", "/a", [], None), "passed")]
    vectors.append(Vector("bad", document, request("GET", "/b", [], None), "passed"))
    vectors.append(Vector("unreadable", "openapi: 4.0.0", request("GET", "/b", [], None), "refused"))
    assert [got for _, got in replay(vectors, tmp_path, False)] == ["passed", "not found", "refused"]
