"""Fit config/calibration/time.yaml on the published runs, and write how well it does: `make calibrate`."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from published_runs import FULL_ROWS, Run, as_measured, published_runs, source_weights
from time_fit import (
    Evidence,
    Vector,
    changed,
    coverage,
    fitted,
    left_out,
    left_out_coverage,
    log_estimates,
    log_measured,
    sensitivities,
    weighted_quantile,
    with_scatter,
    with_values,
)

from bot.files import load_catalog
from estimator.time import TimeCalibration
from estimator.time.calibration import Constant, FitReport, Origin

TARGET = Path(__file__).parent.parent / "config" / "calibration" / "time.yaml"
FIGURES = 4
FIT_STEPS = 15
SENSITIVE = 0.02
"""A run speaks for a constant when its time moves by a fiftieth of the constant's change."""
HEADER = """\
# Constants of the time model; docs/formulas-time.md says where each stands. Written by `make calibrate`: it
# fits those of origin `fitted` to tests/published/measurements.csv and keeps everything else.
# prior: where the fit starts and what it is held near. num_rows, num_sources: published runs that speak for
# the constant (a fiftieth of its change moves their time); residual: the median error of those runs.
# scatter: measured over estimated step time, the range of 80 % of a group of exact and partial rows, each run
# by a fit without its source; half-way between the group and all runs, as far below 1 as above.
# Assumed, with rows of one source alone, so not fitted again where that source is left out:
"""


def main() -> None:
    """Fit, leave one source out at a time, write, and print the errors."""
    known = load_catalog().time_calibration
    every = published_runs()
    runs = as_measured(every)
    evidence = Evidence.of(runs, known)
    best = fitted(evidence, known, FIT_STEPS)
    calibration = _rounded(with_values(known, evidence.names, best), evidence.names)
    calibration = _with_evidence(calibration, runs)
    _refuse_thin_evidence(calibration)
    blind = left_out(evidence, known, best, every)
    calibration = with_scatter(calibration, every, blind)
    report = Report.of(runs, calibration, left_out(evidence, known, best, runs))
    calibration = changed(calibration, report=_summary(report, every, calibration, blind))
    TARGET.write_text(
        HEADER + _as_comment(single_sources(runs, calibration)) + "\n" + _as_yaml(calibration),
        encoding="utf-8",
    )
    _print_errors(report)
    print(calibration.report.model_dump_json(indent=1))


def _rounded(calibration: TimeCalibration, names: Sequence[str]) -> TimeCalibration:
    values = np.log([float(f"{calibration.constants[name].value:.{FIGURES}g}") for name in names])
    exact = with_values(calibration, names, values)
    constants = {
        name: constant.model_copy(update={"value": float(f"{constant.value:.{FIGURES}g}")})
        for name, constant in exact.constants.items()
    }
    return changed(exact, constants=constants)


def _with_evidence(calibration: TimeCalibration, runs: Sequence[Run]) -> TimeCalibration:
    errors = np.abs(np.exp(log_measured(runs) - log_estimates(runs, calibration)) - 1)
    constants = {
        name: _evidenced(name, constant, runs, calibration, errors)
        if constant.origin is Origin.FITTED
        else constant
        for name, constant in calibration.constants.items()
    }
    return changed(calibration, constants=constants)


def _evidenced(
    name: str, constant: Constant, runs: Sequence[Run], calibration: TimeCalibration, errors: Vector
) -> Constant:
    speaks = _speaks(name, runs, calibration)
    sources = _sources(runs, speaks)
    return constant.model_copy(
        update={
            "num_rows": int(speaks.sum()),
            "num_sources": len(sources),
            "residual": round(float(np.median(errors[speaks])), 3) if sources else None,
        }
    )


def _speaks(name: str, runs: Sequence[Run], calibration: TimeCalibration) -> NDArray[np.bool_]:
    """Which runs say something of a constant."""
    return np.abs(sensitivities(runs, calibration, name)) >= SENSITIVE


def _sources(runs: Sequence[Run], speaks: Iterable[bool]) -> set[str]:
    return {run.source for run, says in zip(runs, speaks, strict=True) if says}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Measured over estimated steps, in logarithms: by a fit without the run's source, and by all."""

    runs: tuple[Run, ...]
    blind: Vector
    ratios: Vector

    @classmethod
    def of(cls, runs: Sequence[Run], calibration: TimeCalibration, blind: Vector) -> "Report":
        """Of `runs`, whose blind ratios are known."""
        ratios = log_measured(runs) - log_estimates(runs, calibration)
        return cls(runs=tuple(runs), blind=blind, ratios=ratios)

    def of_those(self, chosen: Sequence[bool]) -> "Report":
        """The part with the chosen runs."""
        mask = np.array(chosen)
        runs = tuple(run for run, is_chosen in zip(self.runs, chosen, strict=True) if is_chosen)
        return Report(runs=runs, blind=self.blind[mask], ratios=self.ratios[mask])


def _summary(report: Report, every: Sequence[Run], calibration: TimeCalibration, blind: Vector) -> FitReport:
    """Errors of the runs that were fitted; of every run, as its command says it, the share in its range."""
    ratios = log_measured(every) - log_estimates(every, calibration)
    left_median, left_p90, _ = _errors(report.blind, report.runs)
    median, p90, _ = _errors(report.ratios, report.runs)
    return FitReport(
        num_rows=len(report.runs),
        num_sources=len({run.source for run in report.runs}),
        left_out_median_error=round(left_median, 3),
        left_out_p90_error=round(left_p90, 3),
        left_out_coverage=round(left_out_coverage(every, calibration, blind), 3),
        median_error=round(median, 3),
        p90_error=round(p90, 3),
        coverage=round(coverage(every, calibration, ratios), 3),
    )


def _refuse_thin_evidence(calibration: TimeCalibration) -> None:
    """Nothing is fitted on fewer than three rows of two sources: such a constant is to be assumed."""
    thin = [
        name
        for name, constant in calibration.constants.items()
        if constant.origin is Origin.FITTED and (constant.num_rows < FULL_ROWS or constant.num_sources < 2)
    ]
    if thin:
        raise SystemExit("fitted on fewer than three rows of two sources: " + ", ".join(thin))


def single_sources(runs: Sequence[Run], calibration: TimeCalibration) -> tuple[str, ...]:
    """Assumed constants that rows of one source alone depend on: nothing fits them again without it."""
    return tuple(
        name
        for name, constant in calibration.constants.items()
        if constant.origin is Origin.ASSUMED and len(_sources(runs, _speaks(name, runs, calibration))) == 1
    )


def _as_comment(names: Sequence[str]) -> str:
    lines = textwrap.wrap(
        ", ".join(names), 110, initial_indent="#   ", subsequent_indent="#   ", break_on_hyphens=False
    )
    return "\n".join([*lines, ""])


def _as_yaml(calibration: TimeCalibration) -> str:
    data = calibration.model_dump(mode="json", exclude_none=True)
    constants = {
        name: {key: v for key, v in entry.items() if v not in ("", 0)}
        for name, entry in data["constants"].items()
    }
    parts = [
        {"families": data["families"]},
        {"report": data["report"]},
        {name: data[name] for name in ("seen_frameworks", "seen_families", "seen_kinds", "seen_gpus")},
        {"constants": constants},
        {"scatter": data["scatter"]},
    ]
    return "\n".join(yaml.safe_dump(part, sort_keys=False, width=140, allow_unicode=True) for part in parts)


def _print_errors(report: Report) -> None:
    """What a new source sees, by source and in all; then what the fit leaves, also of exact rows alone."""
    runs = report.runs
    print(f"{'source':44} rows  left out: median    p90    bias | fitted: median    p90    bias")
    for source in sorted({run.source for run in runs}):
        _print_line(source, report.of_those([run.source == source for run in runs]))
    exact = Counter(run.source for run in runs if run.is_exact)
    _print_line("all rows", report)
    stated = [run.is_exact and exact[run.source] >= FULL_ROWS for run in runs]
    _print_line("exact rows of sources with three and more", report.of_those(stated))


def _print_line(name: str, report: Report) -> None:
    columns = []
    for ratios in (report.blind, report.ratios):
        median, p90, bias = _errors(ratios, report.runs)
        columns.append(f"{median:8.3f} {p90:6.3f} {bias:+7.3f}")
    print(f"{name:44} {len(report.runs):4}          {columns[0]} |       {columns[1]}")


def _errors(ratios: Vector, runs: Sequence[Run]) -> tuple[float, float, float]:
    """Median and 90th percentile of |error| and the median error of the step; above 0 we say too long."""
    row_weights, errors = np.array(source_weights(runs)), np.exp(-ratios) - 1
    sizes = np.abs(errors)
    return (
        weighted_quantile(sizes, row_weights, 0.5),
        weighted_quantile(sizes, row_weights, 0.9),
        weighted_quantile(errors, row_weights, 0.5),
    )


if __name__ == "__main__":
    main()
