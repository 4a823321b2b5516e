"""Which plans run the job, best first; a whole plan that is said and does not fit is judged as it is."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from estimator.catalog import Catalog
from estimator.errors import Impossible
from estimator.hardware import GPU
from estimator.memory.result import MemoryEstimate, Verdict
from estimator.plan import Plan
from estimator.planner.candidate import Candidate
from estimator.planner.evaluate import PHYSICS, Physics, PlanEvaluator
from estimator.planner.feasibility import check
from estimator.planner.losers import least_seconds_unweighed, nearest_first, rejected
from estimator.planner.on_sale import bounded
from estimator.planner.options import assumptions_of, nearest, option_of
from estimator.planner.pinned import is_pinned, pinned_plan
from estimator.planner.ranking import Aim, passed_on, ranked
from estimator.planner.remarks import surer_plan
from estimator.planner.search import GpuCount, Search, can_run
from estimator.planner.settled import settled_plan, with_risk
from estimator.planner.shortlist import chosen, evaluated
from estimator.prices.book import PriceBook
from estimator.result import Nearest, Option, Rejected, Tag
from estimator.spec import TrainingSpec
from estimator.workload import Assumption


class Plans(NamedTuple):
    """What the search found: options in rank order, the nearest losers, and what it assumed."""

    options: tuple[Option, ...]
    rejected: tuple[Rejected, ...] = ()
    nearest: Nearest | None = None
    assumptions: tuple[Assumption, ...] = ()
    least_seconds_unweighed: float = math.inf
    """No plan that was not weighed, and may keep the limits, takes less."""

    @property
    def fits(self) -> bool:
        """Whether some option runs."""
        return any(option.fits for option in self.options)


def search(
    spec: TrainingSpec, catalog: Catalog, book: PriceBook, *, currency: str, physics: Physics = PHYSICS
) -> Plans:
    """The best plans that keep what `spec` says; where it says a whole plan that does not fit, that one.

    Raises:
        UnknownModel, UnknownGPU, UnknownFramework: a name that the catalog does not have.
        Impossible: a combination that no framework runs.
    """
    evaluator = PlanEvaluator(spec, catalog, book, currency=currency, physics=physics)
    gpu = _checked_gpu(evaluator)
    plans = _searched(evaluator)
    if gpu is None or plans.options or not is_pinned(spec):
        return plans
    return _pinned(evaluator, gpu)


def surely_fitting(
    spec: TrainingSpec, catalog: Catalog, book: PriceBook, *, currency: str, physics: Physics = PHYSICS
) -> Iterator[Option]:
    """Those options of `search` that surely fit, best first, each built when it is asked for.

    Raises:
        UnknownModel, UnknownGPU, UnknownFramework, Impossible: as `search`.
    """
    evaluator = PlanEvaluator(spec, catalog, book, currency=currency, physics=physics)
    _checked_gpu(evaluator)
    work = Search(evaluator, _gpus(evaluator))
    found, _ = evaluated(work, bounded(work, _with_memory(tuple(work.pairs()))))
    work.ways.forget_weights()
    aim = Aim.of(spec, evaluator.rank_by)
    order = ranked(found, aim)
    shown, _ = chosen(order, aim)
    for candidate, plan, memory, praise in _weighed(work, order, shown):
        if memory.verdict is Verdict.FITS:
            yield option_of(evaluator, candidate.gpu, plan, memory, praise)


def _checked_gpu(evaluator: PlanEvaluator) -> GPU | None:
    """The said GPU, where the spec is no combination that nobody runs."""
    spec, catalog = evaluator.spec, evaluator.catalog
    gpu = catalog.gpu(spec.gpu) if spec.gpu else None
    check(spec, evaluator.resolved(gpu, evaluator.runner).arch, gpu, catalog)
    return gpu


def _weighed(
    work: Search, order: Sequence[Candidate], shown: Mapping[int, tuple[Tag, ...]]
) -> Iterator[tuple[Candidate, Plan, MemoryEstimate, tuple[Tag, ...]]]:
    """The candidates to show that run on their own GPU, each with its plan, memory and tags."""
    for index, praise in shown.items():
        if (weighed := settled_plan(work, order[index])) is not None:
            yield order[index], *weighed, praise


def _option(
    work: Search, candidate: Candidate, plan: Plan, memory: MemoryEstimate, praise: tuple[Tag, ...]
) -> Option:
    """The option of a candidate; a tight plan that was preferred names the sure one of the same GPUs."""
    option = option_of(work.evaluator, candidate.gpu, plan, memory, praise)
    settled = candidate.sure and settled_plan(work, candidate.sure)
    if not settled:
        return option
    remark = surer_plan(work.evaluator, candidate.gpu, settled[0], taken=plan)
    return replace(option, warnings=(remark, *option.warnings))


def _pinned(evaluator: PlanEvaluator, gpu: GPU) -> Plans:
    plan = pinned_plan(evaluator.resolved(gpu, evaluator.runner), gpu)
    option = option_of(evaluator, gpu, plan, evaluator.memory(gpu, plan))
    return Plans(
        options=(option,),
        nearest=None if option.fits else nearest(evaluator, gpu, plan, option.memory),
        assumptions=tuple(assumptions_of(evaluator, gpu, plan, pinned=True)),
    )


def _searched(evaluator: PlanEvaluator) -> Plans:
    work = Search(evaluator, _gpus(evaluator))
    pairs = tuple(work.pairs())
    small = tuple(pair for pair in pairs if pair.missing_bytes > 0)
    found, ruled_out = evaluated(work, bounded(work, _with_memory(pairs)))
    aim = Aim.of(evaluator.spec, evaluator.rank_by)
    order = with_risk(work, ranked(found, aim))
    shown, others = chosen(order, aim)
    options = passed_on([_option(work, *weighed) for weighed in _weighed(work, order, shown)])
    losers = rejected(work, order[0] if order else None, others, ruled_out, small)
    work.ways.forget_weights()
    if not options:
        return Plans(options=(), rejected=losers, nearest=_nearest(work, small))
    head = options[0].plan
    assumed = assumptions_of(evaluator, evaluator.catalog.gpu(head.gpu), head, pinned=False)
    return Plans(
        options=options,
        rejected=losers,
        assumptions=tuple(assumed),
        least_seconds_unweighed=least_seconds_unweighed(work, ruled_out),
    )


def _gpus(evaluator: PlanEvaluator) -> tuple[GPU, ...]:
    """The said GPU, else every GPU on sale (all of them where no price is known) that can run the job."""
    catalog = evaluator.catalog
    if evaluator.spec.gpu is not None:
        return (catalog.gpu(evaluator.spec.gpu),)
    resolved = evaluator.resolved(None, evaluator.runner)
    known = _of_memory(evaluator) or evaluator.book.gpus & catalog.gpus.keys() or catalog.gpus.keys()
    gpus = (catalog.gpus[key] for key in sorted(known))
    return tuple(gpu for gpu in gpus if can_run(gpu, resolved))


def _of_memory(evaluator: PlanEvaluator) -> frozenset[str]:
    """Every GPU with the said memory, on sale or on somebody's desk; empty where none was said.

    Raises:
        Impossible: no GPU has that much.
    """
    wanted, catalog = evaluator.spec.gpu_memory_gb, evaluator.catalog
    if wanted is None:
        return frozenset()
    sizes = {key: round(catalog.gpus[key].memory_gb) for key in catalog.gpus}
    if wanted not in sizes.values():
        nearest = min(sizes.values(), key=lambda size: (abs(size - wanted), size))
        raise Impossible(
            "no_gpu_of_memory",
            field=f"{wanted}gb",
            parameters={"wanted": str(wanted)},
            change={"gpu_memory_gb": nearest},
        )
    return frozenset(key for key, size in sizes.items() if size == wanted)


def _with_memory(pairs: tuple[GpuCount, ...]) -> tuple[GpuCount, ...]:
    return tuple(pair for pair in pairs if pair.missing_bytes <= 0)


def _nearest(work: Search, small: tuple[GpuCount, ...]) -> Nearest | None:
    """The pair that misses by least, weighed on its own GPU."""
    for pair in nearest_first(small):
        plan = work.plan(pair)
        return nearest(work.evaluator, pair.gpu, plan, work.evaluator.memory(pair.gpu, plan))
    return None
