"""A WSGI callable on a port: one loop reads whole requests, threads serve them.

A client that sends nothing, a byte a second or without end costs a file descriptor and a bounded piece of
memory, never a thread: it is hung up on after its time, or sooner where somebody else needs the room.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from typing_extensions import override
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

WsgiApp = Callable[..., Iterable[bytes]]

THREADS: Final = 16
MAX_HEADER_BYTES: Final = 32_768
MAX_BODY_BYTES: Final = 1_000_000
"""Slack's largest payload is a view of 250 kB."""
MOST_UNREAD_BYTES: Final = 4_000_000
"""What all connections together may have sent of requests that are not answered yet."""
MOST_CONNECTIONS: Final = 512
"""Of one more, the one that has waited longest without a whole request is hung up on."""
MOST_UNANSWERED: Final = 2
"""Whole requests of one connection. Who asks again before the answer is none of Slack's, nor a proxy of ours;
the second may come before the first, answered already, is put away."""
READ_SECONDS: Final = 5.0
"""From the first byte of a request to its last; Slack itself gives up after three."""
IDLE_SECONDS: Final = 60.0
"""Between two requests of one connection."""
BACKLOG: Final = 1024
LET_IN_AT_ONCE: Final = 64
STOP_SECONDS: Final = 2.0
LOOP_SECONDS: Final = 1.0
"""The longest time between two looks at who is late."""

# A burst of commands is no news; who cannot be read is told so by the answer.
for _name in ("waitress", "waitress.queue"):
    logging.getLogger(_name).setLevel(logging.ERROR)


def listening(host: str, port: int) -> socket.socket:
    """A socket that connections may be made to; port 0 is any free one.

    Raises:
        OSError: the address is taken or none of ours.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, *_, address = found[0]
    return socket.create_server(address[:2], family=family, backlog=BACKLOG)


def address_of(listener: socket.socket) -> str:
    """`http://host:port`, as bound."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class HttpServer:
    """A WSGI app on a socket that listens."""

    def __init__(self, app: WsgiApp, listener: socket.socket, *, threads: int = THREADS) -> None:
        self.address = address_of(listener)
        self._threads = ThreadedTaskDispatcher()
        self._threads.set_thread_count(threads)
        self._server = _Server(app, listener, self._threads)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Take nothing new, answer what has been read."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join(3 * STOP_SECONDS)
        if not (self._thread.is_alive() or self._threads.threads):  # nobody will wake the loop any more
            self._server.trigger.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._server.turn(LOOP_SECONDS)
        self._server.turn(0)  # whoever has connected before the end is still let in
        self._server.stop_listening()
        deadline = time.monotonic() + STOP_SECONDS
        while self._server.is_busy() and time.monotonic() < deadline:
            self._server.turn(0.02)
        self._threads.shutdown(timeout=STOP_SECONDS)
        self._server.hang_up()


class _Request(HTTPRequestParser):  # type: ignore[misc]  # waitress has no annotations
    """A request, of which a length of 5,000 digits is told to be malformed like any other."""

    @override
    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError("a header cannot be read") from error


class _TooManyError(Exception):
    """More requests on one connection than anybody waits for."""


class _Channel(HTTPChannel):  # type: ignore[misc]  # likewise
    """A connection, and since when it owes us the rest of a request."""

    def parser_class(self, adjustments: Adjustments) -> _Request:
        """What reads the next request; waitress asks for one to write down a mistake of ours, too."""
        if self._is_receiving and len(self.requests) >= MOST_UNANSWERED:
            raise _TooManyError
        return _Request(adjustments)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.since = time.monotonic()
        self._was_served = self._is_receiving = False

    @property
    def unread_bytes(self) -> int:
        """What was sent of requests that are not answered yet."""
        reading = (self.request, *self.requests) if self.request else self.requests
        return sum(each.header_bytes_received + each.body_bytes_received for each in reading)

    @property
    def is_reading(self) -> bool:
        """Whether a request has begun and not ended."""
        return self.request is not None

    def is_late(self, now: float) -> bool:
        """Whether the rest of a request, or the next one, has been waited for too long."""
        if self.requests:
            return False
        owes = self.is_reading or self.total_outbufs_len or not self._was_served
        return bool(now - self.since > (READ_SECONDS if owes else IDLE_SECONDS))

    @override
    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.since = time.monotonic()
        self._is_receiving = True
        try:
            taken = bool(super().received(data))
        except _TooManyError:
            self.server.leave(self)
            return False
        finally:
            self._is_receiving = False
        self.server.keep_in_bounds(self)
        return taken

    @override
    def service(self) -> None:
        super().service()
        self.since, self._was_served = time.monotonic(), True


class _Server(TcpWSGIServer):  # type: ignore[misc]  # likewise
    """Waitress with a deadline for whole requests and bounds over all connections."""

    channel_class = _Channel

    def __init__(self, app: WsgiApp, listener: socket.socket, threads: ThreadedTaskDispatcher) -> None:
        adjustments = Adjustments(
            sockets=[listener],
            backlog=BACKLOG,
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=MAX_BODY_BYTES,
            inbuf_overflow=2 * MAX_BODY_BYTES,  # beyond it a body would go to the disk
            connection_limit=2 * MOST_CONNECTIONS,  # beyond it nobody would be let in any more
            cleanup_interval=1,
            asyncore_use_poll=True,
            log_socket_errors=False,
            ident="",
        )
        self._leaving: list[_Channel] = []
        super().__init__(
            app,
            {},
            _sock=listener,
            dispatcher=threads,
            adj=adjustments,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def turn(self, seconds: float) -> None:
        """Read and write what can be, waiting for it at most so long."""
        while self._leaving:  # between two turns: within one, another may already have the same number
            self._leaving.pop().handle_close()
        wasyncore.loop(seconds, use_poll=True, map=self._map, count=1)

    def is_busy(self) -> bool:
        """Whether a request is being read, served or answered."""
        return any(each.requests or each.is_reading or each.total_outbufs_len for each in self._connections())

    def stop_listening(self) -> None:
        """Let nobody in any more."""
        self.del_channel()
        self.socket.close()

    def hang_up(self) -> None:
        """Close every connection."""
        for each in self._connections():
            each.handle_close()

    @override
    def handle_accept(self) -> None:
        """Let in who has knocked, as many as one look at the others pays for."""
        for _ in range(LET_IN_AT_ONCE):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return
            if before >= MOST_CONNECTIONS:
                self._make_room()

    @override
    def maintenance(self, now: float) -> None:
        """Hang up on who is late; waitress itself counts only from the last byte."""
        monotonic = time.monotonic()
        for each in self._connections():
            if each.is_late(monotonic):
                self.leave(each)

    def keep_in_bounds(self, grown: _Channel) -> None:
        """Where all connections together have sent too much, hang up on the one that sent most."""
        if grown.unread_bytes <= MOST_UNREAD_BYTES // MOST_CONNECTIONS:
            return  # so much each of them may have
        connections = self._connections()
        if sum(each.unread_bytes for each in connections) > MOST_UNREAD_BYTES:
            self.leave(max(connections, key=_room_taken))

    def _make_room(self) -> None:
        waiting = [each for each in self._connections() if not each.requests and not each.will_close]
        if waiting:
            self.leave(min(waiting, key=lambda each: each.since))

    def leave(self, channel: _Channel) -> None:
        """Hang up on a connection, between two turns."""
        channel.will_close = True  # nothing more is read of it
        self._leaving.append(channel)

    def _connections(self) -> tuple[_Channel, ...]:
        return tuple(self.active_channels.values())


def _room_taken(channel: _Channel) -> int:
    return 0 if channel.requests or channel.will_close else channel.unread_bytes
