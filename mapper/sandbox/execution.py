"""What the platform makes of an object: the field list, then the script, then the nulls."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from mapper.sandbox.fields import configured, effective_fields, plan_fields
from mapper.sandbox.levels import effective_script
from mapper.sandbox.paths import copied
from mapper.sandbox.scripts import Answer, Call, Limits, Script, ScriptFailure, ScriptRunner
from mapper.sandbox.settings import Settings

__all__ = ["Execution", "Outcome"]


class Outcome(NamedTuple):
    """What came of one object."""

    result: Any
    mapped: Any
    """What the field list made of it, before the script and before nulls were removed."""
    script_error: ScriptFailure | None
    """Why the script's result does not count; the result is then the mapped object."""
    log: tuple[str, ...]
    """What was not done, and what the script wrote to its console."""


class Execution:
    """Runs transformations; close it, or use it as a context manager."""

    def __init__(self, limits: Limits | None = None, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._scripts = ScriptRunner(limits, self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process that runs scripts."""
        self._scripts.close()

    def run(
        self,
        transformation: Mapping[str, Any],
        payload: Any,
        *,
        from_vendor: bool,
        configuration: dict[str, Any] | None = None,
        filter_nulls: bool = False,
    ) -> Outcome:
        """Return what a transformation makes of one object.

        With *filter_nulls* the result has no member that is null (``filter.response.nulls``).
        """
        prepared = _Prepared(transformation, self._settings, from_vendor, configuration or {})
        return prepared.run(self._scripts, [payload], filter_nulls=filter_nulls)[0]

    def run_many(
        self,
        transformation: Mapping[str, Any],
        payloads: Iterable[Any],
        *,
        from_vendor: bool,
        configuration: dict[str, Any] | None = None,
        filter_nulls: bool = False,
        trusted: bool = False,
    ) -> list[Outcome]:
        """Return what a transformation makes of each object.

        With *trusted* all runs of the script share their global object, which is faster.
        """
        prepared = _Prepared(transformation, self._settings, from_vendor, configuration or {})
        return prepared.run(
            self._scripts, list(payloads), filter_nulls=filter_nulls, shared=trusted
        )

    def where(
        self,
        transformation: Mapping[str, Any],
        items: Sequence[Mapping[str, Any]],
        *,
        configuration: dict[str, Any] | None = None,
    ) -> Outcome:
        """Return ``{"where": …}`` for the items of a ``where``, in the vendor's terms.

        What stands there is a list of items or, where the script gives that, CEQL text. Attributes
        that no field maps stay as they are, and so do all values. The script runs only if
        ``applyJSOnQueryFieldValue`` is configured.
        """
        common = {"where": [dict(item) for item in items]}
        mapped = {"where": [_renamed(item, transformation) for item in items]}
        script = _script(transformation, from_vendor=False, configuration=configuration or {})
        if script is None or configured(transformation, "applyJSOnQueryFieldValue") is None:
            return Outcome(mapped, mapped, None, ())
        calls = [Call(json.dumps(common), json.dumps(mapped))]
        answer = next(self._scripts.run(script._replace(is_where=True), calls))
        outcome = self._of_where(answer, mapped)
        return outcome._replace(log=(*outcome.log, *answer.log))

    def _of_where(self, answer: Answer, mapped: dict[str, Any]) -> Outcome:
        if answer.failure is not None:
            return Outcome(mapped, mapped, answer.failure, (_words(answer.failure),))
        result = answer.value if answer.is_given else mapped
        where = result.get("where") if isinstance(result, dict) else None
        if isinstance(where, str) or _are_items(where):
            return Outcome({"where": where}, mapped, None, ())
        message = "the script gave no where: neither a list of items nor text"
        return Outcome(mapped, mapped, ScriptFailure("error", message), (message,))


class _Prepared:
    """A transformation made ready for one direction."""

    def __init__(
        self,
        transformation: Mapping[str, Any],
        settings: Settings,
        from_vendor: bool,  # noqa: FBT001 - the public methods name it
        configuration: dict[str, Any],
    ) -> None:
        self._plan = plan_fields(transformation, from_vendor=from_vendor, settings=settings)
        self._without_value = settings["done-without-value"]
        self._script = _script(transformation, from_vendor=from_vendor, configuration=configuration)
        record = effective_script(transformation) or {}
        self._not_done = (
            ("filterEmptyResponse: unknown here, and not done",)
            if record.get("filterEmptyResponse") is True
            else ()
        )

    def run(
        self,
        scripts: ScriptRunner,
        payloads: list[Any],
        *,
        filter_nulls: bool,
        shared: bool = False,
    ) -> list[Outcome]:
        logs = [[*self._plan.log, *self._not_done] for _ in payloads]
        mapped = [
            self._plan.apply(payload, log) for payload, log in zip(payloads, logs, strict=True)
        ]
        outcomes = [
            Outcome(each, each, None, tuple(log)) for each, log in zip(mapped, logs, strict=True)
        ]
        if self._script is not None:
            outcomes = self._scripted(self._script, scripts, (payloads, outcomes), shared=shared)
        if filter_nulls:
            outcomes = [each._replace(result=_without_nulls(each.result)) for each in outcomes]
        return outcomes

    def _scripted(
        self,
        script: Script,
        scripts: ScriptRunner,
        given: tuple[list[Any], list[Outcome]],
        *,
        shared: bool,
    ) -> list[Outcome]:
        """Return the outcomes of payloads with what the script makes of them."""
        payloads, outcomes = given
        calls = [
            _call(payload, outcome.mapped)
            for payload, outcome in zip(payloads, outcomes, strict=True)
        ]
        answers = scripts.run(script, [call for call in calls if call], shared=shared)
        return [
            self._finished(outcome, next(answers) if call else _TOO_DEEP)
            for call, outcome in zip(calls, outcomes, strict=True)
        ]

    def _finished(self, outcome: Outcome, answer: Answer) -> Outcome:
        log = (*outcome.log, *answer.log)
        if answer.failure is not None:
            log = (*log, _words(answer.failure))
            return outcome._replace(script_error=answer.failure, log=log)
        if answer.is_given:
            return outcome._replace(result=answer.value, log=log)
        match self._without_value:
            case "empty":
                return outcome._replace(result={}, log=log)
            case "null":
                return outcome._replace(result=None, log=log)
            case _:
                return outcome._replace(log=log)


_TOO_DEEP = Answer(
    None,
    is_given=False,
    failure=ScriptFailure("size", "the payload is nested too deeply for a script"),
    log=(),
)


def _call(original: Any, transformed: Any) -> Call | None:
    try:
        return Call(json.dumps(original), json.dumps(transformed))
    except RecursionError:
        return None


def _script(
    transformation: Mapping[str, Any], *, from_vendor: bool, configuration: dict[str, Any]
) -> Script | None:
    record = effective_script(transformation)
    if record is None:
        return None
    return Script(
        record["body"],
        is_legacy=transformation.get("isLegacy") is True,
        from_vendor=from_vendor,
        configuration=configuration,
    )


def _words(failure: ScriptFailure) -> str:
    return f"the script failed, so that the mapped object counts: {failure.message}"


def _renamed(item: Mapping[str, Any], transformation: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item with its attribute as the vendor calls it; a field may be a parent of it."""
    attribute = item.get("attribute")
    if not isinstance(attribute, str):
        return dict(item)
    matches = [
        (field["path"], field["vendorPath"])
        for field in effective_fields(transformation)
        if attribute == field["path"] or attribute.startswith(f"{field['path']}.")
    ]
    if not matches:
        return dict(item)
    path, vendor_path = max(matches, key=lambda match: len(match[0]))
    return {**item, "attribute": vendor_path + attribute[len(path) :]}


def _are_items(where: Any) -> bool:
    return isinstance(where, list) and all(
        isinstance(item, dict) and isinstance(item.get("attribute"), str) for item in where
    )


def _without_nulls(value: Any) -> Any:
    """Return a copy without members that are null; the elements of lists stay where they are."""
    top = [copied(value)]
    left: list[Any] = [top]
    while left:
        container = left.pop()
        if type(container) is dict:
            for name in [name for name, each in container.items() if each is None]:
                del container[name]
        inner = container.values() if type(container) is dict else container
        left += [each for each in inner if type(each) is dict or type(each) is list]
    return top[0]
