"""Socket Mode: the app opens a WebSocket, the double sends envelopes down it and waits for their acks."""

import json
import threading
import time
import uuid
from typing import BinaryIO

from bot.playground.people import APP_ID
from bot.playground.transport import PATIENCE_SECONDS, Answer, Retry
from bot.playground.websocket import CLOSE, PING, PONG, TEXT, Frame, encoded, read_frame
from bot.playground.wire import Json
from bot.playground.workspace import WAIT_SECONDS


class Connection:
    """One open socket of the app."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader, self._writer = reader, writer
        self._lock = threading.Lock()

    def send(self, message: Json) -> None:
        """Send one JSON message."""
        self.send_frame(Frame(TEXT, json.dumps(message).encode()))

    def send_frame(self, frame: Frame) -> None:
        """Send one frame, whole."""
        with self._lock:
            self._writer.write(encoded(frame))
            self._writer.flush()

    def receive(self) -> Frame | None:
        """The next frame of the app, None when it has gone."""
        try:
            return read_frame(self._reader)
        except (OSError, ValueError):
            return None


class _Waiting:
    """An envelope on its way, until its ack is back."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.payload: Json = {}


class SocketHub:
    """All sockets the app has open; each envelope goes down one of them, in turn."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._open: list[Connection] = []
        self._waiting: dict[str, _Waiting] = {}

    def serve(self, connection: Connection) -> None:
        """Greet a socket and read it until it is closed."""
        with self._lock:
            self._open.append(connection)
            self._lock.notify_all()
        try:
            connection.send(self._hello())
            while (frame := connection.receive()) is not None and frame.opcode != CLOSE:
                self._hear(connection, frame)
        except OSError:
            return
        finally:
            with self._lock:
                self._open = [other for other in self._open if other is not connection]
                self._lock.notify_all()

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return len(self._open)

    def wait_for_connections(self, count: int, timeout_seconds: float = WAIT_SECONDS) -> bool:
        """Whether the app has `count` sockets open in time."""
        with self._lock:
            return self._lock.wait_for(lambda: len(self._open) == count, timeout_seconds)

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to go and come again, then hang up, as Slack does every few hours."""
        for connection in tuple(self._open):
            connection.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}})
            connection.send_frame(Frame(CLOSE, (1000).to_bytes(2)))

    def ping(self) -> None:
        """Ping every socket, as Slack does; a client that waits for data wakes up by it."""
        for connection in tuple(self._open):
            connection.send_frame(Frame(PING, b"Ping from the double"))

    def command(self, form: Json) -> Answer:
        """Deliver a slash command."""
        return self._deliver("slash_commands", form, {"accepts_response_payload": True})

    def interactive(self, payload: Json) -> Answer:
        """Deliver an interaction."""
        return self._deliver("interactive", payload, {"accepts_response_payload": True})

    def event(self, body: Json, retry: Retry | None) -> Answer:
        """Deliver an event."""
        attempt, reason = retry or (0, "")
        again = {"retry_attempt": attempt, "retry_reason": reason, "accepts_response_payload": False}
        return self._deliver("events_api", body, again)

    def _deliver(self, kind: str, payload: Json, extra: Json) -> Answer:
        """Send an envelope and wait for its ack."""
        envelope_id, waiting, started = str(uuid.uuid4()), _Waiting(), time.monotonic()
        self._waiting[envelope_id] = waiting
        try:
            self._next_open().send({"envelope_id": envelope_id, "type": kind, "payload": payload} | extra)
            acked = waiting.done.wait(PATIENCE_SECONDS)
        except OSError:
            return Answer(status=0, reason="connection_failed", seconds=time.monotonic() - started)
        finally:
            self._waiting.pop(envelope_id, None)
        if not acked:
            return Answer(status=0, reason="http_timeout", seconds=time.monotonic() - started)
        body = json.dumps(waiting.payload).encode() if waiting.payload else b""
        return Answer(status=200, body=body, seconds=time.monotonic() - started)

    def _next_open(self) -> Connection:
        """The connection whose turn it is."""
        with self._lock:
            if not self._open:
                raise ConnectionError("the app has no socket open")
            self._open.append(self._open.pop(0))
            return self._open[-1]

    def _hear(self, connection: Connection, frame: Frame) -> None:
        """An ack, or a ping."""
        if frame.opcode == PING:
            connection.send_frame(Frame(PONG, frame.payload))
            return
        if frame.opcode != TEXT:
            return
        ack = json.loads(frame.payload)
        if (waiting := self._waiting.get(ack.get("envelope_id", ""))) is not None:
            waiting.payload = ack.get("payload") or {}
            waiting.done.set()

    def _hello(self) -> Json:
        debug = {"host": "playground", "build_number": 1, "approximate_connection_time": 18_060}
        info = {"connection_info": {"app_id": APP_ID}, "debug_info": debug}
        return {"type": "hello", "num_connections": len(self._open)} | info
