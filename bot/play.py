"""The run loop of `ftcost playground`: the double of Slack, the real app, one address."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bot.bootstrap import Shell, build_shell, playground_settings
from bot.observe import configure_logging
from bot.playground import start_playground
from bot.serve import stop_signal
from bot.settings import Settings
from bot.wsgi import WsgiApp

DRAIN_SECONDS: Final = 2.0


def play(
    settings: Settings, state_dir: Path, *, host: str, port: int, opened: Callable[[str], object]
) -> None:
    """Run until a signal ends it; `opened` gets the address once it answers."""
    configure_logging("console", "error")  # prices that cannot be reached are no news here
    shells: list[Shell] = []

    def make_app(*, slack_api_url: str, signing_secret: str, bot_token: str) -> WsgiApp:
        pointed = playground_settings(
            settings,
            state_dir,
            slack_api_url=slack_api_url,
            signing_secret=signing_secret,
            bot_token=bot_token,
        )
        shells.append(build_shell(pointed))
        return shells[0].wsgi

    stop = stop_signal()
    playground = start_playground(make_app, host, port)
    threading.Thread(target=shells[0].desk.identity.ask, name="auth-test", daemon=True).start()
    sys.stdout.write(f"ftcost playground: {playground.url}  (Ctrl-C ends it)\n")
    sys.stdout.flush()
    opened(playground.url)
    stop.wait()
    playground.stop()
    shells[0].close(DRAIN_SECONDS)
