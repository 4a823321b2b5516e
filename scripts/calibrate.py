"""Fit config/calibration.yaml on the published runs, and write how well it does: `make calibrate`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from published_runs import Run, published_runs, source_weights
from time_fit import (
    TARGET_COVERAGE,
    Vector,
    changed,
    coverage,
    fitted,
    fitted_names,
    log_estimates,
    log_measured,
    scatter_groups,
    sensitivities,
    weighted_quantile,
    with_values,
)

from bot.files import load_catalog
from estimator.time import TimeCalibration
from estimator.time.calibration import Constant, FitReport, Origin

TARGET = Path(__file__).parent.parent / "config" / "calibration.yaml"
FIGURES = 4
FIT_STEPS, REFIT_STEPS = 15, 5
SENSITIVE = 0.02
"""A run speaks for a constant when its time moves by a fiftieth of the constant's change."""
SHRINKS = tuple(step / 50 for step in range(1, 101))
HEADER = """\
# Constants of the time model; docs/formulas-time.md says where each stands. Written by `make calibrate`: it
# fits those of origin `fitted` to tests/published/measurements.csv and keeps everything else.
# prior: where the fit starts and what it is held near. num_rows, num_sources: published runs that speak for
# the constant (a fiftieth of its change moves their time); residual: the median error of those runs.
# scatter: measured over estimated step time, the range of 80 % of a group, each run with its source left out
# of the fit. low, high: for a run of that very stack, method and family, drawn towards 1 by one factor until
# `coverage` of the exact rows lie inside. borrowed_low, borrowed_high: not drawn, for every other run.
"""


def main() -> None:
    """Fit, leave one source out at a time, write, and print the errors."""
    known = load_catalog().time_calibration
    runs = published_runs()
    sayable = tuple(run for run in runs if run.is_sayable)
    names = fitted_names(known)
    best = fitted(sayable, known, None, FIT_STEPS)
    calibration = _rounded(with_values(known, names, best), names)
    left_out = _left_out(sayable, calibration, best)
    calibration = _with_scatter(_with_evidence(calibration, sayable), sayable, left_out)
    TARGET.write_text(HEADER + "\n" + _as_yaml(calibration), encoding="utf-8")
    _print_errors(sayable, calibration, left_out)


def _rounded(calibration: TimeCalibration, names: Sequence[str]) -> TimeCalibration:
    values = np.log([float(f"{calibration.constants[name].value:.{FIGURES}g}") for name in names])
    exact = with_values(calibration, names, values)
    constants = {
        name: constant.model_copy(update={"value": float(f"{constant.value:.{FIGURES}g}")})
        for name, constant in exact.constants.items()
    }
    return changed(exact, constants=constants)


def _left_out(runs: Sequence[Run], calibration: TimeCalibration, best: Vector) -> Vector:
    """Measured over estimated, in logarithms, each run by constants that did not see its source."""
    ratios = np.zeros(len(runs))
    names = fitted_names(calibration)
    for source in sorted({run.source for run in runs}):
        others = tuple(run for run in runs if run.source != source)
        blind = with_values(calibration, names, fitted(others, calibration, best, REFIT_STEPS))
        mine = [index for index, run in enumerate(runs) if run.source == source]
        own = tuple(runs[index] for index in mine)
        ratios[mine] = log_measured(own) - log_estimates(own, blind)
    return ratios


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


def _with_scatter(calibration: TimeCalibration, runs: Sequence[Run], left_out: Vector) -> TimeCalibration:
    exact = [index for index, run in enumerate(runs) if run.is_exact]
    exact_runs = tuple(runs[index] for index in exact)
    ratios = log_measured(exact_runs) - log_estimates(exact_runs, calibration)
    families = {calibration.family(run.gpu.compute_capability, run.gpu.vendor) for run in runs}
    stacks = {run.plan.stack for run in runs}
    calibration = changed(
        calibration, seen_stacks=tuple(sorted(stacks)), seen_families=tuple(sorted(families))
    )
    for shrink in SHRINKS:
        groups = scatter_groups(runs, calibration, left_out, shrink)
        calibration = changed(calibration, scatter=groups)
        if coverage(exact_runs, calibration, ratios) >= TARGET_COVERAGE:
            break
    report = FitReport(
        num_rows=len(exact),
        num_sources=len({run.source for run in exact_runs}),
        **_quantiles("", ratios, exact_runs),
        **_quantiles("left_out_", left_out[exact], exact_runs),
        coverage=round(coverage(exact_runs, calibration, ratios), 3),
        left_out_coverage=round(coverage(exact_runs, calibration, left_out[exact]), 3),
    )
    return changed(calibration, report=report)


def _quantiles(prefix: str, ratios: Vector, runs: Sequence[Run]) -> dict[str, float]:
    errors, row_weights = np.abs(np.exp(ratios) - 1), np.array(source_weights(runs))
    return {
        f"{prefix}{name}_error": round(weighted_quantile(errors, row_weights, share), 3)
        for name, share in (("median", 0.5), ("p90", 0.9))
    }


def _as_yaml(calibration: TimeCalibration) -> str:
    data = calibration.model_dump(mode="json", exclude_none=True)
    constants = {
        name: {key: v for key, v in entry.items() if v not in ("", 0)}
        for name, entry in data["constants"].items()
    }
    parts = [
        {"families": data["families"]},
        {"report": data["report"]},
        {"seen_stacks": data["seen_stacks"], "seen_families": data["seen_families"]},
        {"constants": constants},
        {"scatter": data["scatter"]},
    ]
    return "\n".join(yaml.safe_dump(part, sort_keys=False, width=140, allow_unicode=True) for part in parts)


def _print_errors(runs: Sequence[Run], calibration: TimeCalibration, left_out: Vector) -> None:
    ratios = log_measured(runs) - log_estimates(runs, calibration)
    print(calibration.report.model_dump_json(indent=1))
    print(f"{'source':44} {'rows':>4}  median  p90    bias | left out: median  p90    bias")
    for source in sorted({run.source for run in runs}):
        mine = [index for index, run in enumerate(runs) if run.source == source]
        own = tuple(runs[index] for index in mine)
        shown = " | ".join(_errors(values[mine], own) for values in (ratios, left_out))
        print(f"{source:44} {len(mine):4}  {shown}")


def _errors(ratios: Vector, runs: Sequence[Run]) -> str:
    row_weights, errors = np.array(source_weights(runs)), np.exp(ratios) - 1
    median, p90 = (weighted_quantile(np.abs(errors), row_weights, share) for share in (0.5, 0.9))
    return f"{median:6.3f} {p90:6.3f} {weighted_quantile(errors, row_weights, 0.5):+7.3f}"


if __name__ == "__main__":
    main()
