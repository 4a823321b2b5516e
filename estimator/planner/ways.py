"""Ways to run one job, remembered from one request to the next.

Which layouts there are, what they need and which of their plans are worth timing depend on the job and the
GPUs, not on how much data there is, what it may cost, what a GPU costs or who asks.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from estimator.base import ByIdentity
from estimator.catalog import Catalog
from estimator.defaults import has_bf16
from estimator.framework.engine import SHARED_GRADIENTS
from estimator.hardware import GPU
from estimator.plan import Plan, Runner
from estimator.planner.batch_split import BatchSplit, batch_splits
from estimator.planner.counts import counts, is_networked
from estimator.planner.evaluate import PHYSICS, PlanEvaluator
from estimator.planner.ladder import RunSetting
from estimator.planner.layouts import Alike, Layout, Parallelism, layouts
from estimator.planner.memory_fit import MemoryFit
from estimator.planner.shape import Runners, Shape
from estimator.prices.book import PriceBook
from estimator.said import offloads
from estimator.spec import Checkpointing, TrainingSpec

MOST_REMEMBERED: Final = 2048
"""Of some 25 KB each."""
DECIDES_NO_PLAN: Final = (
    "num_examples",
    "num_tokens",
    "num_epochs",
    "num_steps",
    "step_seconds",
    "mfu",
    "retries",
    "providers",
    "excluded_providers",
    "market",
    "region",
    "price_per_gpu_hour",
    "currency",
    "budget",
    "deadline_seconds",
    "rank_by",
)
"""Fields of a spec that its ways do not see: how much data, what it costs, and which way is the best."""


class Ways:
    """How one job runs on some GPUs; each question is worked out once."""

    def __init__(self, evaluator: PlanEvaluator, gpus: Sequence[GPU]) -> None:
        self.evaluator = evaluator
        self._scale = MemoryFit(evaluator, gpus)
        self._runners = Runners.of(evaluator.spec, evaluator.catalog)
        self._layouts: dict[tuple[bool, int, int], tuple[Layout, ...]] = {}
        self._weighed: dict[str, tuple[tuple[tuple[Layout, ...], float], ...]] = {}
        self._alike: dict[int, tuple[Alike, ...]] = {}
        self._beside: dict[int, tuple[Alike, ...]] = {}
        self._worth_timing: dict[tuple[str, int, bool], tuple[Plan, ...]] = {}
        self._runnable_on: dict[tuple[bool, int, int, bool], tuple[RunSetting, ...]] = {}
        self._fastest_on_one: dict[tuple[str, Runner, int], Plan] = {}
        self._smallest: dict[tuple[str, int, int], Plan] = {}

    def forget_weights(self) -> None:
        """Keep the answers, not what they were worked out from."""
        self._scale.forget_weights()

    def weighed(self, gpu: GPU) -> tuple[tuple[tuple[Layout, ...], float], ...]:
        """For each count its layouts, and the bytes that even the smallest of their settings lacks."""
        if gpu.key not in self._weighed:
            linked = is_networked(gpu)
            every = [self._layouts_on(linked, *count) for count in counts(self.evaluator.spec, gpu)]
            found = (each for each in every if each)
            self._weighed[gpu.key] = tuple((each, self._scale.missing_bytes(gpu, each)) for each in found)
        return self._weighed[gpu.key]

    def _layouts_on(self, linked: bool, num_gpus: int, num_nodes: int) -> tuple[Layout, ...]:  # noqa: FBT001  -- a key
        asked = linked, num_gpus, num_nodes
        if asked not in self._layouts:
            self._layouts[asked] = self._layouts_of(*asked)
        return self._layouts[asked]

    def _layouts_of(self, linked: bool, num_gpus: int, num_nodes: int) -> tuple[Layout, ...]:  # noqa: FBT001
        evaluator = self.evaluator
        resolved = evaluator.resolved(None, evaluator.runner)
        shape = Shape.of(
            resolved.arch,
            sequence_length=resolved.workload.sequence_length,
            global_batch_size=resolved.schedule.global_batch_size,
            method=resolved.workload.method,
            quantization=resolved.workload.quantization,
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
        terms = self._scale.terms(gpu, plan.runner)
        return batch_splits(self.evaluator.spec, plan.data_parallel_size, terms.global_batch_size)

    def smallest(self, gpu: GPU, found: tuple[Layout, ...]) -> Plan:
        """The plan that needs least memory."""
        asked = gpu.key, found[0].num_gpus, found[0].num_nodes
        if asked not in self._smallest:
            self._smallest[asked] = self._scale.plan(gpu, self._scale.smallest(gpu, found)[0])
        return self._smallest[asked]

    def fastest_on_one(self, gpu: GPU, runner: Runner, zero_stage: int) -> Plan:
        """On one GPU at the largest micro batch, nothing recomputed, were there room."""
        asked = gpu.key, runner, zero_stage
        if asked not in self._fastest_on_one:
            alone = Parallelism(offload=offloads(self.evaluator.spec), runner=runner)
            layout, terms = Layout(1, 1, zero_stage, alone), self._scale.terms(gpu, runner)
            largest = self._scale.cuts(gpu, layout)[-1]
            setting = RunSetting(layout, terms.checkpointings[0], largest)
            self._fastest_on_one[asked] = self._scale.plan(gpu, setting)
        return self._fastest_on_one[asked]

    def alike(self, found: tuple[Layout, ...]) -> tuple[Alike, ...]:
        """The layouts of one count by who runs them."""
        asked = id(found)  # `_layouts` keeps `found`
        if asked not in self._alike:
            kinds: dict[Runner | None, list[Layout]] = {}
            for layout in found:
                kind = None if layout.is_model_parallel else layout.runner
                kinds[kind] = [*kinds.pop(kind, []), layout]  # as fast as others: whose last comes first
            groups = {kind: _alike(layouts) for kind, layouts in kinds.items()}
            self._alike[asked] = tuple(groups.values())
            if (split := groups.pop(None, None)) is not None:
                self._beside[id(split)] = tuple(groups.values())
        return self._alike[asked]

    def worth_timing(self, gpu: GPU, alike: Alike, *, tight: bool) -> tuple[Plan, ...]:
        """Plans of layouts that are `alike` which surely fit (`tight`: likely) and could be the fastest."""
        asked = gpu.key, id(alike), tight  # `_alike` keeps it
        if asked not in self._worth_timing:
            settings = self._runnable(gpu, alike, tight=tight)
            self._worth_timing[asked] = tuple([self._scale.plan(gpu, setting) for setting in settings])
        return self._worth_timing[asked]

    def _runnable(self, gpu: GPU, alike: Alike, *, tight: bool) -> tuple[RunSetting, ...]:
        """Their settings, which are the same on GPUs of one size.

        In one machine sharding alone is preferred to split matrices.
        """
        asked = has_bf16(gpu), gpu.usable_memory_bytes, id(alike), tight
        if asked not in self._runnable_on:
            beside = self._beside.get(id(alike), ()) if alike.num_nodes == 1 else ()
            is_needless = any(self._runnable(gpu, each, tight=tight) for each in beside)
            self._runnable_on[asked] = (
                () if is_needless else tuple(self._fitting(gpu, alike.layouts, tight=tight))
            )
        return self._runnable_on[asked]

    def _fitting(self, gpu: GPU, layouts: tuple[Layout, ...], *, tight: bool) -> Iterator[RunSetting]:
        """Of each layout and checkpointing the largest micro batch that fits, while there is a gain."""
        found: list[RunSetting] = []
        for layout in layouts:
            if self._is_needless(layout, found, gpu):
                continue
            for checkpointing in self._scale.terms(gpu, layout.runner).checkpointings:
                largest = self._scale.largest_fitting(gpu, layout, checkpointing, tight=tight)
                if largest is None:
                    continue
                for setting in self._scale.fewest_recomputed(gpu, largest, tight=tight):
                    if not any(_is_as_good(known, setting) for known in found):
                        found.append(setting)
                        yield setting
                if self._scale.saturates(gpu, largest):
                    break

    def _is_needless(self, layout: Layout, found: Sequence[RunSetting], gpu: GPU) -> bool:
        """Whether what was found already cannot be beaten by `layout`.

        Weights that an engine leaves whole, in the largest passes and with the least recomputed, need not be
        shared by it; a machine whose matrices are split one way needs no other; a pipeline that runs without
        recomputation needs no more stages.
        """
        if not layout.is_model_parallel:
            terms, largest = self._scale.terms(gpu, layout.runner), self._scale.cuts(gpu, layout)[-1]
            best = terms.checkpointings[0], largest
            same = (known for known in found if _shares_enough(known.layout, layout))
            return any((known.checkpointing, known.passes) == best for known in same)
        if layout.num_nodes == 1:
            return bool(found)
        return any(
            known.layout.is_model_parallel
            and known.layout.pipeline_parallel_size < layout.pipeline_parallel_size
            and known.checkpointing is Checkpointing.NONE
            for known in found
        )


def _alike(layouts: Iterable[Layout]) -> Alike:
    found = tuple(layouts)
    return Alike(found, tuple(dict.fromkeys((layout.runner, layout.zero_stage) for layout in found)))


def _shares_enough(known: Layout, other: Layout) -> bool:
    """Whether `other` only gathers what `known` keeps whole: both share the step, which is faster shared."""
    least = min(other.zero_stage, SHARED_GRADIENTS)
    return known.parallelism == other.parallelism and least <= known.zero_stage <= other.zero_stage


def _is_as_good(known: RunSetting, other: RunSetting) -> bool:
    """Whether `known` shards less and otherwise does the same work in no more passes."""
    return (
        _shares_enough(known.layout, other.layout)
        and known.checkpointing is other.checkpointing
        and known.recomputed_share <= other.recomputed_share
        and known.passes.micro_batch_size >= other.passes.micro_batch_size
    )


def ways_of(evaluator: PlanEvaluator, gpus: tuple[GPU, ...]) -> Ways:
    """Those of the spec of `evaluator` on `gpus`."""
    if not evaluator.remembers:
        return Ways(evaluator, gpus)
    job = evaluator.spec.model_copy(update=dict.fromkeys(DECIDES_NO_PLAN))
    return _ways_of(job, ByIdentity(evaluator.catalog), tuple(gpu.key for gpu in gpus))


@lru_cache(MOST_REMEMBERED)
def _ways_of(job: TrainingSpec, catalog_key: ByIdentity[Catalog], gpus: tuple[str, ...]) -> Ways:
    catalog = catalog_key.value
    evaluator = PlanEvaluator(job, catalog, PriceBook((), ()), currency="", physics=PHYSICS)
    return Ways(evaluator, [catalog.gpus[key] for key in gpus])
