"""The limits of who asks: what a run may cost and how long it may take."""

from decimal import Decimal
from typing import Final

from estimator.money import Money
from estimator.planner.evaluate import PlanEvaluator

HALF_A_CENT: Final = Decimal("0.005")


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


def breaks_a_limit(evaluator: PlanEvaluator, *, cost: float, seconds: float, retries: float) -> bool:
    """Whether a run of this cost (common currency) and length is over the budget or past the deadline."""
    deadline, limit = evaluator.spec.deadline_seconds, budget(evaluator)
    is_late = deadline is not None and seconds > deadline
    return is_late or (limit is not None and cost * retries > allowed(evaluator, limit, retries))
