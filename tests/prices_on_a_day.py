"""Prices on a day of one's choice: no test depends on the day on which it runs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from bot.files import load_catalog
from bot.prices import GatheredPrices, Prices, open_prices
from estimator.money import Offer
from estimator.plan import Plan
from estimator.prices.book import PriceBook, PricedOffer
from estimator.spec import TrainingSpec

BUNDLED_ON = date(2026, 11, 29)
"""When the bundled list was made."""


def prices_as_of(day: date = BUNDLED_ON) -> Prices:
    """The bundled list as it is seen on `day`: what a test says of a price holds whenever it runs."""
    noon = datetime.combine(day, time(12), UTC)
    return open_prices(now=lambda: noon, known_gpus=frozenset(load_catalog().gpus))


class ChangedPrices:
    """Prices with a change of a test's own in all that they give."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    @property
    def reference(self) -> tuple[Offer, ...]:
        return self._prices.reference

    def gather(self, gpus: Sequence[str], **wanted: Any) -> GatheredPrices:
        return self.changed(self._prices.gather(gpus, **wanted))

    def changed(self, found: GatheredPrices) -> GatheredPrices:
        """What a test makes of it."""
        raise NotImplementedError


@cache
def gathered_on(day: date) -> GatheredPrices:
    """All of it."""
    return prices_as_of(day).gather(tuple(load_catalog().gpus))


@cache
def book_on(day: date) -> PriceBook:
    """Its offers, found by GPU and count."""
    found = gathered_on(day)
    return PriceBook(found.offers, found.rates)


def priced_on(
    day: date, gpu: str, num_gpus: int = 1, *, currency: str = "USD", **said: Any
) -> tuple[PricedOffer, ...]:
    """Who sells it on that day, the one that leads first."""
    plan = Plan(gpu=gpu, num_gpus=num_gpus, data_parallel_size=num_gpus, stack="hf")
    return book_on(day).priced(TrainingSpec.model_validate(said), plan, currency=currency)
