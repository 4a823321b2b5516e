"""What a run costs at an offer: time × price. Money meets floats here, and in `comparable` for ranking."""

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from estimator.money import FxRate, Money, convert
from estimator.plan import Plan
from estimator.prices.book import PricedOffer
from estimator.ranges import Range
from estimator.result import Converted, Middle, MoneyRange, Quote
from estimator.units import HOUR_SECONDS

MIDDLE_PLACES: Final = 6
"""Decimals of what sellers ask at the ends of the range: floats that rank them know no more."""


def run_cost(price_per_hour: Money, run_seconds: Range) -> MoneyRange:
    """Hours of the run x price an hour, at both ends and the middle."""

    def at(seconds: float) -> Money:
        return price_per_hour.times(Decimal(repr(seconds)) / HOUR_SECONDS)

    return MoneyRange(low=at(run_seconds.low), likely=at(run_seconds.likely), high=at(run_seconds.high))


def quote(
    priced: PricedOffer,
    plan: Plan,
    run_seconds: Range,
    *,
    retries: float,
    currency: str,
    rates: Iterable[FxRate],
) -> Quote:
    """One run of `plan` at one seller's price, once and with its retries, and in the reader's currency."""
    once = run_cost(priced.price_per_hour, run_seconds)
    offer = priced.offer
    return Quote(
        provider=offer.provider,
        region=offer.region,
        market=offer.market,
        instance_type=offer.instance_type,
        num_gpus=plan.num_gpus,
        price_per_hour=priced.price_per_hour,
        as_of=offer.as_of,
        fetched_at=offer.fetched_at,
        source=offer.source,
        stale=offer.stale,
        scaled=priced.scaled,
        listed_gpus=offer.num_gpus,
        num_machines=plan.num_nodes,
        tier=offer.tier,
        basis=offer.basis,
        caveat=offer.caveat,
        instead=priced.instead,
        is_bookable=priced.is_bookable,
        machine_gpus=max(plan.num_gpus, offer.num_gpus),
        host_memory_bytes=priced.host_bytes_of(plan.num_nodes),
        middle=_middle(priced, max(plan.num_gpus, offer.num_gpus)),
        run_cost=once,
        with_retries=_times(once, retries),
        in_currency=_converted(once, retries, currency, tuple(rates)),
    )


def _middle(priced: PricedOffer, num_gpus: int) -> Middle | None:
    """The votes per GPU in the offer's own currency, of which `comparable` tells the worth of one unit."""
    if priced.votes is None or not 0 < priced.votes.low <= priced.votes.high < math.inf:
        return None  # one of them is in a currency that no rate links
    unit = priced.price_per_hour.amount / Decimal(repr(priced.comparable)) / num_gpus
    low, high = (
        Money(
            amount=round(Decimal(repr(end)) * unit, MIDDLE_PLACES).normalize(),
            currency=priced.price_per_hour.currency,
        )
        for end in (priced.votes.low, priced.votes.high)
    )
    return Middle(num_sellers=priced.votes.num_sellers, low=low, high=high)


def _times(cost: MoneyRange, retries: float) -> MoneyRange:
    factor = Decimal(repr(retries))
    return MoneyRange(
        low=cost.low.times(factor), likely=cost.likely.times(factor), high=cost.high.times(factor)
    )


def _converted(
    once: MoneyRange, retries: float, currency: str, rates: tuple[FxRate, ...]
) -> Converted | None:
    if once.likely.currency == currency:
        return None
    unit = convert(Money(amount=Decimal(1), currency=once.likely.currency), currency, rates)
    if unit is None:
        return None
    rate = unit[1]

    def exchanged(money: Money) -> Money:
        return Money(amount=money.amount * rate.rate, currency=currency)

    there = MoneyRange(low=exchanged(once.low), likely=exchanged(once.likely), high=exchanged(once.high))
    return Converted(
        currency=currency,
        rate=str(rate.rate),
        rate_date=rate.as_of,
        rate_source=rate.source,
        run_cost=there,
        with_retries=_times(there, retries),
    )
