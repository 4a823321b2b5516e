"""The routes of the server: health, metrics, Slack, nothing else."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any

import pytest

from bot.observe import Metrics
from bot.server import SLACK_PATH, Health, WsgiApp, routed
from bot.store import Health as StoreHealth
from bot.store import Status
from bot.store.memory import MemoryStore

SIGNED = {"HTTP_X_SLACK_REQUEST_TIMESTAMP": "1", "HTTP_X_SLACK_SIGNATURE": "v0=00"}


class LostStore(MemoryStore):
    """Answerer from memory, and says so."""

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
    health = Health(store or MemoryStore(), lambda: connected)
    return routed(slack if over_http else None, health, Metrics())


def test_alive_is_alive() -> None:
    assert asked(app(), "GET", "/healthz")[:2] == (200, "ok\n")


def test_ready_says_ok_or_degraded_with_the_reason() -> None:
    assert asked(app(StoreOfDisk()), "GET", "/readyz")[:2] == (200, "ok\n")
    status, word, headers = asked(app(LostStore()), "GET", "/readyz")
    assert (status, word) == (200, "degraded\n")
    assert headers["X-Reason"] == "connection refused"


class StoreOfDisk(MemoryStore):
    """A store that is well."""

    def health(self) -> StoreHealth:
        return StoreHealth(status=Status.OK, backend="redis", durable=True)


def test_a_deaf_web_socket_is_not_ready() -> None:
    assert asked(app(connected=False), "GET", "/readyz")[:2] == (503, "disconnected\n")


def test_metrics_are_for_prometheus() -> None:
    assert "# TYPE ftcost_ack_seconds histogram" in asked(app(), "GET", "/metrics")[1]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", SLACK_PATH), ("POST", "/healthz"), ("POST", "/slack"), ("PUT", SLACK_PATH)],
)
def test_there_is_nothing_else(method: str, path: str) -> None:
    assert asked(app(), method, path)[0] == 404


def test_over_a_web_socket_slack_has_no_address_here() -> None:
    assert asked(app(over_http=False), "POST", SLACK_PATH, headers=SIGNED)[0] == 404


def test_a_signed_request_reaches_the_app() -> None:
    assert asked(app(), "POST", SLACK_PATH, b"text", headers=SIGNED)[:2] == (200, "text")


def test_a_body_that_is_no_text_is_a_bad_request() -> None:
    assert asked(app(), "POST", SLACK_PATH, b"\xff\xfe", headers=SIGNED)[0] == 400


TIME, SIGNATURE = SIGNED


@pytest.mark.parametrize(("name", "value"), [(TIME, ""), (TIME, "\xe9"), (TIME, "²"), (SIGNATURE, "\xe9")])
def test_what_cannot_be_a_time_or_a_signature_is_unauthorised(name: str, value: str) -> None:
    assert asked(app(), "POST", SLACK_PATH, b"text", headers=SIGNED | {name: value})[0] == 401
