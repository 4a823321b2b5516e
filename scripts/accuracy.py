"""Write docs/accuracy.md and its plots from the published runs.

`make bench-accuracy` rewrites them; with --check it only says whether the page is up to date.
"""

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import other_tools
import promises
import repeats
from calibrate_memory import errors, inside, left_out
from memory_runs import runs as memory_runs

from bot.cli.validate import reader_of
from bot.files import load_catalog
from bot.validation.figures import Figures, Verdicts, figures, judged_not_to_fit, verdicts, worst
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

What their authors publish of runs of their own, and what we reach on the rows of our table that come nearest
to theirs. None of them gives a range, or says how often the truth lies in one.
"""

OTHERS_END: Final = """\
Our constants were also fitted on many of these rows; *Left out* above is what a run from a source that
we have never seen gets.
"""

REPORTS: Final = """\
## Reports

Runs that people told of in public threads (`tests/published/cases.csv`): what fitted, what ran out of memory,
how long it took. {met} of {total} are met, and no run that failed is said to fit.

One was read again because a refit lost it by 0.01 GiB: zai-org/GLM-4#262 had stood with the 512 tokens of
input that its recipe cuts at, without the 512 of output. With 512 it is not met: {fewer} of {total} would be.

Reports that we cannot explain from what they say:
"""

LEFT_OUT: Final = """\
## Left out: what a run of a new source gets

All constants are fitted again for each source without its rows, and judged on them: what somebody gets whose
runs are not in our table. A model is chosen by these figures, not by those of the fit, so they are a little
kinder than those of a source that nobody has seen. The last choices, memory left out after each (6.8 / 26.1 %
before them): TorchTitan's rows say their release (6.8 / 25.8), loops that take their loss of 16-bit logits
say so (6.3 / 23.5), InternEvo's optimizer is counted as its source has it (5.6 / 20.4). Speed (9.0 / 25.9):
each attention kernel has its own rate, Megatron's selective checkpointing runs attention again, a collective
has a latency (8.9 / 25.4), adapters of huggingface/optimum-benchmark are in 16 bit as the PEFT of their day
made them (9.0 / 25.5). Of the rows that came to the table after that, nine are speeds, and every source is
harder to foretell with them in the fit: 9.3 / 27.3 (9.5 / 26.6 without these choices). A frozen base in fp32
is cast in every pass as any other: 8.8 / 24.6. Who shards on one GPU too casts nothing there: 8.9 / 24.6.
A product's last round of tiles costs a walk down its inner dimension, at its GPU's clock; that takes the
place of a width below which products were slow: 8.6 / 22.8. The Triton kernel of LLM Foundry runs as
FlashAttention 1 in its paper, a fused loss moves what its kernels read and write, and an L40S (its share was
chosen again with the rows of huggingface/peft in sight, which alone have one) is nearer to its peak:
8.1 / 22.6. On an A100 Megatron's products are as fast as others', and were slower before it had
FlashAttention; what ran until July 2023, LLM Foundry until 0.6 and InternEvo have FlashAttention 1, and
InternEvo's speeds are counted by its own facts: 7.9 / 23.2, with as many constants. What pointed to it were
five more layouts of an 8B on A100 on FlagPerf's page, which are in no table of ours: 8 to 20 % too slow
before, and now between 9 % too slow and 1 % too fast.

Tried and left: InternEvo's two copies of masters outside FSDP alone (5.9 / 22.4), and shards that stay on
the card where universal-llm-trainer offloads under FSDP: what Llama-2-13B measured there is 12 GiB more
than we say, as much as its shard, but Llama-3.1-70B would not have fitted so. Of speed, against 8.1 / 22.6:
traffic that the large cache of an RTX 40 keeps (8.5 / 22.6), fp8 up to twice as fast (8.4 / 22.8), fewer
products where Megatron fuses them (8.1 / 22.8), and launches of quantised products fitted, which gained
nothing. Against 8.9 / 25.4, before: products that slow down below some hundred tokens (9.3 / 26.1), less
traffic where a framework fuses its loss (9.5 / 25.7), a width of its own for each product (9.5 / 25.8),
Megatron's gradients travelling in fp32 (9.2 / 25.8), messages that reach the bandwidth by their size (9.2 /
25.7), and leaving out the runs on weights that were never filled (9.2 / 25.8).

| quantity | | n | sources | median | p90 | inside |
| --- | --- | ---: | ---: | ---: | ---: | ---: |"""


def main() -> None:
    """PlanEvaluator every published row; draw the plots and write the page, or check it."""
    catalog = load_catalog()
    simulated = _judged(PUBLISHED / "simulated_memory.csv", catalog)
    measured = _judged(PUBLISHED / "measurements.csv", catalog)
    page = "\n".join(_page(simulated, measured, catalog))
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


def _page(simulated: Sequence[Judged], measured: Sequence[Judged], catalog: Catalog) -> Iterable[str]:
    exact = tuple(row for row in measured if row.row.fidelity == "exact")
    yield INTRODUCTION
    yield from _left_out(catalog)
    yield ""
    yield from promises.lines(simulated, measured, _memory_errors(catalog), catalog.time_calibration)
    yield from repeats.lines(measured)
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
    yield "\n" + OTHERS
    yield from other_tools.table(measured)
    yield "\n" + OTHERS_END
    yield from _reports()
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
    rows, num_ran = judged_not_to_fit(measured)
    yield "\n### Ran, but judged not to fit\n"
    yield f"A run whose speed somebody measured fitted, too. Of all {num_ran} runs that ran, those of speed"
    yield f"among them, {len(rows)} are judged not to fit ({len(rows) / num_ran:.1%}).\n"
    yield "| source | run |"
    yield "| --- | --- |"
    for row in sorted(rows, key=lambda each: (each.row.source, each.row.text)):
        yield f"| {row.row.source} | `{row.row.text}` |"


def _counts(said: Verdicts, *, died: bool) -> str:
    counted = said.died if died else said.ran
    return " | ".join(str(counted[verdict]) for verdict in Verdict)


def _memory_errors(catalog: Catalog) -> tuple[float, float]:
    """Median and 90th percentile of all memory rows, exact and partial."""
    rows, known = memory_runs(), catalog.memory_calibration
    return errors(rows, [run.log_ratio(known) for run in rows])


def _left_out(catalog: Catalog) -> Iterable[str]:
    """Memory as `scripts/calibrate_memory.py` leaves sources out, time as its calibration says."""
    rows, known = memory_runs(), catalog.memory_calibration
    counts = f"{len(rows)} | {len({run.source for run in rows})}"
    blind, seen = left_out(rows, known), [run.log_ratio(known) for run in rows]
    yield LEFT_OUT
    for title, ratios in (("each source left out", blind), ("with every source", seen)):
        median, p90 = errors(rows, ratios)
        held = inside(rows, ratios, known)
        yield f"| memory | {title} | {counts} | {median:.1%} | {p90:.1%} | {held:.0%} |"
    yield from _left_out_times(catalog.time_calibration.report)


def _left_out_times(report: FitReport) -> Iterable[str]:
    counts = f"{report.num_rows} | {report.num_sources}"
    seen = f"{report.median_error:.1%} | {report.p90_error:.1%} | {report.coverage:.0%}"
    unseen = f"{report.left_out_median_error:.1%} | {report.left_out_p90_error:.1%}"
    yield f"| speed | each source left out | {counts} | {unseen} | {report.left_out_coverage:.0%} |"
    yield f"| speed | with every source | {counts} | {seen} |"


def _reports() -> Iterable[str]:
    with (PUBLISHED / "cases.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["check"]]
    unmet = [row for row in rows if row["unmet"]]
    met = len(rows) - len(unmet)
    yield REPORTS.format(met=met, fewer=met - 1, total=len(rows))
    for row in unmet:
        told = f"[{row['source']}]({row['link']}), `{row['spec']}`: {row['fact']}"
        yield f"* {told}; {row['unmet']}."


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
