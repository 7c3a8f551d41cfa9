"""The page docs/benchmarks.md and its plot, from raw figures."""

import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import scaling, startup
from tests.benchmarks.engines.peers import LEFT_OUT, PEERS
from tests.benchmarks.racing import Round, ratio, ratios, typical

MAPPER, HAND = "mapper", "hand-written"
PER_FIELD, ONE_HASH = "jmespath.py, one expression a field", "jmespath.py, one hash"
COUNTS = 6.5
"""How much faster than PER_FIELD the hand-written functions must be to count."""

Figures = dict[str, Any]
"""What a run measured: ``races`` by name, and the rest; as it is kept in JSON."""

INTRODUCTION = """\
# Benchmarks

This page is made by the last of these commands; nothing in it is written by hand.

```text
python -m pip install --constraint constraints.txt --editable '.[bench]'
python -m tests.benchmarks.engines.peers FOLDER
python -m tests.benchmarks --rounds {rounds} --documents {documents} --seed {seed} --peers FOLDER
```

The second line installs the other engines, and the first what draws the plot; both can be left out.

## What is measured

One job: the mapping `freshbooks/invoice`, on {documents} generated invoices (seed {seed}).
An invoice has 64 members, among them an owner and 1 to 10 lines of 21 members.
It takes {size:.1f} KB of JSON on average.
No two are alike; {empty:.0%} have an empty `organization`, and not all text is ASCII.

- **from_vendor** reads the invoice.
- **create** writes a new one with all of its members that can be set.
- **update** writes the edit of one line: of its quantity or its description.

The hand-written functions are in `tests/benchmarks/hand/`.
They are plain Python, written for speed, with the checks that the mapping makes.
They count only while they are at least {counts} x as fast as jmespath.py, one expression a field.
The other engines select and rename.
What they have no function for is done by the converters of the hand-written functions.

Before anything is measured, all outputs are compared: they are equal as JSON, or there is no page.
Nor is there one if printed code gave up a single document, for which the interpreter then answered.
Then come {rounds} rounds, in each of which every candidate does every document.
They take turns after {block} documents, in an order that is drawn anew each time.
Each document is parsed just before, and only the function is timed; garbage is collected as usual.
A ratio is taken inside a round.
The tables show the median over the rounds, and the lowest and highest one.
Times in µs tell about the machine and what else it did; only ratios count.

{machine}, Python {python}, {date}.
"""


def page(figures: Figures) -> str:
    """Return the Markdown page."""
    parts = [
        INTRODUCTION.format(**figures["about"], counts=COUNTS),
        "## Bars\n\n" + _table(("bar", "at most", "measured", ""), _bars(figures)),
        "![Time of each candidate as a multiple of the hand-written function](benchmarks.svg)\n",
    ]
    for name, title in (("from_vendor", "Reading"), ("create", "Creating"), ("update", "Updating")):
        parts.append(f"## {title}\n\n{_race_table(figures['races'][name])}")
    parts.append(f"## Other engines, reading\n\n{_peers(figures)}")
    if "startup" in figures["races"]:
        parts.append(f"## Start-up\n\n{_startup(figures['races']['startup'])}")
    parts += [
        f"## Growth with {what}\n\n{_growth(what, figures[what])}"
        for what in ("rules", "lines")
        if what in figures
    ]
    return "\n".join(parts)


def machine() -> str:
    """Return what the processor is called."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


# Tables -------------------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _bars(figures: Figures) -> Iterator[Sequence[str]]:
    races = figures["races"]
    reads = races["from_vendor"]
    bars = [
        ("from_vendor, x hand-written", 0.65, ratio(reads, MAPPER, HAND)),
        ("create, x hand-written", 0.75, ratio(races["create"], MAPPER, HAND)),
        ("update, x hand-written", 0.75, ratio(races["update"], MAPPER, HAND)),
        ("from_vendor, x jmespath.py, one a field", 0.1, ratio(reads, MAPPER, PER_FIELD)),
        (
            f"hand-written counts, x the same (1/{COUNTS})",
            1 / COUNTS,
            ratio(reads, HAND, PER_FIELD),
        ),
    ]
    if others := [name for name in races["peers"][0] if name not in (MAPPER, HAND)]:
        best = max(ratio(races["peers"], MAPPER, name) for name in others)
        bars.append(("from_vendor, x the fastest other engine", 1, best))
    if "startup" in races:
        starts = races["startup"]
        bars += [
            (f"{name}, x `{base}`", limit, ratio(starts, name, base))
            for name, base, limit in startup.BARS
        ]
    for name, limit, measured in bars:
        yield name, f"{limit:.2f}", f"{measured:.2f}", "yes" if measured <= limit else "**no**"


def _race_table(rounds: list[Round]) -> str:
    head = ("", "µs", "x hand-written", "lowest", "highest")
    names = sorted(rounds[0], key=lambda name: typical(rounds, name))
    return _table(head, (_race_row(rounds, name) for name in names))


def _race_row(rounds: list[Round], name: str) -> Sequence[str]:
    found = ratios(rounds, name, HAND)
    times = (ratio(rounds, name, HAND), found[0], found[-1])
    return name, f"{typical(rounds, name) * 1e6:.1f}", *(f"{each:.2f}" for each in times)


def _peers(figures: Figures) -> str:
    versions = figures["peers"]
    rest = {name: "not installed" for name in PEERS if name not in versions} | LEFT_OUT
    left_out = "".join(f"- {name}: {reason}.\n" for name, reason in rest.items())
    count = figures["about"]["documents_of_peers"]
    text = f"On the first {count} of the invoices.\n\n{_race_table(figures['races']['peers'])}"
    return f"{text}\nNot measured:\n\n{left_out}" if left_out else text


def _startup(rounds: list[Round]) -> str:
    rows = (
        (name, f"{typical(rounds, name) * 1e3:.0f}", f"{ratio(rounds, name, base):.2f}")
        for name, base, _ in startup.BARS
    )
    text = "Whole programs, as multiples of one that only imports, in the same round."
    return f"{text}\n\n{_table(('', 'ms', 'x'), rows)}"


def _growth(what: str, operations: dict[str, list[Round]]) -> str:
    sizes = list(next(iter(operations.values()))[0])
    head = ["µs a call", *(f"{int(size):,}" for size in sizes)]
    head += [f"one more, up to {int(size):,}" for size in sizes[1:]]
    rows = (_growth_row(name, rounds) for name, rounds in operations.items())
    of_what = "Of a made-up mapping" if what == "rules" else "Of `freshbooks/invoice`"
    return f"{of_what}, by the number of {what}.\n\n{_table(head, rows)}"


def _growth_row(name: str, rounds: list[Round]) -> Sequence[str]:
    times = [typical(rounds, size) * 1e6 for size in rounds[0]]
    more = [each * 1e6 for each in scaling.per_one_more(rounds)]
    return name, *(f"{each:,.0f}" for each in times), *(f"{each:.2f}" for each in more)


# The plot -----------------------------------------------------------------------------------------


def plot(figures: Figures, path: Path) -> None:
    """Write the plot: every candidate as a multiple of the hand-written function."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra, only for this
    from matplotlib.figure import Figure  # noqa: PLC0415

    bars = sorted(_multiples(figures), key=lambda bar: bar[1], reverse=True)
    names, values = [name for name, _ in bars], [value for _, value in bars]
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "benchmarks", "font.size": 9}):
        figure = Figure(figsize=(8, 0.3 * len(bars) + 0.8), layout="constrained")
        axes = figure.subplots()
        colors = ["#1f6feb" if MAPPER in name else "#9aa4b1" for name in names]
        drawn = axes.barh(names, values, color=colors)
        axes.bar_label(drawn, [f"{value:.2f}" for value in values], padding=3)
        axes.axvline(1, color="#444", linewidth=0.8)
        axes.set_xscale("log")
        axes.set_xlim(0.2, 2 * max(values))
        axes.margins(y=0.02)
        ticks = [each for each in (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100) if each <= 2 * max(values)]
        axes.set_xticks(ticks, [f"{each:g}" for each in ticks])
        axes.minorticks_off()
        axes.set_xlabel("x hand-written (shorter is faster)")
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _multiples(figures: Figures) -> Iterator[tuple[str, float]]:
    races = figures["races"]
    for name in races["from_vendor"][0]:
        if name != MAPPER:
            yield name, ratio(races["from_vendor"], name, HAND)
    for name in races["peers"][0]:
        if name not in (MAPPER, HAND):
            yield name, ratio(races["peers"], name, HAND)
    for operation in ("from_vendor", "create", "update"):
        yield f"{MAPPER}: {operation}", ratio(races[operation], MAPPER, HAND)
