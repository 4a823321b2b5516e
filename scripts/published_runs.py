"""The speed rows of tests/published/measurements.csv as workloads and plans."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.files import load_catalog
from bot.language import Vocabulary, read, vocabulary_of
from estimator.catalog import Catalog
from estimator.defaults import ResolvedJob, settle
from estimator.hardware import GPU
from estimator.plan import Plan
from estimator.planner.pinned import pinned_plan

PUBLISHED = Path(__file__).parent.parent / "tests" / "published" / "measurements.csv"
SPEED_METRICS = ("tokens_per_s_per_gpu", "step_seconds")
UNSAID = re.compile(r"rowwise|async TP|ScatterMoE|padding-free|foak|one first step")
"""Variants that a command cannot say: other kernels or fp8 recipes, mean lengths, a compilation."""
MASKED_SOURCES = ("ljm565/universal-llm-trainer",)
"""Sources that hand an explicit mask to torch's dispatcher, which their commands leave out."""
ASSUMED_SHAPE = ("float8nocompile",)
"""Sources whose model and batch are themselves assumed."""
PARTIAL_WEIGHT = 0.35
"""Weight of a row whose shape is not stated in full, against an exact one."""
FULL_ROWS = 3
"""Rows from which a source counts in full where runs are judged, and which a fitted constant needs."""
WELL_COVERED = 8
"""Configurations from which a source has its full weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One published speed: the job, the plan, and the seconds of its step."""

    row_id: str
    source: str
    config_key: str
    is_exact: bool
    is_sayable: bool
    """Whether the command says everything that decides the speed."""
    resolved: ResolvedJob
    plan: Plan
    gpu: GPU
    step_seconds: float


def published_runs() -> tuple[Run, ...]:
    """All speed rows but those near the GPU's capacity, where the allocator's retries cost time."""
    catalog = load_catalog()
    vocabulary = vocabulary_of(catalog)
    with PUBLISHED.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["metric"] in SPEED_METRICS]
    return tuple(_run(row, catalog, vocabulary) for row in rows if row["near_capacity"] != "1")


def as_measured(runs: Sequence[Run]) -> tuple[Run, ...]:
    """The runs whose command says all that decides the speed, with what their source adds to it."""
    return tuple(_masked(run) if run.source in MASKED_SOURCES else run for run in runs if run.is_sayable)


def _masked(run: Run) -> Run:
    workload = replace(run.resolved.workload, padded=True)
    return replace(run, resolved=run.resolved._replace(workload=workload))


def _run(row: dict[str, str], catalog: Catalog, vocabulary: Vocabulary) -> Run:
    spec = read(row["spec"], vocabulary).spec
    if spec is None or spec.gpu is None:
        raise ValueError(row["spec"])
    gpu = catalog.gpu(spec.gpu)
    resolved = settle(spec, catalog, gpu)
    plan = pinned_plan(resolved, gpu)
    return Run(
        row_id=row["id"],
        source=row["source"],
        config_key=row["config_key"],
        is_exact=row["fidelity"] == "exact",
        is_sayable=not UNSAID.search(row["scope_note"] + row["notes"])
        and not any(word in row["source_ref"] for word in ASSUMED_SHAPE),
        resolved=resolved,
        plan=plan,
        gpu=gpu,
        step_seconds=_step_seconds(row, resolved, plan),
    )


def _step_seconds(row: dict[str, str], resolved: ResolvedJob, plan: Plan) -> float:
    value = float(row["value"])
    if row["metric"] == "step_seconds":
        return value
    return plan.sequences_per_step * resolved.workload.sequence_length / plan.num_gpus / value


def weights(runs: Sequence[Run]) -> tuple[float, ...]:
    """Weight of each run: sources equally, then configurations; a source of few configurations less."""
    repeats = Counter(run.config_key for run in runs)
    single = [(1.0 if run.is_exact else PARTIAL_WEIGHT) / repeats[run.config_key] for run in runs]
    total: defaultdict[str, float] = defaultdict(float)
    best: defaultdict[str, float] = defaultdict(float)
    configurations: defaultdict[str, set[str]] = defaultdict(set)
    for run, weight in zip(runs, single, strict=True):
        total[run.source] += weight
        best[run.source] = max(best[run.source], weight * repeats[run.config_key])
        configurations[run.source].add(run.config_key)
    share = {
        source: best[source] * min(1.0, len(keys) / WELL_COVERED) ** 0.5 / total[source]
        for source, keys in configurations.items()
    }
    return tuple(weight * share[run.source] for run, weight in zip(runs, single, strict=True))


def source_weights(runs: Sequence[Run]) -> tuple[float, ...]:
    """How runs are judged: sources equally (with one or two rows less), then configurations."""
    rows = Counter(run.source for run in runs)
    repeats = Counter(run.config_key for run in runs)
    configurations: defaultdict[str, set[str]] = defaultdict(set)
    for run in runs:
        configurations[run.source].add(run.config_key)
    return tuple(
        min(1.0, rows[run.source] / FULL_ROWS) / repeats[run.config_key] / len(configurations[run.source])
        for run in runs
    )
