"""A model hub as nobody wants one: it hangs, drips, sends for ever, sends elsewhere."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

Send = Callable[[bytes], None]
Answer = Callable[[Send, threading.Event], None]
BLOCK = b"x" * 65_536


def hangs(_send: Send, closing: threading.Event) -> None:
    closing.wait()


def drips_headers(send: Send, closing: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\n")
    while not closing.wait(0.05):
        send(b"X-More: yes\r\n")


def drips_its_body(send: Send, closing: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n{")
    while not closing.wait(0.05):
        send(b" ")


def continues(send: Send, closing: threading.Event) -> None:
    while not closing.wait(0.001):
        send(b"HTTP/1.1 100 Continue\r\n\r\n")


def is_huge(send: Send, closing: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\n")
    while not closing.is_set():
        send(BLOCK)


def never_ends(send: Send, closing: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not closing.is_set():
        send(b"10000\r\n" + BLOCK + b"\r\n")


def has_a_long_line(send: Send, closing: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not closing.is_set():
        send(BLOCK)


def has_a_long_chunk_size(send: Send, closing: threading.Event) -> None:
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not closing.is_set():
        send(b"0" * 65_536)


def says(body: bytes, status: str = "200 OK", *headers: str) -> Answer:
    def answer(send: Send, _closing: threading.Event) -> None:
        # said, as it is done: a client that kept the line would ask on it while it is being closed
        also = (*headers, f"Content-Length: {len(body)}", "Connection: close")
        lines = "".join(f"{line}\r\n" for line in also)
        send(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)

    return answer


def sends_to(address: str) -> Answer:
    return says(b"", "302 Found", f"Location: {address}")


class HostileHub:
    """Answers every request by the name that it asks for: `answers["org/name"]`, else `usual`."""

    def __init__(self, usual: Answer = hangs) -> None:
        self.usual = usual
        self.answers: dict[str, Answer] = {}
        self.requests: list[bytes] = []
        self.sent_bytes = 0
        self.closing = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, name="hostile", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._answer, args=(connection,), name="hostile", daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        def send(what: bytes) -> None:
            connection.sendall(what)
            self.sent_bytes += len(what)

        with contextlib.suppress(OSError), connection:
            request = connection.recv(65_536)
            self.requests.append(request)
            name = request.split(b" ")[1].decode().strip("/").removesuffix("/resolve/main/config.json")
            self.answers.get(name, self.usual)(send, self.closing)
