"""The published runs: how far off we may be, as we promise it."""

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from promised import INSIDE, MOST_REFUSED

from bot.cli.validate import reader_of
from bot.files import load_catalog
from bot.validation.figures import Figures, figures, judged_not_to_fit, percentile, verdicts, weights
from bot.validation.measurements import Judged, Metric, judged_rows, rows_of

pytestmark = pytest.mark.untraced

HERE = Path(__file__).parent
SPEEDS = (Metric.TOKENS, Metric.STEP)


@cache
def judged(name: str) -> tuple[Judged, ...]:
    """Every row of a table; none of them is broken."""
    catalog = load_catalog()
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        rows, broken = judged_rows(rows_of(stream), catalog, reader_of(catalog))
    assert broken == ()
    return rows


def exact(by: Sequence[str] = ()) -> tuple[Figures, ...]:
    return figures((row for row in judged("measurements.csv") if row.row.fidelity == "exact"), by)


def test_what_is_held_out_can_be_judged_and_stays_apart() -> None:
    """Three rules came of it, no constant: of its sources none is in the table, and no run that died fits."""
    held_out = judged("held_out.csv")
    assert {row.row.source for row in held_out}.isdisjoint(
        row.row.source for row in judged("measurements.csv")
    )
    assert verdicts(held_out).missed == 0


def test_simulated_execution_is_reproduced() -> None:
    (figure,) = figures(judged("simulated_memory.csv"))
    assert figure.num_rows == 92
    assert figure.median <= 0.0001
    assert figure.p95 <= 0.0005


# A tenth above what holds: who lets a figure slip by more says so here.
@pytest.mark.parametrize(
    ("metric", "median", "p90"),
    [
        (Metric.ALLOCATED, 0.0184, 0.0625),
        (Metric.RESERVED, 0.04, 0.152),
        (Metric.PROCESS, 0.047, 0.137),
        (Metric.UNSPECIFIED, 0.12, 0.135),
        (Metric.TOKENS, 0.056, 0.16),
        (Metric.STEP, 0.0275, 0.134),
    ],
)
def test_exact_rows_are_met(metric: Metric, median: float, p90: float) -> None:
    (figure,) = (each for each in exact() if each.metric is metric)
    assert figure.median <= median
    assert figure.p90 <= p90


def test_no_source_of_exact_speeds_is_far_off() -> None:
    speeds = [each for each in exact(("source",)) if each.metric in SPEEDS]
    assert max(each.median for each in speeds) <= 0.073


def test_no_method_is_biased() -> None:
    for each in exact(("method",)):
        if each.metric in SPEEDS and each.num_rows >= 10:
            assert abs(each.bias) <= 0.075, each
        if each.metric in (Metric.ALLOCATED, Metric.PROCESS) and each.num_rows >= 20:
            assert abs(each.bias) <= 0.02, each


def exact_speeds() -> list[Judged]:
    rows = [row for row in judged("measurements.csv") if row.metric in SPEEDS]
    return [row for row in rows if row.row.fidelity == "exact" and not row.row.near_capacity]


def median_error(rows: Sequence[Judged]) -> float:
    """With its sign: above 0 we say too much."""
    return percentile([row.error for row in rows], weights(rows), 0.5)


@pytest.mark.parametrize("family", ["ampere", "hopper"])
def test_no_well_measured_family_is_estimated_too_fast_or_too_slow(family: str) -> None:
    catalog = load_catalog()
    gpus = {each: catalog.gpu(each) for each in {row.labels["gpu"] for row in exact_speeds()}}
    of = {
        key: catalog.time_calibration.family(gpu.compute_capability, gpu.vendor) for key, gpu in gpus.items()
    }
    rows = [row for row in exact_speeds() if of[row.labels["gpu"]] == family]
    assert len(rows) >= 20
    assert abs(median_error(rows)) <= 0.10


@pytest.mark.parametrize("method", ["full", "lora", "qlora", "pretrain"])
def test_no_method_is_estimated_too_fast_or_too_slow(method: str) -> None:
    with (HERE / "measurements.csv").open(encoding="utf-8", newline="") as stream:
        tasks = {row["id"]: row["task"] for row in csv.DictReader(stream)}
    rows = [
        row
        for row in exact_speeds()
        if method == ("pretrain" if tasks[row.row.name] == "pretrain" else row.labels["method"])
    ]
    assert abs(median_error(rows)) <= 0.08


def test_no_run_that_died_is_said_to_fit() -> None:
    assert verdicts(judged("measurements.csv")).missed == 0


def test_hardly_a_run_that_ran_is_said_not_to_fit() -> None:
    """A run whose speed somebody measured fitted too."""
    rows = judged("measurements.csv")
    said, num_ran = judged_not_to_fit(rows)
    assert len(said) / num_ran <= MOST_REFUSED
    assert verdicts(row for row in rows if row.row.fidelity == "exact").false_alarms == 0


def test_ranges_of_time_hold_what_they_promise() -> None:
    """Of exact and partial rows together: a range is for whoever says as much as most people do."""
    rows = [row for row in judged("measurements.csv") if row.metric in SPEEDS]
    rows = [row for row in rows if not row.row.near_capacity]
    inside = sum(share * row.is_inside for share, row in zip(weights(rows), rows, strict=True))
    low, high = INSIDE
    assert low <= inside <= high
