"""`Prices`: every offer and rate that an estimate needs, at once, from whoever knows best.

In this order, for each seller, GPU, count and market: what the user wrote down, then whoever read it last: a
live source's last reading (fresh, or stale while it is asked again) or the bundled snapshot, then nothing.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.prices.book import Book, Wanted, newest_of_each
from bot.prices.config import Age, Policy
from bot.prices.let_by import let_by_seconds
from bot.prices.listed import Overrides, Snapshot
from bot.prices.port import GatheredPrices, MissingPart
from estimator.money import FxRate, Offer
from estimator.result import Note, NoteCode
from estimator.spec import Market

if TYPE_CHECKING:
    from bot.prices.refresher import Refresher  # the terminal asks no network and need not load it

BUDGET_SECONDS: Final = 2.0
"""From the start of the process: how long requests wait for a source that has never answered yet."""
OLD_RATES_AFTER_DAYS: Final = 7
UNKNOWN_TIER: Final = "C"
"""Of a seller that neither sellers.yaml nor the list knows: nobody has looked at it."""
OWN_AGES_AS: Final = "A"
"""The tier after whose days a price of one's own is marked; it stays in force: a contract has no market."""
NEVER_DAYS: Final = 10**6
"""The age of a price without a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What is not read from a network: the installation's own prices and the bundled ones."""

    overrides: Overrides
    snapshot: Snapshot
    rates: tuple[FxRate, ...]
    reference: tuple[Offer, ...] = ()
    policy: Policy
    tiers: Mapping[str, str] = field(default_factory=dict)
    """Seller -> tier, as sellers.yaml has it."""
    shipped_reference: tuple[Offer, ...] = ()
    """The reference prices that everybody has: those of an installation may be its contract's."""
    notes: tuple[Note, ...] = ()
    """What every answer from these has to say."""

    @property
    def has_own(self) -> bool:
        """Whether some of it is the installation's alone."""
        return bool(self.overrides) or self.reference != self.shipped_reference

    def published(self) -> "Listed":
        """The same without what is the installation's alone, saying so."""
        note = Note(code=NoteCode.PUBLIC_PRICES, parameters={})
        return replace(
            self, overrides=Overrides(()), reference=self.shipped_reference, notes=(*self.notes, note)
        )


class Prices:
    """The facade of the service: reads memory, wakes the refreshers, never raises for a source's sake."""

    def __init__(
        self,
        listed: Listed,
        *,
        live: Sequence["Refresher"] = (),
        ecb: "Refresher | None" = None,
        now: Callable[[], datetime],
        budget_seconds: float = BUDGET_SECONDS,
    ) -> None:
        self.reference = listed.reference
        """The reference prices of the rule of thumb, in the order of prices.yaml."""
        self._listed, self._now = listed, now
        self._live, self._ecb = tuple(live), ecb
        self._budget_seconds = budget_seconds
        self._wait_until: float | None = None
        self._building = threading.Lock()
        self._rebuilding = threading.Event()
        self._current: tuple[object, Book] | None = None
        for refresher in self._refreshers():
            refresher.source.on_reading = self._swapped

    def public(self) -> "Prices | None":
        """What anybody may read, from the same sources; None where that is everything."""
        if not self._listed.has_own:
            return None
        public = Prices(
            self._listed.published(),
            live=self._live,
            ecb=self._ecb,
            now=self._now,
            budget_seconds=self._budget_seconds,
        )

        def swapped() -> None:
            self._swapped()
            public._swapped()

        for refresher in self._refreshers():
            refresher.source.on_reading = swapped
        return public

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
    ) -> GatheredPrices:
        """Offers for `gpus` from there, the rates, and notes; waits at most the rest of the first 2 s."""
        self.start()
        self._wait_for_first_answers()
        book = self._book()
        sellers = None if providers is None else tuple(providers)
        offers, found = book.find(Wanted(gpus=tuple(gpus), providers=sellers, market=market, region=region))
        notes = (*self._source_notes(), *self._rate_notes(book.rates), *self._listed.notes)
        return GatheredPrices(offers=offers, rates=book.rates, notes=notes, book=found)

    def rebuild(self) -> tuple[object, Book]:
        """Build the book of now and swap it in: in the thread of whoever has a new reading."""
        with self._building:
            key = self._key()
            if self._current is None or self._current[0] != key:
                book = self._built(self._now().date())
                for wanted in self._current[1].plain if self._current else ():
                    book.find(wanted)  # so that nobody has to who waits for an answer
                self._current = (key, book)
            return self._current

    def _swapped(self) -> None:
        """A source has a new reading: at the start somebody waits for it, later nobody does."""
        if all(refresher.source.settled.is_set() for refresher in self._refreshers()):
            self._rebuild_soon()
        else:
            self.rebuild()

    def _refreshers(self) -> tuple["Refresher", ...]:
        return self._live if self._ecb is None else (*self._live, self._ecb)

    def _wait_for_first_answers(self) -> None:
        for refresher in self._refreshers():
            source, rest = refresher.source, (self._wait_until or 0.0) - time.monotonic()
            if source.reading is None and rest > 0:
                source.settled.wait(rest)

    def _key(self) -> object:
        """What a book depends on: the day, each source's reading, and whether it is old."""
        sources = tuple(refresher.source for refresher in self._refreshers())
        readings = tuple((s.reading.fetched_at if s.reading else None, s.is_old) for s in sources)
        return (self._now().date(), readings)

    def _book(self) -> Book:
        """The last one built; where the day or an age has moved on since, a newer one is on its way."""
        current = self._current or self.rebuild()
        if current[0] == self._key():
            return current[1]
        if not self._live:
            return self.rebuild()[1]  # the bundled list is short
        self._rebuild_soon()
        return current[1]

    def _rebuild_soon(self) -> None:
        if self._rebuilding.is_set():
            return
        self._rebuilding.set()
        timer = threading.Timer(let_by_seconds(), self._rebuild_apart)
        timer.name, timer.daemon = "prices-book", True
        timer.start()

    def _rebuild_apart(self) -> None:
        try:
            self.rebuild()
        finally:
            self._rebuilding.clear()

    def _built(self, today: date) -> Book:
        listed = newest_of_each(self._by_preference(today))
        days = self._age(OWN_AGES_AS).marked_after
        return Book(self._listed.overrides.applied(listed, today, marked_after=days), self._rates())

    def _rates(self) -> tuple[FxRate, ...]:
        reading = self._ecb.source.reading if self._ecb else None
        if reading is None or not reading.rates:
            return self._listed.rates
        from bot.prices.sources.rates import with_bundled  # noqa: PLC0415  -- the terminal asks no network

        return with_bundled(reading.rates, self._listed.rates)

    def _by_preference(self, today: date) -> Iterable[Iterable[Offer]]:
        for refresher in self._live:
            if (reading := refresher.source.reading) is not None:
                yield self._dated(reading.offers, today, old=refresher.source.is_old)
        yield self._dated(self._listed.snapshot.rows, today)

    def _dated(self, offers: Iterable[Offer], today: date, *, old: bool = False) -> Iterable[Offer]:
        """`offers` with their seller's tier, marked where they are old, set aside where too old."""
        for offer in offers:
            tier = self._listed.tiers.get(offer.provider) or offer.tier or UNKNOWN_TIER
            age = self._age("spot" if offer.market is Market.SPOT else tier)
            days = NEVER_DAYS if offer.as_of is None else (today - offer.as_of).days
            stale, usable = old or days > age.marked_after, days <= age.useless_after
            if (offer.tier, offer.stale, offer.usable) == (tier, stale, usable):
                yield offer  # as most are: a copy of each costs milliseconds
            else:
                yield offer.model_copy(update={"tier": tier, "stale": stale, "usable": usable})

    def _age(self, kind: str) -> Age:
        """Of a seller's tier, or of spot; of a tier that prices.yaml does not name, that of the unknown."""
        ages = self._listed.policy.ages
        return ages.get(kind) or ages[UNKNOWN_TIER]

    def _source_notes(self) -> Iterable[Note]:
        for source in (refresher.source for refresher in self._live):
            reading = source.reading
            if (down := source.down) is not None:
                said: dict[str, str | date] = {"source": source.name, "why": down.why}
                if reading is not None:
                    said["as_of"] = reading.fetched_at.date()
                yield Note(code=NoteCode.SOURCE_DOWN, parameters=said)
            elif reading is None or source.is_old:
                yield Note(code=NoteCode.REFRESHING, parameters={"source": source.name})
            elif reading.missing:
                yield Note(code=NoteCode.SOURCE_PARTLY, parameters=_partly(source.name, reading.missing))

    def _rate_notes(self, rates: Sequence[FxRate]) -> Iterable[Note]:
        newest = max(rates, key=lambda rate: rate.as_of, default=None)
        if newest and self._now().date() - newest.as_of > timedelta(days=OLD_RATES_AFTER_DAYS):
            yield Note(code=NoteCode.OLD_RATES, parameters={"source": newest.source, "as_of": newest.as_of})


def _partly(source: str, missing: Sequence[MissingPart]) -> dict[str, str]:
    """What a source did not give; with `gpus` or `sellers`, whose prices alone that is."""
    parts = " ".join(each.part for each in missing)
    bears = {}
    if all(each.gpus for each in missing):
        bears["gpus"] = " ".join(dict.fromkeys(gpu for each in missing for gpu in each.gpus))
    if all(each.sellers for each in missing):
        bears["sellers"] = " ".join(dict.fromkeys(seller for each in missing for seller in each.sellers))
    return {"source": source, "parts": parts, "why": missing[0].why, **bears}
