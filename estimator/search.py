"""The search over cards, counts, shardings, micro batches and checkpointing: few evaluations, none wasted.

Memory hardly depends on the card, so each layout is weighed once and held against every card.
Time is asked only of pairs (card, count) that could still be on the front of cost and time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from estimator.hardware import GPU
from estimator.judge import Judge
from estimator.layouts import Layout, Passes, Shape, counts, is_networked, layouts, passes, plan_of
from estimator.parallel import Plan
from estimator.ranges import Range
from estimator.ranking import Candidate
from estimator.settle import Settled, has_bf16
from estimator.spec import Attention, Checkpointing, Precision
from estimator.time.estimate import TimeEstimate
from estimator.units import HOUR_SECONDS

SATURATING_TOKENS: Final = 16_384
"""Tokens of a micro batch beyond which no card becomes faster: the micro batch of the bound on speed."""
MOST_TOKENS: Final = 2 * SATURATING_TOKENS
"""Larger micro batches are tried only where they are pinned."""
BOUND_MARGIN: Final = 1.0
"""What a pair might still be faster than its bound by: larger micro batches, smaller shards."""


class Setting(NamedTuple):
    """How one layout is run: what it recomputes, and how its batch is cut."""

    layout: Layout
    checkpointing: Checkpointing
    passes: Passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A card and a count, with what is known of them before time is asked."""

    gpu: GPU
    layouts: tuple[Layout, ...]
    smallest: Setting
    """What needs least memory on them."""
    smallest_bytes: Range
    price_per_hour: float = 0.0
    """For all cards; the number of cards where nobody sells any."""
    is_sold: bool = False
    least_seconds: float = 0.0
    """No plan of this pair is faster."""

    @property
    def num_gpus(self) -> int:
        """Cards in all."""
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
    """All pairs of one spec, and the best plan of those that were worth asking."""

    def __init__(self, judge: Judge, gpus: Sequence[GPU]) -> None:
        self.judge = judge
        self.gpus = tuple(gpus)
        self._largest = {
            kind: max((g for g in self.gpus if has_bf16(g) is kind), key=lambda g: g.usable_memory_bytes)
            for kind in {has_bf16(g) for g in self.gpus}
        }
        self.need = cache(self._need)
        self._layouts = cache(self._layouts_of)

    def settled(self, gpu: GPU, layout: Layout) -> Settled:
        """The job under the stack of `layout`."""
        return self.judge.settled(gpu, layout.stack)

    def plan(self, gpu: GPU, setting: Setting) -> Plan:
        """The plan of `setting` on `gpu`."""
        attention: Attention = self.settled(gpu, setting.layout).attention
        return plan_of(
            setting.layout,
            setting.passes,
            gpu=gpu.key,
            checkpointing=setting.checkpointing,
            attention=attention,
        )

    def time(self, gpu: GPU, setting: Setting) -> TimeEstimate:
        """The run of `setting` on `gpu`."""
        return self.judge.time(gpu, self.plan(gpu, setting))

    def _need(self, kind: bool, setting: Setting) -> Range:  # noqa: FBT001  -- a key of the memory, not a switch
        gpu = self._largest[kind]
        return self.judge.memory(gpu, self.plan(gpu, setting)).process_bytes

    def checkpointings(self, gpu: GPU, layout: Layout) -> tuple[Checkpointing, ...]:
        """The pinned one; else none, the stack's own and full, by falling memory."""
        said = self.judge.spec.activation_checkpointing
        if said is not None:
            return (said,)
        own = self.settled(gpu, layout).activation_checkpointing
        middle = (own,) if own is Checkpointing.SELECTIVE else ()
        return (Checkpointing.NONE, *middle, Checkpointing.FULL)

    def passes(self, gpu: GPU, layout: Layout) -> tuple[Passes, ...]:
        """Ways to cut the batch, smallest micro batch first, none larger than any card can use."""
        settled = self.settled(gpu, layout)
        cuts = passes(self.judge.spec, layout.data_parallel_size, settled.schedule.global_batch_size)
        tokens = settled.workload.sequence_length
        useful = tuple(cut for cut in cuts if cut.micro_batch_size * tokens <= MOST_TOKENS)
        return useful or cuts[:1]

    def cuts_of(self, gpu: GPU, plan: Plan) -> tuple[Passes, ...]:
        """Ways to cut the batch of one rank of `plan`."""
        batch = self.judge.settled(gpu, plan.stack).schedule.global_batch_size
        return passes(self.judge.spec, plan.data_parallel_size, batch)

    def _layouts_of(self, kind: bool, linked: bool, num_gpus: int, num_nodes: int) -> tuple[Layout, ...]:  # noqa: FBT001
        settled = self.judge.settled(self._largest[kind], self.judge.stack)
        workload = settled.workload
        shape = Shape.of(
            settled.arch,
            sequence_length=workload.sequence_length,
            global_batch_size=settled.schedule.global_batch_size,
            method=workload.method,
        )
        return layouts(
            self.judge.spec,
            shape,
            num_gpus=num_gpus,
            num_nodes=num_nodes,
            stack=self.judge.stack,
            linked=linked,
        )

    def pairs(self) -> Iterator[Pair]:
        """Every card and count that has a layout, with the least memory it needs."""
        for gpu in self.gpus:
            for num_gpus, num_nodes in counts(self.judge.spec, gpu):
                found = self._layouts(has_bf16(gpu), is_networked(gpu), num_gpus, num_nodes)
                if found:
                    smallest, needed = self._smallest(gpu, found)
                    yield Pair(gpu=gpu, layouts=found, smallest=smallest, smallest_bytes=needed)

    def _smallest(self, gpu: GPU, found: tuple[Layout, ...]) -> tuple[Setting, Range]:
        most_sharded = {layout[3:]: layout for layout in found}.values()
        settings = [
            Setting(layout, self.checkpointings(gpu, layout)[-1], self.passes(gpu, layout)[0])
            for layout in most_sharded
        ]
        needs = [(self.need(has_bf16(gpu), setting), setting) for setting in settings]
        needed, smallest = min(needs, key=lambda pair: pair[0].likely)
        return smallest, needed

    def least_seconds_on_one(self, gpu: GPU) -> float:
        """A bound: training on one card with nothing recomputed, whether or not it would fit."""
        spec = self.judge.spec
        layout = Layout(1, 1, 0, 1, 1, 1, 1, bool(spec.offload), self.judge.stack)
        settled = self.settled(gpu, layout)
        cuts = self.passes(gpu, layout)
        wanted = max(1, SATURATING_TOKENS // settled.workload.sequence_length)
        cut = min(cuts, key=lambda p: abs(p.micro_batch_size - wanted))
        setting = Setting(layout, self.checkpointings(gpu, layout)[0], cut)
        time = self.time(gpu, setting)
        return BOUND_MARGIN * time.num_steps * time.step_seconds.likely

    def best(self, pair: Pair) -> Candidate | None:
        """The fastest plan of a pair that fits, else the fastest that is tight, else None."""
        for tight in (False, True):
            settings = tuple(self._runnable(pair, tight=tight))
            if settings:
                timed = [(self.time(pair.gpu, setting), setting) for setting in settings]
                time, setting = min(timed, key=lambda pair: pair[0].run_seconds.likely)
                return Candidate(
                    gpu=pair.gpu,
                    plan=self.plan(pair.gpu, setting),
                    time=time,
                    price_per_hour=pair.price_per_hour,
                    is_sold=pair.is_sold,
                    tight=tight,
                )
        return None

    def _runnable(self, pair: Pair, *, tight: bool) -> Iterator[Setting]:
        """Of each layout and checkpointing the largest micro batch that fits, while there is a gain."""
        found: list[Setting] = []
        for layout in pair.layouts:
            if self._is_needless(layout, found, pair.gpu):
                continue
            for checkpointing in self.checkpointings(pair.gpu, layout):
                cut = self._largest_cut(pair.gpu, layout, checkpointing, tight=tight)
                if cut is None:
                    continue
                found.append(setting := Setting(layout, checkpointing, cut))
                yield setting
                if self._saturates(pair.gpu, setting):
                    break

    def _is_needless(self, layout: Layout, found: Sequence[Setting], gpu: GPU) -> bool:
        """Whether what was found already cannot be beaten by `layout`.

        Copies that saturate the card need no sharding; in one machine sharding alone is preferred to split
        matrices; a pipeline that runs without recomputation needs no more stages.
        """
        if not layout.is_model_parallel:
            return any(setting.layout.zero_stage == 0 and self._saturates(gpu, setting) for setting in found)
        if layout.num_nodes == 1:
            return bool(found)
        return any(
            setting.layout.is_model_parallel
            and setting.layout.pipeline_parallel_size < layout.pipeline_parallel_size
            and setting.checkpointing is Checkpointing.NONE
            for setting in found
        )

    def _saturates(self, gpu: GPU, setting: Setting) -> bool:
        """Whether a larger micro batch gains nothing: nothing is recomputed, and the card is busy."""
        if setting.checkpointing is not self.checkpointings(gpu, setting.layout)[0]:
            return False
        cut = setting.passes
        tokens = cut.micro_batch_size * self.settled(gpu, setting.layout).workload.sequence_length
        return cut.gradient_accumulation_steps == 1 or tokens >= SATURATING_TOKENS

    def _largest_cut(
        self, gpu: GPU, layout: Layout, checkpointing: Checkpointing, *, tight: bool
    ) -> Passes | None:
        """The largest micro batch that fits; the whole batch at once first, as it keeps no gradients."""
        cuts = self.passes(gpu, layout)

        def fits(cut: Passes) -> bool:
            need = self.need(has_bf16(gpu), Setting(layout, checkpointing, cut))
            return (need.likely if tight else need.high) <= gpu.usable_memory_bytes

        if fits(cuts[-1]):
            return cuts[-1]
        low, high = -1, len(cuts) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if fits(cuts[middle]) else (low, middle)
        return cuts[low] if low >= 0 else None


def can_run(gpu: GPU, precision: Precision | None, attention: Attention | None) -> bool:
    """Whether the card has units for the said precision and runs the said attention kernel."""
    if precision is not None and gpu.peak_flops_per_second(precision) is None:
        return False
    return attention is not Attention.FLASH or has_bf16(gpu)
