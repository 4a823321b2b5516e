"""The published runs: how far off we may be, as we promise it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from bot.cli.validate import reader_of
from bot.files import load_catalog
from bot.validation.figures import Figures, figures, judged_not_to_fit, verdicts, weights
from bot.validation.measurements import Judged, Metric, judged_rows, rows_of

pytestmark = pytest.mark.untraced

HERE = Path(__file__).parent


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
    speeds = [each for each in exact(("source",)) if each.metric in (Metric.TOKENS, Metric.STEP)]
    assert max(each.median for each in speeds) <= 0.073


def test_no_method_is_biased() -> None:
    for each in exact(("method",)):
        if each.metric in (Metric.TOKENS, Metric.STEP) and each.num_rows >= 10:
            assert abs(each.bias) <= 0.065, each
        if each.metric in (Metric.ALLOCATED, Metric.PROCESS) and each.num_rows >= 20:
            assert abs(each.bias) <= 0.02, each


def test_no_run_that_died_is_said_to_fit() -> None:
    assert verdicts(judged("measurements.csv")).missed == 0


def test_hardly_a_run_that_ran_is_said_not_to_fit() -> None:
    """A run whose speed somebody measured fitted too."""
    rows = judged("measurements.csv")
    said, num_ran = judged_not_to_fit(rows)
    assert len(said) / num_ran <= 0.02
    assert verdicts(row for row in rows if row.row.fidelity == "exact").false_alarms == 0


def test_ranges_of_time_hold_what_they_promise() -> None:
    """Of exact and partial rows together: a range is for whoever says as much as most people do."""
    rows = [row for row in judged("measurements.csv") if row.metric in (Metric.TOKENS, Metric.STEP)]
    rows = [row for row in rows if not row.row.near_capacity]
    inside = sum(share * row.is_inside for share, row in zip(weights(rows), rows, strict=True))
    assert 0.75 <= inside <= 0.90
