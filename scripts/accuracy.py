"""Write docs/accuracy.md and its plots from the published runs.

`make bench-accuracy` rewrites them; with --check it only says whether the page is up to date.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from bot.cli.validate import reader_of
from bot.files import load_catalog
from bot.validation.figures import Figures, Verdicts, figures, verdicts, worst
from bot.validation.measurements import Judged, Metric, judged_rows, rows_of
from bot.validation.plot import save_plot
from estimator.catalog import Catalog
from estimator.memory.result import Verdict
from estimator.time.calibration import FitReport

ROOT: Final = Path(__file__).parent.parent
PUBLISHED: Final = ROOT / "tests" / "published"
TARGET: Final = ROOT / "docs" / "accuracy.md"
NUM_WORST: Final = 10
WIDE_OF_THE_MARK: Final = 0.25

NAMES: Final = {
    Metric.ALLOCATED: "memory, allocated",
    Metric.RESERVED: "memory, reserved",
    Metric.PROCESS: "memory, process",
    Metric.UNSPECIFIED: "memory, not said which",
    Metric.TOKENS: "tokens a second",
    Metric.STEP: "step time",
}

INTRODUCTION: Final = """\
# How far off the estimates are

Written by `make bench-accuracy` from `tests/published/`: what other people measured, with the command
that describes each run. `ftcost validate tests/published/measurements.csv` prints the same figures; give
it a table of your own runs.

**How to read the tables.** Errors are |estimate − measurement| as a share of the measurement. Each
source counts equally, then each configuration of a source, then its rows: whoever measured one run fifty
times decides nothing. *exact* rows state every part of the run; *partial* ones leave something out (a
rounded length, a setting without a word in our language, memory read at an unknown moment), so part of
their error is theirs. Rows at the capacity of their card are left out of the errors, because there the
allocator decides, but not out of the verdicts. *Inside* is the share of measurements between our p10 and
p90: 80 % would be perfect.
"""

OTHERS: Final = """\
## Beside other tools

What their authors publish, and what we reach on the rows of our table that come nearest to theirs.
Nobody else says how often the truth lies in a range, because nobody else gives one.

| tool | what it claims | on what | we, there |
| --- | --- | --- | --- |
| fitcheck-llm | memory: 2.4 % mean; −2 and −8 % on two runs of others | its own, one T4 | no such rows |
| SimuMax | memory: −4.8 … +0.2 % | Megatron only, its own runs | {simumax_memory} |
| SimuMax | step time, the same runs | Megatron only | {simumax_time} |
| Calculon | step time: 3.65 % mean error | Megatron on A100 only (Isaev et al. 2023, SC '23) | {megatron} |
| none | speed of LoRA and QLoRA | — | {adapters} |

Our constants were also fitted on many of these rows; *Left out* above is what a run from a source that
we have never seen gets.
"""

LEFT_OUT: Final = """\
## Left out: time without its own source

The constants of the time model are fitted again for each source without its rows, and judged on them:
what somebody gets whose runs are not in our table.

| exact rows | n | sources | median | p90 | inside |
| --- | ---: | ---: | ---: | ---: | ---: |"""


def main() -> None:
    """PlanEvaluator every published row; draw the plots and write the page, or check it."""
    catalog = load_catalog()
    simulated = _judged(PUBLISHED / "simulated_memory.csv", catalog)
    measured = _judged(PUBLISHED / "measurements.csv", catalog)
    page = "\n".join(_page(simulated, measured, catalog.time_calibration.report))
    if "--check" in sys.argv:
        is_current = TARGET.read_text(encoding="utf-8") == page
        sys.exit(0 if is_current else "docs/accuracy.md is out of date: run make bench-accuracy readme")
    (ROOT / "docs" / "img").mkdir(exist_ok=True)
    save_plot(measured, ROOT / "docs" / "img" / "measured.png")
    save_plot(simulated, ROOT / "docs" / "img" / "simulated.png")
    TARGET.write_text(page, encoding="utf-8")


def _judged(path: Path, catalog: Catalog) -> tuple[Judged, ...]:
    with path.open(encoding="utf-8", newline="") as stream:
        judged, broken = judged_rows(rows_of(stream), catalog, reader_of(catalog))
    if broken:
        raise ValueError(f"{path.name} line {broken[0].row.line}: {broken[0].problem}")
    return judged


def _page(simulated: Sequence[Judged], measured: Sequence[Judged], report: FitReport) -> Iterable[str]:
    exact = tuple(row for row in measured if row.row.fidelity == "exact")
    yield INTRODUCTION
    yield from _left_out(report)
    yield ""
    yield "## Against simulated execution\n"
    yield "The real model code, run on tensors without data: what the formulas must reproduce.\n"
    yield from _table(figures(simulated))
    yield "\n![estimated against simulated memory](img/simulated.png)\n"
    yield "## Against measurements\n"
    yield from _table(figures(measured))
    yield "\n![estimated against measured memory and speed](img/measured.png)\n"
    yield from _verdict_lines(measured)
    for title, labels in (("method", ("method",)), ("GPU", ("gpu",)), ("source", ("source",))):
        yield f"\n### Exact rows by {title}\n"
        yield from _table(figures(exact, labels), title)
    yield "\n" + OTHERS.format(**_beside_others(measured))
    yield from _bad(measured)


def _table(found: Sequence[Figures], label: str = "") -> Iterable[str]:
    heads = ("quantity", label or "rows", "n", "sources", "median", "p90", "p95", "bias", "inside")
    yield f"| {' | '.join(heads)} |"
    yield "| --- | --- |" + " ---: |" * 7
    for figure in found:
        name = figure.group[0][1] if figure.group else figure.fidelity
        errors = (f"{share:.1%}" for share in (figure.median, figure.p90, figure.p95))
        cells = (
            NAMES[figure.metric],
            name,
            str(figure.num_rows),
            str(figure.num_sources),
            *errors,
            f"{figure.bias:+.1%}",
            f"{figure.inside:.0%}",
        )
        yield f"| {' | '.join(cells)} |"


def _verdict_lines(measured: Sequence[Judged]) -> Iterable[str]:
    yield "### Verdicts\n"
    yield "| runs | fits | tight | does not fit |"
    yield "| --- | ---: | ---: | ---: |"
    for fidelity in ("exact", "partial"):
        said = verdicts(row for row in measured if row.row.fidelity == fidelity)
        yield f"| {fidelity}, died for memory | {_counts(said, died=True)} |"
        yield f"| {fidelity}, ran | {_counts(said, died=False)} |"
    yield from _refused(measured)


def _refused(measured: Sequence[Judged]) -> Iterable[str]:
    """A run whose speed somebody measured fitted too."""
    died = {row.row.text for row in measured if row.metric is Metric.OOM}
    ran = {row.row.text: row.verdict for row in measured if row.row.text not in died}
    refused = sum(verdict is Verdict.DOES_NOT_FIT for verdict in ran.values())
    share = f"{refused / len(ran):.1%}"
    yield f"\nOf all {len(ran)} runs that ran, those of speed too, {refused} are judged not to fit ({share})."


def _counts(said: Verdicts, *, died: bool) -> str:
    counted = said.died if died else said.ran
    return " | ".join(str(counted[verdict]) for verdict in Verdict)


def _beside_others(measured: Sequence[Judged]) -> dict[str, str]:
    def said(keep: Callable[[Judged], bool]) -> str:
        kept = [row for row in measured if keep(row) and not row.row.near_capacity]
        errors = sorted(abs(row.error) for row in kept)
        if not errors:
            return "no rows"
        mean, median = sum(errors) / len(errors), errors[len(errors) // 2]
        return f"median {median:.1%}, mean {mean:.1%} of {len(errors)} rows"

    return {
        "simumax_memory": said(lambda row: _is_of(row, "SimuMax") and row.metric is Metric.ALLOCATED),
        "simumax_time": said(lambda row: _is_of(row, "SimuMax") and row.metric is Metric.STEP),
        "megatron": said(
            lambda row: (
                row.labels["stack"] == "megatron"
                and row.labels["gpu"].startswith("a100")
                and row.metric in (Metric.STEP, Metric.TOKENS)
            )
        ),
        "adapters": said(
            lambda row: (
                row.labels["method"] in ("lora", "qlora")
                and row.row.fidelity == "exact"
                and row.metric in (Metric.STEP, Metric.TOKENS)
            )
        ),
    }


def _is_of(row: Judged, name: str) -> bool:
    return row.row.source.endswith(name)


def _left_out(report: FitReport) -> Iterable[str]:
    counts = f"{report.num_rows} | {report.num_sources}"
    seen = f"{report.median_error:.1%} | {report.p90_error:.1%} | {report.coverage:.0%}"
    unseen = f"{report.left_out_median_error:.1%} | {report.left_out_p90_error:.1%}"
    yield LEFT_OUT
    yield f"| with every source | {counts} | {seen} |"
    yield f"| each source left out | {counts} | {unseen} | {report.left_out_coverage:.0%} |"


def _bad(measured: Sequence[Judged]) -> Iterable[str]:
    """Where nobody should trust us: sources far off, and the rows farthest off."""
    yield "\n## What is bad\n"
    far = [each for each in figures(measured, ("source",)) if each.median > WIDE_OF_THE_MARK]
    if far:
        yield f"Sources with a median error above {WIDE_OF_THE_MARK:.0%}:\n"
        for each in far:
            name = f"{each.group[0][1]}, {NAMES[each.metric]}, {each.fidelity}"
            yield f"* {name}: {each.median:.0%} on {each.num_rows} rows, bias {each.bias:+.0%}"
    for fidelity in ("exact", "partial"):
        yield f"\nThe {fidelity} rows farthest off:\n"
        yield "| row | quantity | measured | estimated | error | run |"
        yield "| --- | --- | ---: | ---: | ---: | --- |"
        for row in worst((row for row in measured if row.row.fidelity == fidelity), NUM_WORST):
            numbers = f"{row.measured:.4g} | {row.estimated.likely:.4g} | {row.error:+.0%}"
            yield f"| {row.row.name} | {NAMES[row.metric]} | {numbers} | `{row.row.text}` |"
    yield ""


if __name__ == "__main__":
    main()
