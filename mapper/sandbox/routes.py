"""Which requests go to which function: the one table."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from mapper.sandbox import definitions, elements, transformations
from mapper.sandbox.access import PRIVILEGES, Needs
from mapper.sandbox.calls import Call, Route
from mapper.sandbox.places import (
    Place,
    at_account,
    at_instance,
    at_organization,
    at_own_account,
    at_own_instance,
)

__all__ = ["ROUTES"]

VIEW, CREATE, EDIT, DELETE = PRIVILEGES

LEVELS: tuple[tuple[str, Place, Needs], ...] = (
    ("/organizations", at_organization, Needs.PLATFORM),
    ("/accounts", at_own_account, Needs.PLATFORM),
    ("/accounts/<int:account>", at_account, Needs.PLATFORM),
    ("/instances", at_own_instance, Needs.ALL),
    ("/instances/<int:instance>", at_instance, Needs.PLATFORM),
)
"""Where each level's endpoints are, whom they are about, and what they want to be told."""


Row = tuple[str, str, Callable[[Place, Call], Any], str]
"""A method, what follows the prefix, the function, and the privilege."""

_EVERY = "/objects/definitions"
_ONE = "/objects/<name>/definitions"

DEFINITIONS: tuple[Row, ...] = (
    ("GET", _EVERY, definitions.list_definitions, VIEW),
    ("POST", _EVERY, definitions.create_definitions, CREATE),
    ("DELETE", _EVERY, definitions.delete_definitions, DELETE),
    ("GET", _ONE, definitions.read_definition, VIEW),
    ("POST", _ONE, definitions.create_definition, CREATE),
    ("PUT", _ONE, definitions.replace_definition, EDIT),
    ("DELETE", _ONE, definitions.delete_definition, DELETE),
    ("PATCH", "/objects/<name>", definitions.rename_definition, EDIT),
)

TRANSFORMATIONS: tuple[Row, ...] = (
    ("GET", "/transformations", transformations.list_element_transformations, VIEW),
    ("DELETE", "/transformations", transformations.delete_transformations, DELETE),
    ("GET", "/transformations/<name>", transformations.read_transformation, VIEW),
    ("POST", "/transformations/<name>", transformations.create_transformation, CREATE),
    ("PUT", "/transformations/<name>", transformations.replace_transformation, EDIT),
    ("DELETE", "/transformations/<name>", transformations.delete_transformation, DELETE),
)


def _at_each_level() -> Iterator[Route]:
    """Yield the routes of definitions and transformations at every level."""
    for prefix, place, needs in LEVELS:
        instance = prefix.startswith("/instances")
        for method, rest, endpoint, privilege in DEFINITIONS:
            if instance and rest == _EVERY and method != "GET":
                continue  # an instance's list can only be read
            yield Route(method, prefix + rest, partial(endpoint, place), needs, privilege)
        element = "" if instance else "/elements/<element>"
        for method, rest, endpoint, privilege in TRANSFORMATIONS:
            pattern = prefix + element + rest
            yield Route(method, pattern, partial(endpoint, place), needs, privilege)


ROUTES: tuple[Route, ...] = (
    *_at_each_level(),
    Route("GET", "/elements/<element>/metadata", elements.read_metadata),
)
