"""From all pairs of GPU and count to the few options worth showing, each loser with its reason."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice, takewhile
from typing import Final

from estimator.hardware import GPU
from estimator.memory.result import MemoryEstimate, Verdict
from estimator.money import CHINESE_CURRENCY
from estimator.plan import Plan
from estimator.planner.evaluate import PlanEvaluator
from estimator.planner.limits import broken_limits
from estimator.planner.ranking import (
    SIMPLER_WITHIN,
    Candidate,
    beaten,
    best_by_limit,
    cheapest,
    fastest,
    less_usual,
    not_weighed,
    over_memory,
    praiseworthy,
    tags,
)
from estimator.planner.search import CUDA, GpuCount, Search
from estimator.prices.book import EVERYWHERE
from estimator.prices.policy import LEADING_SELLERS
from estimator.result import Rejected, Tag
from estimator.spec import RankBy

MAX_OPTIONS: Final = 8
USUAL_GPUS: Final = 8
"""GPUs of the machine that everybody rents."""
WORTH_ASKING: Final = 1.05
"""A pair that could at best gain less than this factor is not asked."""
MAX_COUNTS_PER_GPU: Final = 2
"""Counts of one GPU among the options, so that the others are heard too."""
MAX_REJECTED: Final = 6
ABOUT_THE_SAME: Final = 1.02
"""Least costs within this factor are no reason to ask one pair before another."""
SAME_SPEED: Final = 1.01
"""A smaller micro batch within this factor of the fastest is taken: it leaves memory free."""


def bounded(work: Search, pairs: Iterable[GpuCount]) -> tuple[GpuCount, ...]:
    """Pairs on sale (where nobody sells any, all, at one unit a GPU-hour), with the least time they can take.

    That is what one GPU takes, shared evenly: nothing is faster than no communication.
    """
    prices = [(pair, *_price(work, pair)) for pair in pairs]
    is_sold = any(math.isfinite(price) for _, price, _ in prices)
    offered = [known for known in prices if math.isfinite(known[1]) or not is_sold]
    gpus = {pair.gpu.key: pair.gpu for pair, *_ in offered}
    least = {key: work.least_seconds_on_one(gpu) for key, gpu in gpus.items()}
    return tuple(
        pair._replace(
            price_per_hour=price if is_sold else float(pair.num_gpus),
            is_sold=is_sold,
            is_listed=is_listed,
            oddness=_oddness(work, pair) if is_sold else 0,
            least_seconds=least[pair.gpu.key] / pair.num_gpus,
        )
        for pair, price, is_listed in offered
    )


def _price(work: Search, pair: GpuCount) -> tuple[float, bool]:
    """The best price an hour, and whether it is that of the machine itself."""
    offers = work.evaluator.priced_size(pair.size)
    return (offers[0].comparable, not all(each.scaled for each in offers)) if offers else (math.inf, True)


def _oddness(work: Search, pair: GpuCount) -> int:
    """How far a pair is from what a person would take unasked; what the text says is usual.

    0: one machine of at most eight GPUs that sellers here have. 1: one that sellers elsewhere have, for
    who counts in CNY. 2: any such machine. 3: more of what is in use. 4: what few sell or not all runs on.
    """
    spec = work.evaluator.spec
    counted = spec.num_gpus is not None or spec.num_nodes is not None
    small = counted or (pair.num_nodes == 1 and pair.num_gpus <= USUAL_GPUS)
    said = spec.gpu is not None or spec.price_per_gpu_hour is not None or spec.providers is not None
    here = said or _is_sold_here(work, pair)
    if small and here:
        return 0
    if here or _is_in_use(work, pair):
        return 1 if small else 3
    return 2 if small and _runs_all(pair.gpu) else 4


def _is_sold_here(work: Search, pair: GpuCount) -> bool:
    """A GPU that this reader rents: for who counts in CNY one that somebody in China sells.

    Where a region is asked for, one listed there. Who names GPUs by their memory means any of that size:
    those that people own have few sellers. What somebody has a price of their own for they can have.
    """
    evaluator = work.evaluator
    leading = evaluator.priced_size(pair.size)[0]
    if leading.offer.basis == "contract" and leading.instead in ((), (EVERYWHERE,)):
        return _runs_all(pair.gpu)
    if evaluator.spec.region is not None and leading.instead != (EVERYWHERE,):
        return not leading.instead and _runs_all(pair.gpu)
    if (evaluator.spec.currency or evaluator.currency) == CHINESE_CURRENCY:
        return pair.gpu.key in evaluator.book.sold_in_china
    if evaluator.spec.gpu_memory_gb is not None:
        return pair.gpu.vendor in CUDA and pair.gpu.key in evaluator.book.sold_anywhere
    return _is_in_use(work, pair)


def _is_in_use(work: Search, pair: GpuCount) -> bool:
    """A data-centre GPU that many sell."""
    votes = work.evaluator.priced_size(pair.size)[0].votes
    many = votes is not None and votes.num_sellers >= LEADING_SELLERS
    return many and _runs_all(pair.gpu)


def _runs_all(gpu: GPU) -> bool:
    """A data-centre GPU that every framework and kernel runs on as it is."""
    return gpu.vendor in CUDA and not gpu.desk


def evaluated(work: Search, pairs: Sequence[GpuCount]) -> tuple[tuple[Candidate, ...], tuple[GpuCount, ...]]:
    """The best plan of each pair that may be shown, and the pairs that may not.

    What people rent is asked first, listed machines before others, in the order of their least cost, so that
    the first answers rule out most others, and what is shown before others leaves them no room. Among those
    that cost about the same the fewest GPUs come first: they are the simplest to rent. Where nothing keeps
    the limits of the asker all are asked, for what is best on each limit; what would not be asked without
    limits is spare then.
    """
    rank_by = work.evaluator.rank_by
    order = sorted(pairs, key=_asked_by_time if rank_by is RankBy.TIME else _asked_by_cost)
    usual_first = _kinds(order, lambda pair: pair.is_usual)
    kinds = usual_first if rank_by is RankBy.VALUE else _kinds(order, _shown_before)
    known: dict[int, Candidate | None] = {}

    def best(pair: GpuCount) -> Candidate | None:
        if id(pair) not in known:
            candidate = work.best(pair)
            known[id(pair)] = candidate and _limited(work.evaluator, candidate)
        return known[id(pair)]

    found, ruled_out = _asked(kinds, best, lambda each: each.is_sound)
    if all(each.broken_limits for each in found):
        first = set(map(id, _asked(usual_first, best, lambda each: not each.tight)[0]))
        found = tuple(each._replace(is_spare=id(each) not in first) for each in found)
    return found, ruled_out


def _asked(
    kinds: Iterable[Sequence[GpuCount]],
    best: Callable[[GpuCount], Candidate | None],
    rules_out: Callable[[Candidate], bool],
) -> tuple[tuple[Candidate, ...], tuple[GpuCount, ...]]:
    found: list[Candidate] = []
    ruled_out: list[GpuCount] = []
    front: list[tuple[float, float, int]] = []
    for kind in kinds:
        ahead = Counter(candidate.gpu.key for candidate in found if rules_out(candidate))
        for pair in kind:
            if _is_beaten(front, pair) or _has_no_room(ahead, pair):
                ruled_out.append(pair)
            elif (candidate := best(pair)) is not None:
                found.append(candidate)
                if pair.is_usual and candidate.is_listed and rules_out(candidate):
                    front.append((candidate.cost, candidate.seconds, pair.num_gpus))
    return tuple(found), tuple(ruled_out)


def _kinds(order: Iterable[GpuCount], kind: Callable[[GpuCount], object]) -> tuple[Sequence[GpuCount], ...]:
    """The pairs of each `kind`, as they come in the order."""
    return tuple(tuple(pairs) for _, pairs in groupby(order, key=kind))


def _shown_before(pair: GpuCount) -> object:
    """What is of one such kind and sound is shown before all of the next; a score weighs both."""
    return pair.oddness, pair.is_listed


def _has_no_room(ahead: Counter[str], pair: GpuCount) -> bool:
    """Whether what comes before it fills the options, or those of this GPU: `chosen` takes nothing else."""
    if ahead[pair.gpu.key] >= MAX_COUNTS_PER_GPU:
        return True
    return sum(min(count, MAX_COUNTS_PER_GPU) for count in ahead.values()) >= MAX_OPTIONS


def _asked_by_time(pair: GpuCount) -> tuple[float, ...]:
    return pair.oddness, not pair.is_listed, pair.least_seconds, pair.least_cost


def _asked_by_cost(pair: GpuCount) -> tuple[float, ...]:
    steps = math.log(max(pair.least_cost, 1e-9)) / math.log(ABOUT_THE_SAME)
    return pair.oddness, not pair.is_listed, round(steps), pair.num_gpus, pair.least_cost


def _is_beaten(front: Iterable[tuple[float, float, int]], pair: GpuCount) -> bool:
    """Whether something that runs well is about as cheap and as fast, or better, and as simple.

    Fewer GPUs at a cost near that of the cheapest are what a person takes:
    only what is far cheaper beats them.
    """
    most_cost, most_seconds = WORTH_ASKING * pair.least_cost, WORTH_ASKING * pair.least_seconds
    is_usual, few = pair.is_usual, pair.num_gpus
    return any(
        cost * (SIMPLER_WITHIN if is_usual and few < num_gpus else 1.0) <= most_cost
        for cost, seconds, num_gpus in front
        if seconds <= most_seconds
    )


def _limited(evaluator: PlanEvaluator, candidate: Candidate) -> Candidate:
    retries = evaluator.resolved(candidate.gpu, candidate.plan.runner).schedule.retries
    broken = broken_limits(evaluator, cost=candidate.cost, seconds=candidate.seconds, retries=retries)
    return candidate._replace(broken_limits=broken) if broken else candidate


def chosen(
    order: Sequence[Candidate], *, within: float = SIMPLER_WITHIN
) -> tuple[dict[int, tuple[Tag, ...]], tuple[Candidate, ...]]:
    """What of the order to show (the first, what is best at something or on a limit) with tags; the rest."""
    praise = tags(order, within=within)
    shown = set(praise) | best_by_limit(order)
    if usual := praiseworthy(order):
        shown |= {fastest(order, usual), cheapest(order, usual)}
    gpus = Counter(order[index].gpu.key for index in shown)
    for index, candidate in enumerate(order):
        if len(shown) < MAX_OPTIONS and gpus[candidate.gpu.key] < MAX_COUNTS_PER_GPU:
            gpus[candidate.gpu.key] += index not in shown
            shown.add(index)
    others = tuple(candidate for index, candidate in enumerate(order) if index not in shown)
    return {index: praise.get(index, ()) for index in sorted(shown)}, others


def settled_plan(work: Search, candidate: Candidate) -> tuple[Plan, MemoryEstimate] | None:
    """The plan of the smallest micro batch that runs as fast, weighed on its own GPU; None if none runs."""
    for plan in _from_lightest(work, candidate):
        memory = work.evaluator.memory(candidate.gpu, plan)
        if memory.verdict is not Verdict.DOES_NOT_FIT:
            return plan, memory
    return None


def _from_lightest(work: Search, candidate: Candidate) -> Iterator[Plan]:
    """Smaller micro batches that are as fast, smallest first, then the candidate's own, then all below."""
    plan = candidate.plan
    smaller = [
        plan._replace(
            micro_batch_size=cut.micro_batch_size,
            gradient_accumulation_steps=cut.gradient_accumulation_steps,
        )
        for cut in reversed(work.cuts_of(candidate.gpu, plan))
        if cut.micro_batch_size < plan.micro_batch_size
    ]
    limit = SAME_SPEED * candidate.seconds
    as_fast = list(takewhile(lambda p: work.evaluator.run_seconds(candidate.gpu, p).total <= limit, smaller))
    yield from reversed(as_fast)
    yield plan
    yield from smaller[len(as_fast) :]


def rejected(
    work: Search,
    best: Candidate | None,
    beaten_by_it: Iterable[Candidate],
    ruled_out: Iterable[GpuCount],
    small: Iterable[GpuCount],
) -> tuple[Rejected, ...]:
    """The nearest losers: half of them beaten on cost or time, half for want of memory."""
    short = nearest_first(small)[:MAX_REJECTED]
    most = max(MAX_REJECTED // 2, MAX_REJECTED - len(short))
    losers = tuple(islice(_losers(work, best, beaten_by_it, ruled_out), most)) if best else ()
    too_small = short[: MAX_REJECTED - len(losers)]
    return (*losers, *(over_memory(work.plan(p), missing_bytes=p.missing_bytes) for p in too_small))


def _losers(
    work: Search, best: Candidate, asked: Iterable[Candidate], ruled_out: Iterable[GpuCount]
) -> Iterator[Rejected]:
    """What `best` beats: those that were asked, in their order, then those not worth asking."""
    for candidate in asked:
        yield beaten(candidate.plan, cost=candidate.cost, seconds=candidate.seconds, by=best)
    for pair in ruled_out:
        yield _ruled_out(work, pair, best)


def _ruled_out(work: Search, pair: GpuCount, by: Candidate) -> Rejected:
    plan = work.plan(pair)
    if by.oddness < pair.oddness:
        return less_usual(plan, by)
    return not_weighed(plan, least_cost=pair.least_cost, least_seconds=pair.least_seconds, by=by)


def nearest_first(small: Iterable[GpuCount]) -> tuple[GpuCount, ...]:
    """Pairs that want memory, the least missing first, one a GPU."""
    best: dict[str, GpuCount] = {}
    for pair in sorted(small, key=lambda pair: pair.missing_bytes):
        best.setdefault(pair.gpu.key, pair)
    return tuple(best.values())
