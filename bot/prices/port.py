"""What the service asks of prices, and what it gets: offers, rates, and a word on what was missing."""

import time
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, Protocol, Self

from pydantic import AwareDatetime, model_validator

from estimator.base import Model
from estimator.money import FxRate, Offer, is_positive, positive_number
from estimator.prices.book import PriceBook
from estimator.result import Note

LONGEST_WHY: Final = 300
"""Characters of a reason, in a log or on a card: a stranger's answer may stand in it."""


def in_short(error: Exception) -> str:
    """An error that nobody foresaw, for a log: one of a thousand wrong rows would fill it."""
    return repr(error)[:LONGEST_WHY]


class SourceDown(Exception):  # noqa: N818  -- reads as the sentence it raises
    """A live source gave nothing usable; a cache turns it into a `Down`."""

    def __init__(self, why: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(why[:LONGEST_WHY])
        self.retry_after_seconds = retry_after_seconds
        """How long the source itself asks to be left alone; None where it did not say."""


class TimeLeft:
    """How long one reading of a source may take, all its requests together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def seconds(self, most: float) -> float:
        """Of them those that are left for the next request, and no more than `most`.

        Raises:
            SourceDown: there are none.
        """
        if (left := self._end - time.monotonic()) <= 0:
            raise SourceDown("its answers did not end in time")
        return min(left, most)


class Down(NamedTuple):
    """A source that is down is a value: which one, why, since when."""

    source: str
    why: str
    since: datetime


class MissingPart(Model):
    """A part of what a source lists (a cloud, an instance type) that it did not give with the rest."""

    part: str
    why: str
    gpus: tuple[str, ...] = ()
    """Of which GPUs alone its prices are; empty: nobody knows."""
    sellers: tuple[str, ...] = ()
    """Whose prices alone they are; empty: nobody knows."""


class SourceAnswer(Model):
    """Everything a live source said at one moment: a whole catalogue, or a sheet of rates."""

    fetched_at: AwareDatetime
    offers: tuple[Offer, ...] = ()
    rates: tuple[FxRate, ...] = ()
    missing: tuple[MissingPart, ...] = ()
    """What of it did not come: older prices stand in."""

    @model_validator(mode="after")
    def _every_price_is_one(self) -> Self:
        """Here and not only where it was fetched: a reading comes back from a store that others write to."""
        for offer in self.offers:
            amount = offer.price_per_hour.amount
            if not is_positive(amount):
                raise ValueError(f"{offer.provider} {offer.gpu}: {amount} is no price")
        for rate in self.rates:
            if not is_positive(rate.rate):
                raise ValueError(f"{rate.quote}: {rate.rate} is no rate")
        return self


class LiveSource(Protocol):
    """A source asked over the network, whole; only ever from a refresher's thread."""

    @property
    def name(self) -> str:
        """The word for it in settings and sources."""
        ...

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        """Everything it sells now.

        Raises:
            SourceDown: with the reason.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredPrices:
    """The world, asked once."""

    offers: tuple[Offer, ...]
    """The same object until a reading changes them."""
    rates: tuple[FxRate, ...]
    notes: tuple[Note, ...] = ()
    book: PriceBook | None = None
    """These offers and rates, found by GPU and count; built where the reading was made, not for a request."""


def json_number(value: Any) -> float | None:
    """The number above zero that a JSON document states; None for anything else."""
    price = json_price(value)
    return None if price is None else float(price)


def json_price(value: Any) -> Decimal | None:
    """The price that a JSON document states as a number; None for anything else, for zero and below."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return positive_number(value)
