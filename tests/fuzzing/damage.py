"""Random damage to JSON documents, and documents of two others."""

from random import Random
from typing import Any

from mapper.values import ABSENT, copy, equal

ODD_NAMES = ("", "id", " ", "a.b", "é", '"', "\\", "\n", "__class__", "get", "0", "constructor")
SCALARS = (
    None, True, False, 0, 1, 2, -1, 1.0, 0.0, -0.0, 0.5, 1e16, 1e300, 2**53, -(2**63), 10**40,
    "", "0", "1", "1.0", "01", "-0", "1e3", "true", "null", " ", "x", "é", "\u0000", "\ud800",
    "2024-02-29", "2023-02-29", "2024-03-10 02:30:00", "2024-11-03 01:30:00",
    "2024-03-10T07:00:00Z", "0001-01-01", "9999-12-31", "USD", "usd", "CA",
    "9" * 101, "\uff11\uff12", "0.10",
)  # fmt: skip
TWINS = (
    (True, 1, 1.0, "1", "true"),
    (False, 0, 0.0, -0.0, "0", "false", "", None),
    ([], {}, None, ""),
)


def junk(random: Random, depth: int = 2) -> Any:
    """Return a random JSON value."""
    kind = random.randrange(6 if depth else 4)
    if kind < 4:
        return random.choice(SCALARS)
    some = [junk(random, depth - 1) for _ in range(random.randrange(3))]
    return some if kind == 4 else {random.choice(ODD_NAMES): each for each in some}


def damaged(random: Random, document: Any) -> Any:
    """Return *document*, made anew, after one to five random corruptions, mostly few."""
    root = [copy(document)]
    for _ in range(random.choice([1, 1, 1, 1, 2, 2, 3, 4, 5])):
        _damage(random, root)
    return root[0]


def _damage(random: Random, root: list[Any]) -> None:
    """Corrupt one place inside the one item of *root*."""
    places = list(_places(root[0]))
    if not places or random.random() < 0.01:
        places = [(root, 0)]
    container, key = random.choice(places)
    value = container[key]
    match random.randrange(14):
        case 0:
            if container is not root:
                del container[key]
        case 1:
            container[key] = None
        case 2:
            container[key] = junk(random)
        case 3:
            container[key] = random.choice(SCALARS)
        case 4:
            container[key] = _twin(random, value)
        case 5:
            container[key] = random.choice(["", [], {}])
        case 6:
            container[key] = random.choice([[value], {"a": value}, [], [value, value]])
        case 7:
            container[key] = _deep(value, random.randint(2, 60))
        case 8 if isinstance(value, list) and value:
            value.insert(random.randrange(len(value) + 1), copy(random.choice(value)))
        case 9 if isinstance(value, list):
            random.shuffle(value)
        case 10 if isinstance(value, dict):
            value[random.choice(ODD_NAMES)] = junk(random)
        case 11:
            other, name = random.choice(places)
            container[key] = copy(other[name])
        case 12 if isinstance(value, str):
            container[key] = _misspelt(random, value)
        case _:
            if type(value) in (int, float):
                container[key] = random.choice([value + 1, float(value), -value, str(value)])
            else:
                container[key] = _twin(random, value)


def _places(value: Any):
    """Yield every (container, key) inside *value*."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, dict | list):
            for key in each if isinstance(each, dict) else range(len(each)):
                yield each, key
                pending.append(each[key])


def _twin(random: Random, value: Any) -> Any:
    """Return what is easily taken for *value*."""
    for twins in TWINS:
        if any(type(each) is type(value) and each == value for each in twins):
            return copy(random.choice(twins))
    if type(value) is int:
        return random.choice([str(value), float(value), value + 0.5, True])
    if isinstance(value, str):
        number = value.lstrip("-")
        if number.isdecimal() and number.isascii() and len(number) < 300:
            return random.choice([int(value), float(value), f"{value}.0", f"0{value}", True])
        return random.choice([f"{value} ", value.upper(), value.lower(), [value], {"a": value}])
    return random.choice(SCALARS)


def _misspelt(random: Random, value: str) -> str:
    at = random.randrange(len(value) + 1)
    added = random.choice(["", " ", "0", "9", "-", ":", "é", "٣", "\n", "a"])
    return value[:at] + added + value[at + random.randrange(2) :]


def _deep(value: Any, levels: int) -> Any:
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def mixed(random: Random, one: Any, other: Any) -> Any:
    """Return *one*, made anew, with some of its parts as in *other*."""
    if isinstance(one, dict) and isinstance(other, dict):
        made = {}
        for name in dict.fromkeys([*one, *other]):
            inner = mixed(random, one.get(name, ABSENT), other.get(name, ABSENT))
            if inner is not ABSENT:
                made[name] = inner
        return made
    if isinstance(one, list) and isinstance(other, list) and random.random() < 0.7:
        items = [copy(each) for each in one if random.random() < 0.8]
        items += [copy(each) for each in other if random.random() < 0.3]
        if len(items) > 1 and random.random() < 0.3:
            random.shuffle(items)
        if items and random.random() < 0.5:
            at = random.randrange(len(items))
            items[at] = mixed(random, items[at], random.choice([*one, *other]))
        return items
    return copy(other if random.random() < 0.15 else one)


def request_of(random: Random, old: Any, edited: Any) -> Any:
    """Return a request that says some of what makes *old* read as *edited*."""
    if not isinstance(old, dict) or not isinstance(edited, dict):
        return copy(edited)
    said = {
        name: copy(value)
        for name, value in edited.items()
        if random.random() < (0.9 if not equal(value, old.get(name, ABSENT)) else 0.2)
    }
    return said | {name: None for name in old if name not in edited or random.random() < 0.05}
