"""A web server on a port of its own: answers what a test lays down, remembers what was asked."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

Answer = tuple[int, bytes] | Callable[[], tuple[int, bytes]]
Fault = Callable[[BaseHTTPRequestHandler, bytes], None]
"""Answers in the server's place, with the body that it would have sent."""


class FakeWeb:
    """`answers[path]` is a status and a body, or a function of them; anything else is a 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.fault: Fault | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                web.asked.append((self.path, body))
                web.headers.append(dict(self.headers))
                answer = web.answers.get(self.path, (404, b"nothing here"))
                status, content = answer() if callable(answer) else answer
                if web.fault is not None:
                    web.fault(self, content)
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815  -- the name that http.server looks for

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
