"""Reports of runs that fitted or did not, as their owners told them: what we say of each."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.cli.validate import reader_of
from bot.files import load_catalog
from bot.validation.measurements import Metric, RunEstimate
from estimator.units import HOUR_SECONDS

CATALOG = load_catalog()
READ = reader_of(CATALOG)
with (Path(__file__).parent / "cases.csv").open(encoding="utf-8", newline="") as stream:
    CASES = {row["id"]: row for row in csv.DictReader(stream)}


@cache
def run_of(text: str) -> RunEstimate:
    return RunEstimate.of(READ(text), CATALOG)


def is_near(estimated: float, measured: float, tolerance: float) -> bool:
    return abs(estimated / measured - 1) <= tolerance


def hours(run: RunEstimate) -> float:
    return run.time.run_seconds.likely / HOUR_SECONDS


def is_met(kind: str, wanted: Any, run: RunEstimate) -> bool:
    """Whether one check holds: a verdict, GiB a card, hours, or hours over those of another run."""
    if kind == "verdict":
        return str(run.memory.verdict) in wanted
    if kind == "mem":
        return is_near(run.quantity(Metric(f"mem_{wanted[0]}_gib")).likely, *wanted[1:])
    if kind == "hours":
        return is_near(hours(run), *wanted)
    other, ratio, tolerance = wanted
    return is_near(hours(run) / hours(run_of(other)), ratio, tolerance)


@pytest.mark.parametrize("row", CASES.values(), ids=CASES)
def test_a_report_is_met(row: dict[str, str]) -> None:
    run = run_of(row["spec"])
    checks = json.loads(row["check"] or "{}")
    met = all(is_met(kind, wanted, run) for kind, wanted in checks.items())
    assert met == (not row["unmet"])


def test_no_run_that_failed_is_said_to_fit() -> None:
    failed = [row for row in CASES.values() if "does_not_fit" in row["check"]]
    assert len(failed) >= 8
    assert {str(run_of(row["spec"]).memory.verdict) for row in failed} <= {"tight", "does_not_fit"}


def test_all_but_three_reports_are_met() -> None:
    """What is left says in `unmet` why: docs/accuracy.md prints it."""
    assert sum(bool(row["unmet"]) for row in CASES.values()) <= 3


@pytest.mark.parametrize("row", CASES.values(), ids=CASES)
def test_a_report_has_its_link_and_its_day(row: dict[str, str]) -> None:
    assert row["link"].startswith("https://github.com/")
    assert "2023" <= row["date"] <= "2027"
    assert row["fact"]
