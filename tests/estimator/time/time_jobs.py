"""Jobs as commands, and the published speeds."""

import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from shipped import shipped_names

from bot.files import load_catalog
from bot.language import read
from estimator.defaults import settle
from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.plan import Plan
from estimator.planner.pinned import pinned_plan
from estimator.time import StepTime, step_time
from estimator.workload import Schedule, Workload

CATALOG = load_catalog()
VOCABULARY = shipped_names()
CALIBRATION = CATALOG.time_calibration
PUBLISHED = Path(__file__).parents[2] / "published" / "measurements.csv"
SEVEN_B = "llama-7b full fp16 n=10000 seq=1024 bs=32 epochs=3 mbs=32 1xa100-80gb"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A command with every default filled in."""

    workload: Workload
    schedule: Schedule
    plan: Plan
    gpu: GPU
    framework: Framework

    @cached_property
    def step(self) -> StepTime:
        """Its step by the shipped calibration."""
        return step_time(
            self.workload, self.plan, gpu=self.gpu, framework=self.framework, calibration=CALIBRATION
        )

    @property
    def seconds(self) -> float:
        """Its step in seconds."""
        return self.step.total_seconds

    @property
    def tokens_per_second_per_gpu(self) -> float:
        """Its throughput."""
        return self.tokens_per_gpu / self.seconds

    @property
    def tokens_per_gpu(self) -> float:
        """Tokens of one step over the cards."""
        return self.plan.sequences_per_step * self.workload.sequence_length / self.plan.num_gpus


@cache
def job(command: str) -> Job:
    """What `command` says, settled."""
    spec = read(command, VOCABULARY).spec
    assert spec is not None, command
    gpu = CATALOG.gpu(spec.gpu or "")
    resolved = settle(spec, CATALOG, gpu)
    return Job(
        workload=resolved.workload,
        schedule=resolved.schedule,
        plan=pinned_plan(resolved, gpu),
        gpu=gpu,
        framework=resolved.framework,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRun:
    """One exact speed row with our estimate."""

    source: str
    method: str
    family: str
    config_key: str
    error: float
    """Of the published quantity: estimate over measurement, less 1."""
    is_exact: bool
    is_inside: bool
    """Whether the measurement lies in the range of the estimate."""


def speed_rows() -> tuple[dict[str, str], ...]:
    """Speed rows that are not near the capacity of their card."""
    with PUBLISHED.open(encoding="utf-8", newline="") as stream:
        return tuple(
            row
            for row in csv.DictReader(stream)
            if row["metric"] in ("tokens_per_s_per_gpu", "step_seconds") and row["near_capacity"] != "1"
        )


@cache
def published_runs() -> tuple[PublishedRun, ...]:
    """Each of them estimated."""
    return tuple(map(_published_run, speed_rows()))


def _published_run(row: dict[str, str]) -> PublishedRun:
    one, value = job(row["spec"]), float(row["value"])
    is_step = row["metric"] == "step_seconds"
    seconds = value if is_step else one.tokens_per_gpu / value
    estimate = one.seconds
    family = CALIBRATION.family(one.gpu.compute_capability, one.gpu.vendor)
    method = one.workload.method.value
    low, high, _ = CALIBRATION.scatter_of(framework=one.plan.stack, method=method, family=family)
    return PublishedRun(
        source=row["source"],
        method="pretrain" if row["task"] == "pretrain" else method,
        family=family,
        config_key=row["config_key"],
        is_exact=row["fidelity"] == "exact",
        error=(estimate / seconds if is_step else seconds / estimate) - 1,
        is_inside=low <= seconds / estimate <= high,
    )


def weights(runs: Sequence[PublishedRun]) -> list[float]:
    """Sources equally, then configurations."""
    repeats = Counter(run.config_key for run in runs)
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for run in runs:
        keys[run.source].add(run.config_key)
    return [1 / repeats[run.config_key] / len(keys[run.source]) for run in runs]


def weighted_quantile(values: Sequence[float], row_weights: Sequence[float], quantile: float) -> float:
    """The smallest value that at least `quantile` of the weight does not exceed."""
    left = quantile * sum(row_weights)
    for value, weight in sorted(zip(values, row_weights, strict=True)):
        left -= weight
        if left <= 0:
            return value
    return max(values)
