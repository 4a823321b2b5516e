"""The whole bot in a browser: the double, the real app behind a real HTTP server, and an address to open."""

import secrets
from dataclasses import dataclass
from typing import Protocol

from bot.http.routes import SLACK_PATH
from bot.http.server import HttpServer, WsgiApp, listening
from bot.playground.fake_slack import SlackDouble
from bot.playground.people import BOT_USER, ML_TRAINING
from bot.playground.state import APP_TOKEN, BOT_TOKEN


class MakeApp(Protocol):
    """Builds the real app against some Slack; the composition root passes one in."""

    def __call__(self, *, slack_api_url: str, signing_secret: str, bot_token: str) -> WsgiApp:
        """The app as a WSGI callable that takes Slack's requests at `/slack/events`."""
        ...


@dataclass(frozen=True, slots=True)
class Playground:
    """A running playground; its address has the key to it."""

    url: str
    double: SlackDouble
    app_server: HttpServer

    def stop(self) -> None:
        """Stop the app, then its Slack."""
        self.app_server.stop()
        self.double.__exit__(None, None, None)


def start_playground(
    make_app: MakeApp, host: str = "127.0.0.1", port: int = 0, *, key: str = ""
) -> Playground:
    """Start the double on `host:port` (0: any free one) and the app of `make_app` beside it.

    Every start has tokens, a secret and a `key` to the page of its own.
    """
    secret = secrets.token_hex(16)
    double = SlackDouble(signing_secret=secret, address=(host, port)).__enter__()
    double.slack.bot_token = f"{BOT_TOKEN}-{secrets.token_hex(16)}"
    double.gate.key = key or double.gate.key
    double.slack.app_token = f"{APP_TOKEN}-{secrets.token_hex(16)}"
    try:
        app = make_app(slack_api_url=double.api_url, signing_secret=secret, bot_token=double.slack.bot_token)
        app_server = HttpServer(app, listening("127.0.0.1", 0))
        app_server.start()
    except BaseException:
        double.__exit__(None, None, None)
        raise
    double.connect(f"{app_server.address}{SLACK_PATH}")
    double.slack.workspace.add(
        ML_TRAINING, {"user": BOT_USER, "text": "", "blocks": [], "subtype": "welcome"}
    )
    return Playground(double.page_url, double, app_server)
