"""An address of a Redis: each part of it is used, or named at the start."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from redis import RedisError
from redis.exceptions import RedisClusterException

from bot.settings import SettingsError, settings_from
from bot.settings.addresses import REDIS_SCHEMES, redis_address
from bot.settings.redis_options import MOST_SECONDS, OPTIONS
from bot.store.clients import client_for_url, server_in_words

ODD_ADDRESSES = {
    "redis://:hunter2@cache/0?sll_ca_certs=/x": "an option sll_ca_certs",
    "redis://:hunter2@cache/0?decode_responses=true": "an option decode_responses",
    "redis://:hunter2@cache/0?hunter2=x": "an option that there is not",
    "redis+cluster://:hunter2@cache?read_from_replicas=true": "an option read_from_replicas",
    "redis://:hunter2@cache/0?ssl_cert_reqs=none": "ssl_cert_reqs, which is of TLS",
    "rediss://:hunter2@cache/0?ssl_cert_reqs=maybe": "ssl_cert_reqs, which takes none, optional, required",
    "rediss://:hunter2@cache/0?ssl_check_hostname=perhaps": "ssl_check_hostname, which takes true or false",
    "redis://:hunter2@cache?db=1&db=2": "db twice",
    "redis://:hunter2@cache/1?db=2": "its database twice",
    "redis+sentinel://:hunter2@one/main/1?db=2": "its database twice",
    "redis+cluster://:hunter2@cache?db=1": "of which a cluster has none",
    "redis://:hunter2@cache?db=-1": "db, which takes the number of a database",
    "redis://cache/0?password=hunter2&password=x": "password twice",
    "redis://:hunter2@cache/0?socket_timeout=soon": "socket_timeout, which takes seconds",
    "redis://:hunter2@cache/0?max_connections=0": "max_connections, which takes",
    "redis://:hunter2@cache/0?client_name=": "client_name, which takes a value",
    "redis://:hunter2@cache/0?sentinel_password=x": "sentinel_password, which only redis+sentinel://",
    "redis://:hunter2@cache:0/0": "a port that is none: it is a number from 1 to 65535",
    "redis://:hunter2@cache:70000": "a port that is none: it is a number from 1 to 65535",
    "redis://:hunter2@cache:6379x": "a port that is none: it is a number from 1 to 65535",
    "redis+sentinel://:hunter2@one,two:65536/main": "a port that is none: it is a number from 1 to 65535",
    "redis://:hunter2@cache?socket_timeout=999999": "socket_timeout, which takes seconds, 60 at most",
    "redis://:hunter2@cache?socket_connect_timeout=2000": "socket_connect_timeout, which takes seconds, 60",
    "redis://:hunter2@cache?timeout=61": "timeout, which takes seconds, 60 at most",
    "unix://run/redis.sock": "names no socket",
    "redis+cluster://:hunter2@cache?timeout=1": "timeout, which only a single server takes",
    "unix:///run/redis.sock?socket_keepalive=1": "socket_keepalive, which a unix socket has not",
}
"""Address -> what is said of it; redis-py leaves some aside, and fails of others when it is asked."""


@pytest.mark.parametrize(("url", "said"), ODD_ADDRESSES.items())
def test_what_a_redis_would_not_be_asked_for_is_named_at_the_start(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)) as raised:
        settings_from({"REDIS_URL": url})
    assert str(raised.value).startswith("REDIS_URL:")
    assert "hunter2" not in str(raised.value)


def test_an_address_in_capitals_and_spaces_is_meant_as_it_is_written() -> None:
    assert settings_from({"REDIS_URL": " REDIS://Cache/0 "}).redis_url == "redis://Cache/0"


@pytest.mark.parametrize("scheme", REDIS_SCHEMES)
def test_every_option_that_there_is_is_one_of_the_client(scheme: str) -> None:
    """Nothing listens there: whatever a client does not know it would say before."""
    place = "/run/no.sock" if scheme == "unix" else "127.0.0.1:9"
    known = []
    for name, option in OPTIONS.items():
        said = f"{name}={next(each for each in ('/nowhere', '1', 'none') if option.takes(each))}"
        with suppress(ValueError):
            redis_address(f"{scheme}://{place}?{said}")
            known.append(said)
    assert len(known) > 5
    with suppress(RedisError, RedisClusterException):
        client_for_url(f"{scheme}://{place}?{'&'.join(known)}").get("key")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("unix:///run/my%20redis.sock?db=3", "Redis at /run/my redis.sock, database 3"),
        ("redis://:hunter2@[::1]?db=2", "Redis at [::1]:6379, database 2"),
        ("rediss://cache/1", "Redis at cache:6379 over TLS, database 1"),
        ("redis+sentinel://one,two:1/cards?db=4", "Redis cards of Sentinel at one:26379, two:1, database 4"),
        ("redis+cluster://cache", "Redis Cluster at cache:6379"),
    ],
)
def test_where_an_address_leads_is_said_with_its_database(url: str, words: str) -> None:
    assert server_in_words(redis_address(url)) == words


def test_every_option_that_there_is_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "redis.md").read_text(encoding="utf-8")
    assert [name for name in OPTIONS if f"`{name}`" not in page] == []


def test_the_longest_wait_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "redis.md").read_text(encoding="utf-8")
    assert f"{MOST_SECONDS} seconds at most" in page
