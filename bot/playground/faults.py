"""Troubles to order: what the Web API or the delivery of events shall do wrong, and how often."""

import threading
from dataclasses import dataclass

RESPONSE_URL = "response_url"
"""Name under which faults and recorded calls file a post to a response address."""

EVENT = "event"
"""Name under which faults file the delivery of an event to the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One trouble with `method`, consumed after `times` calls.

    `error` is the code of an `{"ok": false}` answer; `status` another HTTP status, 0 for a connection that is
    cut; `applied` does the work before it answers badly; `redeliver` sends an event so many times more.
    """

    method: str
    error: str = ""
    status: int = 200
    retry_after_seconds: int | None = None
    delay_seconds: float = 0.0
    applied: bool = False
    redeliver: int = 0
    times: int = 1


def rate_limited(method: str, retry_after_seconds: int = 1, times: int = 1) -> Fault:
    """`429 Too Many Requests`, with the wait Slack asks for."""
    return Fault(
        method=method, error="ratelimited", status=429, retry_after_seconds=retry_after_seconds, times=times
    )


def failing(method: str, error: str, times: int = 1) -> Fault:
    """`{"ok": false, "error": error}`."""
    return Fault(method=method, error=error, times=times)


def broken(method: str, status: int = 500, *, applied: bool = False, times: int = 1) -> Fault:
    """A status that no working Slack answers with, before or after the work was done; 0 cuts the line."""
    return Fault(method=method, error="internal_error", status=status, applied=applied, times=times)


def slow(method: str, delay_seconds: float, times: int = 1) -> Fault:
    """The right answer, late."""
    return Fault(method=method, delay_seconds=delay_seconds, times=times)


def redelivered(times: int = 1) -> Fault:
    """The next event arrives once more, as a retry."""
    return Fault(method=EVENT, redeliver=1, times=times)


class Faults:
    """The troubles still to come, first ordered first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def inject(self, fault: Fault) -> None:
        """Order a trouble."""
        with self._lock:
            self._waiting.extend([fault] * fault.times)

    def take(self, method: str) -> Fault | None:
        """The next trouble for `method`, if one was ordered."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if fault.method == method:
                    return self._waiting.pop(index)
        return None

    def clear(self) -> None:
        """Forget every trouble still to come."""
        with self._lock:
            self._waiting.clear()
