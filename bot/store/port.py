"""What the bot asks of a store, said once: cache, de-duplication, locks, and the list a ledger appends to."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol


class StoreUnavailable(Exception):  # noqa: N818  -- reads as the sentence it raises
    """A store could not answer in time; `ResilientStore` turns it into an answer from memory."""


class StoreStarting(StoreUnavailable):
    """Not yet: the store is being started. It says nothing about the store's health."""


class Status(StrEnum):
    """`ok`, or answering from this process alone."""

    OK = "ok"
    DEGRADED = "degraded"


class StoreHealth(NamedTuple):
    """How the store is, and whether what is appended to it would survive."""

    status: Status
    backend: str
    """`redis`, `embedded`, `memory`: who answers at the moment."""
    durable: bool
    """An append-only file is kept and keys without a TTL are never evicted: a ledger may write."""
    why: str = ""
    """What is wrong, for logs and for the ledger's refusal; empty when all is well."""


class Examined(NamedTuple):
    """What the store is, and how it did when everything was tried once."""

    what: str
    """`Redis at cache:6379, database 0 (Redis 7.2.4)`: for an admin, without secrets."""
    trouble: str = ""
    """Why it does not work; empty when it does."""
    ledger: str = ""
    """Why nothing can be booked in it; empty when it can."""


class Appended(NamedTuple):
    """Whether an entry was kept; if not, why. `length` is that of the list afterwards, as far as known."""

    kept: bool
    length: int = 0
    why: str = ""


TimedValue = tuple[str, bytes, float]
"""Key, value, and for how many seconds."""
Looked = tuple[tuple[bytes | None, ...], tuple[tuple[bytes, ...] | None, ...]]
"""Values by key, and entries by list; a list that can't be read now is None."""


class Claim(NamedTuple):
    """Names that somebody wants to be the first to have."""

    seconds: Mapping[str, float]
    """By name, for how long."""
    owner: bytes
    """Who wants them, in words that nobody else uses: who asks again after a lost answer knows their own."""


class Claimed(NamedTuple):
    """Who has each name of a claim now, and what was read on the same way."""

    owners: tuple[bytes, ...]
    looked: Looked = ((), ())


class Swap(NamedTuple):
    """A value for the place of another."""

    key: str
    before: bytes | None
    """What has to stand there still; None: nothing."""
    value: bytes
    seconds: float


class Store(Protocol):
    """Bytes by key. Keys with a TTL are cache; lists have none and are the ledger's."""

    def get(self, key: str) -> bytes | None:
        """The value of `key`; None where there is none."""
        ...

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """Keep `value` under `key` for `ttl_seconds`."""
        ...

    def get_many(self, keys: Sequence[str]) -> tuple[bytes | None, ...]:
        """The values of `keys`, in one trip."""
        ...

    def look(self, keys: Sequence[str], lists: Mapping[str, int]) -> "Looked":
        """The values of `keys`, and of each of `lists` the entries from where it says, in one trip."""
        ...

    def set_many(self, entries: Sequence[TimedValue]) -> None:
        """Keep several values, in one trip."""
        ...

    def set_if_absent(self, key: str, value: bytes | None = None, *, ttl_seconds: float) -> bool:
        """Keep `value` only where there is none yet; whether it was kept (False: somebody was first).

        Without a value a random one is kept: whoever asks again after a lost answer knows their own.
        """
        ...

    def claim(
        self, claim: Claim, keys: Sequence[str] = (), lists: Mapping[str, int] | None = None
    ) -> Claimed:
        """Take each name that nobody has; `look` at `keys` and `lists` in the same trip."""
        ...

    def swap_many(self, swaps: Sequence[Swap], then: Sequence[TimedValue] = ()) -> tuple[bytes | None, ...]:
        """Put each value in the place of what was `before`, if that still stands there, in one trip.

        Each by itself, and `then` where all were. What stands there now: another's value was not replaced.
        """
        ...

    def delete(self, key: str) -> None:
        """Forget `key`."""
        ...

    def acquire(self, name: str, *, ttl_seconds: float) -> str | None:
        """A token for the lock `name`, or None while somebody else holds it. Never waits."""
        ...

    def release(self, name: str, token: str) -> None:
        """Give the lock back, if `token` still holds it."""
        ...

    def extend(self, name: str, token: str, *, ttl_seconds: float) -> bool:
        """Hold the lock for `ttl_seconds` from now; whether `token` held it still."""
        ...

    def append(self, key: str, *values: bytes, expected_length: int | None = None) -> Appended:
        """Add `values` to the list `key`, for good, all of them or none; without any, keep what stands there.

        With `expected_length`, only if the list is still that long: what was decided on it still holds.
        """
        ...

    def entries(self, key: str, *, start: int = 0, most: int | None = None) -> tuple[bytes, ...] | None:
        """The list `key` from `start`, `most` of it; None when it can't be read now (no empty list)."""
        ...

    @property
    def breaks(self) -> int:
        """How often this process has lost the store; what it keeps may be older than what we know since."""
        ...

    def health(self) -> StoreHealth:
        """How the store is, asked now."""
        ...

    def examined(self) -> Examined:
        """What the store is and whether it works: for the start, which has seconds to find out."""
        ...

    def close(self) -> None:
        """Let go of connections and of what was started."""
        ...
