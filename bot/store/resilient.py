"""A store that always answers: Redis while it is there, this process's memory while it isn't."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from bot.observe import get_log
from bot.store import port
from bot.store.breaker import Breaker
from bot.store.memory import MemoryStore

T = TypeVar("T")

_LOG: Final = get_log(__name__)
MOST_MISSED: Final = 4096
TELL_PAUSE_SECONDS: Final = 0.2
PROBE_SECONDS: Final = 1.5
"""Between two looks at a server that nobody waits for any more."""
_PROBED: Final = "start:probe"


class ResilientStore:
    """`primary` behind a breaker; never raises `StoreUnavailable`.

    What is written goes to memory too, so that cached values, locks and the marks of de-duplication outlive
    the loss of Redis. Lists don't: an append is kept by `primary` or it is refused.
    """

    def __init__(
        self, primary: port.Store, *, memory: MemoryStore | None = None, breaker: Breaker | None = None
    ) -> None:
        self._primary = primary
        self._memory = memory or MemoryStore()
        self._breaker = breaker or Breaker()
        self._why = ""
        self._unsaid = 0
        self._outages = 0
        self._closed = threading.Event()
        self._probing = threading.Lock()
        self._missed: dict[str, port.TimedValue] = {}
        """What was written while Redis could not be told."""
        self._missing = threading.Lock()
        self._tell_after = 0.0

    def get(self, key: str) -> bytes | None:
        """From Redis; from memory while Redis is gone, and where Redis missed what was written."""
        return self.get_many((key,))[0]

    def get_many(self, keys: Sequence[str]) -> tuple[bytes | None, ...]:
        """Likewise, in one trip."""
        self._tell_what_was_missed()
        found = self._ask(lambda store: store.get_many(keys), lambda: self._memory.get_many(keys))
        return self._with_missed(keys, found)

    def look(self, keys: Sequence[str], lists: Mapping[str, int]) -> port.Looked:
        """Likewise; lists are read from Redis alone."""
        self._tell_what_was_missed()
        found, entries = self._ask(
            lambda store: store.look(keys, lists), lambda: (self._memory.get_many(keys), (None,) * len(lists))
        )
        return self._with_missed(keys, found), entries

    def _with_missed(self, keys: Sequence[str], found: tuple[bytes | None, ...]) -> tuple[bytes | None, ...]:
        """What Redis has missed is known here alone."""
        if not self._missed:
            return found
        return tuple(
            self._memory.get(key) if key in self._missed else each
            for key, each in zip(keys, found, strict=True)
        )

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """To both."""
        self.set_many(((key, value, ttl_seconds),))

    def set_many(self, entries: Sequence[port.TimedValue]) -> None:
        """Likewise, in one trip; what Redis misses is told to it when it is back."""
        self._tell_what_was_missed()
        self._memory.set_many(entries)
        with self._missing:  # nobody may tell of what is older than these any more
            for key, _, _ in entries:
                self._missed.pop(key, None)
        if self._ask(lambda store: _told(store, entries), lambda: False):
            return
        with self._missing:
            self._miss(entries)

    def _miss(self, entries: Sequence[port.TimedValue]) -> None:
        """Remember what Redis is to be told; by whoever holds the lock of it."""
        self._missed.update((entry[0], entry) for entry in entries)
        while len(self._missed) > MOST_MISSED:
            del self._missed[next(iter(self._missed))]

    def _tell_what_was_missed(self) -> None:
        """Whatever was written while Redis was gone, once it answers again."""
        if (
            not self._missed
            or time.monotonic() < self._tell_after
            or not self._missing.acquire(blocking=False)
        ):
            return
        try:
            entries = tuple(self._missed.values())
            self._tell_after = time.monotonic() + TELL_PAUSE_SECONDS
            if self._ask(lambda store: _told(store, entries), lambda: False):
                for entry in entries:
                    if self._missed.get(entry[0]) is entry:
                        del self._missed[entry[0]]
        finally:
            self._missing.release()

    @property
    def breaks(self) -> int:
        """Outages that were noticed, and lines that were lost without one."""
        return self._outages + self._primary.breaks

    def set_if_absent(self, key: str, value: bytes | None = None, *, ttl_seconds: float) -> bool:
        """Whether nobody was first: in this process, nor, while Redis is there, in another.

        Memory is asked first, so what this process has seen stays seen when Redis is flushed.
        """
        if not self._memory.set_if_absent(key, value, ttl_seconds=ttl_seconds):
            return False
        return self._ask(lambda store: store.set_if_absent(key, value, ttl_seconds=ttl_seconds), lambda: True)

    def claim(
        self, claim: port.Claim, keys: Sequence[str] = (), lists: Mapping[str, int] | None = None
    ) -> port.Claimed:
        """Likewise of several; where this process has one of them already, Redis is not asked."""
        self._tell_what_was_missed()
        here = self._memory.claim(claim, keys)
        unread = (None,) * len(lists or ())
        if any(owner != claim.owner for owner in here.owners):
            return here._replace(looked=(here.looked[0], unread))
        found = self._ask(
            lambda store: store.claim(claim, keys, lists),
            lambda: here._replace(looked=(here.looked[0], unread)),
        )
        self._learn(claim, found.owners)
        return found._replace(looked=(self._with_missed(keys, found.looked[0]), found.looked[1]))

    def _learn(self, claim: port.Claim, owners: Sequence[bytes]) -> None:
        """Whom Redis names, and not ourselves, has what memory had given to us."""
        for (name, seconds), owner in zip(claim.seconds.items(), owners, strict=True):
            if not owner:
                self._memory.delete(name)
            elif owner != claim.owner:
                self._memory.set(name, owner, ttl_seconds=seconds)

    def swap_many(
        self, swaps: Sequence[port.Swap], then: Sequence[port.TimedValue] = ()
    ) -> tuple[bytes | None, ...]:
        """In Redis; in memory while it is gone, and where it has missed what stands there."""
        self._tell_what_was_missed()
        if not self._missed.keys().isdisjoint(each[0] for each in (*swaps, *then)):
            return self._swapped_here(swaps, then)
        found = self._ask(lambda store: store.swap_many(swaps, then), lambda: None)
        if found is None:
            return self._swapped_here(swaps, then)
        for each, now in zip(swaps, found, strict=True):
            if now is None:
                self._memory.delete(each.key)
            else:
                self._memory.set(each.key, now, ttl_seconds=each.seconds)
        if found == tuple(each.value for each in swaps):
            self._memory.set_many(then)
        return found

    def _swapped_here(
        self, swaps: Sequence[port.Swap], then: Sequence[port.TimedValue]
    ) -> tuple[bytes | None, ...]:
        """By what this process knows; of what it knows nothing, nobody else can say that it changed."""
        for key, before, _, seconds in swaps:
            if before is not None:
                self._memory.set_if_absent(key, before, ttl_seconds=seconds)
        with self._missing:  # whoever is slower must find this one here, and not be written over by it
            found = self._memory.swap_many(swaps, then)
            kept = [
                (each.key, each.value, each.seconds)
                for each, now in zip(swaps, found, strict=True)
                if now == each.value
            ]
            self._miss([*kept, *then] if len(kept) == len(swaps) else kept)
        self._tell_after = 0.0
        self._tell_what_was_missed()
        return found

    def delete(self, key: str) -> None:
        """From both."""
        self._memory.delete(key)
        self._missed.pop(key, None)
        self._ask(lambda store: store.delete(key), lambda: None)

    def acquire(self, name: str, *, ttl_seconds: float) -> str | None:
        """Of Redis; among the threads of this process while Redis is gone."""
        return self._ask(
            lambda store: store.acquire(name, ttl_seconds=ttl_seconds),
            lambda: self._memory.acquire(name, ttl_seconds=ttl_seconds),
        )

    def release(self, name: str, token: str) -> None:
        """Wherever it was taken; the token tells."""
        self._memory.release(name, token)
        self._ask(lambda store: store.release(name, token), lambda: None)

    def extend(self, name: str, token: str, *, ttl_seconds: float) -> bool:
        """Of Redis; of this process while Redis is gone."""
        return self._ask(
            lambda store: store.extend(name, token, ttl_seconds=ttl_seconds),
            lambda: self._memory.extend(name, token, ttl_seconds=ttl_seconds),
        )

    def append(self, key: str, *values: bytes, expected_length: int | None = None) -> port.Appended:
        """By Redis and its append-only file, or refused: memory would lose it."""
        if (health := self.health()).durable:
            return self._ask(
                lambda store: store.append(key, *values, expected_length=expected_length),
                lambda: port.Appended(kept=False, why=self._why),
            )
        return port.Appended(kept=False, why=health.why)

    def entries(self, key: str, *, start: int = 0, most: int | None = None) -> tuple[bytes, ...] | None:
        """From Redis; None while it is gone."""
        return self._ask(lambda store: store.entries(key, start=start, most=most), lambda: None)

    def health(self) -> port.StoreHealth:
        """That of Redis, or degraded with the reason."""
        return self._ask(
            lambda store: store.health(),
            lambda: port.StoreHealth(
                status=port.Status.DEGRADED, backend="memory", durable=False, why=self._why
            ),
        )

    def examined(self) -> port.Examined:
        """That of Redis, however it goes: the breaker learns nothing from it."""
        return self._primary.examined()

    def close(self) -> None:
        """Close both."""
        self._closed.set()
        self._primary.close()
        self._memory.close()

    def _ask(self, question: Callable[[port.Store], T], fallback: Callable[[], T]) -> T:
        if not self._breaker.allows():
            return fallback()
        try:
            answer = question(self._primary)
        except port.StoreStarting as starting:
            self._why = str(starting)
            return fallback()
        except port.StoreUnavailable as unavailable:
            self._note(unavailable)
            return fallback()
        self._is_back()
        return answer

    def _note(self, unavailable: port.StoreUnavailable) -> None:
        """Logged once for each reason: every question fails of the same."""
        self._breaker.failed()
        self._outages += 1
        is_news, self._why = self._why != str(unavailable), str(unavailable)
        self._unsaid += 1
        if is_news:
            _LOG.warning("store unavailable, answering from memory", why=self._why)
        if (
            not self._breaker.is_closed
            and not self._closed.is_set()
            and self._probing.acquire(blocking=False)
        ):
            threading.Thread(target=self._probe, name="store-probe", daemon=True).start()

    def _is_back(self) -> None:
        self._breaker.succeeded()
        if self._unsaid:
            failures, self._unsaid, self._why = self._unsaid, 0, ""
            _LOG.info("store answers again", failures=failures, to_be_told=len(self._missed))

    def _probe(self) -> None:
        """Ask until there is an answer, so that nobody is refused when the server is back."""
        try:
            while not self._closed.wait(PROBE_SECONDS):
                try:
                    self._primary.get_many((_PROBED,))
                except port.StoreUnavailable as unavailable:
                    self._why = str(unavailable)
                    continue
                self._is_back()
                self._tell_after = 0.0
                self._tell_what_was_missed()
                return
        finally:
            self._probing.release()


def _told(store: port.Store, entries: Sequence[port.TimedValue]) -> bool:
    store.set_many(entries)
    return True
