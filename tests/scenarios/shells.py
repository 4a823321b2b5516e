"""The whole app in the process of the test: over a double of Slack, with bundled prices and no hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from patience import PATIENCE_SECONDS

from bot.bootstrap import Shell, build_shell
from bot.http.server import HttpServer, listening
from bot.playground import SlackDouble
from bot.playground.state import BOT_TOKEN
from bot.settings import Settings
from bot.store import Store


def shell_of(slack: SlackDouble, state_dir: Path, store: Store | None = None, **said: Any) -> Shell:
    """Built, and it knows who it is; `said` are settings besides the usual ones."""
    usual = {
        "bot_token": BOT_TOKEN,
        "signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "state_dir": state_dir,
        "price_sources": "snapshot",
        "hub_offline": True,
    }
    shell = build_shell(Settings.model_validate(usual | said), store)
    shell.responder.identity.ask()
    return shell


@contextmanager
def served(slack: SlackDouble, *shells: Shell) -> Iterator[None]:
    """Each behind a server of its own; Slack asks them in turn, until all of them are closed."""
    servers = [HttpServer(shell.wsgi, listening("127.0.0.1", 0)) for shell in shells]
    for server in servers:
        server.start()
    slack.connect(*(f"{server.address}/slack/events" for server in servers))
    yield
    for server, shell in zip(servers, shells, strict=True):
        server.stop()
        assert shell.close(PATIENCE_SECONDS)
