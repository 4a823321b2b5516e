"""Fit config/calibration/memory.yaml on the published runs, and write how well it does: `make calibrate`."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import yaml
from memory_runs import CATALOG, ROOT, WELL_COVERED, Run, runs, weights
from time_fit import weighted_quantile

from bot.validation.figures import percentile
from estimator.memory.calibration import FittedConstant, MemoryCalibration, Residuals

TARGET: Final = ROOT / "config/calibration/memory.yaml"
COVERAGE, WIDE = 0.8, 0.95
"""Share of the rows inside a range; of a group that nobody measured."""
FAR: Final = 0.4
"""Errors (logarithms) beyond this pull no further: such rows describe another run than they say."""
GRIDS: Final[dict[str, tuple[float, ...]]] = {
    "apart_share": (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    "unpacked_factor": (1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.8, 3.2),
    "sharded_fixed_gib": (0.0, 0.3, 0.5, 0.7, 1.0, 1.4),
    "context_single_gib": (0.15, 0.25, 0.35, 0.5, 0.7, 1.0),
    "context_distributed_gib": (0.3, 0.5, 0.7, 1.0, 1.2, 1.4, 1.8, 2.2),
    # No more than two or three communicators take: what a source needs beyond has other causes.
    "context_split_gib": (0.0, 0.5, 1.0, 1.5, 2.0),
}
SPEAKS_FOR: Final = {
    "allocated": ("allocated",),
    "reserved": ("reserved",),
    "process": ("reserved", "process"),
}
"""Readings that say how far off another is: a process is what is reserved and a context, known no better."""
HEADER: Final = """\
# From the tensors' peak to what the driver shows. Written by `make calibrate`, which fits the constants on
# tests/published/measurements.csv; docs/formulas.md says where each stands. Each: meaning, rows, residual.
# residuals: half the width of a range, as a logarithm of measured over estimated: it holds 80 % of the weight
# of exact and partial rows, each judged by constants that did not see its source. `none`: nobody published.
"""


def with_values(calibration: MemoryCalibration, values: dict[str, float]) -> MemoryCalibration:
    """The calibration with other values of its constants."""
    changes = {
        name: getattr(calibration, name).model_copy(update={"value": value}) for name, value in values.items()
    }
    return calibration.model_copy(update=changes)


def fitted(rows: Sequence[Run], start: MemoryCalibration, rounds: int) -> MemoryCalibration:
    """One constant after the other to the value of its grid that leaves least; `rounds` times."""
    read = [run for run in rows if run.metric != "allocated"]
    shares = weights(read)

    def left(calibration: MemoryCalibration) -> float:
        return sum(
            share * min(abs(run.log_ratio(calibration)), FAR) for run, share in zip(read, shares, strict=True)
        )

    best = start
    for _ in range(rounds):
        for name, grid in GRIDS.items():
            candidates = [with_values(best, {name: value}) for value in grid]
            best = min(candidates, key=left)
    return best


def blind_by_source(rows: Sequence[Run], calibration: MemoryCalibration) -> dict[str, MemoryCalibration]:
    """Constants that did not see the source."""
    return {
        source: fitted([run for run in rows if run.source != source], calibration, 1)
        for source in {run.source for run in rows}
    }


def left_out(rows: Sequence[Run], calibration: MemoryCalibration) -> list[float]:
    """Each run by constants that did not see its source."""
    blind = blind_by_source(rows, calibration)
    return [run.log_ratio(blind[run.source]) for run in rows]


def speaking(rows: Sequence[Run], calibration: MemoryCalibration, name: str) -> list[float]:
    """Errors of the runs that a change of the constant moves by a hundredth."""
    constant: FittedConstant = getattr(calibration, name)
    changed = with_values(calibration, {name: 2 * constant.value})
    return [
        abs(run.log_ratio(calibration))
        for run in rows
        if abs(run.log_ratio(changed) - run.log_ratio(calibration)) >= 0.01
    ]


def with_evidence(rows: Sequence[Run], calibration: MemoryCalibration) -> MemoryCalibration:
    """Rows that speak for each constant, and their median error."""
    changes = {}
    for name in GRIDS:
        errors = sorted(speaking(rows, calibration, name))
        evidence = {"rows": len(errors), "residual": round(errors[len(errors) // 2], 3)}
        changes[name] = getattr(calibration, name).model_copy(update=evidence)
    return calibration.model_copy(update=changes)


def widths(rows: Sequence[Run], ratios: Sequence[float]) -> dict[str, Residuals]:
    """Half widths of the groups: a framework's own where it is wider than all, a method's, and all.

    `none` is as wide as whatever was published at its farthest.
    """
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for index, run in enumerate(rows):
        for group in run.groups:
            groups[group].append(index)
    everything = _width(rows, ratios, groups["all"], COVERAGE, None)
    wide = _width(rows, ratios, range(len(rows)), WIDE, None)
    found = {
        group: _width(rows, ratios, chosen, COVERAGE, everything)
        for group, chosen in sorted(groups.items())
        if group != "all"
        and len({rows[index].source for index in chosen}) > 0
        and len(chosen) >= WELL_COVERED
    }
    own = {group: width for group, width in found.items() if group in METHODS or _wider(width, everything)}
    return {**own, "all": everything, "none": wide.model_copy(update={"rows": 0})}


def _wider(one: Residuals, other: Residuals) -> bool:
    return one.process > other.process or one.reserved > other.reserved


def _width(
    rows: Sequence[Run],
    ratios: Sequence[float],
    chosen: Sequence[int],
    share: float,
    least: Residuals | None,
) -> Residuals:
    values: dict[str, float] = {}
    for metric in ("allocated", "reserved", "process"):
        mine = [index for index in chosen if rows[index].metric in SPEAKS_FOR[metric]]
        enough = len({rows[index].source for index in mine}) >= 2 or least is None
        if mine and (enough or len(mine) >= WELL_COVERED):
            sizes, of_each = ([abs(ratios[index]) for index in mine], weights([rows[i] for i in mine]))
            of = weighted_quantile(np.array(sizes), np.array(of_each), share)
            values[metric] = round(of if enough or least is None else max(of, getattr(least, metric)), 3)
        else:
            values[metric] = getattr(least, metric)
    return Residuals(rows=len(chosen), **values)


def errors(rows: Sequence[Run], ratios: Sequence[float]) -> tuple[float, float]:
    """Median and 90th percentile of |estimated - measured| as a share of the measurement."""
    sizes, shares = [abs(math.exp(-ratio) - 1) for ratio in ratios], weights(rows)
    return percentile(sizes, shares, 0.5), percentile(sizes, shares, 0.9)


def inside(rows: Sequence[Run], ratios: Sequence[float], calibration: MemoryCalibration) -> float:
    """Share of the weight within the ranges that the estimates carry."""
    return sum(
        share * (abs(ratio) <= run.half_width(calibration))
        for run, ratio, share in zip(rows, ratios, weights(rows), strict=True)
    )


def _print(rows: Sequence[Run], blind: Sequence[float], calibration: MemoryCalibration) -> None:
    print(f"{'left out: source':44} rows  median   p90  | of the fit: median   p90")
    fit = [run.log_ratio(calibration) for run in rows]
    for name in [*sorted({run.source for run in rows}), "all"]:
        mine = [index for index, run in enumerate(rows) if name in (run.source, "all")]
        chosen = [rows[index] for index in mine]
        pairs = [errors(chosen, [values[index] for index in mine]) for values in (blind, fit)]
        print(f"{name:44} {len(mine):4}  " + " | ".join(f"{a:6.3f} {b:6.3f}" for a, b in pairs))
    held = [inside(rows, values, calibration) for values in (blind, fit)]
    print(f"{'inside the ranges':44}       {held[0]:6.3f}        | {held[1]:6.3f}")


def _written(calibration: MemoryCalibration) -> str:
    data: dict[str, Any] = calibration.model_dump(mode="json")
    return HEADER + "\n" + yaml.safe_dump(data, sort_keys=False, width=140, allow_unicode=True)


METHODS: Final = frozenset({"full", "lora", "qlora"})


def main() -> None:
    """Leave one source out at a time, fit, write, and print the errors."""
    rows = runs()
    calibration = fitted(rows, CATALOG.memory_calibration, 2)
    constants = blind_by_source(rows, calibration)
    blind = [run.log_ratio(constants[run.source]) for run in rows]
    calibration = with_evidence(rows, calibration)
    calibration = calibration.model_copy(update={"residuals": widths(rows, blind)})
    _print(rows, blind, calibration)
    TARGET.write_text(_written(calibration), encoding="utf-8")
    print(f"{len(GRIDS)} constants fitted, {len(type(calibration).model_fields) - 1} in the file")


if __name__ == "__main__":
    main()
