"""Calls to Slack share a connection that is kept open, and one that was hung up on is opened anew."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import LifoQueue
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request

import pytest
from slack_sdk.errors import SlackApiError
from urllib3.util.wait import wait_for_read

from bot.slack.connections import Connections, KeptClient, KeptWebhook

PATIENCE_SECONDS = 60
"""What no machine is too busy for."""


class Slack(ThreadingHTTPServer):
    """Counts connections and requests; closes a connection after each answer where told to."""

    daemon_threads = True
    status, closes = 200, False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections = 0
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Slack

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        self.server.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        body = json.dumps({"ok": self.server.status == 200, "error": "ratelimited"}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.server.closes

    def log_message(self, *_said: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def slack() -> Iterator[Slack]:
    server = Slack()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def client_of(slack: Slack) -> KeptClient:
    return KeptClient(token="xoxb-1", base_url=slack.url, timeout=PATIENCE_SECONDS, retry_handlers=[])


def until_hung_up(slack: Slack, client: KeptClient) -> None:
    """Wait until the server's end of the one idle connection has arrived here: only then can anybody know."""
    pool: LifoQueue[Any] | None = client.connections._pool.connection_from_url(slack.url).pool
    assert pool is not None
    (idle,) = (connection for connection in pool.queue if connection is not None)
    assert wait_for_read(idle.sock, PATIENCE_SECONDS)


def test_calls_of_one_thread_share_a_line_with_its_response_addresses(slack: Slack) -> None:
    client = client_of(slack)
    for number in range(5):
        client.chat_postMessage(channel="C1", text=f"café {number}")
    answer = KeptWebhook(
        f"{slack.url}response", client.connections, timeout_seconds=PATIENCE_SECONDS
    ).send_dict({"text": "é"})
    assert (answer.status_code, slack.connections, len(slack.asked)) == (200, 1, 6)
    assert json.loads(slack.asked[-1]) == {"text": "é"}


def test_a_line_that_was_hung_up_on_is_opened_anew(slack: Slack) -> None:
    client, slack.closes = client_of(slack), True
    for _ in range(3):
        client.api_test()
        until_hung_up(slack, client)
    assert (slack.connections, len(slack.asked)) == (3, 3)


def test_lines_are_given_up_before_something_between_does(slack: Slack) -> None:
    now = [0.0]
    connections = Connections(None, None, lambda: now[0])
    for at in (0.0, 59.0, 61.0, 62.0):
        now[0] = at
        asked = Request(slack.url, data=b"{}")  # noqa: S310  -- our own
        assert connections.post(asked, PATIENCE_SECONDS)[0] == 200
    assert slack.connections == 2


def test_a_refusal_is_told_with_its_headers(slack: Slack) -> None:
    slack.status = 429
    with pytest.raises(SlackApiError) as refused:
        client_of(slack).api_test()
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"


def test_where_nobody_listens_the_line_never_stood() -> None:
    client = KeptClient(
        token="xoxb-1", base_url="http://127.0.0.1:9/", timeout=PATIENCE_SECONDS, retry_handlers=[]
    )
    with pytest.raises(URLError) as trouble:
        client.api_test()
    assert not isinstance(trouble.value, HTTPError)
    assert isinstance(trouble.value.reason, ConnectionRefusedError)
