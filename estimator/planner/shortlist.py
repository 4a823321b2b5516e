"""From all pairs of GPU and count to the few options worth showing."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from estimator.planner.candidate import Candidate
from estimator.planner.ranking import (
    ABOUT,
    PLAIN,
    SIMPLER_WITHIN,
    Aim,
    best_by_limit,
    cheapest,
    fastest,
    praiseworthy,
    sound_ones,
    tags,
)
from estimator.planner.search import GpuCount, Search
from estimator.planner.settled import settled_plan
from estimator.result import Tag
from estimator.spec import RankBy

MAX_OPTIONS: Final = 8
WORTH_ASKING: Final = 1.05
"""A pair that could at best gain less than this factor is not asked."""
MAX_COUNTS_PER_GPU: Final = 2
"""Counts of one GPU among the options, so that the others are heard too."""
ABOUT_THE_SAME: Final = 1.02
"""Least costs within this factor are no reason to ask one pair before another."""


def evaluated(work: Search, pairs: Sequence[GpuCount]) -> tuple[tuple[Candidate, ...], tuple[GpuCount, ...]]:
    """The best plan of each pair that may be shown, and the pairs that may not.

    What people rent is asked first, listed machines before others, in the order of their least cost, so that
    the first answers rule out most others, and what is shown before others leaves them no room. Among those
    that cost about the same the fewest GPUs come first: they are the simplest to rent. Where nothing keeps
    the limits of the asker all are asked, for what is best on each limit. Last what may cost less than all
    that is known, so that nothing is called the cheapest that is not.
    """
    rank_by = work.evaluator.rank_by
    order = sorted(pairs, key=_asked_by_time if rank_by is RankBy.TIME else _asked_by_cost)
    kinds = _kinds(order, _usual_before if rank_by is RankBy.VALUE else _shown_before)
    found, ruled_out = _asked(work, kinds)
    cheaper = dict(_cheaper(work, found, ruled_out))
    left = tuple(pair for pair in ruled_out if pair not in cheaper)
    found = (*found, *(each for each in cheaper.values() if each is not None))
    return _least_cost_as_settled(work, found), left


def _asked(
    work: Search, kinds: Iterable[Sequence[GpuCount]]
) -> tuple[tuple[Candidate, ...], tuple[GpuCount, ...]]:
    found: list[Candidate] = []
    ruled_out: list[GpuCount] = []
    front: list[tuple[float, float, int]] = []
    for kind in kinds:
        ahead = Counter(candidate.gpu.key for candidate in found if candidate.is_sound)
        for pair in kind:
            if _is_beaten(front, pair) or _has_no_room(ahead, pair):
                ruled_out.append(pair)
            elif (candidate := _limited_best(work, pair)) is not None:
                found.append(candidate)
                if pair.is_usual and candidate.is_listed and candidate.is_sound:
                    front.append((candidate.cost, candidate.seconds, pair.num_gpus))
    return tuple(found), tuple(ruled_out)


def _cheaper(
    work: Search, found: Iterable[Candidate], ruled_out: Iterable[GpuCount]
) -> Iterator[tuple[GpuCount, Candidate | None]]:
    """What was not asked and may cost less than all that is known to be sound, in the order of its bound."""
    least = min((each.cost for each in found if each.is_sound and each.as_asked), default=math.inf)
    for pair in sorted(ruled_out, key=lambda pair: (not pair.as_asked, pair.least_cost)):
        if pair.least_cost >= least or not pair.is_sold:
            return
        candidate = _limited_best(work, pair)
        yield pair, candidate
        if candidate is not None and candidate.is_sound:
            least = min(least, candidate.cost)


def _kinds(order: Iterable[GpuCount], kind: Callable[[GpuCount], object]) -> tuple[Sequence[GpuCount], ...]:
    """The pairs of each `kind`, as they come in the order."""
    return tuple(tuple(pairs) for _, pairs in groupby(order, key=kind))


def _usual_before(pair: GpuCount) -> object:
    """A score weighs what is of one such kind together."""
    return pair.as_asked, pair.is_usual


def _shown_before(pair: GpuCount) -> object:
    """What is of one such kind and sound is shown before all of the next."""
    return pair.as_asked, pair.oddness, pair.is_listed


def _has_no_room(ahead: Counter[str], pair: GpuCount) -> bool:
    """Whether what comes before it fills the options, or those of this GPU: `chosen` takes nothing else."""
    if ahead[pair.gpu.key] >= MAX_COUNTS_PER_GPU:
        return True
    return sum(min(count, MAX_COUNTS_PER_GPU) for count in ahead.values()) >= MAX_OPTIONS


def _asked_by_time(pair: GpuCount) -> tuple[float, ...]:
    return not pair.as_asked, pair.oddness, not pair.is_listed, pair.least_seconds, pair.least_cost


def _asked_by_cost(pair: GpuCount) -> tuple[float, ...]:
    steps = math.log(max(pair.least_cost, 1e-9)) / math.log(ABOUT_THE_SAME)
    kind = not pair.as_asked, pair.oddness, not pair.is_listed
    return *kind, round(steps), pair.num_gpus, pair.least_cost


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


def _least_cost_as_settled(work: Search, found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The candidates, those of about the least cost with the time of the plan that will be taken.

    Its smaller micro batch may cost more than the difference between two of them.
    """
    costs = [each.cost for each in found if each.is_sound] or [each.cost for each in found]
    most = ABOUT * min(costs, default=0.0)
    return tuple(_as_settled(work, each) if each.cost <= most else each for each in found)


def _as_settled(work: Search, candidate: Candidate) -> Candidate:
    settled = settled_plan(work, candidate)
    if settled is None:
        return candidate
    seconds = work.evaluator.run_seconds(candidate.gpu, settled[0]).total
    return work.limited(candidate._replace(seconds=seconds))


def _limited_best(work: Search, pair: GpuCount) -> Candidate | None:
    """The best plan of a pair with the limits that it breaks."""
    candidate = work.best(pair)
    return candidate and work.limited(candidate)


def chosen(
    order: Sequence[Candidate], aim: Aim = PLAIN
) -> tuple[dict[int, tuple[Tag, ...]], tuple[Candidate, ...]]:
    """What of the order to show (the first, what is best at something or on a limit) with tags; the rest."""
    praise = tags(order, aim)
    shown = {0, *praise, *best_by_limit(order)} if order else set()
    if usual := praiseworthy(order):
        shown |= {fastest(order, usual), cheapest(order, usual), cheapest(order, sound_ones(order))}
    gpus = Counter(order[index].gpu.key for index in shown)
    for index, candidate in enumerate(order):
        if len(shown) < MAX_OPTIONS and gpus[candidate.gpu.key] < MAX_COUNTS_PER_GPU:
            gpus[candidate.gpu.key] += index not in shown
            shown.add(index)
    others = tuple(candidate for index, candidate in enumerate(order) if index not in shown)
    return {index: praise.get(index, ()) for index in sorted(shown)}, others
