"""A run on whatever GPUs suit it: for comparisons, wishes, and the way under a limit of the asker."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.answers.estimates import PricedEstimate
from bot.cards.own_limits import breaks_limit
from bot.cards.phrases import run_cost
from bot.cards.requested import RequestedEstimate
from estimator.errors import Problem
from estimator.result import Option
from estimator.spec import SPLITS, TrainingSpec

HARDWARE_FIELDS: Final = (
    "gpu",
    "num_gpus",
    "num_nodes",
    "price_per_gpu_hour",
    "zero_stage",
    *SPLITS,
    "micro_batch_size",
    "gradient_accumulation_steps",
)
"""Fields that belong to one setup."""

Answered = Callable[[TrainingSpec], PricedEstimate | tuple[Problem, ...]]


def opened(spec: TrainingSpec) -> TrainingSpec:
    """`spec` with its setup left open."""
    return spec.model_copy(update=dict.fromkeys(HARDWARE_FIELDS))


def with_way_under(requested: RequestedEstimate, answered: Answered) -> RequestedEstimate:
    """`requested` to draw a card of: where its own GPUs break a limit of the asker, beside the cheapest pick.

    The cheapest that keeps the limit, or where none does the cheapest of all.
    """
    found, free = requested.estimate, opened(requested.request.spec)
    if free == requested.request.spec or found.headline is None or not all(map(breaks_limit, found.options)):
        return requested
    answer = answered(free)
    options = answer.estimate.options if isinstance(answer, PricedEstimate) else ()
    priced = sorted((each for each in options if each.fits and each.quotes), key=_run_amount)
    best = next((each for each in priced if not breaks_limit(each)), next(iter(priced), None))
    if best is None:
        return requested
    beside = (*found.options, replace(best, tags=()))
    return replace(requested, estimate=replace(found, options=beside))


def _run_amount(option: Option) -> float:
    return float(run_cost(option.quotes[0]).likely.amount)
