"""Plans that lost, the nearest first, each with its reason in figures."""

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from estimator.plan import Plan
from estimator.planner.candidate import Candidate
from estimator.planner.limits import broken_limits
from estimator.planner.search import GpuCount, Search
from estimator.result import Rejected

MAX_REJECTED: Final = 6


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


def least_seconds_unweighed(work: Search, ruled_out: Iterable[GpuCount]) -> float:
    """What no plan that was not weighed, and may keep the limits, takes less than."""
    retries = work.evaluator.resolved(None, work.evaluator.runner).schedule.retries
    return min(
        (
            pair.least_seconds
            for pair in ruled_out
            if not broken_limits(
                work.evaluator, cost=pair.least_cost, seconds=pair.least_seconds, retries=retries
            )
        ),
        default=math.inf,
    )


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
