"""redis-py's clients for an address: a server alone, behind Sentinel, or a Cluster; each with bounded waits.

redis-py's own defaults take 3.7 to 4.5 s to report a dead server, longer than Slack waits for an
acknowledgement; everything that can wait is bounded here.
"""

from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

import redis
from redis.backoff import ExponentialBackoff
from redis.connection import Connection, parse_url
from redis.retry import Retry
from typing_extensions import override

from bot.settings.addresses import redis_database, redis_hosts

TIMEOUT_SECONDS: Final = 0.25
"""Of connecting, of one answer, and of waiting for a free connection, where nobody says otherwise."""
MAX_CONNECTIONS: Final = 50
HEALTH_CHECK_SECONDS: Final = 30
_OF_POOLS: Final = ("max_connections", "timeout")
_OF_SENTINELS: Final = {"sentinel_username": "username", "sentinel_password": "password"}
"""Option of the address -> how a Sentinel itself is logged in to."""

Client = Any
"""`redis.Redis` or `redis.RedisCluster`: the commands used here are the same, their types are not."""


class CountingRetry(Retry):
    """Counts lost lines: behind a new one may stand another server, which knows less."""

    breaks = 0

    @override
    def call_with_retry(self, do: Any, fail: Any, *args: Any, **kwargs: Any) -> Any:
        def failed(*why: Any) -> Any:
            CountingRetry.breaks += 1
            return fail(*why)

        return super().call_with_retry(do, failed, *args, **kwargs)


def connection_options(timeout_seconds: float = TIMEOUT_SECONDS) -> dict[str, Any]:
    """Keyword arguments for a redis-py client: bounded waits, two fast retries of a lost connection.

    An append is not retried: after a lost answer it would write its entry twice.
    """
    return {
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "health_check_interval": HEALTH_CHECK_SECONDS,
        "retry": _retry(timeout_seconds),
    }


def _retry(timeout_seconds: float) -> Retry:
    retries = 2 if timeout_seconds == TIMEOUT_SECONDS else 0
    return CountingRetry(
        ExponentialBackoff(base=0.02, cap=0.1), retries, supported_errors=(redis.ConnectionError,)
    )


def client_for_url(url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> Client:
    """A client that connects when first used (a cluster: now).

    `redis://`, `unix://`, `redis+sentinel://host:port,host:port/service/db`, `redis+cluster://host:port`,
    and those over TLS, `rediss…`; options as redis-py takes them (`?ssl_ca_certs=…`).

    Raises:
        ValueError: an option that nobody knows.
    """
    parts = urlsplit(url)
    options = connection_options(timeout_seconds)
    said = _options_of(url)
    if parts.scheme.endswith("+sentinel"):
        return _sentinel_client(parts, options, said)
    if parts.scheme.endswith("+cluster"):
        del options["retry"], options["health_check_interval"]
        plain = url.replace("+cluster", "", 1)
        return redis.RedisCluster.from_url(plain, retry=_retry(timeout_seconds), **options)
    pool = redis.BlockingConnectionPool.from_url(
        url, max_connections=MAX_CONNECTIONS, timeout=TIMEOUT_SECONDS, **options
    )
    return redis.Redis(connection_pool=pool)


def server_in_words(url: str) -> str:
    """What the address leads to, without whatever may be a secret."""
    parts = urlsplit(url)
    over_tls = " over TLS" if parts.scheme.startswith("rediss") else ""
    if parts.scheme == "unix":
        return f"Redis at {unquote(parts.path)}, database {redis_database(parts)}"
    hosts = ", ".join(f"{_bracketed(host)}:{port}" for host, port in redis_hosts(parts))
    if parts.scheme.endswith("+cluster"):
        return f"Redis Cluster at {hosts}{over_tls}"
    place = f"{hosts}{over_tls}, database {redis_database(parts)}"
    if parts.scheme.endswith("+sentinel"):
        return f"Redis {parts.path.strip('/').partition('/')[0] or 'mymaster'} of Sentinel at {place}"
    return f"Redis at {place}"


def _options_of(url: str) -> dict[str, Any]:
    """What the address says, as keyword arguments of a connection."""
    parts = urlsplit(url)
    if parts.scheme.endswith("+sentinel"):  # several hosts and a service are nothing that redis-py reads
        host, port = redis_hosts(parts)[0]
        login, at, _ = parts.netloc.rpartition("@")
        database = parts.path.strip("/").partition("/")[2] or "0"
        parts = parts._replace(netloc=f"{login}{at}{_bracketed(host)}:{port}", path=f"/{database}")
        url = parts.geturl()
    scheme = parts.scheme.partition("+")[0]
    plain = f"{scheme}://{url.partition('://')[2]}"
    options: dict[str, Any] = parse_url(plain)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
    _try_out({name: value for name, value in options.items() if name not in (*_OF_POOLS, *_OF_SENTINELS)})
    return options


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _try_out(options: dict[str, Any]) -> None:
    """Make a connection that goes nowhere: what it does not know, no later one will."""
    options = dict(options)
    kind = options.pop("connection_class", Connection)
    try:
        kind(**options)
    except TypeError as error:
        unknown = str(error).rpartition("argument ")[2]
        raise ValueError(f"there is no option {unknown}") from None


def _sentinel_client(parts: SplitResult, options: dict[str, Any], said: dict[str, Any]) -> Client:
    from redis.sentinel import Sentinel  # noqa: PLC0415  -- few installations have one

    service = parts.path.strip("/").partition("/")[0]
    of_sentinels = {ours: said.pop(name) for name, ours in _OF_SENTINELS.items() if name in said}
    for name in ("host", "port", "connection_class"):
        said.pop(name, None)
    if parts.scheme.startswith("rediss"):
        said["ssl"] = True
    tls = {name: value for name, value in said.items() if name.startswith("ssl")}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        list(redis_hosts(parts)), sentinel_kwargs=options | tls | of_sentinels, **(options | said)
    )
    return sentinel.master_for(service or "mymaster")  # type: ignore[no-untyped-call]  # likewise
