"""`Prices`: every offer and rate that an estimate needs, at once, from whoever knows best.

In this order, for each seller, GPU and market: what the user wrote down, the live source's last reading
(fresh, or stale while it is asked again), the bundled snapshot, nothing.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.prices.config import Policy
from bot.prices.listed import Overrides, Snapshot
from bot.prices.port import Gathered
from estimator.money import FxRate, Offer
from estimator.result import Note, NoteCode
from estimator.spec import Market

if TYPE_CHECKING:
    from bot.prices.cached import Refresher  # the terminal asks no network and need not load it

BUDGET_SECONDS: Final = 2.0
"""From the start of the process: how long requests wait for a source that has never answered yet."""
OLD_RATES_AFTER_DAYS: Final = 7

Book = Mapping[str, tuple[Offer, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where prices may be taken from; None: anywhere."""

    providers: Sequence[str] | None = None
    market: Market | None = None
    region: str | None = None

    def admits(self, offer: Offer) -> bool:
        """Whether `offer` is from there."""
        return (
            (self.market is None or offer.market is self.market)
            and (self.providers is None or offer.provider in self.providers)
            and (self.region is None or offer.is_in(self.region))
        )


class Prices:
    """The facade of the service: reads memory, wakes the refreshers, never raises for a source's sake."""

    def __init__(  # noqa: PLR0913  -- the composition root names each part
        self,
        *,
        overrides: Overrides,
        live: Sequence["Refresher"],
        ecb: "Refresher | None",
        snapshot: Snapshot,
        bundled_rates: tuple[FxRate, ...],
        reference: tuple[Offer, ...],
        policy: Policy,
        now: Callable[[], datetime],
        budget_seconds: float = BUDGET_SECONDS,
    ) -> None:
        self.reference = reference
        """The reference prices of the rule of thumb, in the order of prices.yaml."""
        self._overrides, self._live, self._ecb, self._snapshot = overrides, tuple(live), ecb, snapshot
        self._bundled_rates, self._policy, self._now = bundled_rates, policy, now
        self._budget_seconds = budget_seconds
        self._wait_until: float | None = None
        self._cached_book: tuple[object, Book] = (None, {})

    def start(self) -> None:
        """Begin to ask the live sources, so that the first request finds them answered."""
        if self._wait_until is None:
            self._wait_until = time.monotonic() + self._budget_seconds
        for refresher in self._refreshers():
            refresher.want()

    def close(self) -> None:
        """No more refreshes."""
        for refresher in self._refreshers():
            refresher.stop()

    def gather(
        self,
        gpus: Iterable[str],
        *,
        providers: Sequence[str] | None = None,
        market: Market | None = None,
        region: str | None = None,
    ) -> Gathered:
        """Offers for `gpus` from there, the rates, and notes; waits at most the rest of the first 2 s."""
        self.start()
        self._wait_for_first_answers()
        book = self._book()
        wanted = Wanted(providers=providers, market=market, region=region)
        offers = tuple(
            offer for gpu in dict.fromkeys(gpus) for offer in book.get(gpu, ()) if wanted.admits(offer)
        )
        rates = self._rates()
        notes = (*self._source_notes(), *self._rate_notes(rates))
        return Gathered(offers=offers, rates=rates, notes=notes)

    def _refreshers(self) -> tuple["Refresher", ...]:
        return self._live if self._ecb is None else (*self._live, self._ecb)

    def _wait_for_first_answers(self) -> None:
        for refresher in self._refreshers():
            source, rest = refresher.source, (self._wait_until or 0.0) - time.monotonic()
            if source.reading is None and rest > 0:
                source.settled.wait(rest)

    def _rates(self) -> tuple[FxRate, ...]:
        reading = self._ecb.source.reading if self._ecb else None
        return reading.rates if reading and reading.rates else self._bundled_rates

    def _book(self) -> Book:
        """By GPU; built anew when a source has new prices, gets old, or the day changes."""
        today = self._now().date()
        sources = tuple(refresher.source for refresher in self._live)
        key = (today, *((s.reading.fetched_at if s.reading else None, s.is_old) for s in sources))
        cached_key, book = self._cached_book
        if cached_key != key:
            book = self._built(today)
            self._cached_book = (key, book)
        return book

    def _built(self, today: date) -> Book:
        best: dict[tuple[str, str, Market], list[Offer]] = {}
        for offers in self._by_preference(today):
            mine: dict[tuple[str, str, Market], list[Offer]] = {}
            for offer in offers:
                mine.setdefault((offer.provider, offer.gpu, offer.market), []).append(offer)
            best = mine | best
        listed = self._overrides.applied(offer for offers in best.values() for offer in offers)
        book: dict[str, list[Offer]] = {}
        for offer in listed:
            book.setdefault(offer.gpu, []).append(offer)
        return {gpu: tuple(offers) for gpu, offers in book.items()}

    def _by_preference(self, today: date) -> Iterable[Iterable[Offer]]:
        for refresher in self._live:
            if (reading := refresher.source.reading) is not None:
                yield self._dated(reading.offers, today, old=refresher.source.is_old)
        yield self._dated(self._snapshot.rows, today)

    def _dated(self, offers: Iterable[Offer], today: date, *, old: bool = False) -> Iterable[Offer]:
        """`offers`, stale where they are."""
        oldest = today - timedelta(days=self._policy.stale_after_days)
        for offer in offers:
            stale = old or offer.as_of is None or offer.as_of < oldest
            yield offer if offer.stale == stale else offer.model_copy(update={"stale": stale})

    def _source_notes(self) -> Iterable[Note]:
        for source in (refresher.source for refresher in self._live):
            if (down := source.down) is not None:
                said: dict[str, str | date] = {"source": source.name, "why": down.why}
                if source.reading is not None:
                    said["as_of"] = source.reading.fetched_at.date()
                yield Note(code=NoteCode.SOURCE_DOWN, parameters=said)
            elif source.reading is None or source.is_old:
                yield Note(code=NoteCode.REFRESHING, parameters={"source": source.name})

    def _rate_notes(self, rates: Sequence[FxRate]) -> Iterable[Note]:
        oldest = min((rate.as_of for rate in rates), default=None)
        if oldest and self._now().date() - oldest > timedelta(days=OLD_RATES_AFTER_DAYS):
            yield Note(code=NoteCode.OLD_RATES, parameters={"source": rates[0].source, "as_of": oldest})
