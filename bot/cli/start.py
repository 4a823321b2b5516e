"""`ftcost serve`, before anything of Slack is imported, and how a start that fails ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.settings import SettingsError, serving_settings_from


@click.command("serve", short_help="Run the Slack bot.")
def serve_command() -> None:
    """Run the Slack bot: Socket Mode where SLACK_APP_TOKEN is set, else HTTP on HOST and PORT."""
    from bot.cli.serve import serve  # noqa: PLC0415  -- Slack's SDK and the app take a second to import

    with mistakes_in_one_line():
        sys.exit(serve(serving_settings_from(os.environ)))


@contextmanager
def mistakes_in_one_line() -> Iterator[None]:
    """A setting that is wrong, or an address that is taken, ends the command with one line."""
    try:
        yield
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"cannot start: {error.strerror or error}", err=True)
        sys.exit(1)
