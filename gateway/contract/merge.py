"""One Components Object for the components of several APIs.

Components of the same name and the same content, down to everything they refer to, become one. Where contents
differ, each API's component gets the API's name in front. Recursive schemas are compared by partition refinement:
components are equal until what they refer to is found to differ.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.contract.bundle import Bundle, Key
from gateway.contract.naming import component_name
from gateway.contract.shapes import SECTIONS

Place = tuple[int, Key]  # number of the bundle, component in it


def merge(bundles: Sequence[Bundle], reserved: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The `components` of all bundles and, under names that nobody else gets, those of `reserved`.

    Changes the links, requirements and operationIds of the bundles to the names that were settled.
    """
    ours = {(section, name): node for section, nodes in reserved.items() for name, node in nodes.items()}
    names = _settle(bundles, ours)
    sections: dict[str, dict[str, Any]] = defaultdict(dict)
    for (section, name), node in ours.items():
        sections[section][name] = node
    for number, bundle in enumerate(bundles):
        for link in bundle.links:
            section, _ = link.target
            link.holder[link.key] = f"#/components/{section}/{names[number, link.target]}"
        for requirement in bundle.requirements:
            renamed = {names[number, ("securitySchemes", name)]: scopes for name, scopes in requirement.items()}
            requirement.clear()
            requirement.update(renamed)
        for key, node in bundle.components.items():
            sections[key[0]][names[number, key]] = node
    return {section: dict(sorted(sections[section].items())) for section in SECTIONS.values() if section in sections}


def name_operations(bundles: Sequence[Bundle]) -> None:
    """Make every operationId unique: one that several APIs use gets the API's name in front, in links too."""
    ids = [
        Counter(op.node["operationId"] for op in bundle.operations if "operationId" in op.node) for bundle in bundles
    ]
    shared = {name for name, apis in Counter(name for names in ids for name in names).items() if apis > 1}
    taken = {name for names in ids for name in names}
    for bundle in bundles:
        renamed = {name: _free(f"{bundle.api}_{name}", taken) for name in sorted(shared)}
        for node in (*(op.node for op in bundle.operations), *bundle.follow_ups):
            if node.get("operationId") in renamed:
                node["operationId"] = renamed[node["operationId"]]


def _settle(bundles: Sequence[Bundle], ours: Mapping[Key, Any]) -> dict[Place, str]:
    """A name for every component of every bundle."""
    classes = _classes(bundles, ours)
    contents: dict[Key, list[int]] = defaultdict(list)  # the different contents that go by one name
    for (_, key), content in classes.items():
        if content not in contents[key]:
            contents[key].append(content)
    taken: dict[str, set[str]] = defaultdict(set)
    for section, name in contents:
        taken[section].add(name)
    names: dict[Place, str] = {}
    chosen: dict[tuple[Key, int], str] = {}
    for (number, key), content in classes.items():
        section, name = key
        if number >= 0 and len(contents[key]) > 1 and not (key in ours and classes[-1, key] == content):
            if (key, content) not in chosen:
                chosen[key, content] = _free(f"{component_name(bundles[number].api)}_{name}", taken[section])
            name = chosen[key, content]
        names[number, key] = name
    return names


def _classes(bundles: Sequence[Bundle], ours: Mapping[Key, Any]) -> dict[Place, int]:
    """Equal numbers for components of one name and one content; the place -1 is that of `ours`."""
    links: dict[Place, list[Place]] = defaultdict(list)
    for number, bundle in enumerate(bundles):
        for link in bundle.links:
            if link.owner is not None:
                links[number, link.owner].append((number, link.target))
    counts = Counter(key for bundle in bundles for key in bundle.components) + Counter(ours.keys())
    nodes = {(-1, key): node for key, node in ours.items()} | {
        (number, key): node for number, bundle in enumerate(bundles) for key, node in bundle.components.items()
    }
    # A component that only one API has needs no comparison.
    texts = {place: _text(node) if counts[place[1]] > 1 else "" for place, node in nodes.items()}
    classes = _number((place, (place[1], texts[place])) for place in nodes)
    while True:
        finer = _number(
            (place, (content, tuple(classes[target] for target in links[place]))) for place, content in classes.items()
        )
        if max(finer.values(), default=0) == max(classes.values(), default=0):
            return classes
        classes = finer


def _number(signatures: Iterable[tuple[Place, Any]]) -> dict[Place, int]:
    numbers: dict[Any, int] = {}
    return {place: numbers.setdefault(signature, len(numbers)) for place, signature in signatures}


def _text(node: Any) -> str:
    return json.dumps(node, sort_keys=True)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name
