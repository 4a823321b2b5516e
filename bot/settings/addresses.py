"""Addresses that somebody typed, checked without a client: a mistake is found before anything is asked."""

from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from bot.settings.redis_options import mistake_in_options

REDIS_SCHEMES: Final = (
    "redis",
    "rediss",
    "unix",
    "redis+sentinel",
    "rediss+sentinel",
    "redis+cluster",
    "rediss+cluster",
)
"""With two s: over TLS."""
REDIS_PORT: Final = 6379
SENTINEL_PORT: Final = 26_379
NO_PORT: Final = "has a port that is none: it is a number from 1 to 65535"


def web_address(url: str) -> str:
    """An http or https address, ending in a slash."""
    parts = _split(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https address")
    try:
        port = parts.port
    except ValueError:
        raise ValueError(NO_PORT) from None
    if port == 0:
        raise ValueError(NO_PORT)
    return url if url.endswith("/") else f"{url}/"


def listen_address(text: str) -> tuple[str, int]:
    """`host:port` to listen on, an IPv6 host in brackets."""
    parts = _split(f"//{text}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parts.netloc != text or parts.username is not None:
        raise ValueError("is no host:port, the port a number up to 65535")
    return host, port


def redis_address(url: str) -> str:
    """An address of a Redis; a part that redis-py would leave aside without a word is a mistake."""
    scheme, apart, rest = url.strip().partition("://")
    url = f"{scheme.lower()}{apart}{rest}"
    parts = _split(url)
    if parts.scheme not in REDIS_SCHEMES:
        raise ValueError(f"must start with one of {', '.join(f'{scheme}://' for scheme in REDIS_SCHEMES)}")
    if parts.fragment or "@" in parts.path + parts.query:
        raise ValueError("a password writes / as %2F, ? as %3F, # as %23 and @ as %40")
    if mistake := mistake_in_options(parts) or _mistake_in_place(parts) or _mistake_in_database(parts):
        raise ValueError(mistake)
    return url


def _mistake_in_place(parts: SplitResult) -> str:
    """What is wrong with where the address leads; empty when nothing is."""
    if parts.scheme == "unix":
        is_rooted = parts.path.strip("/") and not parts.netloc.rpartition("@")[2]
        return "" if is_rooted else "names no socket: unix:///path/of/redis.sock"
    hosts = redis_hosts(parts)
    if len(hosts) > 1 and not parts.scheme.endswith("+sentinel"):
        return "names several hosts, which only redis+sentinel:// takes"
    return ""


def redis_hosts(parts: SplitResult) -> tuple[tuple[str, int], ...]:
    """Host and port of each server that the address names."""
    usual = SENTINEL_PORT if parts.scheme.endswith("+sentinel") else REDIS_PORT
    named = parts.netloc.rpartition("@")[2].split(",")
    split = [urlsplit(f"//{each.strip()}") for each in named]
    try:
        hosts = tuple(
            (unquote(each.hostname or ""), usual if each.port is None else each.port) for each in split
        )
    except ValueError:
        raise ValueError(NO_PORT) from None
    if not all(port for _, port in hosts):
        raise ValueError(NO_PORT)
    if not all(host for host, _ in hosts):
        raise ValueError("names no host")
    return hosts


def _mistake_in_database(parts: SplitResult) -> str:
    """A cluster has one database; elsewhere it is named once, in the path or as an option."""
    path, option = _database_in_path(parts), parse_qs(parts.query).get("db", [""])[0]
    if parts.scheme.endswith("+cluster") and (option or path) not in ("", "0"):
        return "names a database, of which a cluster has none"
    if path and option:
        return "names its database twice, in the path and as db"
    return "" if not path or path.isdecimal() else "ends in the number of a database, such as /0"


def redis_database(parts: SplitResult) -> str:
    """The number of the database that the address names; 0 where it names none."""
    return _database_in_path(parts) or parse_qs(parts.query).get("db", ["0"])[0]


def _database_in_path(parts: SplitResult) -> str:
    """The path but the slashes; behind Sentinel what follows the service; none of a socket's."""
    if parts.scheme == "unix":
        return ""
    path = parts.path.strip("/")
    return path.partition("/")[2] if parts.scheme.endswith("+sentinel") else path


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("is no address") from None
