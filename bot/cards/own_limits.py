"""Limits that the asker set, a budget and a deadline: what a run over them says, and what is under them."""

from typing import Final

from bot.cards import format as fmt
from bot.cards import phrases
from bot.i18n import Texts
from estimator.money import Money
from estimator.result import Estimate, Option
from estimator.workload import Assumption

OVER_BUDGET: Final = "over_budget"
PAST_DEADLINE: Final = "past_deadline"
OWN_LIMITS: Final = (OVER_BUDGET, PAST_DEADLINE)


def broken(option: Option, code: str) -> Assumption | None:
    """The limit of this name that the option breaks."""
    return next((each for each in option.warnings if each.code == code), None)


def limit_header(estimate: Estimate, best: Option, texts: Texts) -> str:
    """`🔴 $20.80 of $10.00 · 2.4 h a run · 1× H200`; nothing where no limit of the asker is broken."""
    facts = {
        "time": fmt.duration(best.time.run_seconds.likely, texts),
        "gpus": phrases.plan_gpus(best.plan, texts),
    }
    if (over := broken(best, OVER_BUDGET)) and (money := _budget(over)):
        allowed, spent = money
        shown = {"spent": fmt.money(spent, texts), "budget": fmt.money(allowed, texts)}
        return texts("estimate.header_over", **shown, **facts)
    late = broken(best, PAST_DEADLINE)
    if late is None or "deadline_seconds" not in late.parameters:
        return ""
    deadline = fmt.quantity("deadline_seconds", late.parameters["deadline_seconds"], texts)
    if not best.quotes:
        return texts("estimate.header_late_unpriced", deadline=deadline, **facts)
    retries = estimate.schedule.retries
    cost = phrases.retried_money(best.quotes[0], retries, texts)
    tries = phrases.tries(retries, texts)
    return texts("estimate.header_late", deadline=deadline, retried=cost, tries=tries, **facts)


def limit_lines(estimate: Estimate, best: Option, texts: Texts) -> list[str]:
    """Everything that the option breaks, a line each, what the asker set first."""
    ordered = sorted(best.warnings, key=lambda each: each.code not in OWN_LIMITS)
    return [
        phrases.joined(
            phrases.warning(each, texts), _way_under(estimate, best, each, texts), texts=texts, by="space"
        )
        for each in ordered
    ]


def _way_under(estimate: Estimate, best: Option, limit: Assumption, texts: Texts) -> str:
    """How many tries would be under the budget, and the cheapest pick that keeps the limit."""
    if limit.code not in OWN_LIMITS:
        return ""
    money = _budget(limit)
    tries = _tries_under(money, estimate.schedule.retries) if money else 0
    return phrases.joined(
        texts("estimate.tries_under", tries=phrases.tries(tries, texts)) if tries else "",
        _pick_under(estimate, best, limit.code, texts),
        texts=texts,
        by="space",
    )


def _tries_under(money: tuple[Money, Money], retries: float) -> int:
    allowed, spent = money
    return int(float(allowed.amount / spent.amount) * retries) if spent.amount > 0 else 0


def _pick_under(estimate: Estimate, best: Option, code: str, texts: Texts) -> str:
    kept = [
        each
        for each in estimate.options
        if each is not best and each.fits and each.quotes and broken(each, code) is None
    ]
    if not kept:
        return ""
    cheapest = min(kept, key=lambda each: phrases.run_cost(each.quotes[0]).likely.amount)
    return texts(
        "estimate.pick_under",
        gpus=phrases.plan_gpus(cheapest.plan, texts),
        cost=phrases.retried_money(cheapest.quotes[0], estimate.schedule.retries, texts),
        time=fmt.duration(cheapest.time.run_seconds.likely, texts),
    )


def _budget(over: Assumption) -> tuple[Money, Money] | None:
    """What was allowed, and what it would be, both in the currency of the budget."""
    allowed, by = over.parameters.get("budget"), over.parameters.get("over")
    if not isinstance(allowed, Money) or not isinstance(by, Money):
        return None
    return allowed, Money(amount=allowed.amount + by.amount, currency=allowed.currency)
