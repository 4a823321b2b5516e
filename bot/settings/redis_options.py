"""What may stand behind the ? of a Redis address, and in which address."""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple
from urllib.parse import SplitResult, parse_qs

CERTIFICATES: Final = ("none", "optional", "required")
YES_OR_NO: Final = ("true", "false", "yes", "no", "1", "0")
_NAME: Final = re.compile(r"[a-z_]{1,40}")
"""What else stands there may be part of a password, and is not repeated."""
MOST_SECONDS: Final = 60
"""A store that is waited for longer holds up every answer; milliseconds are found out."""


class RedisOption(NamedTuple):
    """What an option takes."""

    takes: Callable[[str], bool]
    what: str
    """The same in words."""
    over_tls: bool = False
    of_sentinel: bool = False
    over_network: bool = False
    of_one_server: bool = False


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal()


def _is_count(value: str) -> bool:
    return _is_number(value) and int(value) > 0


def _is_seconds(value: str) -> bool:
    return bool(re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value, re.ASCII)) and 0 < float(value) <= MOST_SECONDS


_TEXT: Final = RedisOption(bool, "a value")
_FILE: Final = RedisOption(bool, "the path of a file", over_tls=True)
_SENTINEL: Final = RedisOption(bool, "a value", of_sentinel=True)
_IN_SECONDS: Final = f"seconds, {MOST_SECONDS} at most"
_SECONDS: Final = RedisOption(_is_seconds, _IN_SECONDS)
OPTIONS: Final[dict[str, RedisOption]] = {
    "db": RedisOption(_is_number, "the number of a database"),
    "username": _TEXT,
    "password": _TEXT,
    "client_name": _TEXT,
    "socket_keepalive": RedisOption(
        lambda value: value.lower() in YES_OR_NO, "true or false", over_network=True
    ),
    "socket_timeout": _SECONDS,
    "socket_connect_timeout": _SECONDS,
    "timeout": RedisOption(_is_seconds, _IN_SECONDS, of_one_server=True),
    "health_check_interval": RedisOption(_is_number, "whole seconds"),
    "max_connections": RedisOption(_is_count, "a number of connections"),
    "ssl_ca_certs": _FILE,
    "ssl_ca_path": RedisOption(bool, "the path of a directory", over_tls=True),
    "ssl_certfile": _FILE,
    "ssl_keyfile": _FILE,
    "ssl_password": RedisOption(bool, "a value", over_tls=True),
    "ssl_cert_reqs": RedisOption(lambda value: value in CERTIFICATES, ", ".join(CERTIFICATES), over_tls=True),
    "ssl_check_hostname": RedisOption(
        lambda value: value.lower() in YES_OR_NO, "true or false", over_tls=True
    ),
    "sentinel_username": _SENTINEL,
    "sentinel_password": _SENTINEL,
}


def mistake_in_options(parts: SplitResult) -> str:
    """What is wrong behind the ? of an address, by the name of the option; empty when nothing is."""
    for name, values in parse_qs(parts.query, keep_blank_values=True).items():
        if mistake := _mistake_in(name, values, parts.scheme):
            return mistake
    return ""


def _mistake_in(name: str, values: Sequence[str], scheme: str) -> str:
    if (option := OPTIONS.get(name)) is None:
        said = f"an option {name}" if _NAME.fullmatch(name) else "an option"
        return f"has {said} that there is not; there are {', '.join(OPTIONS)}"
    if len(values) > 1:
        return f"has {name} twice"
    if place := _misplaced(option, scheme):
        return f"has {name}, which {place}"
    return "" if option.takes(values[0]) else f"has {name}, which takes {option.what}"


def _misplaced(option: RedisOption, scheme: str) -> str:
    """Why an address of that scheme has no use for it; empty where it has."""
    if option.over_tls and not scheme.startswith("rediss"):
        return "is of TLS: write rediss:// for redis://"
    if option.of_sentinel and not scheme.endswith("+sentinel"):
        return "only redis+sentinel:// takes"
    if option.of_one_server and "+" in scheme:
        return "only a single server takes"
    return "a unix socket has not" if option.over_network and scheme == "unix" else ""
