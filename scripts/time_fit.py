"""Robust fit of the time model's constants, held near their priors; the scatter around it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from published_runs import Run, source_weights, weights
from scipy.optimize import least_squares

from estimator.time import TimeCalibration, step_time
from estimator.time.calibration import Constant, Origin, Scatter, ScatterKeys, scatter_keys

Vector = NDArray[np.float64]

ROW_SCALE = 0.08
"""Log error at which the loss turns from square to linear: repeats of one recipe differ by 0 to 5.5 %."""
PRIOR_SCALE = 0.2
"""Log deviation from the prior that costs as much as one row at ROW_SCALE."""
SOURCE_WEIGHT = 8.0
"""Rows that one fully covered source counts for, against the priors."""
FP8_GAIN_LIMIT = 1.8
"""Products in fp8 gain no more than this over 16 bit, so that a whole step gains 1.3 to 1.6."""
SLOPE_STEP = 0.01
REFITS = 2
"""Moves of a fit without one source."""
SMALLEST_GROUP, FEWEST_SOURCES = 8, 3
"""Runs and sources from which a group has a range of its own."""
NARROWEST = 0.1
"""A range reaches at least this far on both sides: submitters of one benchmark differ by up to 17 %."""


def fitted_names(calibration: TimeCalibration) -> tuple[str, ...]:
    """Constants that the runs decide."""
    constants = calibration.constants.items()
    return tuple(name for name, constant in constants if constant.origin is Origin.FITTED)


def changed(calibration: TimeCalibration, **fields: object) -> TimeCalibration:
    """`calibration` with other fields and nothing cached, unlike `model_copy`; not validated again."""
    kept = {name: getattr(calibration, name) for name in TimeCalibration.model_fields}
    return TimeCalibration.model_construct(**{**kept, **fields})


def with_values(calibration: TimeCalibration, names: Sequence[str], logs: Vector) -> TimeCalibration:
    """`calibration` with other values of the constants `names`."""
    new = dict(zip(names, np.exp(logs).tolist(), strict=True))
    constants = {
        name: constant.model_copy(update={"value": new[name]}) if name in new else constant
        for name, constant in calibration.constants.items()
    }
    return changed(calibration, constants=constants)


def log_estimates(runs: Sequence[Run], calibration: TimeCalibration) -> Vector:
    """Logarithms of the estimated steps."""
    steps = (
        step_time(
            run.resolved.workload,
            run.plan,
            gpu=run.gpu,
            framework=run.resolved.framework,
            calibration=calibration,
        ).total_seconds
        for run in runs
    )
    return np.asarray(np.log(np.fromiter(steps, dtype=np.float64, count=len(runs))), dtype=np.float64)


def log_measured(runs: Sequence[Run]) -> Vector:
    """Logarithms of the published steps."""
    return np.asarray(np.log([run.step_seconds for run in runs]), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a fit looks at: runs, their weights, measured steps, and the bounds of the constants."""

    runs: tuple[Run, ...]
    names: tuple[str, ...]
    priors: Vector
    limits: Vector
    row_weights: Vector
    measured: Vector

    @classmethod
    def of(cls, runs: Sequence[Run], calibration: TimeCalibration) -> "Evidence":
        """Evidence for the fitted constants of `calibration`."""
        names = fitted_names(calibration)
        constants = [calibration.constants[name] for name in names]
        return cls(
            runs=tuple(runs),
            names=names,
            priors=np.log([constant.prior for constant in constants]),
            limits=np.log([_limit(name, constant) for name, constant in zip(names, constants, strict=True)]),
            row_weights=np.sqrt(np.array(weights(runs)) * SOURCE_WEIGHT),
            measured=log_measured(runs),
        )

    def errors(self, calibration: TimeCalibration, logs: Vector) -> Vector:
        """Logarithms of estimated over measured steps with constants `logs`."""
        return log_estimates(self.runs, with_values(calibration, self.names, logs)) - self.measured

    def residuals(self, errors: Vector, logs: Vector, row_weights: Vector) -> Vector:
        """Soft-L1 on the log errors, square on the distance from the priors."""
        scaled = errors / ROW_SCALE
        soft = np.sign(scaled) * np.sqrt(2 * (np.sqrt(1 + scaled**2) - 1))
        return np.concatenate([row_weights * soft, (logs - self.priors) / PRIOR_SCALE])


def fitted(evidence: Evidence, calibration: TimeCalibration, max_steps: int) -> Vector:
    """Logarithms of the constants that reproduce the runs best, from their priors."""

    def residuals(logs: Vector) -> Vector:
        return evidence.residuals(evidence.errors(calibration, logs), logs, evidence.row_weights)

    solution = least_squares(
        residuals,
        np.minimum(evidence.priors, evidence.limits - 1e-3),
        bounds=(evidence.priors - 2.5, evidence.limits),
        max_nfev=max_steps,
        x_scale="jac",
        diff_step=1e-3,
        ftol=1e-4,
        xtol=1e-4,
    )
    return np.asarray(solution.x, dtype=np.float64)


def left_out(evidence: Evidence, calibration: TimeCalibration, best: Vector, judged: Sequence[Run]) -> Vector:
    """Measured over estimated of `judged`, in logarithms, each by constants that did not see its source.

    Each refit starts from `best` and moves along its slopes, with the errors counted anew after each move; a
    constant that only the source decides falls back to its prior.
    """
    slopes = _slopes(evidence, calibration, best)
    sources = np.array([run.source for run in evidence.runs])
    ratios = np.zeros(len(judged))
    for source in sorted({run.source for run in judged}):
        seen = np.where(sources == source, 0.0, evidence.row_weights)
        logs, errors = best, evidence.errors(calibration, best)
        for _ in range(REFITS):
            logs = _moved(evidence, slopes, logs, errors, seen)
            errors = evidence.errors(calibration, logs)
        blind = with_values(calibration, evidence.names, logs)
        mine = [index for index, run in enumerate(judged) if run.source == source]
        own = [judged[index] for index in mine]
        ratios[mine] = log_measured(own) - log_estimates(own, blind)
    return ratios


def _moved(evidence: Evidence, slopes: Vector, start: Vector, errors: Vector, seen: Vector) -> Vector:
    def residuals(logs: Vector) -> Vector:
        return evidence.residuals(errors + slopes @ (logs - start), logs, seen)

    bounds = (evidence.priors - 2.5, evidence.limits)
    first = np.minimum(start, evidence.limits - 1e-3)
    return np.asarray(least_squares(residuals, first, bounds=bounds, max_nfev=30).x, dtype=np.float64)


def _slopes(evidence: Evidence, calibration: TimeCalibration, logs: Vector) -> Vector:
    base = evidence.errors(calibration, logs)
    columns = []
    for index in range(len(logs)):
        raised = logs.copy()
        raised[index] += SLOPE_STEP
        columns.append((evidence.errors(calibration, raised) - base) / SLOPE_STEP)
    return np.stack(columns, axis=1)


def _limit(name: str, constant: Constant) -> float:
    """What is physical: no share above 1."""
    if name == "fp8_gain":
        return FP8_GAIN_LIMIT
    return 1.0 if constant.unit.startswith("share") else constant.prior * 6


def weighted_quantile(values: Vector, row_weights: Vector, quantile: float) -> float:
    """The value below which `quantile` of the weight lies, between the rows' midpoints."""
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(row_weights[order]) - row_weights[order] / 2
    return float(np.interp(quantile, cumulated / row_weights.sum(), values[order]))


def sensitivities(runs: Sequence[Run], calibration: TimeCalibration, name: str) -> Vector:
    """Relative change of each step for one of the constant `name`."""
    raised = with_values(calibration, (name,), np.log([calibration.constants[name].value * 1.1]))
    change = log_estimates(runs, raised) - log_estimates(runs, calibration)
    return np.asarray(change / np.log(1.1), dtype=np.float64)


def kind_of(run: Run, calibration: TimeCalibration) -> tuple[str, str, str]:
    """Framework, method and GPU family of `run`."""
    family = calibration.family(run.gpu.compute_capability, run.gpu.vendor)
    return run.resolved.framework.measurements, run.resolved.workload.method.value, family


def scatter_groups(runs: Sequence[Run], calibration: TimeCalibration, ratios: Vector) -> tuple[Scatter, ...]:
    """80 % ranges of measured over estimated (logarithms `ratios`) in every group that is large enough."""
    groups: dict[ScatterKeys, list[int]] = {}
    for index, run in enumerate(runs):
        for keys in scatter_keys(*kind_of(run, calibration)):
            groups.setdefault(keys, []).append(index)
    whole = _reach(runs, ratios)
    return tuple(
        _scatter(keys, [runs[at] for at in groups[keys]], ratios[groups[keys]], whole)
        for keys in sorted(groups, key=lambda keys: tuple(key or "" for key in keys))
        if _is_large([runs[at] for at in groups[keys]])
    )


def _is_large(runs: Sequence[Run]) -> bool:
    return len(runs) >= SMALLEST_GROUP and len({run.source for run in runs}) >= FEWEST_SOURCES


def _reach(runs: Sequence[Run], ratios: Vector) -> float:
    return weighted_quantile(np.abs(ratios), np.array(source_weights(runs)), 0.8)


def _scatter(keys: ScatterKeys, runs: Sequence[Run], ratios: Vector, whole: float) -> Scatter:
    """Equally far on both sides, for a new source errs in either direction, and half-way to all runs."""
    reach = max(NARROWEST, (_reach(runs, ratios) + whole) / 2)
    framework, method, family = keys
    return Scatter(
        framework=framework,
        method=method,
        family=family,
        num_rows=len(runs),
        num_sources=len({run.source for run in runs}),
        low=round(float(np.exp(-reach)), 3),
        high=round(float(np.exp(reach)), 3),
    )


def with_scatter(calibration: TimeCalibration, runs: Sequence[Run], ratios: Vector) -> TimeCalibration:
    """`calibration` with the ranges that `runs` give it, and with what they show of frameworks and GPUs."""
    kinds = {kind_of(run, calibration) for run in runs}
    return changed(
        calibration,
        seen_frameworks=tuple(sorted({framework for framework, _, _ in kinds})),
        seen_families=tuple(sorted({family for _, _, family in kinds})),
        seen_kinds=tuple(sorted(" ".join(kind) for kind in kinds)),
        seen_gpus=tuple(sorted({run.gpu.key for run in runs})),
        scatter=scatter_groups(runs, calibration, ratios),
    )


def is_inside(run: Run, ratio: float, calibration: TimeCalibration) -> bool:
    """Whether the measured over estimated step (logarithm `ratio`) lies in the range of `run`."""
    framework, method, family = kind_of(run, calibration)
    low, high, _ = calibration.scatter_of(framework=framework, method=method, family=family)
    return bool(low <= np.exp(ratio) <= high)


def coverage(runs: Sequence[Run], calibration: TimeCalibration, ratios: Vector) -> float:
    """Share of `runs` in their range."""
    inside = [is_inside(run, ratio, calibration) for run, ratio in zip(runs, ratios, strict=True)]
    return float(np.average(inside, weights=np.array(source_weights(runs))))


def left_out_coverage(runs: Sequence[Run], calibration: TimeCalibration, ratios: Vector) -> float:
    """The same, the range of each run by the errors of the other sources."""
    inside = np.zeros(len(runs))
    for source in {run.source for run in runs}:
        others = [index for index, run in enumerate(runs) if run.source != source]
        blind = with_scatter(calibration, [runs[at] for at in others], ratios[others])
        for at in (index for index, run in enumerate(runs) if run.source == source):
            inside[at] = is_inside(runs[at], ratios[at], blind)
    return float(np.average(inside, weights=np.array(source_weights(runs))))
