"""What the service asks of prices, and what it gets: offers, rates, and a word on what was missing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from estimator.base import Model
from estimator.money import FxRate, Offer
from estimator.result import Note


class SourceDown(Exception):  # noqa: N818  -- reads as the sentence it raises
    """A live source gave nothing usable; a cache turns it into a `Down`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """A source that is down is a value: which one, why, since when."""

    source: str
    why: str
    since: datetime


class SourceAnswer(Model):
    """Everything a live source said at one moment: a whole catalogue, or a sheet of rates."""

    fetched_at: datetime
    offers: tuple[Offer, ...] = ()
    rates: tuple[FxRate, ...] = ()


class LiveSource(Protocol):
    """A source asked over the network, whole; only ever from a refresher's thread."""

    @property
    def name(self) -> str:
        """The word for it in settings and sources."""
        ...

    def read(self) -> SourceAnswer:
        """Everything it sells now.

        Raises:
            SourceDown: with the reason.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The world, asked once."""

    offers: tuple[Offer, ...]
    rates: tuple[FxRate, ...]
    notes: tuple[Note, ...] = ()
