"""Which old items the items of an edited list are, and what is reported of their keys."""

from mapper import codes
from mapper.alignment import Items, align, align_by_value, repeats
from mapper.interpret.run import Place, Run
from mapper.lower import Listing
from mapper.model import Access, show_path
from mapper.omissions import omissible
from mapper.values import ABSENT, find


def partners_of(rule: Listing, items: Items, old: Items, at: Place, run: Run) -> list[int | None]:
    """Return the index of the item of *old* that each of *items* edits, None for a new one."""
    free = omissible(rule.members, rule.key)
    if rule.key is None:
        return align_by_value(items, old, omissible=free)
    key = rule.key

    def report(index: int, count: int) -> None:
        name = show_path(key.common)
        where, value = (*at, index, *key.common), find(items[index], key.common)
        if count > 1:
            message = f"the base has several items whose {name} is the same"
            run.fault(codes.DUPLICATE_ITEM, rule.span, where, message, value)
        elif key.access is Access.READ:
            message = f"the base has no item with this {name}"
            run.fault(codes.UNKNOWN_ITEM, rule.span, where, message, value)

    return align(key.common, items, old, report, free)


def is_unknown(rule: Listing, item: dict[str, object], partner: int | None) -> bool:
    """Whether *item* has a key that cannot be chosen, and that leads to no old item."""
    if partner is not None or rule.key is None or rule.key.access is not Access.READ:
        return False
    return find(item, rule.key.common) not in (ABSENT, None)


def refuse_repeats(rule: Listing, items: Items, at: Place, run: Run) -> None:
    """Report every item whose key an item before it has."""
    if rule.key is None:
        return
    for index in repeats(rule.key.common, items):
        value = find(items[index], rule.key.common)
        message = f"{show_path(rule.key.common)} names the same item twice"
        run.fault(codes.DUPLICATE_ITEM, rule.span, (*at, index, *rule.key.common), message, value)
