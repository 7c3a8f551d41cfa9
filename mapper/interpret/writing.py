"""From common to vendor: the edited vendor document, rule by rule.

A rule leaves the vendor document as it is where the common object says what the base says; only a
change is written. That is what makes an unedited object write nothing, whatever spelling the vendor
chose.
"""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from mapper import codes
from mapper.alignment import assign_slots, partners_by_mark
from mapper.completion import completed
from mapper.evaluate import EvaluationError, evaluate
from mapper.expr import mentions
from mapper.interpret.listing import is_unknown, partners_of, refuse_repeats
from mapper.interpret.reading import from_vendor, has_value, is_filled, read_members
from mapper.interpret.run import Place, Run
from mapper.interpret.scene import (
    Mode,
    Scene,
    clear,
    items_of,
    may_write,
    refuse_unknown,
)
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    LoweredMapping,
    Single,
    Slots,
    Write,
    can_clear,
    is_made_empty,
    item_signs,
    members_of,
    names_within,
    nulls,
)
from mapper.model import Access, show_path
from mapper.omissions import may_lack, seen_omissions, unwritten_paths
from mapper.primitives import Refusal
from mapper.values import ABSENT, Names, contains, copy, equal, find, given, known_names, store


def put(mapping: LoweredMapping, common: Any, base: dict[str, Any]) -> dict[str, Any]:
    """Return *base* edited so that it reads as *common*; neither is changed or shared.

    Raises:
        TransformError: With every reason why the edit cannot be made.
    """
    run = Run(mapping.tables)
    old = from_vendor(mapping, base)
    edited = run.result(write_document(mapping, common, Mode.UPDATE, run, base, old))
    return recomputed(mapping, edited, base)


def recomputed(
    mapping: LoweredMapping, edited: dict[str, Any], base: dict[str, Any]
) -> dict[str, Any]:
    """Return *edited* with what the vendor will compute of it, where the edit of *base* bears."""
    computed: dict[str, Any] = {}
    for name, policy in mapping.policy.members.items():
        if policy.computed is None:
            continue
        paths = mentions(policy.computed)
        if any(not equal(find(edited, path), find(base, path)) for path in paths):
            try:
                value = evaluate(policy.computed, edited, mapping.tables)
            except (EvaluationError, Refusal):  # what the vendor makes of it is not known here
                continue
            if value is not None:
                computed[name] = copy(value)
    return {**edited, **computed}


def write_document(
    mapping: LoweredMapping,
    common: Any,
    mode: Mode,
    run: Run,
    base: dict[str, Any] | None = None,
    old: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the vendor document for *common*, reporting every fault to *run*."""
    target: dict[str, Any] = copy(base or {})
    if isinstance(common, dict):
        write_members(mapping.rules, Scene(run, mode, common, old or {}, target, (), {}))
    else:
        run.fault(codes.WRONG_CONTAINER, None, (), "a common object must be an object", common)
    return target


def write_members(rules: tuple[Lowered, ...], scene: Scene) -> None:
    """Write every member of the scene's common object."""
    refuse_unknown(known_names(rule.common for rule in rules), scene.common, scene.at, scene)
    scene = replace(scene, seen=_seen(rules, scene.common, scene.old, scene))
    for rule in rules:
        _write(rule, scene)


def _seen(
    rules: tuple[Lowered, ...],
    common: dict[str, Any],
    old: dict[str, Any],
    scene: Scene,
    *,
    moved: bool = False,
) -> dict[str, Any]:
    """Return *common* as expressions see it; a request has nothing to complete it from."""
    if scene.mode is Mode.REQUEST:
        return common
    vendor = ABSENT if scene.mode is Mode.CREATE else scene.target
    return completed(seen_omissions(rules), common, old, vendor, moved=moved)


def _write(rule: Lowered, scene: Scene) -> None:
    new, old = given(scene.common, rule.common), find(scene.old, rule.common)
    if scene.mode is Mode.REQUEST and rule.access in (Access.READ, Access.CREATE):
        return
    if new is None and scene.mode is not Mode.REQUEST:
        if find(scene.common, rule.common) is None:  # null on the way is reported once, there
            scene.fault(codes.NULL_MEMBER, rule, f"{show_path(rule.common)} is null")
        return
    if scene.remade and rule.access is Access.CREATE:
        scene = replace(scene, mode=Mode.UPDATE)
    match rule:
        case Leaf():
            _write_leaf(rule, new, old, scene)
        case Formula():
            _write_formula(rule, new, old, scene)
        case Fixed():
            if new is not ABSENT and not equal(new, rule.value):
                message = f"{show_path(rule.common)} is always {rule.value}"
                scene.fault(codes.CONSTANT_CHANGED, rule, message, new)
        case Group():
            _write_group(rule, new, old, scene)
        case Listing():
            _write_listing(rule, new, old, scene)
        case Single():
            _write_single(rule, new, old, scene)
        case Slots():
            _write_slots(rule, new, old, scene)


def _write_leaf(rule: Leaf, new: Any, old: Any, scene: Scene) -> None:
    if new is ABSENT and scene.mode is Mode.UPDATE and not has_value(rule, scene.target):
        return
    if not may_write(rule, new, old, scene):
        return
    if new is ABSENT and scene.mode is Mode.CREATE:
        new = rule.default.create
        if new is ABSENT:
            return
    if new is ABSENT or new is None:
        clear(rule, scene)
        return
    value = scene.run.convert(rule.put, new, rule.span, (*scene.at, *rule.common))
    if value is ABSENT:
        return
    name = show_path(rule.common)
    if contains(rule.unset.read, value):
        scene.fault(codes.UNSET_COLLISION, rule, f"{name} would read as no value", new)
    elif rule.values is not None and not contains(rule.values, value):
        message = f"{name} cannot be written with this value{_allowed(rule, scene)}"
        scene.fault(codes.NOT_WRITABLE_VALUE, rule, message, new)
    else:
        store(scene.target, rule.vendor, value)


def _allowed(rule: Leaf, scene: Scene) -> str:
    """Return what can be written instead, as the end of a sentence: what reads at all."""
    aside = Run(scene.run.tables)  # that a listed value does not read is no fault of the document
    values = (aside.convert(rule.get, each, rule.span, scene.at) for each in rule.values or ())
    readable = [str(each) for each in values if each is not ABSENT]
    return f"; the vendor takes {', '.join(readable)}" if readable else ""


def _write_formula(rule: Formula, new: Any, old: Any, scene: Scene) -> None:
    if not rule.writes or rule.access in (Access.READ, Access.CREATE):
        if not may_write(rule, new, old, scene) or not rule.writes:
            return
    elif not _formula_applies(rule, new, old, scene):
        return
    for write in rule.writes:
        value = scene.run.evaluate(write.expression, scene.seen, scene.at)
        if value is not ABSENT and value is not None:
            store(scene.target, write.vendor, value)
        elif value is None:
            _report_no_value(rule, write, new, old, scene)


def _formula_applies(rule: Formula, new: Any, old: Any, scene: Scene) -> bool:
    if rule.access is Access.WRITE and new is ABSENT:
        return False
    if scene.mode is Mode.CREATE:
        return True
    if scene.mode is Mode.UPDATE:
        edited = any(
            not equal(find(scene.seen, steps), find(scene.old, steps)) for steps in rule.mentions
        )
        if not edited and new is not ABSENT and not equal(new, old):
            message = f"nothing that is written depends on {show_path(rule.common)}"
            scene.fault(codes.READ_ONLY_CHANGED, rule, message, new)
        return edited
    stated = [steps for steps in rule.mentions if given(scene.common, steps) is not ABSENT]
    if stated and len(stated) < len(rule.mentions):
        _report_incomplete(rule, scene)
        return False
    return bool(stated)


def _report_no_value(rule: Formula, write: Write, new: Any, old: Any, scene: Scene) -> None:
    """Report a formula that gives no value where leaving things as they are would lose an edit."""
    missing = [steps for steps in rule.mentions if find(scene.seen, steps) in (ABSENT, None)]
    if new is not ABSENT and new is not None and not missing:
        message = f"the expression gives no value to write for {show_path(rule.common)}"
        place = write.expression.whole
        where = (*scene.at, *rule.common)
        scene.run.fault(codes.EXPRESSION_FAILED, place, where, message, new)
    elif new is not ABSENT and new is not None:
        _report_incomplete(rule, scene)
    elif scene.mode is Mode.REQUEST or old is not ABSENT:
        scene.fault(codes.CANNOT_CLEAR, rule, f"{show_path(rule.common)} cannot be cleared")
    elif find(scene.target, write.vendor) not in (ABSENT, None):
        _report_incomplete(rule, scene)


def _report_incomplete(rule: Formula, scene: Scene) -> None:
    missing = [
        show_path(steps) for steps in rule.mentions if find(scene.seen, steps) in (ABSENT, None)
    ]
    together = ", ".join(map(show_path, rule.mentions))
    message = f"{together} are written together; {', '.join(missing)} is missing"
    scene.fault(codes.INCOMPLETE_REQUEST, rule, message)


def _write_group(rule: Group, new: Any, old: Any, scene: Scene) -> None:
    if new is not ABSENT and new is not None and not isinstance(new, dict):
        scene.fault(codes.WRONG_CONTAINER, rule, f"{show_path(rule.common)} must be an object", new)
        return
    if scene.mode is Mode.UPDATE and equal(new, old):
        return
    if new is ABSENT and _stays_without(rule, scene):
        return
    inner = replace(
        scene,
        common=nulls(rule.members) if new is None else ({} if new is ABSENT else new),
        old={} if old is ABSENT else old,
        at=(*scene.at, *rule.common),
    )
    if not rule.vendor:
        write_members(rule.members, inner)
    elif (new is None or (new is ABSENT and scene.mode is Mode.UPDATE)) and can_clear(rule.unset):
        clear(rule, scene)
    else:
        _write_inside(rule, inner, scene)


def _stays_without(rule: Group, scene: Scene) -> bool:
    """Whether nothing is written for an object that is not given."""
    match scene.mode:
        case Mode.REQUEST:
            return True
        case Mode.CREATE:
            return bool(rule.vendor)
        case Mode.UPDATE:
            return may_lack(rule)


def _write_inside(rule: Group, inner: Scene, scene: Scene) -> None:
    """Write into the vendor object of *rule*, made if it is not there."""
    present = find(scene.target, rule.vendor)
    if isinstance(present, dict):
        write_members(rule.members, replace(inner, target=present))
        return
    mode = scene.mode
    if mode is Mode.UPDATE and rule.access in (Access.READ_WRITE, Access.WRITE):
        mode = Mode.CREATE
    made: dict[str, Any] = {}
    remade = scene.remade or scene.mode is Mode.UPDATE
    write_members(rule.members, replace(inner, target=made, mode=mode, remade=remade))
    if made or (mode is Mode.CREATE and is_made_empty(rule)):
        store(scene.target, rule.vendor, made)


def _write_listing(rule: Listing, new: Any, old: Any, scene: Scene) -> None:
    if not may_write(rule, new, old, scene):
        return
    if new is ABSENT and scene.mode is Mode.CREATE:
        return
    if new is ABSENT or new is None:
        clear(rule, scene)
        return
    items = items_of(rule, new, scene)
    if items is None:
        return
    at = (*scene.at, *rule.common)
    was = old if isinstance(old, list) else []
    base = find(scene.target, rule.vendor) if was else []
    partners: list[int | None] = [None] * len(items)
    refuse_repeats(rule, items, at, scene.run)
    if scene.mode is Mode.UPDATE:
        partners = partners_of(rule, items, was, at, scene.run)
    written: list[dict[str, Any]] = []
    for index, (item, partner) in enumerate(zip(items, partners, strict=True)):
        if scene.mode is Mode.UPDATE and is_unknown(rule, item, partner):
            continue  # reported; whether it is an edit or new cannot be told
        inner = replace(scene, common=item, at=(*at, index))
        if partner is not None:
            inner = replace(inner, old=was[partner], target=copy(base[partner]))
        else:
            mode = Mode.REQUEST if scene.mode is Mode.REQUEST else Mode.CREATE
            inner = replace(inner, old={}, target={}, mode=mode)
        write_members(rule.members, replace(inner, remade=False))
        if inner.mode is Mode.REQUEST and rule.key is not None and rule.sends_key:
            _send_key(rule.key, inner)
        written.append(inner.target)
    if contains(rule.unset.read, written):
        message = f"{show_path(rule.common)} would read as no value"
        scene.fault(codes.UNSET_COLLISION, rule, message, new)
        return
    store(scene.target, rule.vendor, written)


def _send_key(key: Leaf, scene: Scene) -> None:
    """Write the key of a requested item, by which the vendor tells which item it is."""
    value = find(scene.common, key.common)
    if value is not ABSENT and value is not None:
        written = scene.run.convert(key.put, value, key.span, (*scene.at, *key.common))
        store(scene.target, key.vendor, written)


def _write_single(rule: Single, new: Any, old: Any, scene: Scene) -> None:
    if not may_write(rule, new, old, scene) or (new is ABSENT and scene.mode is Mode.CREATE):
        return
    items = [] if new is ABSENT or new is None else items_of(rule, new, scene)
    if items is None:
        return
    if len(items) > 1:
        message = f"{show_path(rule.common)} holds one item at this vendor, not {len(items)}"
        scene.fault(codes.TOO_MANY_ITEMS, rule, message)
        return
    if not items and scene.mode is Mode.CREATE:
        return
    if not items and rule.access is Access.WRITE and scene.mode is Mode.UPDATE:
        _empty_single(rule, replace(scene, at=(*scene.at, *rule.common, 0)))
        return
    common = items[0] if items else {}
    if not items and scene.mode is Mode.REQUEST:
        common = nulls(rule.members)
    was = old[0] if isinstance(old, list) and old else {}
    place = (*scene.at, *rule.common, 0)
    known = len(scene.run.findings)
    write_members(rule.members, replace(scene, common=common, old=was, at=place))
    signs = item_signs(rule.members, creating=scene.mode is Mode.CREATE)
    is_none = signs and all(given(common, steps) is ABSENT for steps in signs)
    if items and is_none and len(scene.run.findings) == known:
        message = f"an item of {show_path(rule.common)} needs {' or '.join(map(show_path, signs))}"
        scene.run.fault(codes.SLOT_WITHOUT_NAME, rule.span, place, message)
    if new == [] and scene.mode is Mode.UPDATE and len(scene.run.findings) == known:
        _refuse_left(rule, scene)


def _empty_single(rule: Single, scene: Scene) -> None:
    """Clear all of an item that is only written: nobody knows what there is to clear."""
    for each in rule.members:
        if each.access is Access.READ:
            continue
        if isinstance(each, Leaf | Group | Listing):
            clear(each, scene)
        elif not isinstance(each, Fixed):
            message = f"{show_path(each.common)} cannot be cleared"
            scene.fault(codes.CANNOT_CLEAR, each, message)


def _refuse_left(rule: Single, scene: Scene) -> None:
    """Report an item that is still there after all that can be written of it is cleared."""
    aside = Run(scene.run.tables)  # what cannot be read any more is not there
    read = read_members((rule,), scene.target, scene.at, aside)
    left = find(read, rule.common)
    if left is ABSENT or left == []:
        return
    name = show_path(rule.common)
    unwritten = unwritten_paths(rule.members)
    kept = [show_path(steps) for steps in unwritten if find(left[0], steps) is not ABSENT]
    if kept:
        message = f"{name} cannot be emptied: {' and '.join(kept)} of its item cannot be written"
        scene.fault(codes.READ_ONLY_CHANGED, rule, message)
    else:
        scene.fault(codes.CANNOT_CLEAR, rule, f"{name} cannot be emptied: its item is always there")


def _write_slots(rule: Slots, new: Any, old: Any, scene: Scene) -> None:
    if not may_write(rule, new, old, scene) or (new is ABSENT and scene.mode is Mode.CREATE):
        return
    items = [] if new is ABSENT or new is None else items_of(rule, new, scene)
    if items is None or not _fit_slots(rule, items, scene):
        return
    marks = [find(item, rule.mark) for item in items]
    held = [_held_mark(rule, slot, scene) for slot in rule.slots]
    homes = partners_by_mark(marks, held)
    places = assign_slots(homes, len(rule.slots))
    was = old if isinstance(old, list) else []
    olds = dict(zip((i for i, mark in enumerate(held) if mark is not ABSENT), was, strict=False))
    # Members that need every slot are also written where an edit ends that: to clear them.
    full = len(rule.slots) in (len(items), len(olds))
    for slot, members in enumerate(rule.slots):
        if slot in places:
            index = places.index(slot)
            home = homes[index]
            partner = olds.get(home) if home is not None else None
            here = members_of(members, rule, full=full)
            moved = partner is not None and home != slot
            _fill_slot(rule, here, (items[index], partner, moved), index, scene)
        elif held[slot] is not ABSENT or _is_blind(rule, scene):
            _empty_slot(rule, members, scene)


def _is_blind(rule: Slots, scene: Scene) -> bool:
    """Whether nobody knows what the places hold: all that a list does not fill is emptied."""
    updates = scene.mode is Mode.UPDATE
    return scene.mode is Mode.REQUEST or (updates and rule.access is Access.WRITE)


def _held_mark(rule: Slots, slot: tuple[Lowered, ...], scene: Scene) -> Any:
    """Return the mark of what *slot* holds in the target, or ABSENT."""
    if not is_filled(slot, rule.mark, scene.target):
        return ABSENT
    leaf = tuple(each for each in slot if each.common == rule.mark)
    return find(read_members(leaf, scene.target, scene.at, scene.run), rule.mark)


def _fit_slots(rule: Slots, items: list[dict[str, Any]], scene: Scene) -> bool:
    name = show_path(rule.common)
    if len(items) > len(rule.slots):
        message = f"{name} has {len(items)} items and the vendor has {len(rule.slots)} places"
        scene.fault(codes.TOO_MANY_ITEMS, rule, message)
        return False
    fits = True
    for index, item in enumerate(items):
        place = (*scene.at, *rule.common, index)
        if find(item, rule.mark) in (ABSENT, None):
            message = f"an item of {name} needs {show_path(rule.mark)}"
            scene.run.fault(codes.SLOT_WITHOUT_NAME, rule.span, place, message)
            fits = False
        for steps in sorted(rule.when_full):
            value = find(item, steps)
            if value is not ABSENT and len(items) < len(rule.slots):
                message = f"{show_path(steps)} needs all {len(rule.slots)} places of {name} filled"
                where = (*place, *steps)
                scene.run.fault(codes.SLOT_MEMBER_REFUSED, rule.span, where, message, value)
                fits = False
    return fits


def _fill_slot(
    rule: Slots,
    members: tuple[Lowered, ...],
    given_as: tuple[dict[str, Any], dict[str, Any] | None, bool],
    index: int,
    scene: Scene,
) -> None:
    """Write an item into the slot of *members*.

    It is given with the old item that it is (or None), and whether it had another slot.
    """
    item, partner, moved = given_as
    inner = replace(scene, at=(*scene.at, *rule.common, index))
    here, anywhere = names_within(members), names_within(each for s in rule.slots for each in s)
    item = _placed(item, here, anywhere, inner.at, rule, scene.run)
    refuse_unknown(known_names(each.common for each in members), item, inner.at, inner)
    fixed = [each for each in members if each.access is Access.READ]
    mode = scene.mode
    if mode is Mode.UPDATE and partner is None:
        mode = Mode.CREATE
    for each in fixed:
        checked = replace(inner, mode=mode, common=item, old=partner or {})
        if mode is not Mode.REQUEST:
            may_write(each, find(item, each.common), find(checked.old, each.common), checked)
    writable = tuple(each for each in members if each.access is not Access.READ)
    common = copy(item)
    if mode is Mode.CREATE:
        creates = scene.mode is Mode.CREATE and not scene.remade
        _fill_defaults((r for r in writable if creates or r.access is not Access.CREATE), common)
    seen = _seen(members, common, partner or {}, replace(scene, mode=mode), moved=moved)
    # What the place itself reads as is the base here, even where its mark says it is empty.
    looked = members if any(isinstance(each, Formula) for each in writable) else writable
    aside = Run(scene.run.tables)  # what cannot be read of a place that is edited is not there
    occupant = read_members(looked, scene.target, inner.at, aside)
    for each in writable:
        if _is_blind(rule, scene) and find(common, each.common) is ABSENT:
            _settle(each, inner)
            continue
        if scene.mode is Mode.UPDATE and each.access is Access.CREATE:
            held = find(occupant, each.common)
            _refuse_inherited(each, find(partner, each.common), held, replace(inner, common=item))
        _write(each, replace(inner, common=common, old=occupant, seen=seen))


def _refuse_inherited(rule: Lowered, own: Any, held: Any, scene: Scene) -> None:
    """Report what is only set when creating, is not given, and is not what its place holds."""
    if find(scene.common, rule.common) is ABSENT and not equal(own, held):
        message = f"{show_path(rule.common)} can only be set when creating: it stays in its place"
        scene.fault(codes.READ_ONLY_CHANGED, rule, message)


def _settle(rule: Lowered, scene: Scene) -> None:
    """Leave nothing in a slot of what a request does not say of its new item."""
    if isinstance(rule, Leaf) and can_clear(rule.unset):
        clear(rule, scene)
    else:
        message = f"{show_path(rule.common)} is not given, and what the place holds is not known"
        scene.fault(codes.INCOMPLETE_REQUEST, rule, message)


def _placed(value: Any, here: Names, anywhere: Names, at: Place, rule: Slots, run: Run) -> Any:
    """Return *value* without the members that only other places hold, which are reported."""
    if isinstance(value, list):
        return [_placed(each, here, anywhere, (*at, i), rule, run) for i, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, member in value.items():
        if name not in here and name in anywhere:
            message = f"{name} has no place in this item of {show_path(rule.common)}"
            run.fault(codes.SLOT_MEMBER_REFUSED, rule.span, (*at, name), message, member)
        elif here.get(name):
            kept[name] = _placed(member, here[name], anywhere[name], (*at, name), rule, run)
        else:
            kept[name] = member
    return kept


def _fill_defaults(members: Iterable[Lowered], common: dict[str, Any]) -> None:
    for each in members:
        if not isinstance(each, Leaf) or each.default.create is ABSENT:
            continue
        if find(common, each.common) is ABSENT:
            store(common, each.common, copy(each.default.create))


def _empty_slot(rule: Slots, members: tuple[Lowered, ...], scene: Scene) -> None:
    for each in members:
        if not isinstance(each, Leaf) or each.access is Access.READ:
            continue
        if each.unset.clear is not ABSENT:
            store(scene.target, each.vendor, copy(each.unset.clear))
        elif each.common == rule.mark:
            message = f"a place of {show_path(rule.common)} cannot be emptied"
            scene.fault(codes.CANNOT_CLEAR, rule, message)
