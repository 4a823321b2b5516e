"""Candidates that run -> their order, and what each is best at."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from estimator.planner.candidate import Candidate
from estimator.planner.limits import OVER_BUDGET
from estimator.result import Option, Tag
from estimator.spec import RankBy, TrainingSpec

ABOUT: Final = 1.01
"""Within this factor two plans are alike: a smaller micro batch that is about as fast may make as much."""
CHEAPER_WITHIN: Final = 1.15
"""A run that takes at most so much longer than the shortest is praised in its place where it costs less."""
SIMPLER_WITHIN: Final = 1.25
"""A plan that costs at most so much more is taken where it is simpler: what a person would choose."""


class Aim(NamedTuple):
    """What the asker wants of the plan that leads."""

    rank_by: RankBy = RankBy.COST
    whatever: bool = False
    """The least cost was asked for in so many words: on whatever GPUs, however many it takes."""
    has_limits: bool = False
    """Who sets a limit weighs money and time: nothing leads that another of its kind beats in both."""

    @classmethod
    def of(cls, spec: TrainingSpec, rank_by: RankBy) -> "Aim":
        """What `spec` wants, where `rank_by` holds if it says no order."""
        limits = (spec.budget, spec.deadline_seconds)
        return cls(rank_by, spec.rank_by is RankBy.COST, any(limit is not None for limit in limits))


PLAIN: Final = Aim()


def ranked(candidates: Iterable[Candidate], aim: Aim = PLAIN) -> tuple[Candidate, ...]:
    """Best first, what breaks most limits last, and of that what comes nearest to them before the rest.

    A late run can be waited for, a dear one not be paid. Before that what is tight, or has too little memory
    beside its GPUs: a run that dies saves nothing. Before that what is sold elsewhere or otherwise than
    asked; what nobody would take unasked; what would have to be put together from smaller machines: nobody
    may be able to. Who wants the least cost on whatever GPUs gets it.
    """
    pool = tuple(candidates)
    by_value = aim.rank_by is RankBy.VALUE
    scores = dict(zip(map(id, pool), value_scores(pool), strict=True)) if by_value else {}

    def key(candidate: Candidate) -> tuple[float, ...]:
        measures: tuple[float, ...] = (candidate.cost, candidate.seconds)
        if by_value:
            measures = (scores[id(candidate)], *measures)
        if _is_by_time(candidate, aim):
            measures = measures[::-1]
        return (*_unsound(candidate), *_unusual(candidate, aim), *measures)

    return _with_lead(tuple(sorted(pool, key=key)), aim)


def _is_by_time(candidate: Candidate, aim: Aim) -> bool:
    """Whether its time decides: that was asked for, or is the limit that it misses."""
    if candidate.broken_limits:
        return OVER_BUDGET not in candidate.broken_limits
    return aim.rank_by is RankBy.TIME


def _with_lead(order: tuple[Candidate, ...], aim: Aim) -> tuple[Candidate, ...]:
    """The order, with one that is about as good as its first before it where that is simpler or cheaper."""
    if not order:
        return order
    first = order[0]
    kind = (*_unsound(first), *_unusual(first, aim))
    alike = [each for each in order if (*_unsound(each), *_unusual(each, aim)) == kind]
    best = first
    if first.broken_limits and _is_by_time(first, aim):
        best = alike[_about_as_fast(alike, range(len(alike)))]
    elif not first.broken_limits and aim.rank_by is RankBy.COST and not aim.whatever:
        best = _simplest(alike, aim)
    return (best, *(each for each in order if each is not best))


def _unbeaten(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that no other beats in money or time without being worse in the other by what a card shows."""
    return [each for each in candidates if not any(_beats(other, each) for other in candidates)]


def _beats(one: Candidate, other: Candidate) -> bool:
    saves = one.cost * ABOUT < other.cost or one.seconds * ABOUT < other.seconds
    return saves and one.cost <= ABOUT * other.cost and one.seconds <= ABOUT * other.seconds


def _simplest(candidates: Sequence[Candidate], aim: Aim) -> Candidate:
    """Of those that cost about the least the one that is the least to rent."""
    most = SIMPLER_WITHIN * min(each.cost for each in candidates)
    near = [each for each in candidates if each.cost <= most]
    return min(
        _unbeaten(near) if aim.has_limits else near,
        key=lambda each: (each.plan.num_nodes, each.plan.num_gpus, each.seconds),
    )


def _unsound(candidate: Candidate) -> tuple[int, ...]:
    return (
        len(candidate.broken_limits),
        OVER_BUDGET in candidate.broken_limits,
        candidate.lacks_host_memory,
        candidate.tight,
        not candidate.as_asked,
    )


def _unusual(candidate: Candidate, aim: Aim) -> tuple[int, ...]:
    """How far it is from what people rent; nothing where that is no matter."""
    if aim.whatever or candidate.broken_limits:
        return ()
    return candidate.oddness, not candidate.is_listed


def value_scores(candidates: Sequence[Candidate]) -> tuple[float, ...]:
    """Height of each above the knee of the front: lower is better, both ends of the front are at 1.

    Cost and time are taken as logarithms, each from 0 at its best to 1 at the other end of the front,
    and added: the lowest is the point farthest below the line between the ends.
    """
    costs, times = (
        _logarithms([c.cost for c in candidates]),
        _logarithms([c.seconds for c in candidates]),
    )
    on_front = front(candidates)
    if not on_front:
        return ()
    ends = [(min(axis[i] for i in on_front), max(axis[i] for i in on_front)) for axis in (costs, times)]
    return tuple(
        sum((value - low) / (high - low or 1) for value, (low, high) in zip(pair, ends, strict=True))
        for pair in zip(costs, times, strict=True)
    )


def front(candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """Indices of those that no other beats in both cost and time, cheapest first."""
    order = sorted(range(len(candidates)), key=lambda i: (candidates[i].cost, candidates[i].seconds))
    found, fastest = [], math.inf
    for index in order:
        if candidates[index].seconds < fastest:
            found.append(index)
            fastest = candidates[index].seconds
    return tuple(found)


def _logarithms(values: Iterable[float]) -> list[float]:
    return [math.log(max(value, 1e-9)) for value in values]


def praiseworthy(candidates: Sequence[Candidate]) -> list[int]:
    """Indices of those that are least odd, and of them machines that somebody lists, where there are any.

    Sound ones; where nothing keeps the limits of the asker, those that would be without them.
    """
    sound = sound_ones(candidates)
    least_odd = min((candidates[i].oddness for i in sound), default=0)
    usual = [i for i in sound if candidates[i].oddness == least_odd]
    return [i for i in usual if candidates[i].is_listed] or usual


def sound_ones(candidates: Sequence[Candidate]) -> list[int]:
    """Indices of those that surely fit and break no limit; where all do, of those that surely fit."""
    fitting = [i for i, c in enumerate(candidates) if c.is_sure]
    return [i for i in fitting if candidates[i].is_sound] or fitting


def best_by_limit(candidates: Sequence[Candidate]) -> set[int]:
    """Indices of the cheapest that keeps each limit, where none does of what is nearest to it.

    Empty where something keeps them all.
    """
    if not all(each.broken_limits for each in candidates):
        return set()
    best = set()
    for limit in {limit for each in candidates for limit in each.broken_limits}:
        kept = [i for i, each in enumerate(candidates) if limit not in each.broken_limits]
        nearest = kept or range(len(candidates))
        sure = [i for i in nearest if candidates[i].is_sure] or nearest
        nearest_to = cheapest if kept or limit == OVER_BUDGET else fastest
        best.add(nearest_to(candidates, sure))
    return best


def tags(order: Sequence[Candidate], aim: Aim = PLAIN) -> dict[int, tuple[Tag, ...]]:
    """Index -> what that candidate is best at, of those that are worth a praise.

    Where whatever is cheapest, or nearest to a limit that nothing keeps, leads the order, it is that pick.
    """
    praised = praiseworthy(order)
    if not praised:
        return {}
    scores = value_scores([order[i] for i in praised])
    best = {Tag.FASTEST: _about_the_fastest(order, praised)}
    if all(order[i].is_sold for i in praised):
        best[Tag.CHEAPEST] = _about_the_cheapest(order, praised, aim)
        best[Tag.BALANCED] = praised[min(range(len(praised)), key=scores.__getitem__)]
    first = order[0]
    if first.is_sure and (first.broken_limits or aim.whatever) and first.is_sold:
        best[Tag.FASTEST if first.broken_limits and _is_by_time(first, aim) else Tag.CHEAPEST] = 0
    return {
        index: tuple(tag for tag in Tag if best.get(tag) == index) for index in sorted(set(best.values()))
    }


def _about_the_cheapest(candidates: Sequence[Candidate], among: Sequence[int], aim: Aim) -> int:
    """The simplest of those that cost about the least."""
    simplest = _simplest([candidates[i] for i in among], aim)
    return next(i for i in among if candidates[i] is simplest)


def fastest(candidates: Sequence[Candidate], among: Iterable[int]) -> int:
    """The index of the shortest run, the cheaper of two."""
    return min(among, key=lambda i: (candidates[i].seconds, candidates[i].cost))


def cheapest(candidates: Sequence[Candidate], among: Iterable[int]) -> int:
    """The index of the least cost, the quicker of two."""
    return min(among, key=lambda i: (candidates[i].cost, candidates[i].seconds))


def _about_the_fastest(candidates: Sequence[Candidate], among: Sequence[int]) -> int:
    """The cheapest of those that take hardly longer than the shortest run; that one itself where it leads.

    Nobody pays nine times as much for four minutes of forty.
    """
    shortest = fastest(candidates, among)
    return shortest if shortest == 0 else _about_as_fast(candidates, among)


def _about_as_fast(candidates: Sequence[Candidate], among: Sequence[int]) -> int:
    """The cheapest of those that take hardly longer than the shortest run."""
    most = CHEAPER_WITHIN * min(candidates[i].seconds for i in among)
    return cheapest(candidates, [i for i in among if candidates[i].seconds <= most])


def passed_on(options: Sequence[Option]) -> tuple[Option, ...]:
    """The options with the tags of a pick that another one beats given to that one, unless it is larger.

    A smaller micro batch, taken because it is about as fast, may cost a pick its place by a hair.
    """
    tagged: dict[int, tuple[Tag, ...]] = {i: each.tags for i, each in enumerate(options)}
    for index, option in enumerate(options):
        better = (i for i, each in enumerate(options) if tagged[i] and each.beats(option))
        to = next((i for i in better if _size(options[i]) <= _size(option)), None)
        if tagged[index] and to is not None:
            tagged[to] = tuple(tag for tag in Tag if tag in tagged[to] + tagged[index])
            tagged[index] = ()
    return tuple(replace(each, tags=tagged[i]) for i, each in enumerate(options))


def _size(option: Option) -> tuple[int, int]:
    return option.plan.num_nodes, option.plan.num_gpus
