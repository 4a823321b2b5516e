"""A store that always answers: Redis while it is there, this process's memory while it isn't."""

from collections.abc import Callable
from typing import Final, TypeVar

from bot.observe import get_log
from bot.store.breaker import Breaker
from bot.store.memory import MemoryStore
from bot.store.port import Appended, Health, Status, Store, StoreStarting, StoreUnavailable

T = TypeVar("T")

_LOG: Final = get_log(__name__)


class ResilientStore:
    """`primary` behind a breaker; never raises `StoreUnavailable`.

    What is written goes to memory too, so that cached values, locks and the marks of de-duplication outlive
    the loss of Redis. Lists don't: an append is kept by `primary` or it is refused.
    """

    def __init__(
        self, primary: Store, *, memory: MemoryStore | None = None, breaker: Breaker | None = None
    ) -> None:
        self._primary = primary
        self._memory = memory or MemoryStore()
        self._breaker = breaker or Breaker()
        self._why = ""

    def get(self, key: str) -> bytes | None:
        """From Redis; from memory while Redis is gone."""
        return self._ask(lambda store: store.get(key), lambda: self._memory.get(key))

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """To both."""
        self._memory.set(key, value, ttl_seconds=ttl_seconds)
        self._ask(lambda store: store.set(key, value, ttl_seconds=ttl_seconds), lambda: None)

    def set_if_absent(self, key: str, value: bytes = b"1", *, ttl_seconds: float) -> bool:
        """Whether nobody was first: in this process, nor, while Redis is there, in another.

        Memory is asked first, so what this process has seen stays seen when Redis is flushed.
        """
        if not self._memory.set_if_absent(key, value, ttl_seconds=ttl_seconds):
            return False
        return self._ask(lambda store: store.set_if_absent(key, value, ttl_seconds=ttl_seconds), lambda: True)

    def delete(self, key: str) -> None:
        """From both."""
        self._memory.delete(key)
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

    def append(self, key: str, value: bytes, *, expected_length: int | None = None) -> Appended:
        """By Redis and its append-only file, or refused: memory would lose it."""
        if (health := self.health()).durable:
            return self._ask(
                lambda store: store.append(key, value, expected_length=expected_length),
                lambda: Appended(kept=False, why=self._why),
            )
        return Appended(kept=False, why=health.why)

    def entries(self, key: str, *, start: int = 0) -> tuple[bytes, ...] | None:
        """From Redis; None while it is gone."""
        return self._ask(lambda store: store.entries(key, start=start), lambda: None)

    def health(self) -> Health:
        """That of Redis, or degraded with the reason."""
        return self._ask(
            lambda store: store.health(),
            lambda: Health(status=Status.DEGRADED, backend="memory", durable=False, why=self._why),
        )

    def close(self) -> None:
        """Close both."""
        self._primary.close()
        self._memory.close()

    def _ask(self, question: Callable[[Store], T], fallback: Callable[[], T]) -> T:
        if not self._breaker.allows():
            return fallback()
        try:
            answer = question(self._primary)
        except StoreStarting as starting:
            self._why = str(starting)
            return fallback()
        except StoreUnavailable as unavailable:
            self._note(unavailable)
            return fallback()
        self._breaker.succeeded()
        return answer

    def _note(self, unavailable: StoreUnavailable) -> None:
        self._breaker.failed()
        self._why = str(unavailable)
        _LOG.warning("store unavailable, answering from memory", why=str(unavailable))
