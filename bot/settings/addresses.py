"""Addresses that somebody typed, checked without a client: a mistake is found before anything is asked."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

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


def web_address(url: str) -> str:
    """An http or https address, ending in a slash."""
    parts = _split(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https address")
    try:
        parts.port  # noqa: B018  -- read when asked for
    except ValueError:
        raise ValueError("has a port that is none") from None
    return url if url.endswith("/") else f"{url}/"


def listen_address(text: str) -> tuple[str, int]:
    """`host:port` to listen on, an IPv6 host in brackets."""
    parts = _split(f"//{text}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parts.netloc != text or parts.username is not None:
        raise ValueError("is no host:port")
    return host, port


def redis_address(url: str) -> str:
    """An address of a Redis; a part that redis-py would leave aside without a word is a mistake."""
    parts = _split(url)
    if parts.scheme not in REDIS_SCHEMES:
        raise ValueError(f"must start with one of {', '.join(f'{scheme}://' for scheme in REDIS_SCHEMES)}")
    if parts.fragment or "@" in parts.path + parts.query:
        raise ValueError("a password writes / as %2F, ? as %3F, # as %23 and @ as %40")
    if parts.scheme == "unix":
        if not parts.path.strip("/"):
            raise ValueError("names no socket")
        return url
    hosts = redis_hosts(parts)
    if len(hosts) > 1 and not parts.scheme.endswith("+sentinel"):
        raise ValueError("names several hosts, which only redis+sentinel:// takes")
    if not _is_database(parts):
        raise ValueError("ends in the number of a database, such as /0")
    return url


def redis_hosts(parts: SplitResult) -> tuple[tuple[str, int], ...]:
    """Host and port of each server that the address names."""
    usual = SENTINEL_PORT if parts.scheme.endswith("+sentinel") else REDIS_PORT
    named = parts.netloc.rpartition("@")[2].split(",")
    split = [urlsplit(f"//{each.strip()}") for each in named]
    try:
        hosts = tuple((each.hostname or "", usual if each.port is None else each.port) for each in split)
    except ValueError:
        raise ValueError("has a port that is no number") from None
    if not all(host for host, _ in hosts):
        raise ValueError("names no host")
    return hosts


def _is_database(parts: SplitResult) -> bool:
    """Whether the end of the path is a number: a cluster has one database, Sentinel's follows the service."""
    path = parts.path.strip("/")
    if parts.scheme.endswith("+cluster"):
        return path in ("", "0")
    if parts.scheme.endswith("+sentinel"):
        path = path.partition("/")[2]
    return not path or path.isdecimal()


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("is no address") from None
