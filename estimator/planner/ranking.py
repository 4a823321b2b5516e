"""Candidates that run -> their order, what each is best at, and why the others lost."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from estimator.hardware import GPU
from estimator.plan import Plan
from estimator.planner.limits import OVER_BUDGET
from estimator.result import Option, Rejected, Tag
from estimator.spec import RankBy
from estimator.units import HOUR_SECONDS


class Candidate(NamedTuple):
    """The best plan of one GPU and count: its seconds, and its price in the common currency."""

    gpu: GPU
    plan: Plan
    seconds: float
    """One clean run."""
    price_per_hour: float
    """For all GPUs; the number of GPUs where nobody sells any, so that GPU-hours are compared."""
    is_sold: bool
    is_listed: bool
    """Somebody sells the machine itself; else its price is that of smaller ones, times."""
    oddness: int = 0
    """0 what a person would take unasked: one machine of at most eight GPUs that many sell; else from 1."""
    tight: bool = False
    """Only the likely memory fits, not the upper end of its range."""
    broken_limits: tuple[str, ...] = ()
    """The asker's limits that it breaks, by their codes."""
    is_spare: bool = False
    """Asked only because nothing keeps all limits: without them something else beats it."""

    @property
    def is_sound(self) -> bool:
        """Whether it surely fits and breaks no limit."""
        return not (self.tight or self.broken_limits)

    @property
    def cost(self) -> float:
        """One clean run, in the common currency."""
        return self.price_per_hour * self.seconds / HOUR_SECONDS


CHEAPER_WITHIN: Final = 1.15
"""A run that takes at most so much longer than the shortest is praised in its place where it costs less."""
SIMPLER_WITHIN: Final = 1.25
"""A plan that costs at most so much more is taken where it is simpler: what a person would choose."""


def simpler_within(said: RankBy | None) -> float:
    """How many times the least cost a simpler plan may cost; who says `cheapest` pays nothing for it."""
    return 1.0 if said is RankBy.COST else SIMPLER_WITHIN


def ranked(
    candidates: Iterable[Candidate], rank_by: RankBy, *, within: float = SIMPLER_WITHIN
) -> tuple[Candidate, ...]:
    """Best first, what breaks most limits last; by cost the simplest of those `within` the least leads.

    A late run can be waited for, a dear one not be paid. Before that what is asked for its limits alone, and
    what is tight: a run that dies saves nothing. Before that what nobody would take unasked, and what would
    have to be put together from smaller machines: nobody may be able to.
    """
    pool = tuple(candidates)
    by_value = rank_by is RankBy.VALUE
    scores = dict(zip(map(id, pool), value_scores(pool), strict=True)) if by_value else {}

    def key(candidate: Candidate) -> tuple[float, ...]:
        measures: tuple[float, ...] = (candidate.cost, candidate.seconds)
        if rank_by is RankBy.TIME:
            measures = (candidate.seconds, candidate.cost)
        if by_value:
            measures = (scores[id(candidate)], candidate.cost, candidate.seconds)
        return (*map(float, _worse_in_kind(candidate)), *measures)

    order = tuple(sorted(pool, key=key))
    return order if rank_by is not RankBy.COST else _simplest_first(order, within)


def _simplest_first(order: tuple[Candidate, ...], within: float) -> tuple[Candidate, ...]:
    """Of those about as cheap as the first, and no worse in kind, the simplest leads."""
    if not order:
        return order
    first = order[0]
    near = (
        each
        for each in order
        if _worse_in_kind(each) == _worse_in_kind(first) and each.cost <= within * first.cost
    )
    best = min(near, key=lambda each: (each.plan.num_nodes, each.plan.num_gpus, each.seconds))
    return (best, *(each for each in order if each is not best))


def _worse_in_kind(candidate: Candidate) -> tuple[int, ...]:
    return (
        len(candidate.broken_limits),
        OVER_BUDGET in candidate.broken_limits,
        candidate.is_spare,
        candidate.tight,
        candidate.oddness,
        not candidate.is_listed,
    )


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
    fitting = [i for i, c in enumerate(candidates) if not c.tight and not c.is_spare]
    sound = [i for i in fitting if candidates[i].is_sound] or fitting
    least_odd = min((candidates[i].oddness for i in sound), default=0)
    usual = [i for i in sound if candidates[i].oddness == least_odd]
    return [i for i in usual if candidates[i].is_listed] or usual


def best_by_limit(candidates: Sequence[Candidate]) -> set[int]:
    """Indices of the cheapest that keeps each limit, where none does of what is nearest to it.

    Empty where something keeps them all.
    """
    if not all(each.broken_limits for each in candidates):
        return set()
    indices = range(len(candidates))
    best = set()
    for limit in {limit for each in candidates for limit in each.broken_limits}:
        kept = [i for i in indices if limit not in candidates[i].broken_limits]
        if kept or limit == OVER_BUDGET:
            best.add(cheapest(candidates, kept or indices))
        else:
            best.add(fastest(candidates, indices))
    return best


def tags(candidates: Sequence[Candidate], *, within: float = SIMPLER_WITHIN) -> dict[int, tuple[Tag, ...]]:
    """Index -> what that candidate is best at, of those that are worth a praise."""
    praised = praiseworthy(candidates)
    if not praised:
        return {}
    scores = value_scores([candidates[i] for i in praised])
    best = {Tag.FASTEST: _about_the_fastest(candidates, praised)}
    if all(candidates[i].is_sold for i in praised):
        by_cost = tuple(sorted((candidates[i] for i in praised), key=lambda c: c.cost))
        simplest = _simplest_first(by_cost, within)[0]
        best[Tag.CHEAPEST] = next(i for i in praised if candidates[i] is simplest)
        best[Tag.BALANCED] = praised[min(range(len(praised)), key=scores.__getitem__)]
    return {
        index: tuple(tag for tag in Tag if best.get(tag) == index) for index in sorted(set(best.values()))
    }


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
    if shortest == 0:
        return shortest
    near = [i for i in among if candidates[i].seconds <= CHEAPER_WITHIN * candidates[shortest].seconds]
    return cheapest(candidates, near)


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


def over_memory(plan: Plan, *, missing_bytes: float) -> Rejected:
    """Lost because even its smallest settings need more than the GPU has."""
    return Rejected(plan=plan, code="over_memory", figures={"missing_bytes": int(missing_bytes)})


def less_usual(plan: Plan, by: Candidate) -> Rejected:
    """Lost because what people rent unasked runs the job too."""
    if plan.num_nodes > by.plan.num_nodes:
        return Rejected(plan=plan, code="more_machines", figures={"num_nodes": by.plan.num_nodes})
    return Rejected(plan=plan, code="rarely_rented", figures={})


def beaten(plan: Plan, *, cost: float, seconds: float, by: Candidate) -> Rejected:
    """Lost to `by`: `cost` and `seconds` are its own, or the least that they can be."""
    return Rejected(plan=plan, code="beaten", figures=_ratios(cost, seconds, by))


def not_weighed(plan: Plan, *, least_cost: float, least_seconds: float, by: Candidate) -> Rejected:
    """Not worth weighing beside `by`, or without room on the list; beaten where even the least is more."""
    figures = _ratios(least_cost, least_seconds, by)
    is_more = any(figures.get(name, 0.0) > 1 for name in ("cost_ratio", "time_ratio"))
    return Rejected(plan=plan, code="beaten" if is_more else "not_weighed", figures=figures)


def _ratios(cost: float, seconds: float, by: Candidate) -> dict[str, Any]:
    """Cost and time to those of `by`, where they are known, and what that is."""
    ratios = {"cost_ratio": cost / by.cost if by.cost else 1.0, "time_ratio": seconds / by.seconds}
    known = {name: ratio for name, ratio in ratios.items() if math.isfinite(ratio)}
    return {**known, "num_gpus": by.plan.num_gpus, "gpu": by.gpu.name}
