"""What the service asks of prices, and what it gets: offers, rates, and a word on what was missing."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from estimator.base import Model
from estimator.money import FxRate, Offer


class SourceDown(Exception):  # noqa: N818  -- reads as the sentence it raises
    """A live source gave nothing usable; a cache turns it into a `Down`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """A source that is down is a value: which one, why, since when."""

    source: str
    why: str
    since: datetime


class Reading(Model):
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

    def read(self) -> Reading:
        """Everything it sells now.

        Raises:
            SourceDown: with the reason.
        """
        ...


class NoteKind(StrEnum):
    """What an answer has to say about its prices."""

    DOWN = "down"
    """`source` can't be asked; `detail` says why. Older prices stand in."""
    REFRESHING = "refreshing"
    """`source` is being asked; the next answer will have its prices."""
    OLD_RATES = "old_rates"
    """The rates are those of `as_of`: the day's could not be had."""
    NO_PRICE = "no_price"
    """Nobody sells `gpu` as asked for; `nearest` names sellers of it elsewhere, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One such word."""

    kind: NoteKind
    source: str = ""
    detail: str = ""
    gpu: str = ""
    nearest: tuple[str, ...] = ()
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The world, asked once."""

    offers: tuple[Offer, ...]
    rates: tuple[FxRate, ...]
    notes: tuple[Note, ...] = ()
