"""Immutable records for what every start loads, before it knows whether a file has to be read."""

from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """A record of the annotated members of its class, which have their values from the constructor.

    Elsewhere records are msgspec's structs. To import msgspec takes a third of a start that finds
    everything in the cache, and named tuples take long to define. Two records are equal if they are
    the same.

    >>> class Point(Record):
    ...     x: int
    ...     y: int = 0
    >>> Point(1).x, Point(1).y, Point(1, y=2).y
    (1, 0, 2)
    >>> Point(1).x = 2
    Traceback (most recent call last):
    AttributeError: Point cannot be changed: x
    """

    _defaults: ClassVar[dict[str, Any]]

    def __init_subclass__(cls) -> None:
        cls._defaults = {name: vars(cls)[name] for name in cls.__annotations__ if name in vars(cls)}

    def __init__(self, *given: Any, **named: Any) -> None:
        members = vars(self)
        members.update(zip(type(self).__annotations__, given, strict=False), **named)
        for name, value in self._defaults.items():
            members.setdefault(name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed: {name}")
