"""Limits that the asker set, a budget and a deadline: what a run over them says, and what is under them."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bot.cards import format as fmt
from bot.cards import phrases
from bot.cards.assumptions import warning
from bot.i18n import Texts
from estimator.memory.result import Verdict
from estimator.money import Money
from estimator.planner.limits import OVER_BUDGET, OWN_LIMITS, PAST_DEADLINE
from estimator.result import Estimate, Option
from estimator.units import DAY_SECONDS, HOUR_SECONDS
from estimator.workload import Assumption

FINER: Final = {"days": ("hours", HOUR_SECONDS), "hours": ("minutes", 60.0), "minutes": ("seconds", 1.0)}
"""A unit -> the next finer one, and its seconds."""


def broken_limit(option: Option, code: str) -> Assumption | None:
    """The limit of this name that the option breaks."""
    return next((each for each in option.warnings if each.code == code), None)


def breaks_limit(option: Option) -> bool:
    """Whether it is over the asker's budget or past their deadline."""
    return any(broken_limit(option, code) for code in OWN_LIMITS)


def limit_header(estimate: Estimate, best: Option, texts: Texts) -> str:
    """`🔴 $20.80 of $10.00 · 2.4 h a run · 1× H200`; nothing where no limit of the asker is broken."""
    time, deadline = _against_the_clock(best, texts)
    retries = estimate.schedule.retries
    tries = phrases.tries(retries, texts)
    facts = {"time": time, "gpus": phrases.plan_gpus(best.plan, texts), "tries": tries}
    if (over := broken_limit(best, OVER_BUDGET)) and (money := _budget(estimate, best, over)):
        allowed, spent = money
        said, own = fmt.money(spent, texts), _cost(estimate, best)
        if own is not None and own.currency != spent.currency:
            said = texts("estimate.spent_converted", shown=fmt.money(own, texts), spent=said)
        name = "header_over_late" if deadline else "header_over"
        budget = fmt.money(allowed, texts)
        return texts(f"estimate.{name}", spent=said, budget=budget, deadline=deadline, **facts)
    if not deadline:
        return ""
    if not best.quotes:
        return texts("estimate.header_late_unpriced", deadline=deadline, **facts)
    cost = phrases.retried_money(best.quotes[0], retries, texts)
    return texts("estimate.header_late", deadline=deadline, retried=cost, **facts)


def _against_the_clock(best: Option, texts: Texts) -> tuple[str, str]:
    """The time of one run, and the time that it had; empty where it is in time."""
    allowed = _deadline_missed(best)
    return run_time(best, texts), said_duration(allowed, texts) if allowed is not None else ""


def run_time(option: Option, texts: Texts) -> str:
    """The time of one run, so that it reads longer than the deadline that it misses."""
    seconds, allowed = option.time.run_seconds.likely, _deadline_missed(option)
    if allowed is None:
        return fmt.duration(seconds, texts)
    return duration_beyond(seconds, allowed, texts)


def _deadline_missed(option: Option) -> float | None:
    """The deadline in seconds where the option is past it."""
    late = broken_limit(option, PAST_DEADLINE)
    allowed = late.parameters.get("deadline_seconds") if late else None
    return allowed if isinstance(allowed, int | float) else None


def said_duration(seconds: float, texts: Texts) -> str:
    """`1 min`, `1.5 h`, `100 min`, `3 days`: a time that somebody set, in the largest unit of quarters."""
    for name, size, fewest in (("days", DAY_SECONDS, 2), ("hours", HOUR_SECONDS, 1), ("minutes", 60.0, 1)):
        if seconds >= fewest * size and seconds * 4 % size == 0:
            return texts(f"duration.{name}", number=fmt.factor(seconds / size, texts))
    return texts("duration.seconds", number=fmt.factor(seconds, texts))


def duration_beyond(seconds: float, limit_seconds: float, texts: Texts) -> str:
    """A time that is longer than a limit, so that it reads longer: `62 min`, beside one of 1 h."""
    unit, size = FINER.get(fmt.duration_unit(seconds)[0], ("", 1.0))
    if not unit or fmt.duration(seconds, texts) != fmt.duration(limit_seconds, texts):
        return fmt.duration(seconds, texts)
    places = 0 if round(seconds / size) > limit_seconds / size else 1
    return texts(f"duration.{unit}", number=fmt.number(seconds / size, texts, decimals=places))


def num_first(best: Option) -> int:
    """How many of `limit_lines` stand in the verdict: the asker's limits, else the worst of the rest."""
    return max(1, sum(each.code in OWN_LIMITS for each in best.warnings))


def limit_lines(estimate: Estimate, best: Option, texts: Texts) -> list[str]:
    """Everything that the option breaks, a line each, what the asker set first."""
    ordered = sorted(best.warnings, key=lambda each: each.code not in OWN_LIMITS)
    return [
        phrases.joined(
            warning(_as_shown(estimate, best, each), texts),
            _way_under(estimate, best, each, texts),
            texts=texts,
            by="space",
        )
        for each in ordered
    ]


def _way_under(estimate: Estimate, best: Option, limit: Assumption, texts: Texts) -> str:
    """How many tries would be under the budget, and the cheapest pick that keeps the limit."""
    if limit.code not in OWN_LIMITS:
        return ""
    money = _budget(estimate, best, limit)
    return phrases.joined(
        _tries_said(money, estimate.schedule.retries, texts) if money else "",
        _pick_under(estimate, best, limit.code, texts),
        texts=texts,
        by="space",
    )


def _as_shown(estimate: Estimate, best: Option, limit: Assumption) -> Assumption:
    """The warning with the difference of the numbers in the header."""
    if (money := _budget(estimate, best, limit)) is None:
        return limit
    allowed, spent = money
    shown = round(spent.amount, fmt.money_decimals(spent)) - allowed.amount
    if shown <= 0:
        return limit
    over = Money(amount=shown, currency=allowed.currency)
    return replace(limit, parameters={**limit.parameters, "over": over})


def _tries_said(money: tuple[Money, Money], retries: float, texts: Texts) -> str:
    tries = _tries_under(money, retries)
    if not tries:
        return texts("estimate.no_try_under")
    return texts("estimate.tries_under", tries=phrases.tries(tries, texts))


def _tries_under(money: tuple[Money, Money], retries: float) -> int:
    allowed, spent = money
    return int(float(allowed.amount / spent.amount) * retries) if spent.amount > 0 else 0


def _pick_under(estimate: Estimate, best: Option, code: str, texts: Texts) -> str:
    keep_all = [each for each in estimate.options if each.fits and not breaks_limit(each)]
    if keep_all and (broken_limit(best, OVER_BUDGET) and broken_limit(best, PAST_DEADLINE)):
        if code != OWN_LIMITS[0]:
            return ""
        return texts(
            "estimate.pick_under_both", **_pick_facts(estimate, min(keep_all, key=_run_amount), texts)
        )
    pick = best_on_limit(keep_all or estimate.options, code)
    if pick is None:
        return ""
    if pick is best:
        return texts(f"estimate.none_itself.{code}")
    name = f"none_under.{code}" if broken_limit(pick, code) else "pick_under"
    beside = (
        texts(f"estimate.pick_breaks.{other}")
        for other in OWN_LIMITS
        if other != code and broken_limit(pick, other)
    )
    return phrases.joined(
        texts(f"estimate.{name}", **_pick_facts(estimate, pick, texts)), *beside, texts=texts, by="space"
    )


def best_on_limit(options: Iterable[Option], code: str) -> Option | None:
    """The cheapest that keeps the limit, where none does what is nearest to it; None where nothing runs.

    What may run out of memory only where nothing else does.
    """
    judged = [each for each in options if each.fits and (each.quotes or code != OVER_BUDGET)]
    kept = [each for each in judged if broken_limit(each, code) is None]
    by_cost = kept or code == OVER_BUDGET
    sure = [each for each in kept or judged if each.memory.verdict is Verdict.FITS]
    return min(sure or kept or judged, key=_run_amount if by_cost else _seconds, default=None)


def _pick_facts(estimate: Estimate, pick: Option, texts: Texts) -> dict[str, str]:
    return {
        "gpus": phrases.plan_gpus(pick.plan, texts),
        "cost": phrases.retried_money(pick.quotes[0], estimate.schedule.retries, texts)
        if pick.quotes
        else texts("estimate.unpriced"),
        "time": run_time(pick, texts),
    }


def _run_amount(option: Option) -> float:
    return float(option.cost.amount) if option.cost else math.inf


def _seconds(option: Option) -> float:
    return option.time.run_seconds.likely


def _cost(estimate: Estimate, best: Option) -> Money | None:
    """What its tries cost, in the money of the card."""
    return phrases.retried_amount(best.quotes[0], estimate.schedule.retries) if best.quotes else None


def _budget(estimate: Estimate, best: Option, over: Assumption) -> tuple[Money, Money] | None:
    """What was allowed, and what it would be, both in the currency of the budget."""
    allowed, by = over.parameters.get("budget"), over.parameters.get("over")
    if not isinstance(allowed, Money) or not isinstance(by, Money):
        return None
    cost = _cost(estimate, best)
    if cost is not None and cost.currency == allowed.currency:
        return allowed, cost
    return allowed, Money(amount=allowed.amount + by.amount, currency=allowed.currency)
