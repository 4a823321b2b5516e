"""Of what runs on one GPU and count, the plan that is taken: by its time, its room and its micro batch.

What a plan is worth is the same whatever else could be taken: so the plan that is taken is taken again where
somebody says of it what was open.
"""

import math
from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Final

from estimator.memory.result import MemoryEstimate, Verdict
from estimator.plan import Plan
from estimator.planner.candidate import Candidate
from estimator.planner.ranking import ABOUT
from estimator.planner.search import Search

RISK_PAYS: Final = 1.5
"""How many times longer what surely fits may take before what is tight is taken on the same GPUs.

A run that dies saves nothing, but does so in its first steps; half as long again is what no checkpointing and
no larger micro batch saves, only another way to share the states.
"""


def with_risk(work: Search, order: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """`order` with a tight plan of the first one's GPUs in its place, where that is so much faster."""
    if not order or not order[0].is_sure:
        return order
    sure, *others = order
    fastest = work.fastest(sure.gpu, sure.layouts, tight=True)
    if fastest is None or fastest[0] >= sure.seconds:
        return order
    seconds, plan = fastest
    tight = sure._replace(plan=plan, seconds=seconds, tight=True, broken_limits=(), sure=sure)
    worths = [_settled_worth(work, each) for each in (sure, tight)]
    if None in worths or RISK_PAYS * (worths[1] or 0.0) >= (worths[0] or 0.0):
        return order
    return (work.limited(tight), *others)


def _settled_worth(work: Search, candidate: Candidate) -> float | None:
    settled = settled_plan(work, candidate)
    return settled and worth(settled[0], work.evaluator.run_seconds(candidate.gpu, settled[0]).total)


def worth(plan: Plan, seconds: float) -> float:
    """The seconds of a plan, and what it pays for its micro batch: half of it may be about as fast."""
    return seconds * math.exp(math.log(ABOUT) * math.log2(plan.micro_batch_size))


def settled_plan(work: Search, candidate: Candidate) -> tuple[Plan, MemoryEstimate] | None:
    """The plan that is worth most, weighed on its own GPU; None if none runs."""
    tight = None
    for plan in _by_worth(work, candidate):
        memory = work.evaluator.memory(candidate.gpu, plan)
        if memory.verdict is Verdict.FITS or (candidate.tight and memory.verdict is Verdict.TIGHT):
            return plan, memory
        if memory.verdict is Verdict.TIGHT and tight is None:
            tight = plan, memory
    return tight


def _by_worth(work: Search, candidate: Candidate) -> Iterator[Plan]:
    """Plans of its GPUs, best first: of each way the largest micro batch that fits, and all below.

    Seconds without what a smaller one is worth are a bound of all below, and those of one GPU of all that one
    framework and engine runs: few are weighed, and few are timed.
    """
    gpu, turn = candidate.gpu, count()
    unweighed = deque(work.fastest_first(gpu, candidate.layouts))
    queue: list[tuple[float, int, Iterator[Plan] | None, Plan]] = []

    def ask(cuts: Iterator[Plan]) -> None:
        if (plan := next(cuts, None)) is not None:
            heappush(queue, (work.evaluator.run_seconds(gpu, plan).total, next(turn), cuts, plan))

    while queue or unweighed:
        if unweighed and (not queue or unweighed[0][0] < queue[0][0]):
            for largest in work.ways.worth_timing(gpu, unweighed.popleft()[1], tight=candidate.tight):
                ask(_cuts(work, candidate, largest))
            continue
        seconds, _, cuts, plan = heappop(queue)
        if cuts is None:
            yield plan
            continue
        heappush(queue, (worth(plan, seconds), next(turn), None, plan))
        ask(cuts)


def _cuts(work: Search, candidate: Candidate, largest: Plan) -> Iterator[Plan]:
    """`largest`, then the plans of smaller micro batches, each smaller than the one before."""
    for cut in reversed(work.cuts_of(candidate.gpu, largest)):
        if cut.micro_batch_size <= largest.micro_batch_size:
            yield largest._replace(
                micro_batch_size=cut.micro_batch_size,
                gradient_accumulation_steps=cut.gradient_accumulation_steps,
            )
