"""The step time against what other people measured; exact rows, weighted by source, then by configuration."""

import pytest
from time_jobs import PublishedRun, published_runs, speed_rows, weighted_quantile, weights

SOURCES = sorted({row["source"] for row in speed_rows() if row["fidelity"] == "exact"})


def exact_runs() -> list[PublishedRun]:
    return [run for run in published_runs() if run.is_exact]


def errors_of(runs: list[PublishedRun], quantile: float) -> float:
    return weighted_quantile([abs(run.error) for run in runs], weights(runs), quantile)


def bias_of(runs: list[PublishedRun]) -> float:
    return weighted_quantile([run.error for run in runs], weights(runs), 0.5)


def test_half_of_the_published_speeds_are_met_within_a_tenth() -> None:
    assert errors_of(exact_runs(), 0.5) <= 0.10


def test_nine_of_ten_published_speeds_are_met_within_three_tenths() -> None:
    assert errors_of(exact_runs(), 0.9) <= 0.30


@pytest.mark.parametrize("source", SOURCES)
def test_no_source_is_missed_by_more_than_a_quarter(source: str) -> None:
    assert errors_of([run for run in exact_runs() if run.source == source], 0.5) <= 0.25


@pytest.mark.parametrize("method", ["full", "lora", "qlora", "pretrain"])
def test_no_method_is_estimated_too_fast_or_too_slow(method: str) -> None:
    assert abs(bias_of([run for run in exact_runs() if run.method == method])) <= 0.08


@pytest.mark.parametrize("family", ["ampere", "hopper"])
def test_no_well_measured_family_is_estimated_too_fast_or_too_slow(family: str) -> None:
    runs = [run for run in exact_runs() if run.family == family]
    assert len(runs) >= 20
    assert abs(bias_of(runs)) <= 0.10


def test_four_of_five_measurements_lie_in_their_range() -> None:
    """Of exact and partial rows."""
    every = published_runs()
    row_weights = weights(every)
    inside = sum(weight for run, weight in zip(every, row_weights, strict=True) if run.is_inside)
    assert 0.75 <= inside / sum(row_weights) <= 0.90
