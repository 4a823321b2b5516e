"""Pairs of GPU and count as they are on sale: the price, how odd a choice, how fast they can be at best."""

import math
from collections.abc import Iterable
from typing import Final

from estimator.hardware import GPU
from estimator.money import CHINESE_CURRENCY
from estimator.planner.search import CUDA, GpuCount, Search
from estimator.prices.book import EVERYWHERE, PricedOffer
from estimator.prices.policy import LEADING_SELLERS

USUAL_GPUS: Final = 8
"""GPUs of the machine that everybody rents."""


def bounded(work: Search, pairs: Iterable[GpuCount]) -> tuple[GpuCount, ...]:
    """Pairs on sale with the least time they can take; where nobody sells any, all, a unit a GPU-hour."""
    prices = [(pair, work.evaluator.priced_size(pair.size)) for pair in pairs]
    sold = [(pair, offers) for pair, offers in prices if offers and math.isfinite(offers[0].comparable)]
    if not sold:
        return tuple(
            pair._replace(price_per_hour=float(pair.num_gpus), least_seconds=work.least_seconds(pair))
            for pair, _ in prices
        )
    return tuple(
        pair._replace(
            price_per_hour=offers[0].comparable,
            is_sold=True,
            is_listed=not all(each.scaled for each in offers),
            as_asked=offers[0].as_asked,
            oddness=_oddness(work, pair, offers[0]),
            least_seconds=work.least_seconds(pair),
        )
        for pair, offers in sold
    )


def _oddness(work: Search, pair: GpuCount, leading: PricedOffer) -> int:
    """How far a pair is from what a person would take unasked; what the text says is usual.

    0: one machine of at most eight GPUs that sellers here have. 1: one that sellers elsewhere have, for
    who counts in CNY. 2: any such machine. 3: more of what is in use. 4: what few sell or not all runs on.
    """
    spec = work.evaluator.spec
    counted = spec.num_gpus is not None or spec.num_nodes is not None
    small = counted or (pair.num_nodes == 1 and pair.num_gpus <= USUAL_GPUS)
    said = spec.gpu is not None or spec.price_per_gpu_hour is not None or spec.providers is not None
    here = said or _is_sold_here(work, pair.gpu, leading)
    if small and here:
        return 0
    if here or _is_in_use(pair.gpu, leading):
        return 1 if small else 3
    return 2 if small and _runs_all(pair.gpu) else 4


def _is_sold_here(work: Search, gpu: GPU, leading: PricedOffer) -> bool:
    """A GPU that this reader rents: for who counts in CNY one that somebody in China sells.

    Where a region is asked for, one listed there. Who names GPUs by their memory means any of that size:
    those that people own have few sellers. What somebody has a price of their own for they can have.
    """
    evaluator = work.evaluator
    if leading.offer.basis == "contract" and leading.instead in ((), (EVERYWHERE,)):
        return _runs_all(gpu)
    if evaluator.spec.region is not None and leading.instead != (EVERYWHERE,):
        return not leading.instead and _runs_all(gpu)
    if (evaluator.spec.currency or evaluator.currency) == CHINESE_CURRENCY:
        return gpu.key in evaluator.book.sold_in_china
    if evaluator.spec.gpu_memory_gb is not None:
        return gpu.vendor in CUDA and gpu.key in evaluator.book.sold_anywhere
    return _is_in_use(gpu, leading)


def _is_in_use(gpu: GPU, leading: PricedOffer) -> bool:
    """A data-centre GPU that many sell."""
    votes = leading.votes
    many = votes is not None and votes.num_sellers >= LEADING_SELLERS
    return many and _runs_all(gpu)


def _runs_all(gpu: GPU) -> bool:
    """A data-centre GPU that every framework and kernel runs on as it is."""
    return gpu.vendor in CUDA and not gpu.desk
