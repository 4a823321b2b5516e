"""What the start says of the store, against real servers: what it is, whether it works, and why not."""

import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import redis
from patience import until
from real_redis import DURABLE, LEAVES_SOCKETS, SERVERS, certificates, cluster, free_port, running, sentinel

from bot.store import Examined, open_store
from bot.store.port import Store, Swap

pytestmark = LEAVES_SOCKETS

PASSWORD = "hunter2"
REDIS_PAGE = Path(__file__).parents[2] / "docs" / "redis.md"


@pytest.fixture(params=SERVERS, ids=lambda path: Path(path).name)
def program(request: pytest.FixtureRequest) -> str:
    path: str = request.param
    return path


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    stores: list[Store] = []

    def one(url: str) -> Store:
        stores.append(open_store(url, tmp_path))
        return stores[-1]

    yield one
    for store in stores:
        store.close()


@pytest.fixture
def examined(opened: Callable[[str], Store]) -> Callable[[str], Examined]:
    def one(url: str) -> Examined:
        found = opened(url).examined()
        assert PASSWORD not in repr(found)
        return found

    return one


Examine = Callable[[str], Examined]


def working(examine: Callable[[], Examined]) -> Examined:
    """What is said of a store that works: on a busy machine it may be called too slow before that."""
    found: list[Examined] = []

    def works() -> bool:
        found.append(examine())
        return not found[-1].trouble

    until(works)
    return found[-1]


def test_a_password_is_right_missing_or_wrong(program: str, tmp_path: Path, examined: Examine) -> None:
    with running(program, tmp_path / "redis", "--requirepass", PASSWORD, *DURABLE) as port:
        at = f"127.0.0.1:{port}/0"
        right = working(lambda: examined(f"redis://:{PASSWORD}@{at}"))
        assert (right.trouble, right.ledger) == ("", "")
        assert right.what.startswith(f"Redis at 127.0.0.1:{port}, database 0 (")
        assert "wants a password" in examined(f"redis://{at}").trouble
        assert "refuses the password" in examined(f"redis://:{PASSWORD}x@{at}").trouble
        assert "refuses the password" in examined(f"redis://anna:{PASSWORD}@{at}").trouble


def test_a_database_that_there_is_not(program: str, tmp_path: Path, examined: Examine) -> None:
    with running(program, tmp_path / "redis", "--databases", "4") as port:
        working(lambda: examined(f"redis://127.0.0.1:{port}/3"))
        for number in (4, 10**20):
            assert "no database of that number" in examined(f"redis://127.0.0.1:{port}/{number}").trouble


def test_a_server_that_loses_the_ledger_works_and_says_so(
    program: str, tmp_path: Path, examined: Examine
) -> None:
    with running(program, tmp_path / "redis") as port:
        found = working(lambda: examined(f"redis://127.0.0.1:{port}/0"))
    assert "appendonly yes" in found.ledger


def test_what_cannot_be_written_is_full_a_replica_or_not_ours(
    program: str, tmp_path: Path, examined: Examine
) -> None:
    with running(program, tmp_path / "full", "--maxmemory", "1") as port:
        assert "is full" in examined(f"redis://127.0.0.1:{port}/0").trouble
    with (
        running(program, tmp_path / "one") as primary,
        running(program, tmp_path / "two", "--replicaof", f"127.0.0.1 {primary}") as port,
    ):
        until(lambda: "is a replica" in examined(f"redis://127.0.0.1:{port}/0").trouble)  # loaded first
    with running(program, tmp_path / "acl") as port, redis.Redis(port=port) as admin:
        admin.execute_command("ACL SETUSER reader on nopass ~* +get +info +client")
        assert "may not do all" in examined(f"redis://reader:any@127.0.0.1:{port}/0").trouble


def rights(admin: Any) -> str:
    """The rules that docs/redis.md gives, as far as the server knows them."""
    [rules] = re.findall(r"ACL SETUSER ftcost (on .*)", REDIS_PAGE.read_text(encoding="utf-8"))
    later = " +waitaof" if b"waitaof" in admin.execute_command("COMMAND LIST") else ""
    return f"{rules}{later}".replace("'", "").replace("PASSWORD", PASSWORD)


def test_a_user_who_may_do_what_the_bot_does_needs_no_more(
    program: str, tmp_path: Path, opened: Callable[[str], Store]
) -> None:
    with running(program, tmp_path / "acl", *DURABLE) as port, redis.Redis(port=port) as admin:
        admin.execute_command(f"ACL SETUSER ftcost {rights(admin)}")
        store = opened(f"redis://ftcost:{PASSWORD}@127.0.0.1:{port}/0")
        found = working(store.examined)
        assert (found.trouble, found.ledger) == ("", "")
        assert store.append("ledger", b"entry").kept
        assert store.entries("ledger") == (b"entry",)
        admin.execute_command("ACL SETUSER ftcost -info")
        assert "may not ask" in store.examined().ledger


def test_the_same_rights_are_enough_in_a_cluster_and_a_missing_one_is_called_so(
    program: str, tmp_path: Path, opened: Callable[[str], Store], examined: Examine
) -> None:
    with cluster(program, tmp_path / "cluster") as ports:
        for port in ports:
            with redis.Redis(port=port) as admin:
                admin.execute_command(f"ACL SETUSER ftcost {rights(admin)}")
                admin.execute_command(f"ACL SETUSER other {rights(admin)} -cluster|slots")
        at = f"127.0.0.1:{ports[0]}"
        store = opened(f"redis+cluster://ftcost:{PASSWORD}@{at}")
        found = working(store.examined)
        assert (found.trouble, found.ledger) == ("", "")
        assert store.append("ledger", b"entry").kept
        assert store.look(["one", "two"], {"ledger": 0}) == ((None, None), ((b"entry",),))
        assert "may not do all" in examined(f"redis+cluster://other:{PASSWORD}@{at}").trouble


def test_tls_with_and_without_whom_to_trust(tmp_path: Path, examined: Examine) -> None:
    program, openssl = shutil.which("redis-server"), shutil.which("openssl")
    if program is None or openssl is None:
        pytest.skip("needs redis-server (built with TLS) and openssl")
    held = certificates(tmp_path / "tls")
    files = ("--tls-cert-file", "server.crt", "--tls-key-file", "server.key", "--tls-ca-cert-file", "ca.crt")
    absolute = [str(held / each) if "." in each else each for each in files]
    with running(program, tmp_path / "plain") as plain:
        assert "speaks no TLS" in examined(f"rediss://127.0.0.1:{plain}/0").trouble
        no_file = examined(f"rediss://127.0.0.1:{plain}/0?ssl_ca_certs=/nowhere.pem")
        assert "a file that the address names" in no_file.trouble
    secure = free_port()
    tls = ("--tls-port", str(secure), *absolute)
    with running(program, tmp_path / "secure", *tls, "--tls-auth-clients", "no", *DURABLE):
        at, trusted = f"127.0.0.1:{secure}/0", f"ssl_ca_certs={held / 'ca.crt'}"
        right = working(lambda: examined(f"rediss://{at}?{trusted}"))
        assert (right.trouble, right.ledger) == ("", "")
        assert "over TLS" in right.what
        assert "not trusted here" in examined(f"rediss://{at}").trouble
        assert not working(lambda: examined(f"rediss://{at}?ssl_cert_reqs=none")).trouble
        assert "rediss://" in examined(f"redis://{at}").trouble
    with running(program, tmp_path / "mutual", *tls):
        at = f"127.0.0.1:{secure}/0?{trusted}"
        ours = f"ssl_certfile={held / 'server.crt'}&ssl_keyfile={held / 'server.key'}"
        assert "certificate of ours" in examined(f"rediss://{at}").trouble
        working(lambda: examined(f"rediss://{at}&{ours}"))


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def web_port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_what_cannot_be_reached_is_told_apart(
    tmp_path: Path, examined: Examine, silent_port: int, web_port: int
) -> None:
    assert "nothing listens there" in examined("redis://127.0.0.1:9/0").trouble
    assert "does not answer in time" in examined(f"redis://127.0.0.1:{silent_port}/0").trouble
    assert "no host of that name" in examined("redis://no-such-host.invalid/0").trouble
    assert "is not there" in examined(f"unix://{tmp_path}/none.sock").trouble
    assert "is it a Redis" in examined(f"redis://127.0.0.1:{web_port}/0").trouble
    assert "no option" in examined("redis://127.0.0.1:9/0?sll_ca_certs=x").trouble
    assert "nothing listens" in examined("redis+cluster://127.0.0.1:9").trouble
    assert "none of the Sentinels" in examined("redis+sentinel://127.0.0.1:9/cards").trouble


def test_behind_sentinel_it_follows_the_primary(
    program: str, tmp_path: Path, opened: Callable[[str], Store], examined: Examine
) -> None:
    with sentinel(program, tmp_path / "watched", PASSWORD) as watched:
        at = f"127.0.0.1:{watched.sentinel_port}"
        store = opened(f"redis+sentinel://:{PASSWORD}@{at}/cards/0")
        found = working(store.examined)
        assert (found.trouble, found.ledger) == ("", "")
        assert found.what.startswith(f"Redis cards of Sentinel at {at}, database 0 (")
        assert "knows a primary" in examined(f"redis+sentinel://:{PASSWORD}@{at}/other/0").trouble
        assert "is it a Sentinel" in examined(f"redis://{at}/0").trouble
        assert "refuses the password" in examined(f"redis+sentinel://:x@{at}/cards/0").trouble
        store.set("key", b"value", ttl_seconds=600)
        with redis.Redis(port=watched.replica_port, password=PASSWORD) as replica:
            until(lambda: replica.get("key") == b"value")
        watched.primary.kill()
        until(lambda: not store.examined().trouble)
        assert opened(f"redis+sentinel://:{PASSWORD}@{at}/cards/0").get("key") == b"value"


def test_a_cluster_is_one_store(
    program: str, tmp_path: Path, opened: Callable[[str], Store], examined: Examine
) -> None:
    with cluster(program, tmp_path / "cluster") as ports:
        store = opened(f"redis+cluster://127.0.0.1:{ports[1]}")
        found = working(store.examined)
        assert (found.trouble, found.ledger) == ("", "")
        entries = tuple((f"key:{index}", b"%d" % index, 60.0) for index in range(20))
        store.set_many(entries)
        assert store.get_many([key for key, _, _ in entries]) == tuple(value for _, value, _ in entries)
        late = [Swap(key, b"0", b"x", 60.0) for key, _, _ in entries]
        assert store.swap_many(late, [("then", b"1", 60.0)])[:2] == (b"x", b"1")
        assert store.get_many(["key:0", "key:1", "then"]) == (b"x", b"1", None)
        fresh = [Swap(f"new:{index}", None, b"x", 60.0) for index in range(20)]
        assert store.swap_many(fresh, [("then", b"1", 60.0)]) == (b"x",) * 20
        assert store.get_many(["new:7", "then"]) == (b"x", b"1")
        assert store.append("ledger", b"one").kept
        assert not store.append("ledger", b"two", expected_length=0).kept
        assert store.entries("ledger") == (b"one",)
        assert "part of a cluster" in examined(f"redis://127.0.0.1:{ports[0]}/0").trouble
        with redis.Redis(port=ports[2]) as node:
            node.config_set("appendfsync", "everysec")
        assert "sync each write" in store.examined().ledger
    with running(program, tmp_path / "alone") as port:
        assert "is no cluster" in examined(f"redis+cluster://127.0.0.1:{port}").trouble


def test_the_embedded_store_says_where_it_is_and_why_not(tmp_path: Path) -> None:
    store = open_store(None, tmp_path)
    found = working(store.examined)
    store.close()
    assert found.what.startswith(f"embedded Valkey in {tmp_path}/valkey (Valkey ")
    assert (found.trouble, found.ledger) == ("", "")
    (tmp_path / "file").write_text("")
    broken = open_store(None, tmp_path / "file")
    assert "Not a directory" in broken.examined().trouble
    broken.close()
