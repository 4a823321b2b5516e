"""The addresses of `ftcost serve`: Slack's requests, health for an orchestrator, metrics for Prometheus."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

from prometheus_client import make_wsgi_app

from bot.http.server import WsgiApp
from bot.observe import Metrics, get_log
from bot.store import Status, Store

SLACK_PATH: Final = "/slack/events"
_TEXT: Final = ("Content-Type", "text/plain; charset=utf-8")
_LOG = get_log(__name__)


class Health:
    """Whether this process answers commands, and whether all that it leans on is there."""

    def __init__(
        self,
        store: Store,
        connected: Callable[[], bool] = lambda: True,
        refusal: Callable[[], str] = lambda: "",
    ) -> None:
        self._store, self.connected, self._refusal = store, connected, refusal
        self._said = ""

    def ready(self) -> tuple[int, str]:
        """Status and word; a lost store degrades, a deaf web socket or a worthless token makes us unready.

        Why is for the log alone, once each time that it changes: whoever asks may be anybody.
        """
        status, word, reason = self._judged()
        if reason != self._said:
            self._said = reason
            (_LOG.warning if reason else _LOG.info)("readiness", word=word, reason=reason)
        return status, word

    def _judged(self) -> tuple[int, str, str]:
        if not self.connected():
            return 503, "disconnected", "no web socket to Slack"
        if code := self._refusal():
            return 503, "refused", f"SLACK_BOT_TOKEN: Slack refuses it ({code})"
        health = self._store.health()
        return 200, "ok" if health.status is Status.OK else "degraded", health.why


STAMP_DIGITS: Final = 12
"""Seconds since 1970, for the next thirty thousand years."""
STAMP_SECONDS: Final = 300
"""How old or new a request of Slack's may be. Source: docs.slack.dev/authentication/verifying-requests."""
SAID_EVERY_SECONDS: Final = 60.0
_UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


Later = Callable[[float, Callable[[], None]], object]
"""Calls something after so many seconds."""


def _later(seconds: float, call: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


class UnsignedRequests:
    """Requests that Slack did not sign: counted, and logged once a minute with the reasons."""

    def __init__(
        self, metrics: Metrics, clock: Callable[[], float] = time.monotonic, later: Later = _later
    ) -> None:
        self._metrics, self._clock, self._later = metrics, clock, later
        self._lock = threading.Lock()
        self._unsaid: Counter[str] = Counter()
        self._said_at = -SAID_EVERY_SECONDS

    def add(self, reason: str) -> None:
        """Count one; the first is said at once, those that follow when the minute is over."""
        self._metrics.refused.labels(reason).inc()
        with self._lock:
            is_announced = bool(self._unsaid)
            self._unsaid[reason] += 1
            left_seconds = self._said_at + SAID_EVERY_SECONDS - self._clock()
        if left_seconds <= 0:
            self._say()
        elif not is_announced:
            self._later(left_seconds, self._say)

    def _say(self) -> None:
        with self._lock:
            said, self._unsaid = dict(self._unsaid), Counter()
            self._said_at = self._clock()
        if said:
            _LOG.warning("requests refused", **said)


def slack_route(slack: WsgiApp, metrics: Metrics) -> WsgiApp:
    """Slack's address: `slack` behind what cannot be a request of Slack's at all."""
    unsigned = UnsignedRequests(metrics)

    def route(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not _is(environ, "POST", SLACK_PATH):
            return _answer(start_response, 404, "not found")
        if reason := _not_signed(environ):
            unsigned.add(reason)
            return _answer(start_response, 401, "not signed")
        began = time.perf_counter()

        def heard(status: str, *rest: Any) -> Any:
            if status.startswith("401"):
                unsigned.add("wrong_signature")
            else:
                metrics.acknowledged.labels("http").observe(time.perf_counter() - began)
            return start_response(status, *rest)

        return _guarded(slack, environ, heard, start_response)

    return route


def operator_routes(health: Health, metrics: Metrics) -> WsgiApp:
    """`/healthz`, `/readyz` and `/metrics`: for an orchestrator and for Prometheus."""
    scrape: WsgiApp = make_wsgi_app(metrics.exposed)

    def route(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", "")
        if method == "HEAD":
            list(route({**environ, "REQUEST_METHOD": "GET"}, start_response))
            return []
        if method == "GET" and path == "/healthz":
            return _answer(start_response, 200, "ok")
        if method == "GET" and path == "/readyz":
            return _answer(start_response, *health.ready())
        if method == "GET" and path == "/metrics":
            return scrape(environ, start_response)
        return _answer(start_response, 404, "not found")

    return route


def on_one_address(slack: WsgiApp, operator: WsgiApp) -> WsgiApp:
    """Both on one address."""

    def route(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        chosen = slack if environ.get("PATH_INFO") == SLACK_PATH else operator
        return chosen(environ, start_response)

    return route


def _is(environ: dict[str, Any], method: str, path: str) -> bool:
    return environ.get("REQUEST_METHOD") == method and environ.get("PATH_INFO") == path


def _guarded(
    slack: WsgiApp, environ: dict[str, Any], heard: Callable[..., Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """What cannot even be read as a request of Slack's is answered plainly; nothing was verified then.

    Bolt's verifier raises on a time that is no number, on a signature beyond ASCII; its reader, which comes
    before, on brackets in brackets, on numbers of thousands of digits and on shapes that Slack does not send.
    """
    try:
        return slack(environ, heard)
    except _UNREADABLE as error:
        _LOG.warning("unreadable request", error=type(error).__name__)
        return _answer(start_response, 400, "bad request")


def _not_signed(environ: dict[str, Any]) -> str:
    """Why it cannot be Slack's, without a look at the signature; empty where it can."""
    stamp, signature = (
        environ.get(f"HTTP_X_SLACK_{name}", "") for name in ("REQUEST_TIMESTAMP", "SIGNATURE")
    )
    if not stamp or not signature:
        return "unsigned"
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= STAMP_DIGITS and signature.isascii()):
        return "malformed"
    return "stale" if abs(time.time() - int(stamp)) > STAMP_SECONDS else ""


def _answer(start_response: Callable[..., Any], status: int, word: str) -> Iterable[bytes]:
    body = f"{word}\n".encode()
    start_response(f"{status} {HTTPStatus(status).phrase}", [_TEXT, ("Content-Length", str(len(body)))])
    return [body]
