"""The store over redis-py, for Redis and Valkey: alone, behind Sentinel, or as a Cluster."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import redis
from redis.exceptions import RedisClusterException

from bot.store import port, scripts
from bot.store.clients import TIMEOUT_SECONDS, Client, CountingRetry
from bot.store.durability import Copies, num_replicas, version_of, why_not_durable
from bot.store.redis_looks import all_looked, ask_to_look, entries, looked_in, looked_in_cluster, no_error
from bot.store.scripts import milliseconds
from bot.store.shared_looks import SharedLooks
from bot.store.trouble import in_words

T = TypeVar("T")

LIST_TIMEOUT_SECONDS: Final = 1.0
"""Of reading a list, which may be long, and of asking how the server is."""
APPEND_TIMEOUT_SECONDS: Final = 2.5
"""Of an append, which waits for the disk; never on the way to an acknowledgement."""
FSYNC_WAIT_MILLISECONDS: Final = 2000
EXAMINED_SECONDS: Final = 2.0
"""At the start there is time to tell a slow server from a dead one."""


class RedisStore:
    """A store whose clients come from `connect(timeout_seconds)`; raises `StoreUnavailable`."""

    backend = "redis"

    def __init__(self, connect: Callable[[float], Client], what: str = "Redis") -> None:
        self._connect, self._what = connect, what
        self._clients: dict[float, Client] = {}
        self._copies = Copies()
        self._looks = SharedLooks(lambda looks: self._ask(lambda client: all_looked(client, looks)))

    def get(self, key: str) -> bytes | None:
        """MGET of one: a key of another type has no value for us."""
        return self.get_many((key,))[0]

    def get_many(self, keys: Sequence[str]) -> tuple[bytes | None, ...]:
        """MGET, which takes a key of another type for an absent one; in a cluster slot by slot."""
        return self.look(keys, {})[0]

    def look(self, keys: Sequence[str], lists: Mapping[str, int]) -> port.Looked:
        """MGET and LRANGE in one pipeline, with what others look at; in a cluster one after the other."""
        if self._ask(lambda client: isinstance(client, redis.RedisCluster)):
            return self._ask(lambda client: looked_in_cluster(client, keys, lists))
        return self._looks.look(keys, lists)

    def set_many(self, entries: Sequence[port.TimedValue]) -> None:
        """SET with a TTL, all in one pipeline."""
        self._ask(lambda client: _set_all(client, entries))

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """SET with a TTL."""
        self._ask(lambda client: client.set(key, value, px=milliseconds(ttl_seconds)))

    def set_if_absent(self, key: str, value: bytes | None = None, *, ttl_seconds: float) -> bool:
        """SET NX of a value that is ours alone: asked again after a lost answer, it is ours still."""
        arguments = (key, value or secrets.token_bytes(8), milliseconds(ttl_seconds))
        return bool(self._ask(lambda client: client.eval(scripts.SET_ABSENT, 1, *arguments)))

    def claim(
        self, claim: port.Claim, keys: Sequence[str] = (), lists: Mapping[str, int] | None = None
    ) -> port.Claimed:
        """Several SET NX with what is looked at in one pipeline; in a cluster one after the other."""
        return self._ask(lambda client: _claimed(client, claim, keys, lists or {}))

    def swap_many(
        self, swaps: Sequence[port.Swap], then: Sequence[port.TimedValue] = ()
    ) -> tuple[bytes | None, ...]:
        """Compare and SET in one script; in a cluster, whose scripts see one slot, one after the other."""
        return self._ask(lambda client: _swapped(client, swaps, then))

    def delete(self, key: str) -> None:
        """DEL."""
        self._ask(lambda client: client.delete(key))

    def acquire(self, name: str, *, ttl_seconds: float) -> str | None:
        """SET NX of a random token."""
        token = secrets.token_hex(8)
        return token if self.set_if_absent(f"lock:{name}", token.encode(), ttl_seconds=ttl_seconds) else None

    def release(self, name: str, token: str) -> None:
        """Delete the lock if it still holds our token."""
        self._ask(lambda client: client.eval(scripts.RELEASE, 1, f"lock:{name}", token))

    def extend(self, name: str, token: str, *, ttl_seconds: float) -> bool:
        """Prolong the lock if it still holds our token."""
        arguments = (f"lock:{name}", token, milliseconds(ttl_seconds))
        return bool(self._ask(lambda client: client.eval(scripts.EXTEND, 1, *arguments)))

    def append(self, key: str, *values: bytes, expected_length: int | None = None) -> port.Appended:
        """RPUSH, then wait until the append-only file has it on disk."""
        expected = "" if expected_length is None else str(expected_length)
        kept, length = self._ask(
            lambda client: _push(client, key, values, expected, self._copies), APPEND_TIMEOUT_SECONDS
        )
        return port.Appended(
            kept=bool(kept), length=length, why="" if kept else "the list has changed meanwhile"
        )

    def entries(self, key: str, *, start: int = 0, most: int | None = None) -> tuple[bytes, ...] | None:
        """LRANGE."""
        stop = -1 if most is None else start + most - 1
        return self._ask(lambda client: entries(client, key, start, stop), LIST_TIMEOUT_SECONDS)

    @property
    def breaks(self) -> int:
        """Connections that were lost."""
        return CountingRetry.breaks

    def health(self) -> port.StoreHealth:
        """PING by way of INFO and CONFIG: reachable, and fit for a ledger."""
        why = self._ask(lambda client: why_not_durable(client, self._copies), LIST_TIMEOUT_SECONDS)
        return port.StoreHealth(status=port.Status.OK, backend=self.backend, durable=not why, why=why)

    def examined(self) -> port.Examined:
        """Everything that the bot does, done once with time to spare."""
        try:
            version, ledger = self._ask(lambda client: _looked_at(client, self._copies), EXAMINED_SECONDS)
        except port.StoreUnavailable as unavailable:
            return port.Examined(what=self._what, trouble=str(unavailable))
        return port.Examined(what=f"{self._what} ({version})", ledger=ledger)

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _ask(self, command: Callable[[Client], T], timeout_seconds: float = TIMEOUT_SECONDS) -> T:
        try:
            return command(self._client(timeout_seconds))
        except (redis.RedisError, RedisClusterException, OSError) as error:
            raise port.StoreUnavailable(in_words(error)) from error

    def _client(self, timeout_seconds: float) -> Client:
        if (client := self._clients.get(timeout_seconds)) is None:
            try:
                client = self._clients.setdefault(timeout_seconds, self._connect(timeout_seconds))
            except ValueError as error:  # an option of the address
                raise port.StoreUnavailable(str(error)) from error
        return client


def _looked_at(client: Client, copies: Copies) -> tuple[str, str]:
    """The version of the server, and why it may not keep a ledger.

    Raises:
        redis.RedisError: it does not do what the bot does, or not quickly enough.
    """
    key, ours = f"start:{secrets.token_hex(8)}", secrets.token_bytes(8)
    began = time.monotonic()
    client.eval(scripts.SET_ABSENT, 1, key, ours, milliseconds(EXAMINED_SECONDS))
    again = time.monotonic()
    client.get(key)
    client.delete(key)
    if (waited := time.monotonic() - again) > 2 * TIMEOUT_SECONDS:
        raise redis.TimeoutError(f"{waited:.1f} s (after {again - began:.1f})")
    return version_of(client), why_not_durable(client, copies)


def _claimed(
    client: Client, claim: port.Claim, keys: Sequence[str], lists: Mapping[str, int]
) -> port.Claimed:
    is_cluster = isinstance(client, redis.RedisCluster)
    asked: Any = client if is_cluster else client.pipeline(transaction=False)
    owners = [
        asked.eval(scripts.CLAIM, 1, name, claim.owner, milliseconds(seconds))
        for name, seconds in claim.seconds.items()
    ]
    if is_cluster:
        return port.Claimed(owners=tuple(owners), looked=looked_in_cluster(client, keys, lists))
    ask_to_look(asked, keys, lists)
    answers = asked.execute(raise_on_error=False)
    owners, looked = answers[: len(owners)], answers[len(owners) :]
    return port.Claimed(owners=tuple(map(no_error, owners)), looked=looked_in(looked, keys))


def _swapped(
    client: Client, swaps: Sequence[port.Swap], then: Sequence[port.TimedValue]
) -> tuple[bytes | None, ...]:
    if not isinstance(client, redis.RedisCluster):
        return scripts.swapped(client, swaps, then)
    found = tuple(scripts.swapped(client, [each])[0] for each in swaps)
    if then and found == tuple(each.value for each in swaps):
        _set_all(client, then)
    return found


def _set_all(client: Client, entries: Sequence[port.TimedValue]) -> None:
    is_cluster = isinstance(client, redis.RedisCluster)
    pipeline: Any = client.pipeline() if is_cluster else client.pipeline(transaction=False)
    for key, value, ttl_seconds in entries:
        pipeline.set(key, value, px=milliseconds(ttl_seconds))
    pipeline.execute()


def _push(
    client: Client, key: str, values: Sequence[bytes], expected: str, copies: Copies
) -> tuple[int, int]:
    if isinstance(client, redis.RedisCluster):
        kept, length = client.eval(scripts.APPEND, 1, key, expected, *values)
        return kept, length
    pipeline = client.pipeline(transaction=False)  # one connection: both waits are for what it wrote
    pipeline.eval(scripts.APPEND, 1, key, expected, *values)
    pipeline.execute_command("WAITAOF", 1, 0, FSYNC_WAIT_MILLISECONDS)
    if copies.are_expected or num_replicas(client):
        pipeline.execute_command("WAIT", 1, FSYNC_WAIT_MILLISECONDS)
    # No WAITAOF before Redis 7.2: `health()` judges those.
    pushed, synced, *copied = pipeline.execute(raise_on_error=False)
    if isinstance(pushed, Exception):
        raise pushed
    if isinstance(synced, Exception) and "unknown command" not in str(synced):
        raise synced
    if isinstance(synced, list) and not synced[0]:
        raise redis.TimeoutError("the append-only file was not on disk in time")
    if copied and copied[0] == 0:
        raise redis.TimeoutError("no replica had it in time, a fail-over would lose it")
    return pushed[0], pushed[1]
