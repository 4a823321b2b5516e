"""The run loop of `ftcost playground`: the double of Slack, the real app, one address."""

import os
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from bot.bootstrap import Shell, build_shell, playground_settings
from bot.cli import garbage
from bot.cli.mistakes import mistakes_in_one_line
from bot.cli.serve import stop_signal, wait_for
from bot.http.server import WsgiApp
from bot.observe import configure_logging
from bot.playground import start_playground
from bot.settings import Settings, settings_from
from bot.settings.names import SERVED_ONLY

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
    try:
        playground = start_playground(make_app, host, port)
    except OSError as error:
        why = f"{host}:{port}: {error.strerror or error}; name another with --port or --host"
        raise OSError(error.errno, why) from error
    threading.Thread(target=shells[0].responder.identity.ask, name="auth-test", daemon=True).start()
    sys.stdout.write(f"ftcost playground: {playground.url}  (Ctrl-C ends it)\n")
    sys.stdout.flush()
    garbage.set_start_apart()
    opened(playground.url)
    wait_for(stop)
    playground.stop()
    shells[0].close(DRAIN_SECONDS)


PORT: Final = 8765


@click.command("playground", short_help="Try the bot in a browser, without Slack.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), help=f"Which port; {PORT} or any free one where none is named."
)
@click.option("--no-open", is_flag=True, help="Print the address only.")
def playground_command(host: str, port: int | None, no_open: bool) -> None:  # noqa: FBT001  -- click passes flags by name
    """The whole bot in a browser, with a double of Slack and no account."""
    from bot.cli.playground import play  # noqa: PLC0415  -- as above

    opened = (lambda _url: None) if no_open else webbrowser.open
    temporary = tempfile.TemporaryDirectory(prefix="ftcost-", ignore_cleanup_errors=True)
    with mistakes_in_one_line(), temporary as state_dir:
        play(
            settings_from(os.environ, leaving=SERVED_ONLY),
            Path(state_dir),
            host=host,
            port=_port(host, port),
            opened=opened,
        )


def _port(host: str, port: int | None) -> int:
    """The port asked for, else the usual one where it is free."""
    if port is not None:
        return port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, PORT))
        except OSError:
            return 0
    return PORT
