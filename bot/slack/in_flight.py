"""Who waits for an answer of this process, kept where the next start finds it after a kill.

Each process has a place in the store, which is its own as long as it says so every few seconds. A place whose
owner has fallen silent is read by whoever comes first; those who stand in it are told, and it is emptied.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.observe import get_log
from bot.slack.processes import ALIVE_SECONDS
from bot.store import Store

Record = Mapping[str, str]
PLACES: Final = 32
"""More than there are processes over one store."""
BEAT_SECONDS: Final = 0.5
KEEP_SECONDS: Final = 4.0
SEARCH_SECONDS: Final = 10.0
KEPT_SECONDS: Final = 1800.0
"""As long as a response address lasts."""
_LOG: Final = get_log(__name__)


class InFlight:
    """The place of this process, and a look at those of others."""

    def __init__(
        self,
        store: Store,
        unfinished: Callable[[], Sequence[Record]],
        tell: Callable[[Record], None],
        live: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._unfinished, self._tell, self._clock = store, unfinished, tell, clock
        self._live, self._lived_at = live, -KEEP_SECONDS
        self._place: tuple[str, str] | None = None
        self._kept: Sequence[Record] = ()
        self._said_at = self._searched_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="in-flight", daemon=True)

    def start(self) -> None:
        """Keep the list, in a thread."""
        self._thread.start()

    def close(self) -> None:
        """Everybody was told: leave nothing behind."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(1.0)
        if self._place is not None:
            name, token = self._place
            self._store.delete(name)
            self._store.release(name, token)
            self._place = None

    def beat(self) -> None:
        """Write down who waits now, say that the place is ours, and look for those that are nobody's.

        By the clock of the day, which several machines share and which may be set forward and back.
        """
        now = self._clock()
        if abs(now - self._lived_at) >= KEEP_SECONDS:
            self._lived_at = now
            self._live()
        if abs(now - self._searched_at) >= SEARCH_SECONDS:
            self._searched_at = now
            self._search(now)
        if self._place is None:
            return
        name, token = self._place
        is_due = abs(now - self._said_at) >= KEEP_SECONDS
        if is_due and not self._store.extend(name, token, ttl_seconds=ALIVE_SECONDS):
            # we were silent for too long, or all is lost
            self._place, self._searched_at = None, -SEARCH_SECONDS
            return
        self._write(name, now, is_due=is_due)

    def _write(self, name: str, now: float, *, is_due: bool) -> None:
        waiting = self._unfinished()
        if is_due:
            self._said_at = now
        elif waiting == self._kept:
            return
        if waiting:
            kept = {"at": now, "waiting": [dict(each) for each in waiting]}
            self._store.set(name, json.dumps(kept).encode(), ttl_seconds=KEPT_SECONDS)
        elif self._kept:
            self._store.delete(name)
        self._kept = waiting

    def _search(self, now: float) -> None:
        """Take a place if we have none; tell those whom a dead process left in its own."""
        names = [f"in-flight:{number}" for number in range(PLACES)]
        for name, kept in zip(names, self._store.get_many(names), strict=True):
            at, left = _read(kept)
            if abs(now - at) < ALIVE_SECONDS or (self._place is not None and not kept):
                continue  # somebody lives there, even where the store has lost that it is theirs
            token = self._store.acquire(name, ttl_seconds=ALIVE_SECONDS)
            if token is None:
                continue
            if kept:
                self._take_over(left)
            if self._place is None:
                self._place, self._kept, self._said_at = (name, token), ({},) if kept else (), now
                self._write(name, now, is_due=False)  # over those who are told: who is not yet, stays there
            else:
                self._write(self._place[0], now, is_due=False)  # there before they are gone from here
                self._store.delete(name)
                self._store.release(name, token)

    def _take_over(self, left: Sequence[Record]) -> None:
        _LOG.warning("somebody was interrupted", people=len(left))
        for each in left:
            try:
                self._tell(each)
            except Exception:  # noqa: BLE001  -- one who cannot be told keeps nobody else waiting
                _LOG.exception("an interrupted person is not told")

    def _beat_on(self) -> None:
        pause_seconds = 0.0
        while not self._stop.wait(pause_seconds):
            pause_seconds = BEAT_SECONDS
            try:
                self.beat()
            except Exception:  # noqa: BLE001  -- the list is a courtesy; it ends nothing else
                _LOG.exception("in-flight list not kept")


def _read(kept: bytes | None) -> tuple[float, Sequence[Record]]:
    """When it was written, and who waited; what is not of our shape was written long ago by nobody."""
    try:
        said: Any = json.loads(kept or b"")
        return float(said["at"]), [each for each in said["waiting"] if isinstance(each, dict)]
    except (ValueError, LookupError, TypeError):
        return 0.0, ()
