"""Memory of layouts, remembered: it hardly depends on the GPU, so each is weighed once for all of them."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from estimator.base import ByIdentity
from estimator.defaults import has_bf16
from estimator.hardware import GPU
from estimator.plan import Plan, Runner
from estimator.planner.batch_split import BatchSplit, batch_splits
from estimator.planner.evaluate import PlanEvaluator
from estimator.planner.ladder import Ladder, RunSetting
from estimator.planner.layouts import Layout, plan_of
from estimator.planner.stepping import first_not_positive
from estimator.ranges import Range
from estimator.spec import Attention, Checkpointing

Answer = TypeVar("Answer")

SATURATING_TOKENS: Final = 16_384
"""Tokens of a micro batch beyond which no GPU becomes faster."""
MOST_TOKENS: Final = 2 * SATURATING_TOKENS
"""Larger micro batches are tried only where they are pinned."""


class JobDefaults(NamedTuple):
    """What a framework makes of the job on one kind of GPU (with or without bf16)."""

    attention: Attention
    sequence_length: int
    global_batch_size: int
    checkpointings: tuple[Checkpointing, ...]
    """The pinned one; else none, the framework's own and full, by falling memory."""
    num_layers: int
    recomputes_some_layers: bool
    """Whether full checkpointing may leave layers out, as nobody said."""


def _known(answers: dict[Any, Answer], work_out: Callable[..., Answer], *asked: Any) -> Answer:
    """What was worked out before, or is now.

    Not `functools.cache` of a method: that and its object hold each other, and wait long for the collector.
    """
    found = answers.get(asked)
    if found is None:
        found = answers[asked] = work_out(*asked)
    return found


class MemoryFit:
    """Weighs the settings of one job against GPUs."""

    def __init__(self, evaluator: PlanEvaluator, gpus: Sequence[GPU]) -> None:
        self.evaluator = evaluator
        self.largest = {
            kind: max((gpu for gpu in gpus if has_bf16(gpu) is kind), key=lambda gpu: gpu.usable_memory_bytes)
            for kind in {has_bf16(gpu) for gpu in gpus}
        }
        """The largest GPU of each kind: on it no estimate is bent by a lack of room."""
        self._kinds: dict[tuple[bool, Runner], bool] = {}
        self._terms: dict[tuple[bool, Runner], JobDefaults] = {}
        self._needs: dict[tuple[bool, RunSetting], Range] = {}
        self._cuts: dict[tuple[bool, Runner, int], tuple[BatchSplit, ...]] = {}
        self._smallest: dict[tuple[bool, ByIdentity[tuple[Layout, ...]]], tuple[RunSetting, Range]] = {}
        self._shared: dict[tuple[bool, ByIdentity[tuple[Layout, ...]]], Range] = {}
        self._resting: dict[tuple[bool, Layout], float] = {}
        self._ladders: dict[tuple[bool, Layout, Checkpointing], Ladder] = {}

    def forget_weights(self) -> None:
        """Leave what is worked out anew when it is asked for again: most of what this keeps."""
        for each in (self._needs, self._cuts, self._smallest, self._shared, self._resting, self._ladders):
            each.clear()

    def kind(self, gpu: GPU, runner: Runner) -> bool:
        """Which GPUs `gpu` shares its estimates with: those with bf16 (True), or those without."""
        asked = has_bf16(gpu), runner
        kind = self._kinds.get(asked)
        if kind is None:
            kind = self._kinds[asked] = self._kind_of(*asked)
        return kind

    def _kind_of(self, bf16: bool, runner: Runner) -> bool:  # noqa: FBT001  -- a key of the memory, as below
        """Where the job is the same on both kinds, they share."""
        if bf16 or True not in self.largest:
            return bf16
        with_bf16, without = (self.evaluator.resolved(self.largest[kind], runner) for kind in (True, False))
        return (with_bf16.workload, with_bf16.attention) == (without.workload, without.attention)

    def terms(self, gpu: GPU, runner: Runner) -> JobDefaults:
        """What `runner` makes of the job on GPUs like `gpu`."""
        return self._terms_on(self.kind(gpu, runner), runner)

    def _terms_on(self, kind: bool, runner: Runner) -> JobDefaults:  # noqa: FBT001
        return _known(self._terms, self._terms_of, kind, runner)

    def _terms_of(self, kind: bool, runner: Runner) -> JobDefaults:  # noqa: FBT001
        resolved = self.evaluator.resolved(self.largest[kind], runner)
        said, own = self.evaluator.spec.activation_checkpointing, resolved.activation_checkpointing
        middle = (own,) if own is Checkpointing.SELECTIVE else ()
        return JobDefaults(
            resolved.attention,
            resolved.workload.sequence_length,
            resolved.schedule.global_batch_size,
            (said,) if said is not None else (Checkpointing.NONE, *middle, Checkpointing.FULL),
            resolved.arch.num_layers,
            said is None and resolved.framework.recomputes_some_layers,
        )

    def plan(self, gpu: GPU, setting: RunSetting) -> Plan:
        """The plan of `setting` on `gpu`."""
        return plan_of(
            setting.layout,
            setting.passes,
            gpu=gpu.key,
            checkpointing=setting.checkpointing,
            attention=self.terms(gpu, setting.layout.runner).attention,
        )._replace(recomputed_share=setting.recomputed_share)

    def cuts(self, gpu: GPU, layout: Layout) -> tuple[BatchSplit, ...]:
        """Ways to cut the batch, smallest micro batch first, none larger than any GPU can use."""
        return self._cuts_on(self.kind(gpu, layout.runner), layout)

    def _cuts_on(self, kind: bool, layout: Layout) -> tuple[BatchSplit, ...]:  # noqa: FBT001
        return _known(self._cuts, self._cuts_of, kind, layout.runner, layout.data_parallel_size)

    def _cuts_of(self, kind: bool, runner: Runner, data_parallel_size: int) -> tuple[BatchSplit, ...]:  # noqa: FBT001
        terms = self._terms_on(kind, runner)
        cuts = batch_splits(self.evaluator.spec, data_parallel_size, terms.global_batch_size)
        useful = (cut for cut in cuts if cut.micro_batch_size * terms.sequence_length <= MOST_TOKENS)
        return tuple(useful) or cuts[:1]

    def saturates(self, gpu: GPU, setting: RunSetting) -> bool:
        """Whether a larger micro batch gains nothing: the least is recomputed, and the GPU is busy."""
        terms, cut = self.terms(gpu, setting.layout.runner), setting.passes
        if setting.checkpointing is not terms.checkpointings[0]:
            return False
        busy = cut.micro_batch_size * terms.sequence_length >= SATURATING_TOKENS
        return busy or cut.gradient_accumulation_steps == 1

    def needed(self, gpu: GPU, setting: RunSetting) -> Range:
        """Process peak of the fullest GPU in bytes."""
        return self._needed_on(self.kind(gpu, setting.layout.runner), setting)

    def _needed_on(self, kind: bool, setting: RunSetting) -> Range:  # noqa: FBT001
        return _known(self._needs, self._needed_by, kind, setting)

    def _needed_by(self, kind: bool, setting: RunSetting) -> Range:  # noqa: FBT001
        gpu = self.largest[kind]
        return self.evaluator.process_bytes(gpu, self.plan(gpu, setting))

    def largest_fitting(
        self, gpu: GPU, layout: Layout, checkpointing: Checkpointing, *, tight: bool
    ) -> RunSetting | None:
        """The largest micro batch that fits; the whole batch at once first, as it keeps no gradients."""
        ladder = _known(self._ladders, self._ladder_of, self.kind(gpu, layout.runner), layout, checkpointing)
        return ladder.largest_fitting(gpu.usable_memory_bytes, tight=tight)

    def _ladder_of(self, kind: bool, layout: Layout, checkpointing: Checkpointing) -> "Ladder":  # noqa: FBT001
        cuts = self._cuts_on(kind, layout)
        settings = [RunSetting(layout, checkpointing, cut) for cut in cuts]
        gpu = self.largest[kind]
        resting = self._resting_on(kind, layout)

        def least(setting: RunSetting) -> Range:
            return self.evaluator.least_bytes(gpu, self.plan(gpu, setting))

        return Ladder(settings, resting, least, lambda setting: self._needed_on(kind, setting))

    def fewest_recomputed(self, gpu: GPU, largest: RunSetting, *, tight: bool) -> Iterator[RunSetting]:
        """`largest`; where layers can be left out it, then each smaller pass that recomputes fewer."""
        terms = self.terms(gpu, largest.layout.runner)
        if largest.checkpointing is not Checkpointing.FULL or not terms.recomputes_some_layers:
            yield largest
            return
        layers = terms.num_layers // largest.layout.pipeline_parallel_size
        fewest = layers + 1
        for cut in reversed(self.cuts(gpu, largest.layout)):
            if cut.micro_batch_size <= largest.passes.micro_batch_size:
                full = largest._replace(passes=cut)
                count = self._fewest(gpu, full, layers, min(fewest, layers), tight=tight)
                if count < fewest:
                    fewest = count
                    yield full._replace(recomputed_share=count / layers)

    def _fewest(self, gpu: GPU, full: RunSetting, layers: int, known: int, *, tight: bool) -> int:
        """The fewest of `layers` that `full` must recompute; `known` where it takes that many or more."""

        def missing(count: int) -> float:
            needed = self.needed(gpu, full._replace(recomputed_share=count / layers))
            return (needed.likely if tight else needed.high) - gpu.usable_memory_bytes

        return first_not_positive(missing, before=known)

    def resting_bytes(self, gpu: GPU, layout: Layout) -> float:
        """What of `layout` rests on a GPU, whatever it recomputes and however its batch is cut."""
        return self._resting_on(self.kind(gpu, layout.runner), layout)

    def _resting_on(self, kind: bool, layout: Layout) -> float:  # noqa: FBT001
        return _known(self._resting, self._resting_of, kind, layout)

    def _resting_of(self, kind: bool, layout: Layout) -> float:  # noqa: FBT001
        gpu, cut = self.largest[kind], self._cuts_on(kind, layout)[0]
        return self.evaluator.resting_bytes(gpu, self.plan(gpu, RunSetting(layout, Checkpointing.FULL, cut)))

    def _extremes(self, gpu: GPU, layout: Layout) -> tuple[BatchSplit, ...]:
        """The smallest micro batch, and the whole batch at once, which keeps no gradients between passes."""
        cuts = self.cuts(gpu, layout)
        return (cuts[0], cuts[-1]) if len(cuts) > 1 else cuts

    def missing_bytes(self, gpu: GPU, layouts: tuple[Layout, ...]) -> float:
        """What even the smallest setting lacks on `gpu`; not positive where something fits.

        Most counts have room for replicas that share all they can; elsewhere what needs least is looked for.
        """
        shared = _known(self._shared, self._shared_of, has_bf16(gpu), ByIdentity(layouts))
        missing = shared.likely - gpu.usable_memory_bytes
        return missing if missing <= 0 else self.smallest(gpu, layouts)[1].likely - gpu.usable_memory_bytes

    def _shared_of(self, bf16: bool, found: ByIdentity[tuple[Layout, ...]]) -> Range:  # noqa: FBT001
        gpu = self.largest[bf16]
        replicas = (layout for layout in reversed(found.value) if not layout.is_model_parallel)
        layout = next(replicas, found.value[-1])
        checkpointing = self.terms(gpu, layout.runner).checkpointings[-1]
        return self.needed(gpu, RunSetting(layout, checkpointing, self.cuts(gpu, layout)[0]))

    def smallest(self, gpu: GPU, layouts: tuple[Layout, ...]) -> tuple[RunSetting, Range]:
        """What needs least memory among `layouts`, and how much."""
        return _known(self._smallest, self._smallest_of, has_bf16(gpu), ByIdentity(layouts))

    def _smallest_of(
        self,
        bf16: bool,  # noqa: FBT001
        found: ByIdentity[tuple[Layout, ...]],
    ) -> tuple[RunSetting, Range]:
        """The last layout is likely to need least, but what is gathered may be more than what is shared.

        Where states alone take more than was found nothing is weighed; of equal needs the first has it.
        """
        gpu = self.largest[bf16]
        needs: list[tuple[RunSetting, Range]] = []
        least = math.inf
        for layout in reversed(found.value):
            if self.resting_bytes(gpu, layout) > least:
                continue
            checkpointing = self.terms(gpu, layout.runner).checkpointings[-1]
            settings = [RunSetting(layout, checkpointing, cut) for cut in self._extremes(gpu, layout)]
            needs = [*((setting, self.needed(gpu, setting)) for setting in settings), *needs]
            least = min(needed.likely for _, needed in needs)
        return min(needs, key=lambda pair: pair[1].likely)
