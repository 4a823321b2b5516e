"""The search over GPUs and counts: for each the best plan, asked only where it could matter."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from estimator.defaults import ResolvedJob, offloads
from estimator.hardware import GPU
from estimator.plan import Plan
from estimator.planner.batch_split import BatchSplit, batch_splits
from estimator.planner.counts import counts, is_networked
from estimator.planner.evaluate import PlanEvaluator
from estimator.planner.feasibility import impossibilities
from estimator.planner.layouts import Layout, Parallelism, Runners, Shape, layouts
from estimator.planner.memory_fit import SATURATING_TOKENS, MemoryFit, RunSetting
from estimator.planner.ranking import Candidate
from estimator.ranges import Range
from estimator.spec import Checkpointing
from estimator.units import HOUR_SECONDS

CUDA: Final = frozenset({"NVIDIA"})
ROCM: Final = frozenset({"AMD"})


class GpuCount(NamedTuple):
    """A GPU and a count, with what is known of them before time is asked."""

    gpu: GPU
    layouts: tuple[Layout, ...]
    smallest: RunSetting
    """What needs least memory on them."""
    smallest_bytes: Range
    price_per_hour: float = 0.0
    """For all GPUs; the number of GPUs where nobody sells any."""
    is_sold: bool = False
    is_listed: bool = True
    """Somebody sells the machine itself, or nobody sells any."""
    oddness: int = 0
    """0 what a person would take unasked, or asked for; more leads only where nothing less odd fits."""
    least_seconds: float = 0.0
    """No plan of this pair is faster."""

    @property
    def is_usual(self) -> bool:
        """What a person would take unasked (`estimator/prices/policy.py`), or what was asked for."""
        return self.oddness == 0

    @property
    def num_gpus(self) -> int:
        """GPUs in all."""
        return self.smallest.layout.num_gpus

    @property
    def missing_bytes(self) -> float:
        """What even the smallest setting lacks; negative when it fits."""
        return self.smallest_bytes.likely - self.gpu.usable_memory_bytes

    @property
    def least_cost(self) -> float:
        """No plan of this pair is cheaper, in the common currency."""
        return self.price_per_hour * self.least_seconds / HOUR_SECONDS


class Search:
    """All pairs of one spec, and the best plan of those that are worth asking."""

    def __init__(self, evaluator: PlanEvaluator, gpus: Sequence[GPU]) -> None:
        self.evaluator = evaluator
        self.gpus = tuple(gpus)
        self.scale = MemoryFit(evaluator, gpus)
        self._runners = Runners.of(evaluator.spec, evaluator.catalog)
        self._layouts = cache(self._layouts_of)

    def pairs(self) -> Iterator[GpuCount]:
        """Every GPU and count that has a layout, with the least memory it needs."""
        for gpu in self.gpus:
            for num_gpus, num_nodes in counts(self.evaluator.spec, gpu):
                found = self._layouts(is_networked(gpu), num_gpus, num_nodes)
                if found:
                    smallest, needed = self.scale.smallest(gpu, found)
                    yield GpuCount(gpu=gpu, layouts=found, smallest=smallest, smallest_bytes=needed)

    def _layouts_of(self, linked: bool, num_gpus: int, num_nodes: int) -> tuple[Layout, ...]:  # noqa: FBT001  -- a key
        evaluator = self.evaluator
        resolved = evaluator.resolved(None, evaluator.runner)
        shape = Shape.of(
            resolved.arch,
            sequence_length=resolved.workload.sequence_length,
            global_batch_size=resolved.schedule.global_batch_size,
            method=resolved.workload.method,
        )
        return layouts(
            evaluator.spec,
            shape,
            num_gpus=num_gpus,
            num_nodes=num_nodes,
            runners=self._runners,
            linked=linked,
        )

    def cuts_of(self, gpu: GPU, plan: Plan) -> tuple[BatchSplit, ...]:
        """Ways to cut the batch of one rank of `plan`."""
        terms = self.scale.terms(gpu, plan.runner)
        return batch_splits(self.evaluator.spec, plan.data_parallel_size, terms.global_batch_size)

    def plan(self, pair: GpuCount) -> Plan:
        """The plan of a pair that needs least memory."""
        return self.scale.plan(pair.gpu, pair.smallest)

    def least_seconds_on_one(self, gpu: GPU) -> float:
        """A bound: training on one GPU at a saturating micro batch, nothing recomputed, were there room."""
        spec, runner = self.evaluator.spec, self.evaluator.runner
        layout = Layout(1, 1, 0, Parallelism(offload=offloads(spec), runner=runner))
        terms = self.scale.terms(gpu, layout.runner)
        wanted = max(1, SATURATING_TOKENS // terms.sequence_length)
        cut = min(self.scale.cuts(gpu, layout), key=lambda cut: abs(cut.micro_batch_size - wanted))
        setting = RunSetting(layout, terms.checkpointings[0], cut)
        return self.evaluator.run_seconds(gpu, self.scale.plan(gpu, setting)).training

    def best(self, pair: GpuCount) -> Candidate | None:
        """The fastest plan of a pair that fits, else the fastest that is tight, else None."""
        for tight in (False, True):
            plans = [self.scale.plan(pair.gpu, setting) for setting in self._runnable(pair, tight=tight)]
            if plans:
                timed = [(self.evaluator.run_seconds(pair.gpu, plan).total, plan) for plan in plans]
                seconds, plan = min(timed, key=lambda found: found[0])
                return Candidate(
                    gpu=pair.gpu,
                    plan=plan,
                    seconds=seconds,
                    price_per_hour=pair.price_per_hour,
                    is_sold=pair.is_sold,
                    is_listed=pair.is_listed,
                    oddness=pair.oddness,
                    tight=tight,
                )
        return None

    def _runnable(self, pair: GpuCount, *, tight: bool) -> Iterator[RunSetting]:
        """Of each layout and checkpointing the largest micro batch that fits, while there is a gain."""
        found: list[RunSetting] = []
        for layout in pair.layouts:
            if self._is_needless(layout, found, pair.gpu):
                continue
            for checkpointing in self.scale.terms(pair.gpu, layout.runner).checkpointings:
                setting = self.scale.largest_fitting(pair.gpu, layout, checkpointing, tight=tight)
                if setting is None:
                    continue
                if not any(_is_as_good(known, setting) for known in found):
                    found.append(setting)
                    yield setting
                if self.scale.saturates(pair.gpu, setting):
                    break

    def _is_needless(self, layout: Layout, found: Sequence[RunSetting], gpu: GPU) -> bool:
        """Whether what was found already cannot be beaten by `layout`.

        Copies that saturate the GPU need no sharding; in one machine sharding alone is preferred to split
        matrices; a pipeline that runs without recomputation needs no more stages.
        """
        if not layout.is_model_parallel:
            return any(known.layout.zero_stage == 0 and self.scale.saturates(gpu, known) for known in found)
        if layout.num_nodes == 1:
            return bool(found)
        return any(
            known.layout.is_model_parallel
            and known.layout.pipeline_parallel_size < layout.pipeline_parallel_size
            and known.checkpointing is Checkpointing.NONE
            for known in found
        )


def _is_as_good(known: RunSetting, other: RunSetting) -> bool:
    """Whether `known` shards less and otherwise does the same work in no more passes."""
    return (
        known.layout[3:] == other.layout[3:]
        and known.layout.zero_stage <= other.layout.zero_stage
        and known.checkpointing is other.checkpointing
        and known.passes.micro_batch_size >= other.passes.micro_batch_size
    )


def can_run(gpu: GPU, resolved: ResolvedJob) -> bool:
    """Whether the job is proposed on this GPU: somebody's stack runs it there, in what was said.

    The stacks of the catalog are PyTorch's, on CUDA and ROCm; bitsandbytes and some stacks need CUDA.
    """
    vendors = CUDA if resolved.workload.quantization or resolved.stack.cuda_only else CUDA | ROCM
    return gpu.vendor in vendors and not any(impossibilities(resolved.spec, resolved.arch, gpu))
