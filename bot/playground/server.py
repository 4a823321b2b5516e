"""The double's HTTP server: Web API, response addresses, Socket Mode and the page, on one loopback port."""

import contextlib
import json
import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO, cast
from urllib.parse import SplitResult, parse_qs, urlsplit

from typing_extensions import override

from bot.playground.faults import RESPONSE_URL, Fault
from bot.playground.gate import KEY_NAME, Gate
from bot.playground.page_api import PageApi, page_file
from bot.playground.response_urls import answer_response
from bot.playground.socket_mode import Connection, SocketHub
from bot.playground.state import Call, Slack
from bot.playground.stream import page_events
from bot.playground.web_api import answer_call, arguments_of, token_of
from bot.playground.websocket import accept_key
from bot.playground.wire import Json

BODY_BYTES_MOST = 4 * 1024 * 1024
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DIGITS_MOST = 12
_WAYS_OF_THE_APP = ("/api/", "/response/", "/files-pri/", "/upload/v1/", "/link/")


def _is_page(path: str) -> bool:
    return path == "/" or path.startswith("/archives/")


def _object_in(body: bytes) -> Json | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class SlackServer(ThreadingHTTPServer):
    """Listens on a loopback port; one thread a connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], slack: Slack, hub: SocketHub, page: PageApi) -> None:
        super().__init__(address, _Handler)
        self.slack, self.hub, self.page = slack, hub, page
        self._connections: set[socket.socket] = set()
        self.gate = Gate(address[0], self.server_address[1])
        slack.url = f"http://{address[0]}:{self.server_address[1]}"
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.02,), name="slack-double", daemon=True
        )

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving and hang up."""
        self.slack.closing.set()
        self.slack.workspace.announce("closing", {}, user="")
        self.shutdown()
        self.server_close()
        for connection in tuple(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that closing hangs up on those kept alive."""
        self._connections.add(request)
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is no news."""
        if not self.slack.closing.is_set() and not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Routes one request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: SlackServer

    def do_GET(self) -> None:
        """The page, its stream, a WebSocket, or a method of the Web API."""
        parts = urlsplit(self.path)
        if not self._may_pass(parts) or KEY_NAME in parse_qs(parts.query):
            self._turn_away(parts)
        elif parts.path.startswith("/api/"):
            self._answer_method(parts.path, parts.query, b"")
        elif parts.path.startswith("/files-pri/"):
            token = token_of(cast("dict[str, str]", self.headers), {})
            self._send(200, *self.server.slack.file(parts.path.removeprefix("/files-pri/"), token))
        elif parts.path == "/link/":
            self._serve_socket()
        elif parts.path == "/play/stream":
            self._stream(parse_qs(parts.query))
        elif parts.path == "/play/state":
            self._send_json(200, self.server.page.state(parse_qs(parts.query).get("user", [""])[0]))
        else:
            self._send_file(parts.path)

    def do_POST(self) -> None:
        """A call of the Web API, a post to a response address, or something the page's visitor does."""
        parts = urlsplit(self.path)
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send(413, "text/plain", b"too much, or of no length")
        elif not self._may_pass(parts):
            self._turn_away(parts)
        else:
            self._carry_out(parts, body)

    def _body(self) -> bytes | None:
        """What was sent, where it says how long it is and that is little enough."""
        size = self.headers.get("Content-Length") or "0"
        if not size.isdecimal() or len(size) > _DIGITS_MOST or int(size) > BODY_BYTES_MOST:
            return None
        return self.rfile.read(int(size))

    def _may_pass(self, parts: SplitResult) -> bool:
        """Whether the request is the app's or the page's, each on its own ways."""
        headers, gate = cast("dict[str, str]", self.headers), self.server.gate
        is_for_apps = parts.path.startswith(_WAYS_OF_THE_APP)
        return gate.names_us(headers) and (gate.is_app(headers) if is_for_apps else gate.is_page(headers))

    def _turn_away(self, parts: SplitResult) -> None:
        """Who has the address that was printed gets the key and goes on without it in sight."""
        headers, gate = cast("dict[str, str]", self.headers), self.server.gate
        key = parse_qs(parts.query).get(KEY_NAME, [""])[0]
        if self.command == "GET" and gate.names_us(headers) and gate.opens(key) and _is_page(parts.path):
            self._send(303, "text/plain", b"", {"Location": parts.path, "Set-Cookie": gate.set_cookie()})
        else:
            self._send(403, "text/plain", b"open the address that ftcost playground printed: it has the key")

    def _carry_out(self, parts: SplitResult, body: bytes) -> None:
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        if parts.path.startswith("/api/"):
            self._answer_method(parts.path, parts.query, body)
        elif parts.path.startswith("/response/"):
            self._answer_response(parts.path.removeprefix("/response/"), body)
        elif parts.path.startswith("/upload/v1/"):
            known = self.server.slack.receive(parts.path.removeprefix("/upload/v1/"), body)
            self._send(200 if known else 404, "text/plain", b"OK" if known else b"no such file")
        elif not parts.path.startswith("/play/") or not is_json:
            self._send(404, "text/plain", b"nothing here")
        elif (asked := _object_in(body)) is None:
            self._send(400, "text/plain", b"not a JSON object")
        else:
            self._send_json(*self.server.page.act(parts.path.removeprefix("/play/"), asked))

    def _answer_method(self, path: str, query: str, body: bytes) -> None:
        """Carry out one method, with whatever trouble was ordered for it."""
        slack, method = self.server.slack, path.removeprefix("/api/")
        arguments = arguments_of(self.headers.get("Content-Type", ""), body, query)
        token = token_of(cast("dict[str, str]", self.headers), arguments)
        self._with_trouble(method, arguments, lambda: (200, answer_call(slack, method, arguments, token)))

    def _answer_response(self, name: str, body: bytes) -> None:
        """Carry out one post to a response address."""
        arguments = json.loads(body)
        self._with_trouble(
            RESPONSE_URL, arguments, lambda: answer_response(self.server.slack, name, arguments)
        )

    def _with_trouble(self, method: str, arguments: Json, work: Callable[[], tuple[int, Json]]) -> None:
        """Do the `work` and answer it, or what a fault makes of it; keep a record of the call."""
        slack = self.server.slack
        fault = slack.faults.take(method)
        if fault is None:
            status, answer = work()
        else:
            status, answer = self._troubled(fault, work)
        call = Call(method=method, arguments=arguments, answer=answer, status=status, at=slack.clock())
        slack.record(call)
        if status == 0:
            self.close_connection = True
            return
        wait = fault.retry_after_seconds if fault else None
        self._send_json(status, answer, {} if wait is None else {"Retry-After": str(wait)})

    def _troubled(self, fault: Fault, work: Callable[[], tuple[int, Json]]) -> tuple[int, Json]:
        """What comes of `work` under a fault."""
        self.server.slack.closing.wait(fault.delay_seconds)
        if fault.applied or (not fault.error and fault.status == 200):
            done = work()
            return done if not fault.applied else (fault.status, {"ok": False, "error": fault.error})
        return fault.status, {"ok": False, "error": fault.error}

    def _serve_socket(self) -> None:
        """Turn the connection into a WebSocket and stay with it."""
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept_key(self.headers.get("Sec-WebSocket-Key", "")))
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        self.server.hub.serve(Connection(cast("BinaryIO", self.rfile), cast("BinaryIO", self.wfile)))

    def _stream(self, query: dict[str, list[str]]) -> None:
        """Server-sent events until the page goes."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        after = self.headers.get("Last-Event-ID") or query.get("after", ["0"])[0]
        user, epoch = query.get("user", [""])[0], query.get("epoch", [""])[0]
        for event in page_events(self.server.slack, user, epoch=epoch, after=int(after)):
            self.wfile.write(event)
            self.wfile.flush()

    def _send_file(self, path: str) -> None:
        found = page_file(path)
        if found is None:
            self._send(404, "text/plain", b"nothing here")
        else:
            self._send(200, *found, {"Content-Security-Policy": _CSP})

    def _send_json(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        self._send(
            status, "application/json; charset=utf-8", json.dumps(body, ensure_ascii=False).encode(), headers
        )

    def _send(
        self, status: int, content_type: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    @override
    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What cannot be read is refused without a word of it."""
        self.close_connection = True
        self._send(code, "text/plain", b"not understood")

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Requests are recorded as calls, not logged."""
