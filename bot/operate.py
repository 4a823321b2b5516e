"""Commands for whoever runs the bot: serve, playground, manifest, completion."""

import os
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from click.shell_completion import get_completion_class

from bot.files import config_dir
from bot.settings import SettingsError, serving_settings_from, settings_from

PORT: Final = 8765
MANIFESTS: Final = ("socket-listen", "socket-mention", "http-listen", "http-mention")


@click.command("serve", short_help="Run the Slack bot.")
def serve_command() -> None:
    """Run the Slack bot: Socket Mode where SLACK_APP_TOKEN is set, else HTTP on HOST and PORT."""
    from bot.serve import serve  # noqa: PLC0415  -- Slack's SDK takes a quarter of a second to import

    with _mistakes_in_one_line():
        sys.exit(serve(serving_settings_from(os.environ)))


@click.command("playground", short_help="Try the bot in a browser, without Slack.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=int, help=f"Which port; {PORT} or any free one where none is named.")
@click.option("--no-open", is_flag=True, help="Print the address only.")
def playground_command(host: str, port: int | None, no_open: bool) -> None:  # noqa: FBT001  -- click passes flags by name
    """The whole bot in a browser, with a double of Slack and no account."""
    from bot.play import play  # noqa: PLC0415  -- as above

    opened = (lambda _url: None) if no_open else webbrowser.open
    temporary = tempfile.TemporaryDirectory(prefix="ftcost-", ignore_cleanup_errors=True)
    with _mistakes_in_one_line(), temporary as state_dir:
        play(settings_from(os.environ), Path(state_dir), host=host, port=_port(host, port), opened=opened)


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


@contextmanager
def _mistakes_in_one_line() -> Iterator[None]:
    """A setting that is wrong, or an address that is taken, ends the command with one line."""
    try:
        yield
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"cannot start: {error.strerror or error}", err=True)
        sys.exit(1)


@click.command("manifest", short_help="Print a Slack app manifest.")
@click.argument("profile", type=click.Choice(MANIFESTS), default=MANIFESTS[0])
def manifest_command(profile: str) -> None:
    """Print the manifest to paste into api.slack.com/apps: Socket Mode or HTTP, listening or mention-only."""
    click.echo((config_dir() / "manifest" / f"{profile}.yaml").read_text(encoding="utf-8"), nl=False)


@click.command("completion", short_help="Print a completion script.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell: eval "$(ftcost completion bash)"."""
    from bot.cli import main  # noqa: PLC0415  -- this module is loaded by that one

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(main, {}, "ftcost", "_FTCOST_COMPLETE").source())
