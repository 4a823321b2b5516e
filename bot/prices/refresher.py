"""The thread in which a live source is asked: nothing else ever waits for one."""

import threading
import traceback
from collections.abc import Callable
from typing import Final

from bot.observe import get_log
from bot.prices.cached import CachedSource
from bot.prices.let_by import let_by_seconds
from bot.prices.port import in_short

_LOG: Final = get_log(__name__)
LEAST_PAUSE_SECONDS: Final = 1.0
AFTER_ERROR_SECONDS: Final = 60.0
"""After an error that nobody foresaw."""


class Refresher:
    """One daemon thread a source; sleeps until its source is due *and* somebody asked."""

    def __init__(
        self,
        source: CachedSource,
        *,
        least_pause_seconds: float = LEAST_PAUSE_SECONDS,
        let_by_seconds: Callable[[], float] = let_by_seconds,
    ) -> None:
        self.source = source
        self._least_pause_seconds, self._let_by_seconds = least_pause_seconds, let_by_seconds
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def want(self) -> None:
        """Say that somebody wants its prices; starts the thread if need be. Costs nothing."""
        self._wanted.set()
        if self._thread is None:
            self._start()

    def stop(self) -> None:
        """No more refreshes; one under way is left to end by itself."""
        self._stopped.set()
        self._wanted.set()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(
                    target=self._run, name=f"prices-{self.source.name}", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while self._wanted.wait() and not self._stopped.is_set():
            self._wanted.clear()
            if self.source.reading is not None:
                self._stopped.wait(self._let_by_seconds())
            self._stopped.wait(max(self._least_pause_seconds, self._refreshed()))

    def _refreshed(self) -> float:
        """Seconds until it may be time again; the thread outlives any error: no other is started."""
        try:
            return self.source.refresh()
        except Exception as error:  # noqa: BLE001  -- see above
            trace = traceback.format_tb(error.__traceback__)
            _LOG.error("prices not refreshed", source=self.source.name, error=in_short(error), trace=trace)
            return AFTER_ERROR_SECONDS
