"""A run on whatever GPUs suit it: for comparisons, wishes, and the way under a limit of the asker."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.answers.estimates import PricedEstimate
from bot.cards.own_limits import best_on_limit, breaks_limit
from bot.cards.requested import RequestedEstimate
from estimator.errors import Problem
from estimator.planner.limits import OWN_LIMITS
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
    """`requested` to draw a card of: where its own GPUs break a limit of the asker, with what is best on it.

    A pick that keeps every limit, if there is one, else for each limit the best on it alone.
    """
    found, free = requested.estimate, opened(requested.request.spec)
    if free == requested.request.spec or found.headline is None or not all(map(breaks_limit, found.options)):
        return requested
    answer = answered(free)
    options = answer.estimate.options if isinstance(answer, PricedEstimate) else ()
    keep_all = [each for each in options if each.fits and not breaks_limit(each)]
    best = (best_on_limit(keep_all or options, code) for code in OWN_LIMITS)
    beside = [replace(each, tags=()) for each in best if each is not None]
    distinct = [each for i, each in enumerate(beside) if each not in beside[:i]]
    return replace(requested, estimate=replace(found, options=(*found.options, *distinct)))
