"""A live source behind a cache: this process's memory, then the store that replicas share, then the disk.

dogpile.cache keeps one refresh at a time among all replicas (its lock is the store's) and gives the others
the value before. It only ever runs in a refresher's thread; a request reads memory.
"""

import random
import threading
import time
import traceback
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from dogpile.cache.api import NO_VALUE

from bot.files import write_whole
from bot.observe import get_log
from bot.prices.failures import Failures
from bot.prices.port import Down, LiveSource, SourceAnswer, SourceDown, TimeLeft, in_short
from bot.prices.shared import dumped, region_over
from bot.prices.source_config import Terms
from bot.store import Store

_LOG: Final = get_log(__name__)
_KEY: Final = "ftcost:v5:prices:"
"""The version goes up with the shape of `SourceAnswer`."""
JITTER: Final = 0.1
CLOCK_TOLERANCE_SECONDS: Final = 300.0
"""A reading may be from so far ahead of our clock: replicas differ."""
SAY_AGAIN_SECONDS: Final = 60.0
"""The log names a source that is down once in so long."""
AGAIN_SECONDS: Final = 3600.0
"""A reading that lacks a part is renewed sooner than others: after so long at most."""
STALE_AFTER_SOFT: Final = 2.0
"""Times its soft TTL: a reading that old is shown as stale. Between one and two a refresh is on its way."""


class CachedSource:
    """A live source that answers at once with what was last read, however old; `refresh` is for a thread."""

    def __init__(
        self,
        source: LiveSource,
        store: Store,
        terms: Terms,
        *,
        now: Callable[[], datetime],
        accepted: Callable[[str, SourceAnswer], SourceAnswer] = lambda _, reading: reading,
        state_dir: Path | None = None,
    ) -> None:
        self.name = source.name
        self.settled = threading.Event()
        """The first refresh has ended, well or not."""
        self.reading: SourceAnswer | None = None
        self.down: Down | None = None
        self.on_reading: Callable[[], None] = lambda: None
        """Called in the refresher's thread when there is a new reading."""
        self._source, self._store, self._terms = source, store, terms
        self._now, self._accepted = now, accepted
        self._region = region_over(store, terms)
        self._failures = Failures(store, _KEY + source.name, terms)
        self._path = None if state_dir is None else state_dir / "prices" / f"{source.name}.json"
        self._say_again_at = 0.0
        self._checked: tuple[SourceAnswer, date, SourceAnswer] | None = None
        """A reading, the day on which it was looked at, and what of it can be true."""

    @property
    def is_old(self) -> bool:
        """Whether the last reading is past due or of a time to come: nobody could, or had to, refresh it."""
        return self.reading is not None and not (
            -CLOCK_TOLERANCE_SECONDS
            <= self._age_seconds(self.reading)
            <= STALE_AFTER_SOFT * self._terms.soft_seconds
        )

    def refresh(self) -> float:
        """Ask again if it is time to; seconds until it may be time again. Waits for the source."""
        try:
            if self.reading is None:
                self._publish(self._last_known())
            if failed := self._failures.last():
                self._fail(failed.why)
                return failed.pause_seconds
            return self._refreshed(self._jittered())
        finally:
            self.settled.set()

    def ask_now(self) -> None:
        """Ask though it is not time to, and however lately it failed: somebody at a terminal waits."""
        self._failures.clear()
        self._refreshed(soft_seconds=0.0)
        self.settled.set()

    def _jittered(self) -> float:
        soft_seconds = self._terms.soft_seconds
        if self.reading is not None and self.reading.missing:
            soft_seconds = min(soft_seconds, AGAIN_SECONDS)
        return soft_seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  -- no secret

    def _refreshed(self, soft_seconds: float) -> float:
        try:
            reading = self._asked(soft_seconds)
        except SourceDown as down:
            self._fail(str(down))
            failed = self._failures.last()
            return failed.pause_seconds if failed else self._terms.failure_seconds
        self._publish(reading)
        self.down = None
        return min(soft_seconds, soft_seconds - self._age_seconds(reading))

    def _asked(self, soft_seconds: float) -> SourceAnswer:
        """What the replicas share, or a new reading; what is kept there and cannot be is thrown away."""
        key = _KEY + self.name
        kept = self._region.get(key, ignore_expiration=True)
        if kept is not NO_VALUE and self._believed(kept) is None:
            self._region.delete(key)
        made = partial(self._renewed, soft_seconds)
        reading = self._region.get_or_create(key, made, expiration_time=soft_seconds)
        believed = self._believed(reading)
        if believed is None:
            raise SourceDown("what another process read cannot be true")
        return believed

    def _renewed(self, soft_seconds: float) -> SourceAnswer:
        """Under the lock: what another replica has just read, else a new reading.

        dogpile looks again only where it had no value: whoever had an old one and comes to the lock when its
        holder is done would ask the source a second time.
        """
        kept = self._region.get(_KEY + self.name, ignore_expiration=True)
        known = self._believed(kept) if isinstance(kept, SourceAnswer) else None
        return known if known and self._age_seconds(known) < soft_seconds else self._read()

    def _read(self) -> SourceAnswer:
        """Ask the source. Whoever waited for the lock of one that failed shares its failure."""
        if failed := self._failures.last():
            raise SourceDown(failed.why)
        try:
            reading = self._accepted(
                self.name,
                _without_future(
                    self._source.read(TimeLeft(self._terms.deadline_seconds)), self._now().date()
                ),
            )
        except SourceDown as down:
            self._failures.add(str(down), down.retry_after_seconds)
            raise
        except Exception as error:
            # whatever a stranger's data does to our reader must not end the thread; the trace is for us
            trace = traceback.format_tb(error.__traceback__)
            _LOG.error("unexpected answer", source=self.name, error=in_short(error), trace=trace)
            why = f"unexpected answer ({type(error).__name__})"
            self._failures.add(why, None)
            raise SourceDown(why) from error
        self._failures.clear()
        self._keep(reading)
        self._checked = (reading, self._now().date(), reading)
        return reading

    def _last_known(self) -> SourceAnswer | None:
        found = self._region.get(_KEY + self.name, ignore_expiration=True)
        if isinstance(found, SourceAnswer) and (believed := self._believed(found)):
            return believed
        try:
            kept = SourceAnswer.model_validate_json(self._path.read_bytes()) if self._path else None
        except (OSError, ValueError):
            return None
        return None if kept is None else self._believed(kept)

    def _believed(self, reading: SourceAnswer) -> SourceAnswer | None:
        """A reading that somebody kept, less what cannot be true; None where nothing is left of it."""
        if not -CLOCK_TOLERANCE_SECONDS <= self._age_seconds(reading) <= self._terms.hard_seconds:
            return None
        today, checked = self._now().date(), self._checked
        if checked is not None and checked[0] is reading and checked[1] == today:
            return checked[2]
        try:
            sound = self._accepted(self.name, _without_future(reading, today))
        except SourceDown as down:
            _LOG.warning("kept prices refused", source=self.name, why=str(down))
        except Exception as error:  # noqa: BLE001  -- as in `_read`: others write to the store, too
            _LOG.warning("kept prices refused", source=self.name, why=in_short(error))
        else:
            self._checked = (reading, today, sound)
            return sound
        return None

    def _keep(self, reading: SourceAnswer) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, dumped(reading))
        except OSError as error:
            _LOG.warning("prices not kept on disk", source=self.name, error=str(error))

    def _publish(self, reading: SourceAnswer | None) -> None:
        """Take a newer reading; after a clock that ran ahead was set back, any reading is newer."""
        before = self.reading
        if reading is None or (before is not None and reading.fetched_at == before.fetched_at):
            return
        if before is None or self._age_seconds(before) < 0 or reading.fetched_at > before.fetched_at:
            self.reading = reading
            self.on_reading()

    def _fail(self, why: str) -> None:
        if (again := time.monotonic()) >= self._say_again_at:
            self._say_again_at = again + SAY_AGAIN_SECONDS
            _LOG.warning("price source down", source=self.name, why=why)
        since = self.down.since if self.down else self._now()
        self.down = Down(source=self.name, why=why, since=since)

    def _age_seconds(self, reading: SourceAnswer) -> float:
        return (self._now() - reading.fetched_at) / timedelta(seconds=1)


def _without_future(reading: SourceAnswer, today: date) -> SourceAnswer:
    """`reading` less offers of a day to come: whatever they are, they are no price of today."""
    latest = today + timedelta(days=1)  # a seller east of us is a day ahead
    kept = tuple(offer for offer in reading.offers if offer.as_of is None or offer.as_of <= latest)
    if reading.offers and not kept:
        raise SourceDown("all its prices are of a day to come")
    return reading if len(kept) == len(reading.offers) else reading.model_copy(update={"offers": kept})
