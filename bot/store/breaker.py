"""A circuit breaker: after a few failures in a row nobody waits for a dead server for a while."""

import threading
import time
from collections.abc import Callable
from typing import Final

FAILURES: Final = 3
OPEN_SECONDS: Final = 30.0


class Breaker:
    """Closed until `failures` in a row; then open for `open_seconds`, then one try decides."""

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        open_seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._open_seconds, self._clock = failures, open_seconds, clock
        self._failures = 0
        self._open_until = 0.0
        self._lock = threading.Lock()

    @property
    def is_closed(self) -> bool:
        """Whether everybody tries."""
        return self._failures < self._limit

    def allows(self) -> bool:
        """Whether to try now. When the pause is over one caller tries and the others go on waiting."""
        with self._lock:
            if self._failures < self._limit:
                return True
            if self._clock() < self._open_until:
                return False
            self._open_until = self._clock() + self._open_seconds
            return True

    def succeeded(self) -> None:
        """Close."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Count one more; at the limit, open."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._limit:
                self._open_until = self._clock() + self._open_seconds
