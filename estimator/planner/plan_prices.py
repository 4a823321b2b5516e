"""Who sells the machines that a plan runs on: with the GPUs, and with the memory beside them."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from estimator.lazy import MadeWhenSeen
from estimator.plan import Plan
from estimator.planner.evaluate import PlanEvaluator
from estimator.planner.host_memory import rests_on_host
from estimator.prices.book import PricedOffer, Size
from estimator.prices.cost import quote
from estimator.result import Quote
from estimator.time.result import TimeEstimate

QUOTES_SHOWN: Final = 6
"""Sellers quoted for one option."""


def priced(evaluator: PlanEvaluator, plan: Plan) -> tuple[PricedOffer, ...]:
    """Sellers of the machines of `plan`: the one that leads, then by price.

    A machine that is known to have less host memory than the plan takes is none that it runs on. Where
    states rest there, and some are such, who does not say is no seller of it either. Where that leaves
    nobody all are named, and `has_room` is false or nobody knows.
    """
    size = _size(plan)
    offers = evaluator.priced_size(size)
    rooms = evaluator.book.host_rooms(offers, plan.num_nodes)
    if not rooms or min(rooms) >= (needed := evaluator.host_bytes(plan)):
        return offers
    workload = evaluator.resolved(evaluator.catalog.gpu(plan.gpu), plan.runner).workload
    roomy = evaluator.book.priced_size(
        evaluator.spec,
        size,
        currency=evaluator.currency,
        host_bytes=needed,
        host_said=rests_on_host(workload, plan),
    )
    is_alike = roomy and roomy[0].instead == offers[0].instead
    return roomy if is_alike else offers


def has_room(evaluator: PlanEvaluator, plan: Plan, offers: tuple[PricedOffer, ...]) -> bool:
    """Whether the machine of the first of `offers` has the host memory, or may have where it does not say."""
    rooms = evaluator.book.host_rooms(offers, plan.num_nodes)
    if not rooms:
        return True
    needed, of_first = evaluator.host_bytes(plan), offers[0].host_bytes_of(plan.num_nodes)
    return max(rooms) >= needed and (of_first is None or of_first >= needed)


def quotes(evaluator: PlanEvaluator, plan: Plan, time: TimeEstimate) -> Sequence[Quote]:
    """The run at the price of each of these sellers."""
    retries = evaluator.resolved(evaluator.catalog.gpu(plan.gpu), plan.runner).schedule.retries
    quoted = partial(
        quote,
        plan=plan,
        run_seconds=time.run_seconds,
        retries=retries,
        currency=evaluator.currency,
        rates=evaluator.book.rates,
    )
    return MadeWhenSeen([partial(quoted, each) for each in priced(evaluator, plan)[:QUOTES_SHOWN]])


def _size(plan: Plan) -> Size:
    return Size(plan.gpu, plan.num_gpus, plan.gpus_per_node)
