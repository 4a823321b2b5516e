"""Setups to compare: one run on other cards."""

from collections.abc import Sequence

from bot.cards import format as fmt
from bot.cards import phrases
from bot.cards.compare import Setup
from bot.cards.requested import RequestedEstimate
from bot.i18n import Texts
from estimator.result import Estimate


def gpu_setups(estimates: Sequence[RequestedEstimate], texts: Texts) -> tuple[Setup, ...]:
    """A row for each estimate, named after the GPUs."""
    return tuple(
        Setup(
            name=_gpus(each.estimate, texts),
            option=each.estimate.headline,
            command=each.command,
            retries=each.estimate.schedule.retries,
        )
        for each in estimates
    )


def _gpus(estimate: Estimate, texts: Texts) -> str:
    best, nearest = estimate.headline, estimate.nearest
    if best is not None:
        return phrases.plan_gpus(best.plan, texts)
    return (
        fmt.gpus(nearest.gpu, nearest.num_gpus, texts) if nearest else fmt.gpu_name(estimate.spec.gpu or "")
    )
