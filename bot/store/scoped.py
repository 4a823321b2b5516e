"""The part of a store that belongs to one workspace: its keys carry the workspace's name."""

from collections.abc import Callable, Mapping, Sequence

from bot.store.over import OverStore
from bot.store.port import Appended, Claim, Claimed, Looked, Store, Swap, TimedValue


class ScopedStore(OverStore):
    """`store` with `scope()` before every key; the workspace is known only once Slack has told."""

    def __init__(self, store: Store, scope: Callable[[], str]) -> None:
        super().__init__(store)
        self._scope = scope

    def key(self, key: str) -> str:
        """`key` as the store knows it."""
        return f"{self._scope()}:{key}"

    def get(self, key: str) -> bytes | None:
        """As in the store."""
        return self._store.get(self.key(key))

    def get_many(self, keys: Sequence[str]) -> tuple[bytes | None, ...]:
        """As in the store."""
        return self._store.get_many([self.key(key) for key in keys])

    def look(self, keys: Sequence[str], lists: Mapping[str, int]) -> Looked:
        """As in the store."""
        return self._store.look(*self._scoped(keys, lists))

    def _scoped(self, keys: Sequence[str], lists: Mapping[str, int]) -> tuple[list[str], dict[str, int]]:
        return [self.key(key) for key in keys], {self.key(name): start for name, start in lists.items()}

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """As in the store."""
        self._store.set(self.key(key), value, ttl_seconds=ttl_seconds)

    def set_many(self, entries: Sequence[TimedValue]) -> None:
        """As in the store."""
        self._store.set_many([(self.key(key), value, ttl) for key, value, ttl in entries])

    def set_if_absent(self, key: str, value: bytes | None = None, *, ttl_seconds: float) -> bool:
        """As in the store."""
        return self._store.set_if_absent(self.key(key), value, ttl_seconds=ttl_seconds)

    def claim(
        self, claim: Claim, keys: Sequence[str] = (), lists: Mapping[str, int] | None = None
    ) -> Claimed:
        """As in the store."""
        return self._store.claim(self.claim_here(claim), *self._scoped(keys, lists or {}))

    def claim_here(self, claim: Claim) -> Claim:
        """`claim` as the store knows its names."""
        seconds = {self.key(name): seconds for name, seconds in claim.seconds.items()}
        return Claim(seconds=seconds, owner=claim.owner)

    def swap_many(self, swaps: Sequence[Swap], then: Sequence[TimedValue] = ()) -> tuple[bytes | None, ...]:
        """As in the store."""
        here = [each._replace(key=self.key(each.key)) for each in swaps]
        return self._store.swap_many(here, [(self.key(key), value, ttl) for key, value, ttl in then])

    def delete(self, key: str) -> None:
        """As in the store."""
        self._store.delete(self.key(key))

    def acquire(self, name: str, *, ttl_seconds: float) -> str | None:
        """As in the store."""
        return self._store.acquire(self.key(name), ttl_seconds=ttl_seconds)

    def release(self, name: str, token: str) -> None:
        """As in the store."""
        self._store.release(self.key(name), token)

    def extend(self, name: str, token: str, *, ttl_seconds: float) -> bool:
        """As in the store."""
        return self._store.extend(self.key(name), token, ttl_seconds=ttl_seconds)

    def append(self, key: str, *values: bytes, expected_length: int | None = None) -> Appended:
        """As in the store."""
        return self._store.append(self.key(key), *values, expected_length=expected_length)

    def entries(self, key: str, *, start: int = 0, most: int | None = None) -> tuple[bytes, ...] | None:
        """As in the store."""
        return self._store.entries(self.key(key), start=start, most=most)

    def close(self) -> None:
        """The store is closed by whoever opened it."""
