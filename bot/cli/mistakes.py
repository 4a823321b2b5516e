"""How a start that fails ends: one line, no trace."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.settings import SettingsError


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
