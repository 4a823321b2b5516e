"""The store over redis-py, for Redis and Valkey: alone, behind Sentinel, or as a Cluster.

redis-py's own defaults take 3.7 to 4.5 s to report a dead server, longer than Slack waits for an
acknowledgement; everything that can wait is bounded here.
"""

import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisClusterException
from redis.retry import Retry
from typing_extensions import override

from bot.store.port import Appended, Entry, Health, Looked, Status, StoreUnavailable

T = TypeVar("T")

TIMEOUT_SECONDS: Final = 0.25
"""Of connecting, of one answer, and of waiting for a free connection."""
APPEND_TIMEOUT_SECONDS: Final = 2.5
"""Of an append, which waits for the disk; never on the way to an acknowledgement."""
FSYNC_WAIT_MILLISECONDS: Final = 2000
MAX_CONNECTIONS: Final = 50
HEALTH_CHECK_SECONDS: Final = 30
WAITAOF_SINCE: Final = (7, 2)

_RELEASE: Final = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)
_EXTEND: Final = (
    "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end "
    "return redis.call('pexpire', KEYS[1], ARGV[2])"
)
_SET_ABSENT: Final = (
    "if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end "
    "if redis.call('type', KEYS[1])['ok'] ~= 'string' then return 0 end "
    "return redis.call('get', KEYS[1]) == ARGV[1] and 1 or 0"
)
_APPEND: Final = (
    "local n = redis.call('llen', KEYS[1]) "
    "if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= n then return {0, n} end "
    "return {1, redis.call('rpush', KEYS[1], ARGV[1])}"
)


class CountingRetry(Retry):
    """Counts lost lines: behind a new one may stand another server, which knows less."""

    breaks = 0

    @override
    def call_with_retry(self, do: Any, fail: Any, *args: Any, **kwargs: Any) -> Any:
        def failed(*why: Any) -> Any:
            CountingRetry.breaks += 1
            return fail(*why)

        return super().call_with_retry(do, failed, *args, **kwargs)


Client = Any
"""`redis.Redis` or `redis.RedisCluster`: the commands used here are the same, their types are not."""


def connection_options(timeout_seconds: float = TIMEOUT_SECONDS) -> dict[str, Any]:
    """Keyword arguments for a redis-py client: bounded waits, two fast retries of a lost connection.

    An append is not retried: after a lost answer it would write its entry twice.
    """
    retries = 2 if timeout_seconds == TIMEOUT_SECONDS else 0
    return {
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "health_check_interval": HEALTH_CHECK_SECONDS,
        "retry": CountingRetry(
            ExponentialBackoff(base=0.02, cap=0.1), retries, supported_errors=(redis.ConnectionError,)
        ),
    }


def client_for_url(url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Client:
    """A client that connects when first used (a cluster: now).

    `redis://`, `rediss://`, `unix://`, `redis+sentinel://host:port,host:port/service/db`, `redis+cluster://host:port`.
    """
    scheme = urlsplit(url).scheme
    if scheme == "redis+sentinel":
        return _sentinel_client(url, timeout_seconds)
    if scheme == "redis+cluster":
        plain = url.replace("redis+cluster", "redis", 1)
        return redis.RedisCluster.from_url(
            plain, socket_timeout=timeout_seconds, socket_connect_timeout=TIMEOUT_SECONDS
        )
    pool = redis.BlockingConnectionPool.from_url(
        url, max_connections=MAX_CONNECTIONS, timeout=TIMEOUT_SECONDS, **connection_options(timeout_seconds)
    )
    return redis.Redis(connection_pool=pool)


def _sentinel_client(url: str, timeout_seconds: float) -> Client:
    from redis.sentinel import Sentinel  # noqa: PLC0415  -- few installations have one

    parts = urlsplit(url)
    hosts = [host.rpartition(":") for host in parts.netloc.rpartition("@")[2].split(",")]
    service, _, database = parts.path.strip("/").partition("/")
    options = connection_options(timeout_seconds) | {"db": int(database or 0)}
    login = {"username": parts.username, "password": parts.password}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        [(host, int(port)) for host, _, port in hosts],
        sentinel_kwargs=connection_options(timeout_seconds),
        **options,
        **{name: value for name, value in login.items() if value},
    )
    return sentinel.master_for(service or "mymaster")  # type: ignore[no-untyped-call]  # likewise


class RedisStore:
    """A store whose clients come from `connect(timeout_seconds)`; raises `StoreUnavailable`."""

    backend = "redis"

    def __init__(self, connect: Callable[[float], Client]) -> None:
        self._connect = connect
        self._clients: dict[float, Client] = {}

    def get(self, key: str) -> bytes | None:
        """GET; a key of another type has no value for us."""
        value: bytes | None = self._ask(lambda client: _or_absent(lambda: client.get(key), None))
        return value

    def get_many(self, keys: Sequence[str]) -> tuple[bytes | None, ...]:
        """MGET, which takes a key of another type for an absent one; in a cluster slot by slot."""
        return tuple(self._ask(lambda client: _values(client, keys)))

    def look(self, keys: Sequence[str], lists: Sequence[str]) -> Looked:
        """MGET and LRANGE in one pipeline; in a cluster one after the other."""
        return self._ask(lambda client: _looked(client, keys, lists))

    def set_many(self, entries: Sequence[Entry]) -> None:
        """SET with a TTL, all in one pipeline."""
        self._ask(lambda client: _set_all(client, entries))

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """SET with a TTL."""
        self._ask(lambda client: client.set(key, value, px=_milliseconds(ttl_seconds)))

    def set_if_absent(self, key: str, value: bytes | None = None, *, ttl_seconds: float) -> bool:
        """SET NX of a value that is ours alone: asked again after a lost answer, it is ours still."""
        ours, milliseconds = value or secrets.token_bytes(8), _milliseconds(ttl_seconds)
        return bool(self._ask(lambda client: client.eval(_SET_ABSENT, 1, key, ours, milliseconds)))

    def claim(self, keys: Sequence[str], *, ttl_seconds: float) -> bool:
        """Several SET NX in one pipeline; in a cluster one after the other."""
        ours, milliseconds = secrets.token_bytes(8), _milliseconds(ttl_seconds)
        return all(self._ask(lambda client: _claimed(client, keys, ours, milliseconds)))

    def delete(self, key: str) -> None:
        """DEL."""
        self._ask(lambda client: client.delete(key))

    def acquire(self, name: str, *, ttl_seconds: float) -> str | None:
        """SET NX of a random token."""
        token = secrets.token_hex(8)
        return token if self.set_if_absent(f"lock:{name}", token.encode(), ttl_seconds=ttl_seconds) else None

    def release(self, name: str, token: str) -> None:
        """Delete the lock if it still holds our token."""
        self._ask(lambda client: client.eval(_RELEASE, 1, f"lock:{name}", token))

    def extend(self, name: str, token: str, *, ttl_seconds: float) -> bool:
        """Prolong the lock if it still holds our token."""
        key, milliseconds = f"lock:{name}", _milliseconds(ttl_seconds)
        return bool(self._ask(lambda client: client.eval(_EXTEND, 1, key, token, milliseconds)))

    def append(self, key: str, value: bytes, *, expected_length: int | None = None) -> Appended:
        """RPUSH, then wait until the append-only file has it on disk."""
        expected = "" if expected_length is None else str(expected_length)
        kept, length = self._ask(lambda client: _push(client, key, value, expected), APPEND_TIMEOUT_SECONDS)
        return Appended(kept=bool(kept), length=length, why="" if kept else "the list has changed meanwhile")

    def entries(self, key: str, *, start: int = 0) -> tuple[bytes, ...] | None:
        """LRANGE to the end."""
        return self._ask(lambda client: _entries(client, key, start))

    @property
    def breaks(self) -> int:
        """Lines that were lost."""
        return CountingRetry.breaks

    def health(self) -> Health:
        """PING by way of INFO and CONFIG: reachable, and fit for a ledger."""
        why = self._ask(_why_not_durable)
        return Health(status=Status.OK, backend=self.backend, durable=not why, why=why)

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _ask(self, command: Callable[[Client], T], timeout_seconds: float = TIMEOUT_SECONDS) -> T:
        try:
            if (client := self._clients.get(timeout_seconds)) is None:
                client = self._clients.setdefault(timeout_seconds, self._connect(timeout_seconds))
            return command(client)
        except (redis.RedisError, RedisClusterException, OSError) as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _or_absent(command: Callable[[], T], absent: T) -> T:
    """What another version, a hand or a fault left under the name is no trouble of the store's."""
    try:
        return command()
    except redis.ResponseError as error:
        if str(error).startswith("WRONGTYPE"):
            return absent
        raise


def _claimed(client: Client, keys: Sequence[str], ours: bytes, milliseconds: int) -> list[int]:
    is_cluster = isinstance(client, redis.RedisCluster)
    asked: Any = client if is_cluster else client.pipeline(transaction=False)
    taken = [asked.eval(_SET_ABSENT, 1, key, ours, milliseconds) for key in keys]
    return taken if is_cluster else list(asked.execute())


def _values(client: Client, keys: Sequence[str]) -> Any:
    return client.mget_nonatomic(keys) if isinstance(client, redis.RedisCluster) else client.mget(keys)


def _entries(client: Client, name: str, start: int = 0) -> tuple[bytes, ...]:
    return tuple(_or_absent(lambda: client.lrange(name, start, -1), ()))


def _looked(client: Client, keys: Sequence[str], lists: Sequence[str]) -> Looked:
    if isinstance(client, redis.RedisCluster):
        return tuple(_values(client, keys)), tuple(_entries(client, name) for name in lists)
    pipeline = client.pipeline(transaction=False)
    if keys:
        pipeline.mget(keys)
    for name in lists:
        pipeline.lrange(name, 0, -1)
    answers = pipeline.execute(raise_on_error=False)
    values, entries = (answers[0], answers[1:]) if keys else ((), answers)
    return tuple(_no_error(values)), tuple(
        tuple(_or_absent(partial(_no_error, each), ())) for each in entries
    )


def _no_error(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def _set_all(client: Client, entries: Sequence[Entry]) -> None:
    is_cluster = isinstance(client, redis.RedisCluster)
    pipeline: Any = client.pipeline() if is_cluster else client.pipeline(transaction=False)
    for key, value, ttl_seconds in entries:
        pipeline.set(key, value, px=_milliseconds(ttl_seconds))
    pipeline.execute()


def _push(client: Client, key: str, value: bytes, expected: str) -> tuple[int, int]:
    if isinstance(client, redis.RedisCluster):
        kept, length = client.eval(_APPEND, 1, key, value, expected)
        return kept, length
    pipeline = client.pipeline(transaction=False)  # one connection: WAITAOF waits for what it wrote
    pipeline.eval(_APPEND, 1, key, value, expected)
    pipeline.execute_command("WAITAOF", 1, 0, FSYNC_WAIT_MILLISECONDS)
    pushed, synced = pipeline.execute(
        raise_on_error=False
    )  # no WAITAOF before Redis 7.2: `health()` judges those
    if isinstance(pushed, Exception):
        raise pushed
    if isinstance(synced, list) and not synced[0]:
        raise redis.TimeoutError("the append-only file was not on disk in time")
    return pushed[0], pushed[1]


def _why_not_durable(client: Client) -> str:
    persistence, memory = client.info("persistence"), client.info("memory")
    policy = str(memory.get("maxmemory_policy", ""))
    if not persistence.get("aof_enabled"):
        return "it keeps no append-only file (appendonly yes)"
    if persistence.get("aof_last_write_status", "ok") != "ok":
        return "its append-only file cannot be written (is the disk full?)"
    if policy.startswith("allkeys-"):
        return f"its policy {policy} may evict the ledger (use noeviction or volatile-lru)"
    return "" if _can_wait_for_disk(client) else _why_not_synced(client)


def _can_wait_for_disk(client: Client) -> bool:
    """Whether the server has WAITAOF, and the client one connection to ask it on."""
    if isinstance(client, redis.RedisCluster):
        return False
    version = str(client.info("server").get("redis_version", "0")).split(".")
    return tuple(int(part) for part in version[:2] if part.isdigit()) >= WAITAOF_SINCE


def _why_not_synced(client: Client) -> str:
    """Without WAITAOF only a server that syncs each write keeps what it acknowledged."""
    said = "it does not sync each write to disk (appendfsync always, or Redis 7.2)"
    try:
        policy = client.config_get("appendfsync").get("appendfsync")
    except redis.ResponseError:
        return said
    return "" if policy == "always" else said
