"""The HTTP server under clients that are silent, slow, endless or broken: others are served meanwhile."""

import gc
import resource
import socket
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from patience import PATIENCE_SECONDS, until

from bot.http import server
from bot.http.server import HttpServer, listening


class Echo:
    """Answers the length of the body; `/slow` when it is told to."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            self.has_begun.set()
            self.may_end.wait(PATIENCE_SECONDS)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(len(environ["wsgi.input"].read())).encode()]


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def running(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    """Whoever is behind a silent one waits longer than a test does."""
    monkeypatch.setattr(server, "READ_SECONDS", 4.0 * PATIENCE_SECONDS)
    running = HttpServer(echo, listening("127.0.0.1", 0))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def connect(running: HttpServer) -> Iterator[Any]:
    """Opens connections that are closed in the end."""
    opened: list[socket.socket] = []
    parts = urlsplit(running.address)

    def connected(sent: bytes = b"") -> socket.socket:
        opened.append(
            socket.create_connection((str(parts.hostname), parts.port or 0), timeout=PATIENCE_SECONDS)
        )
        if sent:
            opened[-1].sendall(sent)
        return opened[-1]

    yield connected
    for each in opened:
        each.close()


def is_answered(running: HttpServer, path: str = "/", body: bytes | None = None) -> bool:
    with urllib.request.urlopen(f"{running.address}{path}", body, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310  -- our own
        return bool(answer.read() == str(len(body or b"")).encode())


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
    assert is_answered(running)
    assert is_answered(running, body=b"x" * 900_000)
    assert threading.active_count() <= threads


def test_a_dripping_client_is_hung_up_on_in_time(
    running: HttpServer, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "READ_SECONDS", 1.0)
    header, body = connect(HALF[:-1]), connect(HALF_BODY)

    def is_gone(connection: socket.socket) -> bool:
        try:
            connection.sendall(b"x")
        except ConnectionError:
            return True
        return False

    for each in (header, body):
        until(partial(is_gone, each))


def test_an_endless_header_is_cut_off(running: HttpServer, connect: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    connection, sent = connect(b"GET / HTTP/1.1\r\nX: "), 0
    with suppress(ConnectionError):
        for _ in range(200):
            connection.sendall(b"x" * 1_000_000)
            sent += 1
    assert sent < 20  # what the line itself holds
    assert is_answered(running)
    assert grown_mb(before) < 20


def test_many_large_bodies_share_one_bound(running: HttpServer, connect: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for _ in range(60):
        with suppress(ConnectionError):
            connect(HALF_BODY).sendall(b"x" * 800_000)
    assert is_answered(running)
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
    assert is_answered(running)


def test_what_was_read_is_answered_before_the_end(
    running: HttpServer, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STOP_SECONDS", float(PATIENCE_SECONDS))
    answered: list[bool] = []
    asking = threading.Thread(target=lambda: answered.append(is_answered(running, "/slow")))
    asking.start()
    assert echo.has_begun.wait(PATIENCE_SECONDS)
    stopping = threading.Thread(target=running.stop)
    stopping.start()
    until(running._stopping.is_set)
    echo.may_end.set()
    stopping.join()
    asking.join()
    assert answered == [True]


def test_a_client_that_never_reads_does_not_hold_up_the_end(running: HttpServer, connect: Any) -> None:
    connect(HALF)
    started = time.monotonic()
    running.stop()
    assert time.monotonic() - started < PATIENCE_SECONDS


ASKED = b"GET / HTTP/1.1\r\n\r\n"


def test_who_asks_on_and_on_before_the_answer_is_hung_up_on(
    running: HttpServer, connect: Any, echo: Echo
) -> None:
    connection = connect(b"GET /slow HTTP/1.1\r\n\r\n" + ASKED * 300)
    assert answer_to(connection) == b""
    echo.may_end.set()
    assert is_answered(running)


def test_who_asks_once_more_before_the_answer_has_both(connect: Any, echo: Echo) -> None:
    connection = connect(b"GET /slow HTTP/1.1\r\n\r\n" + ASKED)
    assert echo.has_begun.wait(PATIENCE_SECONDS)
    echo.may_end.set()
    read = b""
    while read.count(b"200 OK") < 2:
        more = connection.recv(4096)
        assert more, read
        read += more
