"""How a source failed last and how often in a row: kept in the store, so that replicas spare it together."""

from typing import Final

from pydantic import ValidationError

from bot.prices.source_config import Terms
from bot.store import Store
from estimator.base import Model

LONGEST_PAUSE_SECONDS: Final = 600.0
LONGEST_RETRY_AFTER_SECONDS: Final = 3600.0
"""A source that asks for more is asked once an hour: it may have meant something else."""
REMEMBERED_SECONDS: Final = 86_400.0
"""After a day without a failure the next one counts as the first."""


class Failure(Model):
    """Why, how many in a row, and how long the source is left alone."""

    why: str
    times: int
    pause_seconds: float


class Failures:
    """Those of one source."""

    def __init__(self, store: Store, key: str, terms: Terms) -> None:
        self._store, self._first_pause = store, terms.failure_seconds
        self._now_key, self._count_key = f"{key}:failed", f"{key}:failures"

    def last(self) -> Failure | None:
        """The failure after which the source is still left alone."""
        return self._kept(self._now_key)

    def add(self, why: str, retry_after_seconds: float | None) -> None:
        """One more: the pause doubles, up to ten minutes, or is what the source asked for."""
        before = self._kept(self._count_key)
        times = before.times + 1 if before else 1
        doubled = min(self._first_pause * 2.0 ** min(times - 1, 32), LONGEST_PAUSE_SECONDS)
        asked = min(retry_after_seconds or 0.0, LONGEST_RETRY_AFTER_SECONDS)
        failure = Failure(why=why, times=times, pause_seconds=max(doubled, asked))
        value = failure.model_dump_json().encode()
        self._store.set(self._now_key, value, ttl_seconds=failure.pause_seconds)
        self._store.set(self._count_key, value, ttl_seconds=REMEMBERED_SECONDS)

    def clear(self) -> None:
        """It answered."""
        self._store.delete(self._now_key)
        self._store.delete(self._count_key)

    def _kept(self, key: str) -> Failure | None:
        try:
            value = self._store.get(key)
            return None if value is None else Failure.model_validate_json(value)
        except ValidationError:
            return None
