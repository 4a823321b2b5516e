"""One WSGI callable: Slack's requests, health for an orchestrator, metrics for Prometheus."""

import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

from cheroot import wsgi
from prometheus_client import make_wsgi_app

from bot.observe import Metrics, get_log
from bot.store import Status, Store

WsgiApp = Callable[..., Iterable[bytes]]

THREADS: Final = 16
MAX_BODY_BYTES: Final = 1_000_000
"""Slack's largest payload is a view of 250 kB."""
HTTP_STOP_SECONDS: Final = 3


class HttpServer:
    """A WSGI app on a port, served by threads."""

    def __init__(self, app: WsgiApp, host: str, port: int) -> None:
        self._server: Any = wsgi.Server(
            (host, port),
            app,
            numthreads=THREADS,
            server_name="ftcost",
            request_queue_size=256,
            shutdown_timeout=HTTP_STOP_SECONDS,
        )
        self._server.max_request_body_size = MAX_BODY_BYTES
        self._server.expiration_interval = 0.05
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, name="http", daemon=True)

    @property
    def address(self) -> str:
        """`http://host:port`, as bound."""
        host, port = self._server.bind_addr[:2]
        return f"http://{host}:{port}"

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Take nothing new, answer what has been read."""
        self._server.stop()
        self._thread.join(HTTP_STOP_SECONDS)


SLACK_PATH: Final = "/slack/events"
_TEXT: Final = ("Content-Type", "text/plain; charset=utf-8")
_LOG = get_log(__name__)


class Health:
    """Whether this process answers commands, and whether all that it leans on is there."""

    def __init__(self, store: Store, connected: Callable[[], bool] = lambda: True) -> None:
        self._store, self.connected = store, connected

    def ready(self) -> tuple[int, str, str]:
        """Status, word and reason; a lost store degrades, only a deaf web socket makes us unready."""
        if not self.connected():
            return 503, "disconnected", "no web socket to Slack"
        health = self._store.health()
        return 200, "ok" if health.status is Status.OK else "degraded", health.why


def routed(slack: WsgiApp | None, health: Health, metrics: Metrics) -> WsgiApp:
    """The routes of `ftcost serve`; `slack` is absent where a web socket takes its place."""
    scrape: WsgiApp = make_wsgi_app(metrics.registry)

    def route(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", "")
        if path == SLACK_PATH and method == "POST" and slack is not None:
            with metrics.timed(metrics.acknowledged, "http"):
                return _guarded(slack, environ, start_response)
        if method in ("GET", "HEAD") and path == "/healthz":
            return _answer(start_response, 200, "ok")
        if method in ("GET", "HEAD") and path == "/readyz":
            status, word, reason = health.ready()
            return _answer(start_response, status, word, reason)
        if method in ("GET", "HEAD") and path == "/metrics":
            return scrape(environ, start_response)
        return _answer(start_response, 404, "not found")

    return route


def _guarded(slack: WsgiApp, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What cannot even be read as a request of Slack's is answered plainly; nothing was verified then.

    Bolt's verifier raises on a time that is no number and on a signature beyond ASCII.
    """
    time, signature = (environ.get(f"HTTP_X_SLACK_{name}", "") for name in ("REQUEST_TIMESTAMP", "SIGNATURE"))
    if not time.isdecimal() or not signature.isascii():
        return _answer(start_response, 401, "not signed")
    try:
        return slack(environ, start_response)
    except (ValueError, KeyError) as error:
        _LOG.warning("unreadable request", error=type(error).__name__)
        return _answer(start_response, 400, "bad request")


def _answer(start_response: Callable[..., Any], status: int, word: str, reason: str = "") -> Iterable[bytes]:
    body = f"{word}\n".encode()
    headers = [_TEXT, ("Content-Length", str(len(body)))]
    if reason:
        headers.append(("X-Reason", reason.encode("ascii", "replace").decode().replace("\n", " ")[:200]))
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]
