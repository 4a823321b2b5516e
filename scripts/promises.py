"""What we promise of the published runs, beside what holds today; part of docs/accuracy.md."""

import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Final

from calibrate import single_sources
from promised import INSIDE, MOST, MOST_MEMORY, MOST_REFUSED, MOST_SIMULATED
from published_runs import as_measured, published_runs

from bot.validation.figures import Figures, figures, judged_not_to_fit, verdicts, weights
from bot.validation.measurements import Judged, Metric
from estimator.time import TimeCalibration

SPEEDS: Final = (Metric.TOKENS, Metric.STEP)
STATED: Final = 3
"""Rows from which on a source of exact speeds is judged: fewer may be one person's bad day."""
BEYOND: Final = 0.1
"""Share of the rows beyond a 90th percentile."""
NAMES: Final = {
    Metric.ALLOCATED: "allocated memory, exact rows",
    Metric.RESERVED: "reserved memory, exact rows",
    Metric.PROCESS: "process memory, exact rows",
    Metric.TOKENS: "tokens a second, exact rows of sources with three and more",
    Metric.STEP: "step time, exact rows of sources with three and more",
}
HEAD: Final = """\
## What we promise, and what holds

For the rows of our table, weighed as above; what is *missed* we owe.

| what | promised | is | |
| --- | --- | --- | --- |"""

SOURCES: Final = """
A median over sources hides single ones. Sources of three exact rows and more whose own median is above what
is promised of all:
"""

UNFITTED: Final = """
*Left out* above is kinder than a new source would be in one more way. These constants are assumed, and
rows of one source alone depend on them: most were chosen with those rows in sight, and nothing chooses them
again when that source is left out. Of time:
{names}.
Of memory, in config/frameworks.yaml: LitGPT's `mlp_extra_bytes`, `quantized_mlp_extra_bytes` and
`quantized_head_bytes`."""


def lines(
    simulated: Sequence[Judged],
    measured: Sequence[Judged],
    memory: tuple[float, float],
    calibration: TimeCalibration,
) -> Iterator[str]:
    """The table, the sources that are further off, and the constants of one source."""
    exact = [row for row in measured if row.row.fidelity == "exact"]
    rows = Counter((row.row.source, row.metric) for row in exact)
    stated = [row for row in exact if row.metric not in SPEEDS or rows[row.row.source, row.metric] >= STATED]
    yield HEAD
    (peak,) = figures(simulated)
    yield _line("peak against simulated execution", MOST_SIMULATED, (peak.median, peak.p95), "p95")
    for each in figures(stated):
        if each.metric in MOST:
            yield _line(NAMES[each.metric], MOST[each.metric], (each.median, each.p90))
    yield _line("memory, exact and partial rows", MOST_MEMORY, memory)
    missed = verdicts(measured).missed
    yield f"| runs that died for memory, said to fit | none | {missed or 'none'} | {_met(not missed)} |"
    found, num_ran = judged_not_to_fit(measured)
    share = len(found) / num_ran
    yield (
        f"| runs that ran, said not to fit | at most {MOST_REFUSED:.0%} | {share:.1%} "
        f"| {_met(share <= MOST_REFUSED)} |"
    )
    for name, chosen in (("memory", False), ("speed", True)):
        yield _inside(name, [row for row in measured if (row.metric in SPEEDS) is chosen])
    yield from _beyond([row for row in stated if row.metric in SPEEDS])
    yield SOURCES
    yield from (_far(each) for each in figures(stated, ("source",)) if _is_far(each))
    names = single_sources(as_measured(published_runs()), calibration)
    said = ", ".join(f"`{name}`" for name in names)
    yield UNFITTED.format(names=textwrap.fill(said, 110, break_on_hyphens=False, break_long_words=False))


def _line(what: str, most: tuple[float, float], found: tuple[float, float], high: str = "p90") -> str:
    promised = f"median {most[0]:.1%}, {high} {most[1]:.1%}"
    is_now = f"median {found[0]:.1%}, {high} {found[1]:.1%}"
    owed = [name for name, a, b in zip(("median", high), found, most, strict=True) if a > b]
    return f"| {what} | {promised} | {is_now} | {'missed: ' + ', '.join(owed) if owed else 'met'} |"


def _inside(name: str, rows: Sequence[Judged]) -> str:
    judged = [row for row in rows if row.metric is not Metric.OOM and not row.row.near_capacity]
    share = sum(weight * row.is_inside for weight, row in zip(weights(judged), judged, strict=True))
    low, high = INSIDE
    return (
        f"| {name}, exact and partial rows inside the range | {low:.0%} to {high:.0%} | {share:.0%} "
        f"| {_met(low <= share <= high)} |"
    )


def _beyond(stated: Sequence[Judged]) -> Iterator[str]:
    """Whose rows lie beyond the 90th percentile that is promised, where more than a tenth does."""
    for metric in SPEEDS:
        judged = [row for row in stated if row.metric is metric and not row.row.near_capacity]
        most = MOST[metric][1]
        beyond: defaultdict[str, float] = defaultdict(float)
        for weight, row in zip(weights(judged), judged, strict=True):
            if abs(row.error) > most:
                beyond[row.row.source] += weight
        if (total := sum(beyond.values())) > BEYOND:
            largest = sorted(beyond.items(), key=itemgetter(1), reverse=True)
            shares = ", ".join(f"{source} {share:.1%}" for source, share in largest)
            yield textwrap.fill(
                f"Of {NAMES[metric].split(',')[0]}, {total:.1%} of the weight is beyond {most:.0%}, "
                f"where {BEYOND:.0%} may be: {shares}.",
                110,
                initial_indent="\n",
                break_on_hyphens=False,
            )


def _met(is_met: bool) -> str:  # noqa: FBT001  -- a word for a fact
    return "met" if is_met else "missed"


def _is_far(figure: Figures) -> bool:
    return figure.metric in MOST and figure.num_rows >= STATED and figure.median > MOST[figure.metric][0]


def _far(figure: Figures) -> str:
    what = NAMES[figure.metric].split(",")[0]
    return f"* {figure.group[0][1]}, {what}: {figure.median:.1%} on {figure.num_rows} rows"
