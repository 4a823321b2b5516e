"""A table of measured runs -> each run beside our estimate of it.

The table has the columns of tests/published/measurements.csv (or simulated_memory.csv); of a user's own
table `spec`, `metric` and `value` are enough.
"""

import csv
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, TextIO

from estimator.catalog import Catalog
from estimator.errors import EstimatorError
from estimator.hardware import GPU
from estimator.memory.result import MemoryEstimate, Verdict
from estimator.plan import Plan
from estimator.planner.evaluate import PHYSICS, PlanEvaluator
from estimator.planner.pinned import is_pinned, pinned_plan
from estimator.planner.planner import search
from estimator.prices.book import PriceBook
from estimator.ranges import Range
from estimator.spec import TrainingSpec
from estimator.time.result import TimeEstimate
from estimator.units import GIB

Read = Callable[[str], TrainingSpec]
"""Text of the command language -> spec.

Raises:
    ValueError: the text has problems; its message names them.
"""


class Metric(StrEnum):
    """What was measured, per GPU; the units are those of the tables."""

    ALLOCATED = "mem_allocated_gib"
    RESERVED = "mem_reserved_gib"
    PROCESS = "mem_process_gib"
    UNSPECIFIED = "mem_unspecified_gib"
    """Published without saying which of the three: compared with the process, what nvidia-smi shows."""
    TOKENS = "tokens_per_s_per_gpu"
    STEP = "step_seconds"
    OOM = "oom"


MEMORY_METRICS: Final = frozenset({Metric.ALLOCATED, Metric.RESERVED, Metric.PROCESS, Metric.UNSPECIFIED})
SIMULATED_COLUMN: Final = "peak_gib"
"""The column of simulated execution: the peak of tensors, as allocated."""


class BadTable(ValueError):  # noqa: N818  -- reads as the sentence it raises
    """The file is no table of runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement as the table has it."""

    line: int
    name: str
    """Empty where the table has no `id`."""
    text: str
    """The command that describes the run."""
    metric: str
    value: str
    source: str
    fidelity: str
    config_key: str
    near_capacity: bool

    @property
    def where(self) -> str:
        """How a reader finds the row."""
        return f"{self.name} (line {self.line})" if self.name else f"line {self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One measurement beside its estimate."""

    row: Row
    metric: Metric
    measured: float
    estimated: Range
    verdict: Verdict
    """Whether the run fits by our estimate."""
    labels: Mapping[str, str]
    """What figures can be grouped by."""

    @property
    def error(self) -> float:
        """Estimate less measurement, as a share of the measurement."""
        return self.estimated.likely / self.measured - 1

    @property
    def is_inside(self) -> bool:
        """Whether the measurement lies between our p10 and p90."""
        return self.estimated.low <= self.measured <= self.estimated.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A row that cannot be estimated, and why."""

    row: Row
    problem: str


def rows_of(stream: TextIO) -> tuple[Row, ...]:
    """The rows of a table.

    Raises:
        BadTable: a column is missing.
    """
    reader = csv.DictReader(stream)
    columns = set(reader.fieldnames or ())
    if "spec" not in columns or not ({"metric", "value"} <= columns or SIMULATED_COLUMN in columns):
        msg = f"needs the columns spec, metric and value (or spec and {SIMULATED_COLUMN})"
        raise BadTable(msg)
    return tuple(_row(cells, line) for line, cells in enumerate(reader, start=2))


def _row(cells: Mapping[str, str | None], line: int) -> Row:
    def cell(name: str, default: str = "") -> str:
        return (cells.get(name) or default).strip()

    text = cell("spec")
    is_simulated = "metric" not in cells
    return Row(
        line=line,
        name=cell("id"),
        text=text,
        metric=Metric.ALLOCATED if is_simulated else cell("metric"),
        value=cell(SIMULATED_COLUMN if is_simulated else "value"),
        source=cell("source", "simulated execution" if is_simulated else "this table"),
        fidelity=cell("fidelity", "exact"),
        config_key=cell("config_key", text),
        near_capacity=cell("near_capacity") not in ("", "0"),
    )


def judged_rows(
    rows: Iterable[Row], catalog: Catalog, read: Read, *, told: Callable[[EstimatorError], str] = str
) -> tuple[tuple[Judged, ...], tuple[Broken, ...]]:
    """Every row beside its estimate, and those that have none; `told` words what the core refuses."""
    estimate = cache(lambda text: RunEstimate.of(read(text), catalog))
    judged: list[Judged] = []
    broken: list[Broken] = []
    for row in rows:
        try:
            judged.append(_judged(row, estimate(row.text)))
        except EstimatorError as refused:
            broken.append(Broken(row=row, problem=told(refused)))
        except ValueError as problem:
            broken.append(Broken(row=row, problem=str(problem)))
    return tuple(judged), tuple(broken)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEstimate:
    """What we say of one run, whatever of it was measured."""

    spec: TrainingSpec
    gpu: GPU
    plan: Plan
    method: str
    memory: MemoryEstimate
    time: TimeEstimate

    @classmethod
    def of(cls, spec: TrainingSpec, catalog: Catalog) -> "RunEstimate":
        """The run that `spec` describes, on its own GPU; what it leaves open the planner chooses.

        Raises:
            ValueError: the spec names no GPU.
        """
        if spec.gpu is None:
            msg = "names no GPU"
            raise ValueError(msg)
        gpu = catalog.gpu(spec.gpu)
        evaluator = PlanEvaluator(spec, catalog, PriceBook((), ()), currency="USD", physics=PHYSICS)
        resolved = evaluator.resolved(gpu, evaluator.runner)
        plan = pinned_plan(resolved, gpu) if is_pinned(spec) else _planned(spec, catalog, evaluator, gpu)
        return cls(
            spec=spec,
            gpu=gpu,
            plan=plan,
            method=resolved.workload.method,
            memory=evaluator.memory(gpu, plan),
            time=evaluator.time(gpu, plan),
        )

    def quantity(self, metric: Metric) -> Range:
        """Our range of `metric`, in its unit."""
        memory, time = self.memory, self.time
        match metric:
            case Metric.TOKENS:
                return time.tokens_per_second_per_gpu
            case Metric.STEP:
                return time.step_seconds
            case Metric.ALLOCATED:
                return memory.allocated_bytes.map(_gib)
            case Metric.RESERVED:
                return memory.reserved_bytes.map(_gib)
            case _:
                return memory.process_bytes.map(_gib)


def _planned(spec: TrainingSpec, catalog: Catalog, evaluator: PlanEvaluator, gpu: GPU) -> Plan:
    """The planner's first option on as many GPUs as the text says (or one), else the plan as said."""
    counted = spec if spec.num_gpus else spec.model_copy(update={"num_gpus": 1})
    options = search(counted, catalog, evaluator.book, currency=evaluator.currency).options
    return options[0].plan if options else pinned_plan(evaluator.resolved(gpu, evaluator.runner), gpu)


def _gib(size_bytes: float) -> float:
    return size_bytes / GIB


def _judged(row: Row, run: RunEstimate) -> Judged:
    try:
        metric = Metric(row.metric)
    except ValueError:
        msg = f"unknown metric `{row.metric}`; known: {', '.join(Metric)}"
        raise ValueError(msg) from None
    measured = float(row.value)
    if not (math.isfinite(measured) and measured > 0):
        msg = f"`{row.value}` is no positive number"
        raise ValueError(msg)
    return Judged(
        row=row,
        metric=metric,
        measured=measured,
        estimated=run.quantity(metric),
        verdict=run.memory.verdict,
        labels=_labels(row, run),
    )


def _labels(row: Row, run: RunEstimate) -> dict[str, str]:
    return {
        "source": row.source,
        "fidelity": row.fidelity,
        "method": run.method,
        "model": run.spec.model or "",
        "gpu": run.gpu.key,
        "stack": run.plan.stack,
        "sharding": f"{run.plan.num_gpus} GPUs, stage {run.plan.zero_stage}",
        "checkpointing": run.plan.activation_checkpointing,
    }


LABELS: Final = ("source", "fidelity", "method", "model", "gpu", "stack", "sharding", "checkpointing")
"""What figures can be grouped by."""
