"""The addresses of the server: health, metrics, Slack, nothing else."""

import time
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any

import pytest
import structlog

from bot.http.routes import SLACK_PATH, Health, UnsignedRequests, on_one_address, operator_routes, slack_route
from bot.http.server import WsgiApp
from bot.observe import Metrics
from bot.store import Status, StoreHealth
from bot.store.memory import MemoryStore


def signed() -> dict[str, str]:
    """Headers of a request that Slack sent just now."""
    return {"HTTP_X_SLACK_REQUEST_TIMESTAMP": str(int(time.time())), "HTTP_X_SLACK_SIGNATURE": "v0=00"}


class LostStore(MemoryStore):
    """Answers from memory, and says so."""

    def health(self) -> StoreHealth:
        return StoreHealth(status=Status.DEGRADED, backend="memory", durable=False, why="connection\nrefused")


def slack(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Stands in for Bolt's adapter: reads the body as text."""
    text = environ["wsgi.input"].read().decode()
    start_response("200 OK", [])
    return [text.encode()]


def asked(
    app: WsgiApp, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})
) -> tuple[int, str, dict[str, str]]:
    answered: list[Any] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": BytesIO(body), **headers}
    said = b"".join(app(environ, lambda *answer: answered.extend(answer)))
    return int(answered[0].split()[0]), said.decode(), dict(answered[1])


def app(store: MemoryStore | None = None, *, connected: bool = True, over_http: bool = True) -> WsgiApp:
    operator = operator_routes(Health(store or MemoryStore(), lambda: connected), Metrics())
    return on_one_address(slack_route(slack, Metrics()), operator) if over_http else operator


def test_a_token_that_slack_refuses_ends_readiness_and_tells_no_internals() -> None:
    refused: list[str] = ["token_revoked"]
    operator = operator_routes(Health(MemoryStore(), refusal=lambda: refused[0]), Metrics())
    assert asked(operator, "GET", "/readyz")[:2] == (503, "refused\n")
    assert asked(operator, "GET", "/healthz")[:2] == (200, "ok\n")
    refused[0] = ""
    assert asked(operator, "GET", "/readyz")[0] == 200


def test_alive_is_alive() -> None:
    assert asked(app(), "GET", "/healthz")[:2] == (200, "ok\n")


def test_ready_says_ok_or_degraded_and_tells_no_internals() -> None:
    assert asked(app(StoreOfDisk()), "GET", "/readyz")[:2] == (200, "ok\n")
    status, word, headers = asked(app(LostStore()), "GET", "/readyz")
    assert (status, word) == (200, "degraded\n")
    assert set(headers) == {"Content-Type", "Content-Length"}


class StoreOfDisk(MemoryStore):
    """A store that is well."""

    def health(self) -> StoreHealth:
        return StoreHealth(status=Status.OK, backend="redis", durable=True)


def test_a_deaf_web_socket_is_not_ready() -> None:
    assert asked(app(connected=False), "GET", "/readyz")[:2] == (503, "disconnected\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/nowhere"])
def test_whoever_asks_for_the_head_alone_has_no_body(path: str) -> None:
    status, body, headers = asked(app(), "HEAD", path)
    assert (status, body) == (asked(app(), "GET", path)[0], "")
    assert headers["Content-Type"].startswith("text/plain")


def test_metrics_are_for_prometheus() -> None:
    assert "# TYPE ftcost_ack_seconds histogram" in asked(app(), "GET", "/metrics")[1]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", SLACK_PATH), ("POST", "/healthz"), ("POST", "/slack"), ("PUT", SLACK_PATH)],
)
def test_there_is_nothing_else(method: str, path: str) -> None:
    assert asked(app(), method, path)[0] == 404


def test_over_a_web_socket_slack_has_no_address_here() -> None:
    assert asked(app(over_http=False), "POST", SLACK_PATH, headers=signed())[0] == 404


def test_a_signed_request_reaches_the_app() -> None:
    assert asked(app(), "POST", SLACK_PATH, b"text", headers=signed())[:2] == (200, "text")


def test_a_body_that_is_no_text_is_a_bad_request() -> None:
    assert asked(app(), "POST", SLACK_PATH, b"\xff\xfe", headers=signed())[0] == 400


TIME, SIGNATURE = signed()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (TIME, ""),
        (TIME, "\xe9"),
        (TIME, "²"),
        (TIME, "٣"),
        (TIME, "9" * 5000),
        (TIME, "1"),
        (SIGNATURE, ""),
        (SIGNATURE, "\xe9"),
    ],
)
def test_what_cannot_be_a_time_or_a_signature_is_unauthorised(name: str, value: str) -> None:
    assert asked(app(), "POST", SLACK_PATH, b"text", headers=signed() | {name: value})[0] == 401


class Day:
    """Time that passes when it is told to, and what is due meanwhile."""

    def __init__(self) -> None:
        self.now, self.due = 0.0, list[tuple[float, Callable[[], None]]]()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self.due.append((self.now + seconds, call))

    def passes(self, seconds: float) -> None:
        self.now += seconds
        over = [each for each in self.due if each[0] <= self.now]
        self.due = [each for each in self.due if each[0] > self.now]
        for _, call in over:
            call()


def test_refusals_are_counted_each_and_logged_once_a_minute_to_the_last() -> None:
    metrics, day = Metrics(), Day()
    unsigned = UnsignedRequests(metrics, lambda: day.now, day.later)
    with structlog.testing.capture_logs() as log:
        for reason in ("stale", "stale", "unsigned"):
            unsigned.add(reason)
        assert len(day.due) == 1
        day.passes(60)
        unsigned.add("malformed")
        day.passes(59)
        assert len(log) == 2
        day.passes(1)
        day.passes(1000)
        unsigned.add("stale")
    assert [{**each, "event": ""} for each in log] == [
        {"event": "", "log_level": "warning", "stale": 1},
        {"event": "", "log_level": "warning", "stale": 1, "unsigned": 1},
        {"event": "", "log_level": "warning", "malformed": 1},
        {"event": "", "log_level": "warning", "stale": 1},
    ]
    assert metrics.registry.get_sample_value("ftcost_refused_total", {"reason": "stale"}) == 3


@pytest.mark.parametrize(
    ("headers", "body", "counted"),
    [(signed, b"text", 1), (dict, b"text", None), (signed, b"\xff\xfe", None)],
    ids=["slack", "unsigned", "unreadable"],
)
def test_only_what_was_slacks_counts_as_acknowledged(
    headers: Callable[[], dict[str, str]], body: bytes, counted: float | None
) -> None:
    """Signed when it is sent: what was signed while tests were collected is refused five minutes later."""
    metrics = Metrics()
    asked(slack_route(slack, metrics), "POST", SLACK_PATH, body, headers=headers())
    found = metrics.registry.get_sample_value("ftcost_ack_seconds_count", {"kind": "http"})
    assert found == counted


def test_a_wrong_signature_counts_as_refused() -> None:
    def refusing(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("401 Unauthorized", [])
        return [b""]

    metrics = Metrics()
    assert asked(slack_route(refusing, metrics), "POST", SLACK_PATH, headers=signed())[0] == 401
    assert metrics.registry.get_sample_value("ftcost_refused_total", {"reason": "wrong_signature"}) == 1
    assert metrics.registry.get_sample_value("ftcost_ack_seconds_count", {"kind": "http"}) is None


def test_slacks_address_knows_nothing_of_the_operators() -> None:
    alone = slack_route(slack, Metrics())
    assert {asked(alone, "GET", path)[0] for path in ("/healthz", "/readyz", "/metrics")} == {404}
