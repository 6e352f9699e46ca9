"""Rules about paths and operations, beyond what their examples show."""

import pytest

from gateway.contract.findings import Severity
from gateway.contract.rules import paths
from gateway.contract.rules.documents import document, operation
from gateway.tests.contract.rules.reading import found


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("/a", ""),
        ("/", ""),
        ("/a/{b}", ""),
        ("/files/{name}.{ext}", ""),
        ("/test/{id}:clone", ""),
        ("/a%20b", ""),
        ("/a//b", ""),
        ("/a/", ""),
        ("a", "slash"),
        ("/a/{b", "pair"),
        ("/a/b}", "pair"),
        ("/a/{{b}}", "pair"),
        ("/a/{}", "name"),
        ("/a/{b/c}", "slash"),
        ("/{a}/{a}", "twice"),
        ("/{a}{b}", "touch"),
        ("/a?b={c}", "?"),
        ("/a#b", "#"),
        ("/a%2", "percent"),
        ("/a%zz", "percent"),
        ("/a/../b", "dot"),
        ("/./b", "dot"),
    ],
)
def test_templates_that_cannot_be_routed_say_why(template: str, word: str) -> None:
    """A good template has no fault; a bad one names its fault."""
    fault = paths.template_fault(template)
    assert word in fault
    assert bool(fault) == bool(word)


def path_parameters(*names: str) -> str:
    return ", ".join(f"{{name: {name}, in: path, required: true, schema: {{type: string}}}}" for name in names)


def pair(first: str, second: str) -> str:
    """Two paths, each with parameters for its variables."""
    return document(
        operation(path=first, parameters=path_parameters(*paths.variables(first))),
        operation(path=second, name="other", method="post", parameters=path_parameters(*paths.variables(second))),
    )


@pytest.mark.parametrize(
    ("first", "second", "ambiguous"),
    [
        ("/a/{x}", "/a/{y}", True),
        ("/a/{x}.{e}", "/a/{y}.{f}", True),
        ("/a%62", "/ab", True),
        ("/a/{x}", "/a/b", False),
        ("/a/{x}", "/a/{x}/b", False),
        ("/a/{x}.{e}", "/a/{x}-{e}", False),
        ("/a/{x}", "/a/{y}:clone", False),
        ("/a", "/a/", False),
    ],
)
def test_only_templates_of_one_shape_are_ambiguous(first: str, second: str, ambiguous: bool) -> None:
    """Names do not tell templates apart, literals do, and methods do not matter."""
    findings = [finding for finding in found(pair(first, second)) if finding.rule == "template-ambiguous"]
    assert bool(findings) == ambiguous
    for finding in findings:
        assert first in finding.message and second in finding.message and "line 4" in finding.message


def test_ambiguity_is_found_once_per_template_among_a_thousand() -> None:
    """A thousand paths, of which one repeats another, give one finding."""
    templates = [f"/a{n}/{{id}}" for n in range(1000)] + ["/a500/{other}"]
    ops = [
        operation(path=t, name=f"op{n}", parameters=path_parameters(paths.variables(t)[0]))
        for n, t in enumerate(templates)
    ]
    findings = found(document(*ops))
    assert [(finding.rule, finding.severity) for finding in findings] == [("template-ambiguous", Severity.ERROR)]


def test_duplicate_operation_ids_name_the_first_place() -> None:
    """Every repetition is reported where it stands, with the line of the first use."""
    text = document(*(operation(path=f"/a{n}") for n in range(3)))
    findings = [finding for finding in found(text) if finding.rule == "operation-id-duplicate"]
    assert [finding.where.line for finding in findings] == [11, 16]
    assert all("line 6" in finding.message for finding in findings)


def test_parameters_of_the_path_item_count_for_its_operations() -> None:
    """A variable may be described once for all operations of a path."""
    text = document(operation(path="/a/{b}")) + "    parameters: [" + path_parameters("b") + "]\n"
    assert found(text) == []
