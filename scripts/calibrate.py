"""Fit config/calibration.yaml on the published runs, and write how well it does: `make calibrate`."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from published_runs import Run, published_runs, source_weights
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

TARGET = Path(__file__).parent.parent / "config" / "calibration.yaml"
FIGURES = 4
FIT_STEPS = 15
FULL_ROWS = 3
"""Rows from which a source counts in full, and which a fitted constant needs."""
SENSITIVE = 0.02
"""A run speaks for a constant when its time moves by a fiftieth of the constant's change."""
HEADER = """\
# Constants of the time model; docs/formulas-time.md says where each stands. Written by `make calibrate`: it
# fits those of origin `fitted` to tests/published/measurements.csv and keeps everything else.
# prior: where the fit starts and what it is held near. num_rows, num_sources: published runs that speak for
# the constant (a fiftieth of its change moves their time); residual: the median error of those runs.
# scatter: measured over estimated step time, the range of 80 % of a group of exact and partial rows, each run by
# a fit without its source; half-way between the group and all runs, equally far on both sides in the logarithm.
"""


def main() -> None:
    """Fit, leave one source out at a time, write, and print the errors."""
    known = load_catalog().time_calibration
    runs = tuple(run for run in published_runs() if run.is_sayable)
    evidence = Evidence.of(runs, known)
    best = fitted(evidence, known, FIT_STEPS)
    blind = left_out(evidence, known, best)
    calibration = with_scatter(
        _rounded(with_values(known, evidence.names, best), evidence.names), runs, blind
    )
    calibration = _with_report(_with_evidence(calibration, runs), runs, blind)
    TARGET.write_text(HEADER + "\n" + _as_yaml(calibration), encoding="utf-8")
    _print_errors(runs, calibration, blind)
    _refuse_thin_evidence(calibration)


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
    speaks = np.abs(sensitivities(runs, calibration, name)) >= SENSITIVE
    sources = {run.source for run, says in zip(runs, speaks, strict=True) if says}
    return constant.model_copy(
        update={
            "num_rows": int(speaks.sum()),
            "num_sources": len(sources),
            "residual": round(float(np.median(errors[speaks])), 3) if sources else None,
        }
    )


def _with_report(calibration: TimeCalibration, runs: Sequence[Run], blind: Vector) -> TimeCalibration:
    ratios = log_measured(runs) - log_estimates(runs, calibration)
    report = FitReport(
        num_rows=len(runs),
        num_sources=len({run.source for run in runs}),
        **_quantiles("left_out_", blind, runs),
        left_out_coverage=round(left_out_coverage(runs, calibration, blind), 3),
        **_quantiles("", ratios, runs),
        coverage=round(coverage(runs, calibration, ratios), 3),
    )
    return changed(calibration, report=report)


def _quantiles(prefix: str, ratios: Vector, runs: Sequence[Run]) -> dict[str, float]:
    errors, row_weights = np.abs(np.exp(-ratios) - 1), judged_weights(runs)
    return {
        f"{prefix}{name}_error": round(weighted_quantile(errors, row_weights, share), 3)
        for name, share in (("median", 0.5), ("p90", 0.9))
    }


def judged_weights(runs: Sequence[Run]) -> Vector:
    """Sources equally, one of one or two rows a third or two thirds."""
    rows = Counter(run.source for run in runs)
    return np.array(source_weights(runs)) * [min(1.0, rows[run.source] / FULL_ROWS) for run in runs]


def _refuse_thin_evidence(calibration: TimeCalibration) -> None:
    """Nothing is fitted on fewer than three rows of two sources: such a constant is to be assumed."""
    thin = [
        name
        for name, constant in calibration.constants.items()
        if constant.origin is Origin.FITTED and (constant.num_rows < FULL_ROWS or constant.num_sources < 2)
    ]
    if thin:
        raise SystemExit("fitted on fewer than three rows of two sources: " + ", ".join(thin))


def _as_yaml(calibration: TimeCalibration) -> str:
    data = calibration.model_dump(mode="json", exclude_none=True)
    constants = {
        name: {key: v for key, v in entry.items() if v not in ("", 0)}
        for name, entry in data["constants"].items()
    }
    parts = [
        {"families": data["families"]},
        {"report": data["report"]},
        {name: data[name] for name in ("seen_stacks", "seen_families", "seen_kinds")},
        {"constants": constants},
        {"scatter": data["scatter"]},
    ]
    return "\n".join(yaml.safe_dump(part, sort_keys=False, width=140, allow_unicode=True) for part in parts)


def _print_errors(runs: Sequence[Run], calibration: TimeCalibration, blind: Vector) -> None:
    """What a new source sees, by source and in all; then what the fit leaves, also of exact rows alone."""
    ratios = log_measured(runs) - log_estimates(runs, calibration)
    print(f"{'source':44} {'rows':>4}  left out: median  p90    bias | fitted: median  p90    bias")
    for source in sorted({run.source for run in runs}):
        _print_line(source, [run.source == source for run in runs], runs, blind, ratios)
    exact = Counter(run.source for run in runs if run.is_exact)
    _print_line("all rows", [True] * len(runs), runs, blind, ratios)
    _print_line(
        "exact rows of sources with three and more",
        [run.is_exact and exact[run.source] >= FULL_ROWS for run in runs],
        runs,
        blind,
        ratios,
    )
    print(calibration.report.model_dump_json(indent=1))


def _print_line(
    name: str, chosen: Sequence[bool], runs: Sequence[Run], blind: Vector, ratios: Vector
) -> None:
    own = tuple(run for run, is_chosen in zip(runs, chosen, strict=True) if is_chosen)
    mask = np.array(chosen)
    shown = " | ".join(f"         {_errors(values[mask], own)}" for values in (blind, ratios))
    print(f"{name:44} {len(own):4}  {shown}")


def _errors(ratios: Vector, runs: Sequence[Run]) -> str:
    """Of the step; above 0 we say too long."""
    row_weights, errors = judged_weights(runs), np.exp(-ratios) - 1
    median, p90 = (weighted_quantile(np.abs(errors), row_weights, share) for share in (0.5, 0.9))
    return f"{median:6.3f} {p90:6.3f} {weighted_quantile(errors, row_weights, 0.5):+7.3f}"


if __name__ == "__main__":
    main()
