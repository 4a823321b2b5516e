"""The whole bot in a browser: the double, the real app behind a real HTTP server, and an address to open."""

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, Self

from cheroot import wsgi

from bot.playground.fake_slack import SlackDouble
from bot.playground.people import BOT_USER, ML_TRAINING
from bot.playground.state import APP_TOKEN, BOT_TOKEN

WsgiApp = Callable[..., Iterable[bytes]]
THREADS = 16
STOP_POLL_SECONDS = 0.05


class MakeApp(Protocol):
    """Builds the real app against some Slack; the composition root passes one in."""

    def __call__(self, *, slack_api_url: str, signing_secret: str, bot_token: str) -> WsgiApp:
        """The app as a WSGI callable that takes Slack's requests at `/slack/events`."""
        ...


class AppServer:
    """A threaded WSGI server on a loopback port, for as long as it is wanted."""

    def __init__(self, app: WsgiApp, host: str = "127.0.0.1") -> None:
        self._server: Any = wsgi.Server(
            (host, 0), app, numthreads=THREADS, server_name="ftcost", shutdown_timeout=1
        )
        self._server.expiration_interval = STOP_POLL_SECONDS
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, name="playground-app", daemon=True)
        self.url = f"http://{host}:{self._server.bind_addr[1]}/slack/events"

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Finish what was begun and close the port."""
        self._server.stop()
        self._thread.join()


@dataclass(frozen=True, slots=True)
class Playground:
    """A running playground; its address has the key to it."""

    url: str
    double: SlackDouble
    app_server: AppServer

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
        app_server = AppServer(app).start()
    except BaseException:
        double.__exit__(None, None, None)
        raise
    double.connect(app_server.url)
    double.slack.workspace.add(
        ML_TRAINING, {"user": BOT_USER, "text": "", "blocks": [], "subtype": "welcome"}
    )
    return Playground(double.page_url, double, app_server)
