"""What a check finds out of each rule: its class, why, and the types of both sides, as JSON."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from mapper.infer.classes import Classified, LawClass, classified
from mapper.infer.fitting import values_of
from mapper.infer.types import Type
from mapper.lower import Formula, Leaf
from mapper.model import Layer, Mapping, show_path
from mapper.project import Project

MANY = 20
"""Of more values than so many, a type is described and not listed."""


def certificate(project: Project, names: Iterable[str]) -> dict[str, Any]:
    """Return what is certain of the mappings called *names*, which were checked without errors.

    Of one with an opaque script nothing is. Of an overlay's, each rule says which file set it.
    """
    mappings = map(project.find, names)
    return {
        "classes": {str(law): meaning for law, meaning in MEANINGS.items()},
        "mappings": {
            each.name: _of_mapping(project, each) for each in mappings if each.script is None
        },
    }


MEANINGS = {
    LawClass.ISO: "each direction undoes the other",
    LawClass.LENS: "an edit reads back as it was made; the rest keeps its spelling",
    LawClass.LOSSY: "a common value may read back as another one; the loss is declared",
    LawClass.READ: "read only",
    LawClass.WRITE: "written only",
    LawClass.OPAQUE: "expressions decide; examples and laws test them",
}


def _of_mapping(project: Project, mapping: Mapping) -> dict[str, Any]:
    lowered, _ = project.lower(mapping)
    resource = project.library.resources[mapping.resource]
    common = project.schemas.load(resource.schema.name)
    found = list(classified(lowered, common)) if lowered is not None else []
    rules = [_of_rule(each) | _origin(mapping.layer_of(each.common)) for each in found]
    layers = {"layers": [_of_layer(each, mapping, rules) for each in mapping.layers]}
    return {
        "resource": mapping.resource,
        "vendor": f"{mapping.vendor.element}/{mapping.vendor.resource}",
        "counts": _counts(rules),
        **(layers if mapping.layers else {}),
        "rules": rules,
    }


def _counts(rules: Iterable[dict[str, Any]]) -> dict[str, int]:
    counts = Counter(rule["class"] for rule in rules)
    return {str(law): counts[str(law)] for law in LawClass}


def _of_layer(layer: Layer, mapping: Mapping, rules: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return what is left in an effective mapping of one file, and the classes of its rules."""
    adds, replaces = (
        [show_path(steps) for steps in every if mapping.layer_of(steps) is layer]
        for every in (layer.adds, layer.replaces)
    )
    return {
        "name": layer.name,
        "level": layer.level and layer.level.value,
        "adds": adds,
        "replaces": replaces,
        "counts": _counts(rule for rule in rules if rule["setBy"] == layer.name),
    }


def _origin(layer: Layer | None) -> dict[str, Any]:
    """Return which file set a rule of an effective mapping, and for which level."""
    return {"setBy": layer.name, "level": layer.level and layer.level.value} if layer else {}


def _of_rule(found: Classified) -> dict[str, Any]:
    rule = found.rule
    vendor = []
    if isinstance(rule, Leaf):
        vendor = [show_path(rule.vendor)]
    elif isinstance(rule, Formula):
        vendor = [show_path(write.vendor) for write in rule.writes]
    lossy = rule.rule.lossy if isinstance(rule, Leaf | Formula) else None
    return {
        "common": show_path(found.common),
        "vendor": vendor,
        "access": str(rule.access),
        "class": str(found.verdict.law),
        "why": list(found.verdict.why),
        "lossy": lossy,
        "commonType": describe(found.of_common),
        "vendorType": describe(found.vendor),
    }


def describe(given: Type) -> Any:
    """Return a type as JSON: the kinds of its values, and the values where they are few."""
    if given.open:
        return "anything"
    described = []
    for name, piece in given.pieces():
        values = values_of(piece)
        if values is not None and len(values) <= MANY:
            described += [{"value": value} for value in values]
            continue
        formats = sorted(piece.texts.formats) if piece.texts is not None else []
        described.append({"kind": name, **({"format": formats[0]} if formats else {})})
    return described
