"""The limits of who asks: what a run may cost and how long it may take."""

from decimal import Decimal
from typing import Final

from estimator.money import Money
from estimator.planner.evaluate import PlanEvaluator

HALF_A_CENT: Final = Decimal("0.005")
OVER_BUDGET: Final = "over_budget"
PAST_DEADLINE: Final = "past_deadline"
OWN_LIMITS: Final = (OVER_BUDGET, PAST_DEADLINE)
"""Warnings of limits that the asker set."""


def budget(evaluator: PlanEvaluator) -> Money | None:
    """The said budget; without a currency it is in the reader's."""
    said = evaluator.spec.budget
    if said is None:
        return None
    return Money(amount=said.amount, currency=said.currency or evaluator.currency)


def allowed(evaluator: PlanEvaluator, limit: Money, retries: float) -> float:
    """The budget for comparing, with half a cent a try: what is shown is a sum of rounded tries."""
    amount = limit.amount + HALF_A_CENT * Decimal(repr(retries))
    return evaluator.book.comparable(Money(amount=amount, currency=limit.currency))


def broken_limits(
    evaluator: PlanEvaluator, *, cost: float, seconds: float, retries: float
) -> tuple[str, ...]:
    """What of `OWN_LIMITS` a run of this cost (common currency) and length breaks."""
    deadline, limit = evaluator.spec.deadline_seconds, budget(evaluator)
    breaks = {
        OVER_BUDGET: limit is not None and cost * retries > allowed(evaluator, limit, retries),
        PAST_DEADLINE: deadline is not None and seconds > deadline,
    }
    return tuple(code for code in OWN_LIMITS if breaks[code])
