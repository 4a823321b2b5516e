"""A store inside the process: what answers when Redis doesn't, and what tests use."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bot.store import port

CAPACITY: Final = 4096
"""Keys kept; the least recently used goes first."""


class MemoryStore:
    """Keys with a TTL in an LRU, lists beside them; safe between threads, gone with the process."""

    def __init__(self, *, capacity: int = CAPACITY, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity, self._clock = capacity, clock
        self._values: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lists: dict[str, list[bytes]] = {}
        self._lock = threading.RLock()

    def get(self, key: str) -> bytes | None:
        """The value of `key` while it lives."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            if found[0] <= self._clock():
                del self._values[key]
                return None
            self._values.move_to_end(key)
            return found[1]

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """Keep `value` for `ttl_seconds`, or until `capacity` newer keys push it out."""
        with self._lock:
            self._values[key] = (self._clock() + ttl_seconds, value)
            self._values.move_to_end(key)
            while len(self._values) > self._capacity:
                self._values.popitem(last=False)

    def get_many(self, keys: Sequence[str]) -> tuple[bytes | None, ...]:
        """One after the other: it is quick."""
        return tuple(map(self.get, keys))

    def look(self, keys: Sequence[str], lists: Mapping[str, int]) -> port.Looked:
        """Likewise."""
        return self.get_many(keys), tuple(self.entries(name, start=start) for name, start in lists.items())

    def set_many(self, entries: Sequence[port.TimedValue]) -> None:
        """Likewise."""
        for key, value, ttl_seconds in entries:
            self.set(key, value, ttl_seconds=ttl_seconds)

    def set_if_absent(self, key: str, value: bytes | None = None, *, ttl_seconds: float) -> bool:
        """Keep `value` where there is none yet."""
        with self._lock:
            if self.get(key) is not None:
                return False
            self.set(key, value or b"1", ttl_seconds=ttl_seconds)
            return True

    def claim(
        self, claim: port.Claim, keys: Sequence[str] = (), lists: Mapping[str, int] | None = None
    ) -> port.Claimed:
        """Take the names, then look."""
        with self._lock:
            for name, seconds in claim.seconds.items():
                self.set_if_absent(name, claim.owner, ttl_seconds=seconds)
            owners = tuple(self.get(name) or b"" for name in claim.seconds)
        return port.Claimed(owners=owners, looked=self.look(keys, lists or {}))

    def swap_many(
        self, swaps: Sequence[port.Swap], then: Sequence[port.TimedValue] = ()
    ) -> tuple[bytes | None, ...]:
        """Put each value in the place of what was `before`."""
        with self._lock:
            for key, before, value, seconds in swaps:
                if self.get(key) == before:
                    self.set(key, value, ttl_seconds=seconds)
            found = self.get_many([each.key for each in swaps])
            if found == tuple(each.value for each in swaps):
                self.set_many(then)
        return found

    def delete(self, key: str) -> None:
        """Forget `key`."""
        with self._lock:
            self._values.pop(key, None)
            self._lists.pop(key, None)

    def acquire(self, name: str, *, ttl_seconds: float) -> str | None:
        """A token for the lock `name`."""
        token = secrets.token_hex(8)
        return token if self.set_if_absent(_lock_key(name), token.encode(), ttl_seconds=ttl_seconds) else None

    def release(self, name: str, token: str) -> None:
        """Give the lock back."""
        with self._lock:
            if self.get(_lock_key(name)) == token.encode():
                self.delete(_lock_key(name))

    def extend(self, name: str, token: str, *, ttl_seconds: float) -> bool:
        """Hold the lock for longer."""
        with self._lock:
            if self.get(_lock_key(name)) != token.encode():
                return False
            self.set(_lock_key(name), token.encode(), ttl_seconds=ttl_seconds)
            return True

    def append(self, key: str, *values: bytes, expected_length: int | None = None) -> port.Appended:
        """Add to the list `key`; it lives as long as this process, which `health()` says."""
        with self._lock:
            entries = self._lists.setdefault(key, [])
            if expected_length not in {None, len(entries)}:
                return port.Appended(kept=False, length=len(entries), why="the list has changed meanwhile")
            entries.extend(values)
            return port.Appended(kept=True, length=len(entries))

    def entries(self, key: str, *, start: int = 0, most: int | None = None) -> tuple[bytes, ...] | None:
        """The list `key` from `start`."""
        with self._lock:
            return tuple(self._lists.get(key, ())[start : None if most is None else start + most])

    @property
    def breaks(self) -> int:
        """None: it is here."""
        return 0

    def health(self) -> port.StoreHealth:
        """Always well, never durable."""
        return port.StoreHealth(
            status=port.Status.OK, backend="memory", durable=False, why="the store is this process's memory"
        )

    def examined(self) -> port.Examined:
        """It works, as long as the process lives."""
        return port.Examined(what="memory", ledger=self.health().why)

    def close(self) -> None:
        """Nothing to let go of."""


def _lock_key(name: str) -> str:
    return f"lock:{name}"
