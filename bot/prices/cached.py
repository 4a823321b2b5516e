"""A live source behind a cache: this process's memory, then the store that replicas share, then the disk.

dogpile.cache keeps one refresh at a time among all replicas (its lock is the store's) and gives the others
the value before. It only ever runs in a refresher's thread; a request reads memory.
"""

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from dogpile.cache import CacheRegion, make_region, register_backend
from dogpile.cache.api import NO_VALUE, BytesBackend, CacheMutex, CantDeserializeException
from pydantic import ValidationError

from bot.observe import get_log
from bot.prices.config import Terms
from bot.prices.port import Down, LiveSource, SourceAnswer, SourceDown
from bot.store import Store

_LOG: Final = get_log(__name__)
_KEY: Final = "ftcost:v1:prices:"
"""The version goes up with the shape of `SourceAnswer`."""
JITTER: Final = 0.1
LOCK_POLL_SECONDS: Final = 0.05
STALE_AFTER_SOFT: Final = 2.0
"""Times its soft TTL: a reading that old is shown as stale. Between one and two a refresh is on its way."""


class StoreMutex(CacheMutex):
    """dogpile's lock, held in the store."""

    def __init__(self, store: Store, name: str, ttl_seconds: float) -> None:
        self._store, self._name, self._ttl_seconds = store, name, ttl_seconds
        self._token: str | None = None
        self._pause = threading.Event()

    def acquire(self, wait: bool = True) -> bool:  # noqa: FBT001, FBT002  -- dogpile's signature
        """Take it; with `wait`, when the holder gives it back or its time is over."""
        while (token := self._store.acquire(self._name, ttl_seconds=self._ttl_seconds)) is None:
            if not wait:
                return False
            self._pause.wait(LOCK_POLL_SECONDS)
        self._token = token
        return True

    def release(self) -> None:
        """Give it back."""
        if self._token is not None:
            self._store.release(self._name, self._token)
            self._token = None

    def locked(self) -> bool:
        """Whether we hold it."""
        return self._token is not None


class StoreBackend(BytesBackend):
    """dogpile's backend over our store, which answers from memory when Redis is gone."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self._store: Store = arguments["store"]
        self._terms: Terms = arguments["terms"]

    def get_serialized(self, key: str) -> Any:
        """The bytes under `key`."""
        value = self._store.get(key)
        return NO_VALUE if value is None else value

    def get_serialized_multi(self, keys: Iterable[str]) -> list[Any]:
        """Those under each key."""
        return [self.get_serialized(key) for key in keys]

    def set_serialized(self, key: str, value: bytes) -> None:
        """Keep them until the hard TTL."""
        self._store.set(key, value, ttl_seconds=self._terms.hard_seconds)

    def set_serialized_multi(self, mapping: Mapping[str, bytes]) -> None:
        """Keep them all."""
        for key, value in mapping.items():
            self.set_serialized(key, value)

    def delete(self, key: str) -> None:
        """Forget `key`."""
        self._store.delete(key)

    def delete_multi(self, keys: Iterable[str]) -> None:
        """Forget them all."""
        for key in keys:
            self.delete(key)

    def get_mutex(self, key: str) -> StoreMutex:
        """The lock of `key` among all replicas."""
        return StoreMutex(self._store, key, self._terms.lock_seconds)


register_backend("ftcost.store", __name__, "StoreBackend")  # type: ignore[no-untyped-call]  # dogpile has no types


def region_over(store: Store, terms: Terms) -> CacheRegion:
    """A dogpile region of readings, as JSON."""
    region = make_region(serializer=_dumped, deserializer=_loaded)
    return region.configure("ftcost.store", arguments={"store": store, "terms": terms})


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
        self._source, self._store, self._terms, self._now, self._accepted = (
            source,
            store,
            terms,
            now,
            accepted,
        )
        self._region = region_over(store, terms)
        self._path = None if state_dir is None else state_dir / "prices" / f"{source.name}.json"

    @property
    def is_old(self) -> bool:
        """Whether the last reading is past due: nobody could, or had to, refresh it."""
        return (
            self.reading is not None
            and self._age_seconds(self.reading) > STALE_AFTER_SOFT * self._terms.soft_seconds
        )

    def refresh(self) -> float:
        """Ask again if it is time to; seconds until it may be time again. Waits for the source."""
        try:
            if self.reading is None:
                self._publish(self._last_known())
            if why := self._store.get(self._failure_key):
                self._fail(why.decode())
                return self._terms.failure_seconds
            return self._refreshed()
        finally:
            self.settled.set()

    def _refreshed(self) -> float:
        soft_seconds = self._terms.soft_seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  -- no secret
        try:
            reading: SourceAnswer = self._region.get_or_create(
                _KEY + self.name, self._read, expiration_time=soft_seconds
            )
        except SourceDown as down:
            self._fail(str(down))
            self._store.set(self._failure_key, str(down).encode(), ttl_seconds=self._terms.failure_seconds)
            return self._terms.failure_seconds
        self._publish(reading)
        self.down = None
        return soft_seconds - self._age_seconds(reading)

    def _read(self) -> SourceAnswer:
        try:
            reading = self._accepted(self.name, self._source.read())
        except SourceDown:
            raise
        except Exception as error:
            # whatever a stranger's data does to our reader must not end the thread; the trace is for us
            _LOG.exception("unexpected answer", source=self.name)
            raise SourceDown(f"unexpected answer ({type(error).__name__})") from error
        self._keep(reading)
        return reading

    def _last_known(self) -> SourceAnswer | None:
        found = self._region.get(_KEY + self.name, ignore_expiration=True)
        if isinstance(found, SourceAnswer):
            return found
        try:
            kept = SourceAnswer.model_validate_json(self._path.read_bytes()) if self._path else None
        except (OSError, ValidationError):
            return None
        if kept is None or self._age_seconds(kept) > self._terms.hard_seconds:
            return None
        return kept

    def _keep(self, reading: SourceAnswer) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial = self._path.with_suffix(f".{threading.get_ident()}.partial")
            partial.write_bytes(_dumped(reading))
            partial.replace(self._path)
        except OSError as error:
            _LOG.warning("prices not kept on disk", source=self.name, error=str(error))

    def _publish(self, reading: SourceAnswer | None) -> None:
        if reading is not None and (self.reading is None or reading.fetched_at > self.reading.fetched_at):
            self.reading = reading

    def _fail(self, why: str) -> None:
        if self.down is None:
            _LOG.warning("price source down", source=self.name, why=why)
            self.down = Down(source=self.name, why=why, since=self._now())
        elif self.down.why != why:
            self.down = Down(source=self.name, why=why, since=self.down.since)

    def _age_seconds(self, reading: SourceAnswer) -> float:
        return (self._now() - reading.fetched_at) / timedelta(seconds=1)

    @property
    def _failure_key(self) -> str:
        return f"{_KEY}{self.name}:failed"


def _dumped(reading: SourceAnswer) -> bytes:
    return reading.model_dump_json(exclude_defaults=True).encode()


def _loaded(value: bytes) -> SourceAnswer:
    try:
        return SourceAnswer.model_validate_json(value)
    except ValidationError as error:
        raise CantDeserializeException(str(error)) from error


LEAST_PAUSE_SECONDS: Final = 1.0


class Refresher:
    """One daemon thread a source; sleeps until its source is due *and* somebody asked."""

    def __init__(self, source: CachedSource, *, least_pause_seconds: float = LEAST_PAUSE_SECONDS) -> None:
        self.source = source
        self._least_pause_seconds = least_pause_seconds
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
            self._stopped.wait(max(self._least_pause_seconds, self.source.refresh()))
