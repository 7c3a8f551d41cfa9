"""What surrounds rules while their types are inferred, in both directions."""

from msgspec import Struct, field
from msgspec.structs import replace

from mapper.diagnostics import Diagnostic, Label, PointerSteps, Rule, Span
from mapper.functions import Tables
from mapper.infer.invariants import Assured
from mapper.infer.types import Type
from mapper.model import show_path
from mapper.schema import Schema
from mapper.values import Steps

Findings = list[Diagnostic]
NOTHING_ASSURED = Assured()


class Scope(Struct, frozen=True):
    """What surrounds rules.

    Attributes:
        vendor: The type of the vendor object that they read.
        common: The schema of the common object that they make; None if there is none.
        file: The name of the vendor's schema.
        tables: The look-up tables.
        assured: What invariants of the vendor object, or the written common object, make sure.
        findings: Where what is found goes.
    """

    vendor: Type
    common: Schema | None
    file: str
    tables: Tables
    assured: Assured = NOTHING_ASSURED
    findings: Findings = field(default_factory=list)

    def inside(self, vendor: Type, common: Schema | None) -> "Scope":
        return Scope(vendor, common, self.file, self.tables, NOTHING_ASSURED, self.findings)

    def beside(self, common: Schema | None) -> "Scope":
        """Return the scope of rules that read the same vendor object, for another common one."""
        return replace(self, common=common)

    def report(
        self, rule: Rule, message: str, place: Span, hint: str | None = None, *labels: Label
    ) -> None:
        self.findings.append(Diagnostic(rule, message, place, hint=hint, labels=labels))


def show_place(steps: Steps, inside: PointerSteps) -> str:
    """Return a path that goes on to a place in the value there, through items and maps."""
    shown = show_path((*steps, *map(str, inside)))
    return shown.replace('."[]"', "[]").replace('."*"', ".*")
