"""Publishing: the writes of a plan, each read before and after, and told truthfully."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError
from mapper.platform.current import path_of, read_document
from mapper.platform.errors import PlatformError, RefusedError, UnreachableError
from mapper.platform.journal import Run, Snapshot, State, StateFolder, Step
from mapper.platform.levels import Place
from mapper.platform.normal import Document, Key, Kind, body
from mapper.platform.plan import Change, Plan

if TYPE_CHECKING:
    from mapper.platform.client import Client

__all__ = ["Result", "carry_out", "resolve", "snapshot", "steps"]

Side = Literal["before", "after"]

READS, FIRST_WAIT = 5, 0.2
"""How often the platform is read until it shows what was written, and the first wait between."""


class Result(Struct, frozen=True):
    """What became of a write, and why if it is not done."""

    step: Step
    state: State
    found: Diagnostic | None = None

    @property
    def is_fine(self) -> bool:
        return self.state is State.DONE and self.found is None


# What to write ----------------------------------------------------------------------------------


def steps(plan: Plan) -> Iterator[Step]:
    """Yield the writes of a plan, so that at no time a transformation lacks a field's definition.

    Definitions grow, then transformations change, then definitions shrink.
    """
    definitions = [each for each in plan.changed if each.key.kind is Kind.DEFINITION]
    transformations = [each for each in plan.changed if each.key.kind is Kind.TRANSFORMATION]
    for change in definitions:
        grown = _grown(change.before, change.after)
        if change.after is not None and grown != change.before:
            yield Step(change.key, _plain(change.before), _plain(grown))
    for change in transformations:
        yield from _rewritten(change)
    for change in definitions:
        grown = _grown(change.before, change.after)
        if grown != change.after:
            yield Step(change.key, _plain(grown), _plain(change.after))


def _grown(before: Document | None, after: Document | None) -> Document | None:
    """Return the definition with the fields of both sides, those of *after* as they will be."""
    if before is None or after is None:
        return after or before
    return {**after, "fields": {**before["fields"], **after["fields"]}}


def _rewritten(change: Change) -> Iterator[Step]:
    """Yield the writes of a transformation; the platform gives the old engine to new ones only."""
    before, after = _plain(change.before), _plain(change.after)
    if before and after and after.get("isLegacy") and not before.get("isLegacy"):
        yield Step(change.key, before, None)
        before = None
    yield Step(change.key, before, after)


def _plain(document: Document | None) -> dict[str, Any] | None:
    return None if document is None else dict(document)


def snapshot(plan: Plan, revision: str, record: Mapping[Key, Document]) -> Snapshot:
    """Return what to keep of a plan before anything is sent."""
    return Snapshot(
        place=plan.place,
        revision=revision,
        steps=tuple(steps(plan)),
        owned=tuple((each.key, _plain(each.own)) for each in plan.changed),
        record=tuple((each.key, _plain(record.get(each.key))) for each in plan.changed),
    )


# Writing it -------------------------------------------------------------------------------------


def carry_out(
    client: "Client", run: Run, state: StateFolder, tell: Callable[[Result], None]
) -> list[Result]:
    """Do the writes of a run, several at once, until one is not done; return what became of each.

    *tell* is told of each as it happens. After Ctrl-C no other write is begun; those on their way
    are waited for. That the outcome could not be kept is said of the last.
    """
    asked = run.snapshot
    stopped = Event()

    def write(number: int) -> Result:
        step = asked.steps[number]
        if stopped.is_set():
            return Result(step, State.NOT_DONE)
        try:
            result = _write(client, asked.place, step, partial(run.sending, number))
            run.became(number, result.state)
        except (KeyboardInterrupt, FileError) as error:
            result = _broken_off(step, error, sent=number in run.states)
        if not result.is_fine:
            stopped.set()
        tell(result)
        return result

    results, interrupted = _in_turn(client, asked.steps, write, stopped)
    if interrupted:
        message = f"{results[-1].step.key}: interrupted"
        results[-1] = _blamed(results[-1], Diagnostic(codes.INTERRUPTED, message))
    try:
        _keep(run, state, [each.state for each in results])
    except FileError as error:
        results[-1] = _blamed(results[-1], error.diagnostics[0])
    return results


def _in_turn(
    client: "Client", steps: Sequence[Step], write: Callable[[int], Result], stopped: Event
) -> tuple[list[Result], bool]:
    """Do writes by their numbers, each as soon as none is left that it waits for.

    Returns what became of each, and whether Ctrl-C was pressed, after which no other is begun.
    """
    left = {number: _awaited(steps, number) for number in range(len(steps))}
    results: dict[int, Result] = {}
    running: dict[Future[Result], int] = {}
    interrupted = False
    with ThreadPoolExecutor(client.profile.concurrency) as pool:
        while left or running:
            ready = [number for number, awaited in left.items() if awaited <= results.keys()]
            for number in ready[: client.profile.concurrency - len(running)]:
                del left[number]
                running[pool.submit(write, number)] = number
            try:
                done = wait(running, return_when=FIRST_COMPLETED).done
            except KeyboardInterrupt:
                if interrupted:
                    raise
                interrupted = True
                stopped.set()
                client.stop()
                continue
            results |= {running.pop(each): each.result() for each in done}
    return [results[number] for number in range(len(steps))], interrupted


def _awaited(steps: Sequence[Step], number: int) -> set[int]:
    """Return the writes before one that it waits for: of the object, all but other elements'."""
    key = steps[number].key
    return {
        earlier
        for earlier, step in enumerate(steps[:number])
        if step.key.name == key.name and (step.key == key or step.key.kind is not key.kind)
    }


def _blamed(last: Result, found: Diagnostic) -> Result:
    """Return a result that is not fine, for its own reason or for the one that was found."""
    return Result(last.step, last.state, last.found or found)


def _broken_off(step: Step, error: BaseException, *, sent: bool) -> Result:
    became = State.UNKNOWN if sent else State.NOT_DONE
    if isinstance(error, FileError):
        return Result(step, became, error.diagnostics[0])
    return Result(step, became, Diagnostic(codes.INTERRUPTED, f"{step.key}: interrupted"))


def _write(client: "Client", place: Place, step: Step, sending: Callable[[], None]) -> Result:
    """Do one write, unless the platform has something else than the plan saw."""
    try:
        live = _read_until(client, place, step, {"before", "after"})
    except PlatformError as error:
        return Result(step, State.NOT_DONE, error.diagnostics[0])
    if live == step.after:
        return Result(step, State.DONE)
    if live != step.before:
        return Result(step, State.NOT_DONE, _changed(step))
    sending()
    failure = _send(client, place, step)
    wanted: set[Side] = {"after"}
    if isinstance(failure, (RefusedError, UnreachableError)):
        wanted.add("before")
    try:
        live = _read_until(client, place, step, wanted)
    except PlatformError as error:
        return Result(step, State.UNKNOWN, (failure or error).diagnostics[0])
    return _judge(step, live, failure)


def _judge(step: Step, live: Document | None, failure: PlatformError | None) -> Result:
    """Return what became of a write that left *live*, by what the platform answered to it."""
    found = failure.diagnostics[0] if failure else None
    if live == step.after:
        is_half = failure is not None and failure.diagnostics[0].rule is codes.PARTLY_IGNORED
        return Result(step, State.DONE, found if is_half else None)
    if isinstance(failure, (RefusedError, UnreachableError)):
        return Result(step, State.NOT_DONE, found if live == step.before else _changed(step))
    if live == step.before:
        message = f"{step.key}: the write was answered, but the platform does not show it"
        return Result(step, State.UNKNOWN, found or Diagnostic(codes.LOST_ANSWER, message))
    message = f"{step.key}: what the platform has now is neither what was there nor what was sent"
    return Result(step, State.UNKNOWN, found or Diagnostic(codes.NOT_AS_SENT, message))


def _send(client: "Client", place: Place, step: Step) -> PlatformError | None:
    """Send a write; return why it is not certain that it was done."""
    path = path_of(place, step.key)
    try:
        if step.after is None:
            client.send("DELETE", path)
        else:
            method: Literal["POST", "PUT"] = "POST" if step.before is None else "PUT"
            client.send(method, path, body(step.key, step.after, place.level))
    except PlatformError as error:
        return error
    return None


def _read_until(client: "Client", place: Place, step: Step, wanted: set[Side]) -> Document | None:
    """Return the document as soon as it is one of those *wanted*, or as it is after some reads.

    For some time the platform may show what was there before a write.

    Raises:
        PlatformError: It cannot be read.
    """
    good = [getattr(step, side) for side in wanted]
    live = read_document(client, place, step.key)
    for attempt in range(READS - 1):
        if live in good:
            break
        client.wait(FIRST_WAIT * 2**attempt)
        live = read_document(client, place, step.key)
    return live


def _changed(step: Step) -> Diagnostic:
    message = f"{step.key} was changed by somebody else since the plan was made"
    return Diagnostic(codes.CHANGED_MEANWHILE, message)


# What became of it ------------------------------------------------------------------------------


def resolve(client: "Client", run: Run, state: StateFolder) -> list[Result]:
    """Read what became of the writes of an earlier run that nobody knows of, and note it.

    Raises:
        FileError: M630: it cannot be kept.
        PlatformError: It cannot be read.
    """
    run.go_on()
    asked, known = run.snapshot, run.states
    found = []
    for number, step in enumerate(asked.steps):
        if known.get(number) is State.UNKNOWN:
            live = read_document(client, asked.place, step.key)
            known[number] = State.DONE if live == step.after else State.NOT_DONE
            is_neither = live not in (step.before, step.after)
            run.became(number, known[number])
            found.append(Result(step, known[number], _changed(step) if is_neither else None))
    _keep(run, state, [known.get(each, State.NOT_DONE) for each in range(len(asked.steps))])
    return found


def _keep(run: Run, state: StateFolder, states: list[State]) -> None:
    """Keep what is published now, and that the run is settled if nothing of it is unknown."""
    asked = run.snapshot
    last = {step.key: states[number] for number, step in enumerate(asked.steps)}
    owned = {key: each for key, each in asked.owned if last[key] is State.DONE}
    state.publish(asked.place, owned)
    if State.UNKNOWN not in states:
        run.settle()
