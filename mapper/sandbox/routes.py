"""Which requests go to which function: the one table."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from mapper.sandbox import (
    bulk,
    common_resources,
    consent,
    control,
    definitions,
    directory,
    elements,
    events,
    hubs,
    instances,
    objects,
    sharing,
    snippets,
    transformations,
    trial,
    vdr_transformations,
    vdrs,
)
from mapper.sandbox.access import PRIVILEGES, Needs
from mapper.sandbox.calls import Access, Call, Route
from mapper.sandbox.places import (
    Place,
    at_account,
    at_instance,
    at_organization,
    at_own_account,
    at_own_instance,
)
from mapper.sandbox.tables import FORMATS

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


def _vdrs() -> Iterator[Route]:
    one = "/vdrs/<int:resource>"
    transformations_ = f"{one}/transformations"
    transformation = f"{transformations_}/<int:transformation>"
    snippet = "/vdrs/snippets/<int:snippet>"
    for method, pattern, endpoint, privilege in (
        ("GET", "/vdrs", vdrs.list_vdrs, VIEW),
        ("POST", "/vdrs", vdrs.create_vdr, CREATE),
        ("GET", one, vdrs.read_vdr, VIEW),
        ("PUT", one, vdrs.replace_vdr, EDIT),
        ("DELETE", one, vdrs.delete_vdr, DELETE),
        ("POST", f"{one}/clone", sharing.clone_vdr, CREATE),
        ("GET", "/vdrs/<name>/export", sharing.export_vdr, VIEW),
        ("PUT", "/vdrs/import", sharing.import_vdr, EDIT),
        ("PUT", "/vdrs/upgrade/v2", partial(vdrs.upgrade, "v2"), None),
        ("DELETE", "/vdrs/upgrade/v2", partial(vdrs.upgrade, "v1"), None),
        ("GET", transformations_, vdr_transformations.list_vdr_transformations, VIEW),
        ("POST", transformations_, vdr_transformations.create_vdr_transformation, CREATE),
        ("GET", transformation, vdr_transformations.read_vdr_transformation, VIEW),
        ("PUT", transformation, vdr_transformations.replace_vdr_transformation, EDIT),
        ("DELETE", transformation, vdr_transformations.delete_vdr_transformation, DELETE),
        ("GET", "/vdrs/snippets", snippets.list_snippets, VIEW),
        ("POST", "/vdrs/snippets", snippets.create_snippet, CREATE),
        ("GET", snippet, snippets.read_snippet, VIEW),
        ("PUT", snippet, snippets.replace_snippet, EDIT),
        ("DELETE", snippet, snippets.delete_snippet, DELETE),
    ):
        yield Route(method, pattern, endpoint, Needs.PLATFORM, privilege)


def _common_resources() -> Iterator[Route]:
    one = "/common-resources/<name>"
    for method, pattern, endpoint, privilege in (
        ("GET", "/common-resources", common_resources.list_common_resources, VIEW),
        ("PUT", "/common-resources", common_resources.put_common_resource, EDIT),
        ("GET", one, common_resources.read_common_resource, VIEW),
        ("PATCH", one, common_resources.rename_common_resource, EDIT),
        ("DELETE", one, common_resources.delete_common_resource, DELETE),
        ("GET", f"{one}/usages", common_resources.list_usages, VIEW),
        ("PUT", "/transformations", common_resources.put_transformation, EDIT),
    ):
        yield Route(method, pattern, endpoint, Needs.PLATFORM, privilege)
    run = "/transformations/<name>/execute"
    yield Route("POST", run, trial.execute, Needs.PLATFORM, VIEW, Access.READ)
    for prefix in ("/organizations", "/accounts", "/accounts/<int:account>"):
        pattern = f"{prefix}/objects/<name>/transformations"
        yield Route("GET", pattern, transformations.list_mapped_elements, Needs.PLATFORM, VIEW)


def _instances() -> Iterator[Route]:
    for prefix, needs in (("/instances", Needs.ALL), ("/instances/<int:instance>", Needs.PLATFORM)):
        if needs is Needs.PLATFORM:
            yield Route("GET", prefix, instances.read_instance)
            yield Route("PUT", prefix, instances.replace_instance)
            yield Route("PATCH", prefix, instances.patch_instance)
            yield Route("DELETE", prefix, instances.delete_instance)
        yield Route("PUT", f"{prefix}/enabled", instances.enable_instance, needs)
        yield Route("DELETE", f"{prefix}/enabled", instances.disable_instance, needs)
        settings = f"{prefix}/configuration"
        yield Route("GET", settings, instances.list_configuration, needs)
        yield Route("PATCH", settings, instances.patch_configuration, needs)
        yield Route("GET", f"{settings}/<int:entry>", instances.read_configuration, needs)
        yield Route("PATCH", f"{settings}/<int:entry>", instances.patch_configuration, needs)


def _objects() -> Iterator[Route]:
    """Yield the routes of vendor and common resources: the hub is ignored, and may be absent."""
    for hub in ("", "/hubs/<hub>"):
        every, one = f"{hub}/<name>", f"{hub}/<name>/<key>"
        for method, pattern, endpoint in (
            ("GET", every, hubs.list_objects),
            ("POST", every, hubs.create_object),
            ("GET", one, hubs.read_object),
            ("PATCH", one, hubs.update_object),
            ("PUT", one, hubs.update_object),
            ("DELETE", one, hubs.delete_object),
        ):
            yield Route(method, pattern, endpoint, Needs.ELEMENT)


def _bulk() -> Iterator[Route]:
    for hub in ("", "/hubs/<hub>"):
        job = f"{hub}/bulk/<int:job>"
        for method, pattern, endpoint in (
            ("POST", f"{hub}/bulk/query", bulk.query),
            ("POST", f"{hub}/bulk/download", bulk.start_download),
            ("POST", f"{hub}/bulk/<name>", bulk.upload),
            ("GET", f"{hub}/bulk/jobs", bulk.list_bulk_jobs),
            ("GET", f"{job}/status", bulk.read_status),
            ("PUT", f"{job}/cancel", bulk.cancel_job),
            ("GET", f"{job}/errors", bulk.list_errors),
            ("GET", f"{job}/<name>/data", bulk.read_data),
        ):
            yield Route(method, pattern, endpoint, Needs.ELEMENT)
        kinds = tuple(FORMATS.values())
        yield Route("GET", f"{job}/<name>", bulk.download, Needs.ELEMENT, produces=kinds)


def _events() -> Iterator[Route]:
    for prefix, needs, every, one in (
        ("/instances", Needs.ALL, events.list_own_events, events.read_own_event),
        ("/instances/<int:instance>", Needs.PLATFORM, events.list_events, events.read_event),
    ):
        yield Route("GET", f"{prefix}/events", every, needs)
        yield Route("GET", f"{prefix}/events/<event>", one, needs)
    yield Route("PUT", "/notifications/subscriptions/deliveries", events.redeliver)
    for method in ("POST", "PATCH"):
        yield Route(method, "/accounts/<int:account>/settings", events.put_account_settings)


ROUTES: tuple[Route, ...] = (
    *_at_each_level(),
    *_vdrs(),
    *_common_resources(),
    *_instances(),
    *_events(),
    *_bulk(),
    *_objects(),
    Route("GET", "/instances", instances.list_instances),
    Route("POST", "/instances", instances.create_instance),
    Route("GET", "/accounts/<int:account>/instances", instances.list_instances),
    Route("GET", "/elements/<element>/instances", instances.list_instances),
    Route("POST", "/elements/<element>/instances", instances.create_instance),
    Route("GET", "/elements", elements.list_elements),
    Route("GET", "/elements/<element>", elements.read_element),
    Route("GET", "/elements/<element>/metadata", elements.read_metadata),
    Route("GET", "/elements/<element>/oauth/url", elements.read_oauth_url),
    Route("POST", "/elements/<element>/oauth/url", elements.read_oauth_url, access=Access.READ),
    Route("GET", "/elements/<element>/transformations", elements.list_element_defaults),
    Route("GET", "/organizations/me", directory.read_organization),
    Route("GET", "/accounts", directory.list_accounts),
    Route("GET", "/users", directory.list_users),
    Route("GET", "/users/<user>", directory.read_user),
    Route("PUT", "/users/<user>/roles/<role>", directory.give_role),
    Route("GET", "/objects", objects.list_objects, Needs.ELEMENT, disabled=True),
    Route("GET", "/hubs/<hub>/objects", objects.list_objects, Needs.ELEMENT, disabled=True),
    Route("GET", "/objects/<name>/metadata", objects.read_object_metadata, Needs.ELEMENT),
    Route(
        "GET", "/hubs/<hub>/objects/<name>/metadata", objects.read_object_metadata, Needs.ELEMENT
    ),
    Route("GET", "/sandbox/faults", control.show_faults),
    Route("PUT", "/sandbox/faults", control.put_faults),
    Route("GET", "/sandbox/settings", control.show_settings),
    Route("PUT", "/sandbox/settings", control.put_settings),
    Route("PUT", "/sandbox/users/<int:user>/privileges", control.put_privileges),
    Route("GET", "/sandbox/consent", consent.show_consent, Needs.NOTHING, produces=("text/html",)),
    Route("POST", "/sandbox/consent", consent.decide, Needs.NOTHING, produces=("text/html",)),
)
