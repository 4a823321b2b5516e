"""Fixtures of many tests: the double of Slack, and an app that listens to it."""

from collections.abc import Callable, Iterator

import pytest
from tiny_app import make_tiny_app

from bot.http.server import HttpServer, listening
from bot.playground import SlackDouble
from bot.playground.run import MakeApp
from bot.playground.state import BOT_TOKEN


@pytest.fixture
def double() -> Iterator[SlackDouble]:
    """A Slack nobody is connected to yet."""
    with SlackDouble(retry_delays_seconds=(0, 0, 0)) as running:
        yield running


@pytest.fixture
def connect(double: SlackDouble) -> Iterator[Callable[[MakeApp], SlackDouble]]:
    """Starts an app behind a real HTTP server and connects it with `double`."""
    servers: list[HttpServer] = []

    def connected(make_app: MakeApp) -> SlackDouble:
        app = make_app(
            slack_api_url=double.api_url, signing_secret=double.signing_secret, bot_token=BOT_TOKEN
        )
        servers.append(HttpServer(app, listening("127.0.0.1", 0)))
        servers[-1].start()
        double.connect(f"{servers[-1].address}/slack/events")
        return double

    yield connected
    for server in servers:
        server.stop()


@pytest.fixture
def tiny_slack(connect: Callable[[MakeApp], SlackDouble]) -> SlackDouble:
    """The double with the tiny app behind it."""
    return connect(make_tiny_app)
