"""What one piece of work will read of a store, read in one trip."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from bot.store.over import OverStore
from bot.store.port import Appended, Claim, Claimed, Looked, Store, Swap, TimedValue


class ReadAhead(OverStore):
    """`store`; within `ahead` each value that was read for this thread is good for one reading.

    What is written is forgotten here, and a second reading asks the store: nobody reads what they wrote over.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._read = _OfThread()

    @contextmanager
    def ahead(
        self, keys: Sequence[str], lists: Mapping[str, int] | None = None, claim: Claim | None = None
    ) -> Iterator[tuple[bytes, ...]]:
        """Read `keys` and `lists` now; within another `ahead` what that one has not read, or not any more.

        With a claim, on the same way; who has each of its names is what the block is given.
        """
        read = self._read
        wanted = [key for key in keys if key not in read.values]
        listed = {name: start for name, start in (lists or {}).items() if name not in read.lists}
        owners: tuple[bytes, ...] = ()
        if claim is not None:
            claimed = self.claim(claim, wanted, listed)
            owners, (values, entries) = claimed.owners, claimed.looked
        else:
            values, entries = self._store.look(wanted, listed) if wanted or listed else ((), ())
        read.values.update(zip(wanted, values, strict=True))
        read.lists.update(zip(listed, zip(listed.values(), entries, strict=True), strict=True))
        read.depth += 1
        try:
            yield owners
        finally:
            read.depth -= 1
            if not read.depth:
                read.values.clear()
                read.lists.clear()

    def get(self, key: str) -> bytes | None:
        """As in the store."""
        return self._read.values.pop(key) if key in self._read.values else self._store.get(key)

    def get_many(self, keys: Sequence[str]) -> tuple[bytes | None, ...]:
        """As in the store."""
        if all(key in self._read.values for key in keys):
            return tuple(map(self.get, keys))
        return self._store.get_many(keys)

    def look(self, keys: Sequence[str], lists: Mapping[str, int]) -> Looked:
        """As in the store."""
        return self._store.look(keys, lists)

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """As in the store."""
        self._forget(key)
        self._store.set(key, value, ttl_seconds=ttl_seconds)

    def set_many(self, entries: Sequence[TimedValue]) -> None:
        """As in the store."""
        self._forget(*(key for key, _, _ in entries))
        self._store.set_many(entries)

    def set_if_absent(self, key: str, value: bytes | None = None, *, ttl_seconds: float) -> bool:
        """As in the store."""
        self._forget(key)
        return self._store.set_if_absent(key, value, ttl_seconds=ttl_seconds)

    def claim(
        self, claim: Claim, keys: Sequence[str] = (), lists: Mapping[str, int] | None = None
    ) -> Claimed:
        """As in the store."""
        self._forget(*claim.seconds)
        return self._store.claim(claim, keys, lists)

    def swap_many(self, swaps: Sequence[Swap], then: Sequence[TimedValue] = ()) -> tuple[bytes | None, ...]:
        """As in the store."""
        self._forget(*(each.key for each in swaps), *(key for key, _, _ in then))
        return self._store.swap_many(swaps, then)

    def delete(self, key: str) -> None:
        """As in the store."""
        self._forget(key)
        self._store.delete(key)

    def acquire(self, name: str, *, ttl_seconds: float) -> str | None:
        """As in the store."""
        return self._store.acquire(name, ttl_seconds=ttl_seconds)

    def release(self, name: str, token: str) -> None:
        """As in the store."""
        self._store.release(name, token)

    def extend(self, name: str, token: str, *, ttl_seconds: float) -> bool:
        """As in the store."""
        return self._store.extend(name, token, ttl_seconds=ttl_seconds)

    def append(self, key: str, *values: bytes, expected_length: int | None = None) -> Appended:
        """As in the store."""
        self._forget(key)
        return self._store.append(key, *values, expected_length=expected_length)

    def entries(self, key: str, *, start: int = 0, most: int | None = None) -> tuple[bytes, ...] | None:
        """As in the store."""
        begins, found = self._read.lists.pop(key, (-1, None))
        return found if begins == start and most is None else self._store.entries(key, start=start, most=most)

    def _forget(self, *keys: str) -> None:
        for key in keys:
            self._read.values.pop(key, None)
            self._read.lists.pop(key, None)


class _OfThread(threading.local):
    """What a thread has read ahead."""

    def __init__(self) -> None:
        self.values: dict[str, bytes | None] = {}
        self.lists: dict[str, tuple[int, tuple[bytes, ...] | None]] = {}
        """Where the entries begin, and they."""
        self.depth = 0
