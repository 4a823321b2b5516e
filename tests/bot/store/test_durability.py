"""Which servers a ledger may write to."""

from typing import Any

import pytest

from bot.store.redis import RedisStore


class Server:
    """What a server says of itself."""

    def __init__(self, version: str, fsync: str, **persistence: Any) -> None:
        self._said = {
            "server": {"redis_version": version, "run_id": "first"},
            "persistence": {"aof_enabled": 1, **persistence},
            "memory": {"maxmemory_policy": "noeviction"},
            "replication": {},
        }
        self._fsync = fsync

    def info(self, section: str) -> dict[str, Any]:
        return self._said[section]

    def taken_over(self) -> "Server":
        self._said["server"]["run_id"] = "second"
        return self

    def copied_by(self, *replicas: dict[str, Any]) -> "Server":
        slaves = {f"slave{number}": each for number, each in enumerate(replicas)}
        self._said["replication"] = {"connected_slaves": len(replicas), **slaves}
        return self

    def config_get(self, _name: str) -> dict[str, str]:
        return {"appendfsync": self._fsync}


@pytest.mark.parametrize(
    ("server", "why"),
    [
        (Server("7.2.4", "everysec"), ""),
        (Server("7.0.15", "always"), ""),
        (Server("7.0.15", "everysec"), "appendfsync always"),
        (Server("8.0.1", "everysec", aof_enabled=0), "append-only file"),
        (Server("8.0.1", "everysec", aof_last_write_status="err"), "disk full"),
        (Server("8.0.1", "everysec").copied_by({"state": "online", "lag": 0}), ""),
        (Server("8.0.1", "everysec").copied_by({"state": "online", "lag": 60}), "lags behind"),
        (Server("8.0.1", "everysec").copied_by({"state": "wait_bgsave", "lag": 0}), "lags behind"),
        (
            Server("8.0.1", "everysec").copied_by(
                {"state": "online", "lag": 60}, {"state": "online", "lag": 1}
            ),
            "",
        ),
    ],
)
def test_a_server_that_could_lose_an_entry_is_named(server: Server, why: str) -> None:
    health = RedisStore(lambda _: server).health()
    assert why in health.why
    assert health.durable is (why == "")


def test_a_replica_that_was_dropped_is_missed() -> None:
    """Its primary counts it no longer, and it may be the one that takes over."""
    server = Server("8.0.1", "everysec").copied_by({"state": "online", "lag": 0})
    store = RedisStore(lambda _: server)
    assert store.health().durable
    server.copied_by()
    assert "its replica is gone" in store.health().why
    assert RedisStore(lambda _: server).health().durable, "nobody saw that it had one"
    server.copied_by({"state": "online", "lag": 0})
    assert store.health().durable


def test_a_server_that_took_over_has_no_replica_yet() -> None:
    server = Server("8.0.1", "everysec").copied_by({"state": "online", "lag": 0})
    store = RedisStore(lambda _: server)
    assert store.health().durable
    server.copied_by().taken_over()
    assert store.health().durable
