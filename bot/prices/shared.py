"""dogpile.cache over our store: readings that replicas share, one refresh at a time among all of them."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final

from dogpile.cache import CacheRegion, make_region, register_backend
from dogpile.cache.api import NO_VALUE, BytesBackend, CacheMutex, CantDeserializeException
from pydantic import ValidationError

from bot.prices.port import SourceAnswer, in_short
from bot.prices.source_config import Terms
from bot.store import Store

LOCK_POLL_SECONDS: Final = 0.05


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
    last = _Last()
    region = make_region(serializer=last.dumped, deserializer=last.loaded)
    return region.configure("ftcost.store", arguments={"store": store, "terms": terms})


def dumped(reading: SourceAnswer) -> bytes:
    """As it is kept."""
    return reading.model_dump_json(exclude_defaults=True).encode()


class _Last:
    """The last reading with its bytes, which are looked at several times in a refresh: they are parsed once.

    To parse a large one takes tenths of a second in which no other thread of the process runs.
    """

    def __init__(self) -> None:
        self._known: tuple[bytes, SourceAnswer] | None = None

    def dumped(self, reading: SourceAnswer) -> bytes:
        """As it is kept."""
        value = dumped(reading)
        self._known = (value, reading)
        return value

    def loaded(self, value: bytes) -> SourceAnswer:
        """The same object for the same bytes."""
        known = self._known
        if known is not None and known[0] == value:
            return known[1]
        try:
            reading = SourceAnswer.model_validate_json(value)
        except ValidationError as error:
            raise CantDeserializeException(in_short(error)) from error
        self._known = (value, reading)
        return reading
