"""Robust fit of the time model's constants, held near their priors; the scatter around it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from published_runs import Run, source_weights, weights
from scipy.optimize import least_squares

from estimator.time import TimeCalibration, step_time
from estimator.time.calibration import Constant, Origin, Scatter

Vector = NDArray[np.float64]

ROW_SCALE = 0.08
"""Log error at which the loss turns from square to linear: repeats of one recipe differ by 0 to 5.5 %."""
PRIOR_SCALE = 0.3
"""Log deviation from the prior that costs as much as one row at ROW_SCALE."""
SOURCE_WEIGHT = 20.0
"""Rows that one fully covered source counts for, against the priors."""
FP8_GAIN_LIMIT = 1.8
"""Products in fp8 gain no more than this over 16 bit, so that a whole step gains 1.3 to 1.6."""
SMALLEST_GROUP = 8
"""Runs of two sources from which a group has a scatter of its own."""
SMALLEST_SINGLE_SOURCE = 20
"""Runs from which those of one source suffice."""
NARROWEST = 0.05
"""A range reaches at least this far on both sides: the noise between releases of one recipe."""
NARROWEST_BORROWED = 0.12
"""Nor does a borrowed one: submitters of one benchmark differ by up to 17 % on the same machine."""
TARGET_COVERAGE = 0.82
"""Share of the exact rows inside their range; an 80 % range may hold 75 to 87 %."""


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
            run.settled.workload, run.plan, gpu=run.gpu, stack=run.settled.stack, calibration=calibration
        ).total_seconds
        for run in runs
    )
    return np.asarray(np.log(np.fromiter(steps, dtype=np.float64, count=len(runs))), dtype=np.float64)


def log_measured(runs: Sequence[Run]) -> Vector:
    """Logarithms of the published steps."""
    return np.asarray(np.log([run.step_seconds for run in runs]), dtype=np.float64)


def fitted(runs: Sequence[Run], calibration: TimeCalibration, start: Vector | None, max_steps: int) -> Vector:
    """Logarithms of the constants: soft-L1 on the log errors, square on the distance from the priors."""
    names = fitted_names(calibration)
    priors = np.log([calibration.constants[name].prior for name in names])
    limits = np.log([_limit(name, calibration.constants[name]) for name in names])
    row_weights = np.sqrt(np.array(weights(runs)) * SOURCE_WEIGHT)
    measured = log_measured(runs)

    def residuals(logs: Vector) -> Vector:
        errors = (log_estimates(runs, with_values(calibration, names, logs)) - measured) / ROW_SCALE
        soft = np.sign(errors) * np.sqrt(2 * (np.sqrt(1 + errors**2) - 1))
        return np.concatenate([row_weights * soft, (logs - priors) / PRIOR_SCALE])

    first = np.minimum(priors if start is None else start, limits - 1e-3)
    solution = least_squares(
        residuals,
        first,
        bounds=(priors - 2.5, limits),
        max_nfev=max_steps,
        x_scale="jac",
        diff_step=1e-3,
        ftol=1e-4,
        xtol=1e-4,
    )
    return np.asarray(solution.x, dtype=np.float64)


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


def scatter_groups(
    runs: Sequence[Run], calibration: TimeCalibration, ratios: Vector, shrink: float
) -> tuple[Scatter, ...]:
    """80 % ranges of measured over estimated (logarithms `ratios`) in every group that is large enough."""
    groups: dict[tuple[str | None, str | None, str | None], list[int]] = {}
    for index, run in enumerate(runs):
        stack, method = run.plan.stack, run.settled.workload.method.value
        family = calibration.family(run.gpu.compute_capability, run.gpu.vendor)
        for keys in (
            (stack, method, family),
            (stack, method, None),
            (None, method, family),
            (stack, None, None),
            (None, method, None),
            (None, None, family),
            (None, None, None),
        ):
            groups.setdefault(keys, []).append(index)
    large = {keys: members for keys, members in groups.items() if _is_large([runs[at] for at in members])}
    return tuple(
        _scatter(keys, [runs[at] for at in large[keys]], ratios[large[keys]], shrink)
        for keys in sorted(large, key=lambda keys: tuple(key or "" for key in keys))
    )


def _is_large(runs: Sequence[Run]) -> bool:
    single_source = len({run.source for run in runs}) == 1
    return len(runs) >= (SMALLEST_SINGLE_SOURCE if single_source else SMALLEST_GROUP)


def _scatter(
    keys: tuple[str | None, str | None, str | None], runs: Sequence[Run], ratios: Vector, shrink: float
) -> Scatter:
    """Equally far on both sides: a new source errs in either direction."""
    left_out = weighted_quantile(np.abs(ratios), np.array(weights(runs)), 0.8)
    reach, borrowed = max(NARROWEST, shrink * left_out), max(NARROWEST_BORROWED, left_out)
    stack, method, family = keys
    return Scatter(
        stack=stack,
        method=method,
        family=family,
        num_rows=len(runs),
        num_sources=len({run.source for run in runs}),
        low=round(float(np.exp(-reach)), 3),
        high=round(float(np.exp(reach)), 3),
        borrowed_low=round(float(np.exp(-borrowed)), 3),
        borrowed_high=round(float(np.exp(borrowed)), 3),
    )


def coverage(runs: Sequence[Run], calibration: TimeCalibration, ratios: Vector) -> float:
    """Share of `runs` whose measured over estimated step (logarithms `ratios`) lies in their range."""
    inside = []
    for run, ratio in zip(runs, ratios, strict=True):
        family = calibration.family(run.gpu.compute_capability, run.gpu.vendor)
        method = run.settled.workload.method.value
        low, high, _ = calibration.scatter_of(stack=run.plan.stack, method=method, family=family)
        inside.append(low <= np.exp(ratio) <= high)
    row_weights = np.array(source_weights(runs))
    return float((row_weights * np.array(inside)).sum() / row_weights.sum())
