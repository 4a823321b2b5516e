"""Which plans run the job, best first; a spec that says the whole plan gets that plan, judged as it is."""

from dataclasses import dataclass, replace

from estimator.catalog import Catalog
from estimator.defaults import Settled
from estimator.hardware import GPU
from estimator.memory import allocated_peak_bytes
from estimator.plan import Plan
from estimator.planner.evaluate import PHYSICS, Judge, Physics
from estimator.planner.feasibility import check
from estimator.planner.layouts import passes, plan_of, said_layout
from estimator.planner.options import assumptions_of, nearest, option_of
from estimator.planner.ranking import ranked
from estimator.planner.search import Pair, Search, can_run
from estimator.planner.shortlist import bounded, chosen, evaluated, nearest_first, rejected, settled_plan
from estimator.price_book import PriceBook
from estimator.result import Nearest, Option, Rejected
from estimator.spec import Checkpointing, RankBy, TrainingSpec
from estimator.workload import Assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What the search found: options in rank order, the nearest losers, and what it assumed."""

    options: tuple[Option, ...]
    rejected: tuple[Rejected, ...] = ()
    nearest: Nearest | None = None
    assumptions: tuple[Assumption, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether some option runs."""
        return any(option.fits for option in self.options)


def search(
    spec: TrainingSpec, catalog: Catalog, book: PriceBook, *, currency: str, physics: Physics = PHYSICS
) -> Plans:
    """Plans for `spec`: the pinned one alone where the text says it all, else the best of many.

    Raises:
        UnknownModel, UnknownGPU, UnknownStack: a name that the catalog does not have.
        Impossible: a combination that no framework runs.
    """
    judge = Judge(spec, catalog, book, currency=currency, physics=physics)
    gpu = catalog.gpu(spec.gpu) if spec.gpu else None
    check(spec, judge.settled(gpu, judge.stack).arch, gpu)
    if gpu is not None and is_pinned(spec):
        return _pinned(judge, gpu)
    return _searched(judge)


def is_pinned(spec: TrainingSpec) -> bool:
    """Whether the text says GPU, count and micro batch, and how several GPUs are used."""
    sizes = (spec.tensor_parallel_size, spec.pipeline_parallel_size, spec.context_parallel_size)
    says_how = spec.num_gpus == 1 or spec.zero_stage is not None or any(sizes)
    return None not in (spec.gpu, spec.num_gpus, spec.micro_batch_size) and says_how


CHECKPOINTS_FROM = 0.9
"""Share of a card that tensors fill before somebody who said nothing of checkpointing turns it on."""


def pinned_plan(settled: Settled, gpu: GPU) -> Plan:
    """The plan that the text says; what it leaves open is as its stack does it.

    But for checkpointing: who cannot run without it does not run without it.
    """
    spec = settled.spec
    layout = said_layout(
        spec, num_gpus=spec.num_gpus or 1, max_gpus_per_node=gpu.max_gpus_per_node, stack=settled.stack
    )
    plan = plan_of(
        layout,
        passes(spec, layout.data_parallel_size, settled.schedule.global_batch_size)[0],
        gpu=gpu.key,
        checkpointing=settled.activation_checkpointing,
        attention=settled.attention,
    )
    if spec.activation_checkpointing is not None or plan.activation_checkpointing is Checkpointing.FULL:
        return plan
    needed = allocated_peak_bytes(settled.workload, plan, stack=settled.stack)
    if needed <= CHECKPOINTS_FROM * gpu.usable_memory_bytes:
        return plan
    return replace(plan, activation_checkpointing=Checkpointing.FULL)


def _pinned(judge: Judge, gpu: GPU) -> Plans:
    plan = pinned_plan(judge.settled(gpu, judge.stack), gpu)
    option = option_of(judge, gpu, plan, judge.memory(gpu, plan))
    return Plans(
        options=(option,),
        nearest=None if option.fits else nearest(plan, option.memory),
        assumptions=tuple(assumptions_of(judge, gpu, plan, pinned=True)),
    )


def _searched(judge: Judge) -> Plans:
    work = Search(judge, _gpus(judge))
    pairs = tuple(work.pairs())
    small = tuple(pair for pair in pairs if pair.missing_bytes > 0)
    found, ruled_out = evaluated(work, bounded(work, _with_memory(pairs)))
    order = ranked(found, judge.spec.rank_by or RankBy.COST)
    shown, others = chosen(order)
    options = tuple(
        option_of(judge, order[index].gpu, *weighed, praise)
        for index, praise in shown.items()
        if (weighed := settled_plan(work, order[index])) is not None
    )
    losers = rejected(work, order[0] if order else None, others, ruled_out, small)
    if not options:
        return Plans(options=(), rejected=losers, nearest=_nearest(work, small))
    head = options[0].plan
    assumed = assumptions_of(judge, judge.catalog.gpu(head.gpu), head, pinned=False)
    return Plans(options=options, rejected=losers, assumptions=tuple(assumed))


def _gpus(judge: Judge) -> tuple[GPU, ...]:
    """The said card, else every card on sale (all of them where no price is known) that can run the job."""
    catalog = judge.catalog
    if judge.spec.gpu is not None:
        return (catalog.gpu(judge.spec.gpu),)
    settled = judge.settled(None, judge.stack)
    known = judge.book.gpus & catalog.gpus.keys() or catalog.gpus.keys()
    cards = (catalog.gpus[key] for key in sorted(known))
    return tuple(gpu for gpu in cards if can_run(gpu, settled))


def _with_memory(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    return tuple(pair for pair in pairs if pair.missing_bytes <= 0)


def _nearest(work: Search, small: tuple[Pair, ...]) -> Nearest | None:
    """The pair that misses by least, weighed on its own card."""
    for pair in nearest_first(small):
        plan = work.plan(pair)
        return nearest(plan, work.judge.memory(pair.gpu, plan))
    return None
