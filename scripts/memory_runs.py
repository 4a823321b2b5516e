"""The memory rows of tests/published/measurements.csv, estimated but for the fitted constants."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bot.cli.validate import reader_of
from bot.files import load_catalog
from estimator.defaults import settle
from estimator.memory.allocator import has_published_memory, reserved_bytes, residuals
from estimator.memory.calibration import MemoryCalibration
from estimator.memory.peak import RankPeak, rank_peaks
from estimator.memory.rank import Rank
from estimator.planner.pinned import is_pinned, pinned_plan
from estimator.units import GIB

ROOT: Final = Path(__file__).parent.parent
TABLE: Final = ROOT / "tests/published/measurements.csv"
WELL_COVERED: Final = 3
"""Rows from which on a source counts whole."""
CATALOG: Final = load_catalog()
READ: Final = reader_of(CATALOG)
METRICS: Final = {
    "mem_allocated_gib": "allocated",
    "mem_reserved_gib": "reserved",
    "mem_process_gib": "process",
    "mem_unspecified_gib": "process",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One measurement with all of the model that no constant of the file changes."""

    source: str
    config_key: str
    metric: str
    measured_bytes: float
    peaks: tuple[RankPeak, ...]
    """Of the ranks of which each can be the fullest."""
    usable_bytes: float

    @property
    def rank(self) -> Rank:
        """One of them: workload, plan and framework are the same on each."""
        return self.peaks[0].rank

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of residuals that the run belongs to."""
        if not has_published_memory(self.rank.workload, self.rank.plan, self.rank.framework):
            return ("all",)
        return (self.rank.framework.measurements, str(self.rank.workload.method), "all")

    def half_width(self, calibration: MemoryCalibration) -> float:
        """Of the range of its metric, as a logarithm."""
        rank = self.rank
        found, _ = residuals(rank.workload, rank.plan, rank.framework, calibration)
        return float(getattr(found, self.metric))

    def log_ratio(self, calibration: MemoryCalibration) -> float:
        """Logarithm of measured over estimated."""
        if self.metric == "allocated":
            estimated = max(each.peak.total for each in self.peaks)
        else:
            context = calibration.context_bytes(self.rank.plan)
            usable = self.usable_bytes - context
            reserved = max(
                reserved_bytes(each.rank, each.phases, usable_bytes=usable, calibration=calibration)
                for each in self.peaks
            )
            estimated = reserved + context * (self.metric == "process")
        return math.log(self.measured_bytes / estimated)


@cache
def runs() -> tuple[Run, ...]:
    """Every memory row of the table that no GPU's capacity cut off."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["metric"] in METRICS]
    return tuple(run for row in rows if row["near_capacity"] != "1" for run in _run(row))


def _run(row: dict[str, str]) -> Iterator[Run]:
    spec = READ(row["spec"])
    gpu = CATALOG.gpu(spec.gpu or "")
    if not is_pinned(spec):
        return
    resolved = settle(spec, CATALOG, gpu)
    yield Run(
        source=row["source"],
        config_key=row["config_key"],
        metric=METRICS[row["metric"]],
        measured_bytes=float(row["value"]) * GIB,
        peaks=rank_peaks(resolved.workload, pinned_plan(resolved, gpu), resolved.framework),
        usable_bytes=gpu.usable_memory_bytes,
    )


def weights(rows: Sequence[Run]) -> list[float]:
    """Sources equally, one of few rows less; then configurations; they sum to 1."""
    in_source = Counter(run.source for run in rows)
    in_config = Counter((run.source, run.config_key) for run in rows)
    configs = Counter(source for source, _ in in_config)
    shares = {source: min(1.0, count / WELL_COVERED) for source, count in in_source.items()}
    total = sum(shares.values())
    return [
        shares[run.source] / total / configs[run.source] / in_config[run.source, run.config_key]
        for run in rows
    ]
