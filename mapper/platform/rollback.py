"""Rolling back: the plan that gives the platform what it had before a run."""

from mapper import codes
from mapper.diagnostics import Diagnostic
from mapper.platform.current import Current
from mapper.platform.journal import Run, State
from mapper.platform.normal import Document, Key, Kind
from mapper.platform.plan import Change, Plan

__all__ = ["last_run", "make_rollback", "touched"]


def last_run(runs: list[Run]) -> Run | None:
    """Return the last of *runs* that wrote something."""
    return next((run for run in reversed(runs) if touched(run)), None)


def touched(run: Run) -> list[Key]:
    """Return the documents that a run wrote, or may have written."""
    states = run.states
    return sorted(
        {
            step.key
            for number, step in enumerate(run.snapshot.steps)
            if states.get(number, State.NOT_DONE) is not State.NOT_DONE
        }
    )


def make_rollback(run: Run, current: Current) -> Plan:
    """Return the plan that undoes a run; what somebody changed since is refused."""
    asked = run.snapshot
    owned = dict(asked.record)
    changes: list[Change] = []
    refused: list[Diagnostic] = []
    for key in touched(run):
        live = current.documents.get(key)
        steps = [step for step in asked.steps if step.key == key]
        before: Document | None = steps[0].before
        if live != before and live not in [step.after for step in steps]:
            message = f"{key} was changed since run {run.number}"
            refused.append(Diagnostic(codes.CHANGED_MEANWHILE, message))
            continue
        users = _users(key, before, current, touched(run))
        if users:
            message = f"{key} is used by {users[0]}, which run {run.number} did not write"
            refused.append(Diagnostic(codes.CHANGED_MEANWHILE, message))
            continue
        changes.append(Change(key=key, before=live, after=before, own=owned.get(key)))
    return Plan(place=asked.place, changes=tuple(changes), refused=tuple(refused))


def _users(key: Key, before: Document | None, current: Current, undone: list[Key]) -> list[Key]:
    """Return the transformations that would lose a field, or all, if a definition went back."""
    live = current.documents.get(key)
    if live is None or key.kind is not Kind.DEFINITION:
        return []
    if before is None:
        return sorted(current.transformations(key.name).keys() - set(undone))
    lost = live["fields"].keys() - before["fields"].keys()
    return sorted(set(current.users(key.name, lost, undone).values()))
