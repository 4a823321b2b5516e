"""Whether a server keeps for good what it was told to keep: a ledger may write there."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import redis
from redis.exceptions import NoPermissionError

from bot.store.clients import Client

WAITAOF_SINCE: Final = (7, 2)

ServerInfo = Mapping[str, Any]
"""What one server says of itself."""


class Copies:
    """The replicas that each server had, as far as this process has seen.

    One that its primary dropped, behind a line that is cut, is counted no longer and may yet take over. A
    server that starts anew, or takes over, is another: of its replicas nothing is known yet.
    """

    def __init__(self) -> None:
        self._most: dict[str, int] = {}
        self.are_expected = False
        """Whether one of the servers that was looked at last has a replica, or had one."""

    def wrong_with(self, servers: Sequence[ServerInfo], replications: Sequence[ServerInfo]) -> str:
        """What is wrong with those of one of these servers; empty when all is well."""
        found, self.are_expected = "", False
        for server, replication in zip(servers, replications, strict=False):
            name = str(server.get("run_id", ""))
            now = int(replication.get("connected_slaves", 0))
            most = self._most[name] = max(now, self._most.get(name, 0))
            self.are_expected |= most > 0
            if most and not now:
                found = found or "its replica is gone: after a fail-over an entry could be gone too"
            found = found or _wrong_with_replicas(replication)
        return found


def why_not_durable(client: Client, copies: Copies) -> str:
    """What is wrong with it, or with one of a cluster; empty when all is well."""
    try:
        answers = zip(_everybody(client, "persistence"), _everybody(client, "memory"), strict=False)
        wrong = filter(None, (_wrong_with(persistence, memory) for persistence, memory in answers))
        servers = _everybody(client, "server")
        return (
            next(wrong, "")
            or copies.wrong_with(servers, _everybody(client, "replication"))
            or ("" if _can_wait_for_disk(client, servers) else _why_not_synced(client))
        )
    except NoPermissionError:
        return "its user may not ask (INFO) whether it keeps what it is told"


def version_of(client: Client) -> str:
    """`Redis 7.0.15`, `Valkey 9.0.1`; who may not ask, is told none."""
    try:
        said = _everybody(client, "server")[0]
    except NoPermissionError:
        return "of unknown version"
    mode = said.get("redis_mode") or said.get("server_mode")
    if mode == "sentinel":
        raise redis.ResponseError("unknown command: it is a Sentinel")
    if mode == "cluster" and not isinstance(client, redis.RedisCluster):
        raise redis.ResponseError("SELECT is not allowed in cluster mode")
    if "valkey_version" in said:
        return f"Valkey {said['valkey_version']}"
    return f"Redis {said.get('redis_version', 'of unknown version')}"


def _everybody(client: Client, section: str) -> list[ServerInfo]:
    """INFO of the server, or of every primary of the cluster."""
    if not isinstance(client, redis.RedisCluster):
        return [client.info(section)]
    said = client.info(section, target_nodes=redis.RedisCluster.PRIMARIES)
    return list(said.values()) if all(isinstance(each, dict) for each in said.values()) else [said]


def _wrong_with(persistence: ServerInfo, memory: ServerInfo) -> str:
    policy = str(memory.get("maxmemory_policy", ""))
    if not persistence.get("aof_enabled"):
        return "it keeps no append-only file (appendonly yes)"
    if persistence.get("aof_last_write_status", "ok") != "ok":
        return "its append-only file cannot be written (is the disk full?)"
    if policy.startswith("allkeys-"):
        return f"its policy {policy} may evict the ledger (use noeviction or volatile-lru)"
    return ""


MOST_LAG_SECONDS: Final = 10
"""A replica reports once a second; one that has not for so long would miss what was acknowledged."""


def _replicas(replication: ServerInfo) -> list[ServerInfo]:
    """As redis-py reads `slave0:ip=…,state=online,offset=…,lag=0`."""
    numbered = range(int(replication.get("connected_slaves", 0)))
    return [each for n in numbered if isinstance(each := replication.get(f"slave{n}"), Mapping)]


def _wrong_with_replicas(replication: ServerInfo) -> str:
    """Whether nobody could take over without a loss: one replica that keeps up is enough."""
    found = _replicas(replication)
    if not found or any(
        each.get("state") == "online" and int(each.get("lag", 0)) <= MOST_LAG_SECONDS for each in found
    ):
        return ""
    return "its replica lags behind: after a fail-over an entry could be gone"


def num_replicas(client: Client) -> int:
    """How many copies the server keeps; none where nobody may ask."""
    try:
        return int(client.info("replication").get("connected_slaves", 0))
    except (NoPermissionError, AttributeError):
        return 0


def _can_wait_for_disk(client: Client, servers: Sequence[ServerInfo]) -> bool:
    """Whether the server has WAITAOF, and the client one connection to ask it on."""
    if isinstance(client, redis.RedisCluster):
        return False
    version = str(servers[0].get("redis_version", "0")).split(".")
    return tuple(int(part) for part in version[:2] if part.isdigit()) >= WAITAOF_SINCE


def _why_not_synced(client: Client) -> str:
    """Without WAITAOF only a server that syncs each write keeps what it acknowledged."""
    said = "it does not sync each write to disk (appendfsync always, or Redis 7.2)"
    everybody = (
        {"target_nodes": redis.RedisCluster.PRIMARIES} if isinstance(client, redis.RedisCluster) else {}
    )
    try:
        found = client.config_get("appendfsync", **everybody)
    except redis.ResponseError:
        return said
    policies = [each["appendfsync"] if isinstance(each, dict) else each for each in found.values()]
    return "" if policies and set(policies) == {"always"} else said
