"""Schema Objects of any OpenAPI version, and schemas of any draft in them, to JSON Schema draft 2020-12.

Only schemas are rewritten: what stands in `enum`, `const`, `default` or `example` is data, and a property may be
called `nullable`. Annotations are dropped, but for `xml`, which the decoder of XML reads.
"""

from typing import Any, NamedTuple

from gateway.contract import dispatch, translate
from gateway.contract import pointer as pointers
from gateway.contract.discriminator import Choice, Discriminators, is_named
from gateway.contract.drafts import Draft, around, of_document, of_file, switched, switches
from gateway.contract.load import Source
from gateway.contract.marks import APPLIED, NONE, Marks
from gateway.contract.patterns import translated
from gateway.contract.places import RECURSIVE, Places
from gateway.contract.references import Target

_KEPT = frozenset(("xml",))
_APART = frozenset(("definitions",))  # what refers to schemas in here finds them elsewhere


class Variant(NamedTuple):
    """In which form a schema is written. `hidden` names properties that must not be asked for; `inherited`: a parent
    as its children include it, without the choice between them."""

    hidden: frozenset[str] = NONE
    inherited: bool = False

    @property
    def name(self) -> str:
        """What tells this form from others in a URI; "" for the usual one."""
        return ("inherited " if self.inherited else "") + ",".join(sorted(self.hidden))


USUAL = Variant()


class Job(NamedTuple):
    """A schema that is asked for beyond those that stand where they stood."""

    uri: str
    pointer: str
    variant: Variant


class Writer:
    """Rewrites for one direction. `jobs` grows while schemas are written: by URI, what they refer to."""

    def __init__(self, source: Source, places: Places, direction: str) -> None:
        self.jobs: dict[str, Job] = {}
        self._source = source
        self._places = places
        self._marks = Marks(source, direction)
        self._discriminators = Discriminators(source)
        self._marked = False
        self._default = of_document(source.root, source.dialect)
        self._drafts: dict[str, Draft] = {}

    @property
    def directional(self) -> bool:
        """Whether a mark of either direction was seen."""
        return self._marked or self._marks.seen

    # Dialects

    def draft(self, uri: str, pointer: str) -> Draft:
        """The dialect in force around the schema at `pointer`: of the nearest `$schema`, or of its document."""
        document = self._source.files[uri]
        if uri not in self._drafts:
            self._drafts[uri] = of_file(document, self._source.root, self._source.dialect)
        return around(document, pointer, self._drafts[uri])

    # Schemas

    def made(self, node: dict[str, Any], uri: str, pointer: str) -> Any:
        """A schema made from what stands at `pointer`, where it does not stand in this form."""
        return self._schema(node, uri, pointer, self.draft(uri, pointer), USUAL)

    def asked(self, uri: str, pointer: str) -> str:
        """The URI of a schema in its usual form, which is going to be written."""
        return self.reference(uri, pointer, None, self._default, USUAL)

    def job(self, job: Job) -> Any:
        """The schema that a job asks for."""
        node = pointers.walk(self._source.files[job.uri], pointers.split(job.pointer))
        return self._schema(node, job.uri, job.pointer, self.draft(job.uri, job.pointer), job.variant)

    def schema(self, node: Any, uri: str, pointer: str, draft: Draft, variant: Variant = USUAL) -> Any:
        """The schema at its usual place; a reference there for a resource, which is a document of its own.

        What is no schema is handed on as it is: building its validator fails and says why.
        """
        if isinstance(node, dict) and self._places.is_resource(uri, pointer):
            return {"$ref": self.reference(uri, pointer, node, draft, variant)}
        return self._schema(node, uri, pointer, draft, variant)

    def _schema(self, node: Any, uri: str, pointer: str, draft: Draft, variant: Variant) -> Any:
        if not isinstance(node, dict):
            return node
        draft = switched(node, draft)
        if "readOnly" in node or "writeOnly" in node:
            self._marked = True
        written: dict[str, Any] = {}
        refers = isinstance(node.get("$ref"), str)
        if "required" in node or not APPLIED.isdisjoint(node) or (refers and "properties" in node):
            variant = variant._replace(hidden=variant.hidden | self._marks.hidden(node, uri, pointer, draft))
        if refers:
            written["$ref"] = self.reference(*self._source.resolve(uri, pointer, node["$ref"]), draft, variant)
            if not draft.siblings:
                return written
        for keyword, value in node.items():
            if keyword in draft.assertions or keyword in _KEPT:
                written[keyword] = value
            elif keyword in draft.fields and keyword not in _APART:
                written[keyword] = self._field(keyword, value, uri, pointers.join(pointer, keyword), draft, variant)
        self._keywords(node, written, draft, variant.hidden)
        if "$dynamicRef" in node or "$recursiveRef" in node:
            self._dynamic(node, written, uri, pointer, draft)
        if "discriminator" in node:
            self._dispatch(node, written, uri, pointer, draft, variant)
        return written

    def _field(self, keyword: str, value: Any, uri: str, pointer: str, draft: Draft, variant: Variant) -> Any:
        """The value of a keyword that holds schemas. What applies to the same value asks for no hidden property."""
        inner = USUAL
        if keyword in APPLIED:
            inner = Variant(variant.hidden, keyword == "allOf" and self._inherits(pointer))
        shape = draft.fields[keyword]
        if shape[0] in "[*" and isinstance(value, list):
            return [self.schema(item, uri, f"{pointer}/{index}", draft, inner) for index, item in enumerate(value)]
        if shape[0] == "{" and isinstance(value, dict):
            hides = keyword in ("properties", "patternProperties")
            name_of = translated if keyword == "patternProperties" else str
            return {
                name_of(name): self._never(item, uri, pointers.join(pointer, name))
                if hides and self._marks.marked(item, uri, pointers.join(pointer, name), draft)
                else self.schema(item, uri, pointers.join(pointer, name), draft, inner)
                for name, item in value.items()
            }
        if shape[0] in "[{":
            return value
        if keyword == "additionalProperties" and self._marks.marked(value, uri, pointer, draft):
            return False
        if keyword == "contentSchema" and isinstance(value, dict):
            return {"$ref": self._asked(self._places.moved(uri, pointer), Job(uri, pointer, USUAL))}
        return self.schema(value, uri, pointer, draft, inner)

    def _never(self, node: Any, uri: str, pointer: str) -> Any:
        """The schema of a property that must not be there. What XML calls it is kept, to find it there."""
        ends = (node, self._source.follow(uri, pointer, node)[2])
        said = [end["xml"] for end in ends if isinstance(end, dict) and isinstance(end.get("xml"), dict)]
        return {"not": {}, "xml": said[0]} if said else False

    def _inherits(self, pointer: str) -> bool:
        """Whether the `allOf` at `pointer` says what a named schema of 2.0 inherits."""
        return self._source.dialect == "2.0" and is_named(pointer.rpartition("/")[0])

    def _keywords(self, node: dict[str, Any], written: dict[str, Any], draft: Draft, hidden: frozenset[str]) -> None:
        """What this schema says otherwise than draft 2020-12 would."""
        if draft.fields.get("items") == "*schema":
            translate.items(written)
        if "dependencies" in written:
            translate.dependencies(written, node["dependencies"])
        if draft.recursive:
            translate.unseen_contains(written)
        if "exclusiveMinimum" in written or "exclusiveMaximum" in written:
            translate.exclusive(written)
        if isinstance(written.get("pattern"), str):
            written["pattern"] = translated(written["pattern"])
        if "format" in written:
            translate.number_format(written)
        if draft.nullable and node.get(draft.nullable) is True and "type" in node:
            written["type"] = [*translate.types_of(written), "null"]
        if node.get("type") == "file" and not switches(draft):
            del written["type"]
        if hidden:
            _relax(written, hidden)

    # References

    def reference(self, uri: str, pointer: str, node: Any, draft: Draft, variant: Variant) -> str:
        """The URI of the schema at the end of one reference, in the form that is needed here."""
        if variant != USUAL and isinstance(node, dict):
            hidden = variant.hidden & self._marks.required(node, uri, pointer, draft) if variant.hidden else NONE
            form = Variant(hidden, variant.inherited and "discriminator" in node)
        else:
            form = USUAL
        place = self._places.target(uri, pointer, form.name)
        if form == USUAL and self._places.stays(uri, pointer) and not self._places.is_resource(uri, pointer):
            return place
        return self._asked(place, Job(uri, pointer, form))

    def _asked(self, place: str, job: Job) -> str:
        self.jobs.setdefault(place, job)
        return place

    def _dynamic(self, node: dict[str, Any], written: dict[str, Any], uri: str, pointer: str, draft: Draft) -> None:
        """`$dynamicRef`, and `$recursiveRef` of draft 2019-09. To what is no dynamic anchor both are plain.

        Draft 2020-12 has no `$recursiveRef`. Real documents in it do, and mean the nearest `$recursiveAnchor` around.
        """
        if isinstance(node.get("$dynamicRef"), str) and draft.dynamic:
            target = self._source.resolve(uri, pointer, node["$dynamicRef"])
            name = node["$dynamicRef"].partition("#")[2]
            bound = isinstance(target[2], dict) and name != "" and target[2].get("$dynamicAnchor") == name
        elif isinstance(node.get("$recursiveRef"), str) and draft.recursive:
            target = self._source.resolve(uri, pointer, node["$recursiveRef"])
            name, bound = RECURSIVE, isinstance(target[2], dict) and target[2].get("$recursiveAnchor") is True
        elif node.get("$recursiveRef") == "#" and (found := self._recursive_anchor(uri, pointer)):
            target, name, bound = found, "", False
        else:
            return
        if bound:
            written["$dynamicRef"] = f"{self._places.document(target[0], target[1])}#{name}"
        else:
            translate.also(written, {"$ref": self.reference(*target, draft, USUAL)})

    def _recursive_anchor(self, uri: str, pointer: str) -> Target | None:
        node, found, here = self._source.files[uri], None, ""
        for token in pointers.split(pointer):
            node, here = pointers.step(node, token), pointers.join(here, token)
            if isinstance(node, dict) and node.get("$recursiveAnchor") is True:
                found = (uri, here, node)
        return found

    # Discriminator

    def _dispatch(
        self, node: dict[str, Any], written: dict[str, Any], uri: str, pointer: str, draft: Draft, variant: Variant
    ) -> None:
        """Let the discriminator choose, unless messages of this direction cannot have its property."""
        form = Variant(variant.hidden)
        choice = self._discriminators.choice(node, uri, pointer)
        if choice and not self._unreadable(choice, node, uri, pointer, draft):
            default = {"$ref": self.reference(*choice.default, draft, form)} if choice.default else None
            dispatch.branches(written, choice, default)
        family = None if variant.inherited else self._discriminators.family(node, uri, pointer)
        if family and family.property not in self._marks.hidden(node, uri, pointer, draft):
            children = [(name, {"$ref": self.reference(*child, draft, form)}) for name, child in family.children]
            dispatch.family(written, family, children)

    def _unreadable(self, choice: Choice, node: dict[str, Any], uri: str, pointer: str, draft: Draft) -> bool:
        """Whether every branch with a name hides the property."""
        return all(
            choice.property in self._marks.hidden(branch, uri, f"{pointer}/{choice.keyword}/{index}", draft)
            for index, branch in enumerate(node[choice.keyword])
            if choice.names[index]
        )


def _relax(written: dict[str, Any], hidden: frozenset[str]) -> None:
    """Ask for no hidden property."""
    if isinstance(written.get("required"), list):
        written["required"] = _without(hidden, written["required"])
    if isinstance(written.get("dependentRequired"), dict):
        written["dependentRequired"] = {
            name: _without(hidden, value) if isinstance(value, list) else value
            for name, value in written["dependentRequired"].items()
        }


def _without(hidden: frozenset[str], names: list[Any]) -> list[Any]:
    return [name for name in names if not (isinstance(name, str) and name in hidden)]
