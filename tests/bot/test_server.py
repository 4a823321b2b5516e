"""The HTTP server under clients that are silent, slow, endless or broken: others are served meanwhile."""

import gc
import resource
import socket
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot import server
from bot.server import HttpServer, listening

SOON_SECONDS = 2.0
"""A busy machine; alone it is some milliseconds."""


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The length of the body, after as long as the path says."""
    time.sleep(float(environ["PATH_INFO"].strip("/") or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(len(environ["wsgi.input"].read())).encode()]


@pytest.fixture
def running() -> Iterator[HttpServer]:
    server = HttpServer(echo, listening("127.0.0.1", 0))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def connect(running: HttpServer) -> Iterator[Any]:
    """Opens connections that are closed in the end."""
    opened: list[socket.socket] = []
    parts = urlsplit(running.address)

    def connected(sent: bytes = b"") -> socket.socket:
        opened.append(socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10))
        if sent:
            opened[-1].sendall(sent)
        return opened[-1]

    yield connected
    for each in opened:
        each.close()


def asked_in_seconds(running: HttpServer, path: str = "/", body: bytes | None = None) -> float:
    started = time.monotonic()
    with urllib.request.urlopen(f"{running.address}{path}", body, timeout=10) as answer:  # noqa: S310  -- our own
        assert answer.read() == str(len(body or b"")).encode()
    return time.monotonic() - started


def answer_to(connection: socket.socket) -> bytes:
    """The first line that comes back; empty where the server hung up without one."""
    with suppress(ConnectionError):
        return connection.recv(4096).partition(b"\r\n")[0]
    return b""


def grown_mb(before: float) -> float:
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before


HALF = b"POST / HTTP/1.1\r\nHost: us\r\nContent-Le"
HALF_BODY = b"POST / HTTP/1.1\r\nHost: us\r\nContent-Length: 900000\r\n\r\nhalf"


@pytest.mark.parametrize("sent", [b"", HALF, HALF_BODY])
@pytest.mark.parametrize("number", [16, 300, 700])
def test_the_silent_hold_up_nobody_and_cost_no_thread(
    running: HttpServer, connect: Any, number: int, sent: bytes
) -> None:
    threads = threading.active_count()
    for _ in range(number):
        connect(sent)
    assert asked_in_seconds(running) < SOON_SECONDS
    assert asked_in_seconds(running, body=b"x" * 900_000) < SOON_SECONDS
    assert threading.active_count() <= threads


def test_a_dripping_client_is_hung_up_on_in_time(
    running: HttpServer, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "READ_SECONDS", 1.0)
    header, body = connect(HALF[:-1]), connect(HALF_BODY)
    started = time.monotonic()
    gone = {header: False, body: False}
    while not all(gone.values()) and time.monotonic() - started < 8:
        time.sleep(0.1)
        for each in gone:
            try:
                each.sendall(b"x")
            except ConnectionError:
                gone[each] = True
    assert all(gone.values())


def test_an_endless_header_is_cut_off(running: HttpServer, connect: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    connection, sent = connect(b"GET / HTTP/1.1\r\nX: "), 0
    with suppress(ConnectionError):
        for _ in range(200):
            connection.sendall(b"x" * 1_000_000)
            sent += 1
    assert sent < 20  # what the line itself holds
    assert asked_in_seconds(running) < SOON_SECONDS
    assert grown_mb(before) < 20


def test_many_large_bodies_share_one_bound(running: HttpServer, connect: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for _ in range(60):
        with suppress(ConnectionError):
            connect(HALF_BODY).sendall(b"x" * 800_000)
    assert asked_in_seconds(running) < SOON_SECONDS
    assert grown_mb(before) < 30  # twice eight of them, and what the tests' own side holds


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1000001\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"hello\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_request_is_told_so(running: HttpServer, connect: Any, sent: bytes, status: bytes) -> None:
    assert status in answer_to(connect(sent))
    assert asked_in_seconds(running) < SOON_SECONDS


def test_what_was_read_is_answered_before_the_end(running: HttpServer) -> None:
    answered: list[float] = []
    asking = threading.Thread(target=lambda: answered.append(asked_in_seconds(running, "/0.5")))
    asking.start()
    time.sleep(0.2)
    running.stop()
    asking.join()
    assert answered


def test_a_client_that_never_reads_does_not_hold_up_the_end(running: HttpServer, connect: Any) -> None:
    connect(HALF)
    started = time.monotonic()
    running.stop()
    assert time.monotonic() - started < 2 * server.STOP_SECONDS + 1
