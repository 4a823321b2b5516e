"""A store that comes back: what was written meanwhile counts, and is told to it."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Thread

import pytest
from patience import PATIENCE_SECONDS, until
from typing_extensions import override

from bot.store import Status, resilient
from bot.store.breaker import FAILURES, Breaker
from bot.store.memory import MemoryStore
from bot.store.port import StoreUnavailable, Swap, TimedValue
from bot.store.resilient import ResilientStore
from bot.store.updates import Update, write_updates


class Flaky(MemoryStore):
    """A server that can be away, and comes back with what it had."""

    away = False

    @override
    def get_many(self, keys: Sequence[str]) -> tuple[bytes | None, ...]:
        self._present()
        return super().get_many(keys)

    @override
    def set_many(self, entries: Sequence[TimedValue]) -> None:
        self._present()
        super().set_many(entries)

    @override
    def swap_many(self, swaps: Sequence[Swap], then: Sequence[TimedValue] = ()) -> tuple[bytes | None, ...]:
        self._present()
        return super().swap_many(swaps, then)

    def _present(self) -> None:
        if self.away:
            raise StoreUnavailable("away")


@pytest.fixture
def primary() -> Flaky:
    return Flaky()


@pytest.fixture
def store(primary: Flaky) -> ResilientStore:
    """Over `primary`, which it asks however often it has failed."""
    return ResilientStore(primary, breaker=Breaker(failures=100))


@pytest.fixture
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is back is told what it missed before anything else."""
    monkeypatch.setattr(resilient, "TELL_PAUSE_SECONDS", 0.0)


def test_what_was_written_during_an_outage_is_what_counts_afterwards_and_is_told(
    told_at_once: None, primary: Flaky, store: ResilientStore
) -> None:
    store.set("key", b"older", ttl_seconds=60)
    primary.away = True
    store.set("key", b"newer", ttl_seconds=60)
    assert store.breaks
    primary.away = False
    assert store.get("key") == b"newer"
    assert store.get("key") == b"newer"
    assert primary.get("key") == b"newer"


def test_a_later_value_is_not_overwritten_by_what_was_missed(
    told_at_once: None, primary: Flaky, store: ResilientStore
) -> None:
    primary.away = True
    store.set("key", b"missed", ttl_seconds=60)
    primary.away = False
    store.set("key", b"later", ttl_seconds=60)
    assert store.get("key") == b"later"
    assert primary.get("key") == b"later"


def test_what_is_replaced_during_an_outage_stands_on_what_was_written_then(
    told_at_once: None, primary: Flaky, store: ResilientStore
) -> None:
    primary.set("key", b"older", ttl_seconds=60)
    primary.set("other", b"known to Redis alone", ttl_seconds=60)
    primary.away = True
    store.set("key", b"newer", ttl_seconds=60)
    from_before = Swap("key", b"older", b"ours", 60.0)
    assert store.swap_many([from_before], [("then", b"1", 60.0)]) == (b"newer",)
    assert store.get_many(("key", "then")) == (b"newer", None)
    both = [from_before._replace(before=b"newer"), Swap("other", b"known to Redis alone", b"o", 60.0)]
    assert store.swap_many(both, [("then", b"1", 60.0)]) == (b"ours", b"o")
    primary.away = False
    assert store.get_many(("key", "other", "then")) == (b"ours", b"o", b"1")
    assert primary.get_many(("key", "other", "then")) == (b"ours", b"o", b"1")


def test_what_redis_has_missed_is_replaced_by_what_is_known_here(
    monkeypatch: pytest.MonkeyPatch, primary: Flaky, store: ResilientStore
) -> None:
    monkeypatch.setattr(resilient, "TELL_PAUSE_SECONDS", 60.0)  # it is back, and has not been told yet
    primary.set("key", b"older", ttl_seconds=60)
    primary.away = True
    store.set("key", b"newer", ttl_seconds=60)
    store.get("key")
    primary.away = False
    assert store.swap_many([Swap("key", b"newer", b"ours", 60.0)]) == (b"ours",)
    assert primary.get("key") == b"ours"


class Crowded(MemoryStore):
    """Somebody else of this process comes as soon as the first value was replaced."""

    def __init__(self) -> None:
        super().__init__()
        self.comes: Callable[[], object] = lambda: None
        self.other: Thread | None = None

    @override
    def swap_many(self, swaps: Sequence[Swap], then: Sequence[TimedValue] = ()) -> tuple[bytes | None, ...]:
        found = super().swap_many(swaps, then)
        if self.other is None:
            self.other = Thread(target=self.comes)
            self.other.start()
            self.other.join(0.1)  # where he is kept waiting he comes after us
        return found


def test_of_two_updates_during_an_outage_none_is_lost(primary: Flaky) -> None:
    memory = Crowded()
    store = ResilientStore(primary, memory=memory, breaker=Breaker(failures=100))
    primary.away = True

    def add(word: bytes) -> None:
        write_updates(store, [Update("key", None, lambda stood: (stood or b"") + word, 60.0)])

    memory.comes = partial(add, b" theirs")
    add(b" ours")
    assert memory.other
    memory.other.join(PATIENCE_SECONDS)
    assert store.get("key") == b" ours theirs"
    primary.away = False
    until(lambda: store.get("key") == primary.get("key") == b" ours theirs")


def test_whoever_was_quicker_is_known_here_too_when_redis_is_gone(
    primary: Flaky, store: ResilientStore
) -> None:
    store.set("key", b"ours", ttl_seconds=60)
    primary.set("key", b"theirs", ttl_seconds=60)
    assert store.swap_many([Swap("key", b"ours", b"later", 60.0)]) == (b"theirs",)
    primary.away = True
    assert store.get("key") == b"theirs"


TROUBLE = ["store unavailable, answering from memory", "store answers again"]


class Logged:
    """Stands for the module's logger, whatever other tests have set up."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def warning(self, event: str, **_said: object) -> None:
        self.events.append(event)

    info = warning


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Logged:
    logged = Logged()
    monkeypatch.setattr(resilient, "_LOG", logged)
    return logged


def test_a_server_that_is_back_is_found_without_a_trial_and_told_what_it_missed(
    monkeypatch: pytest.MonkeyPatch, primary: Flaky, logged: Logged
) -> None:
    monkeypatch.setattr(resilient, "PROBE_SECONDS", 0.01)
    store = ResilientStore(primary, breaker=Breaker(clock=lambda: 0.0))  # its time is never over
    primary.away = True
    for _ in range(FAILURES + 5):
        store.set("key", b"missed", ttl_seconds=60)
    primary.away = False
    until(lambda: primary.get("key") == b"missed")
    until(lambda: store.health().status is Status.OK)
    assert logged.events == TROUBLE
    store.close()


def test_each_reason_is_logged_once_and_the_end_of_the_trouble_too(
    told_at_once: None, primary: Flaky, store: ResilientStore, logged: Logged
) -> None:
    for _ in range(2):
        primary.away = True
        for _ in range(3):
            store.set("key", b"value", ttl_seconds=60)
        primary.away = False
        store.get("key")
    assert logged.events == 2 * TROUBLE
