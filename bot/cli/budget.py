"""`ftcost budget export`: a channel's ledger as CSV on standard output."""

import os
import sys

import click

from bot.ledger import ChannelKey, Ledger
from bot.ledger.export import csv_lines
from bot.settings import SettingsError, settings_from
from bot.store import open_store


@click.group("budget")
def budget_command() -> None:
    """The channels' money, from the store that REDIS_URL names."""


@budget_command.command("export")
@click.argument("team")
@click.argument("channel")
def export_command(team: str, channel: str) -> None:
    """Write the ledger of CHANNEL in TEAM (ids, as in T012AB3CD and C012AB3CD) as CSV."""
    try:
        settings = settings_from(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if settings.redis_url is None:
        raise click.ClickException("REDIS_URL is not set: ask the bot with `budget export` in the channel")
    store = open_store(settings.redis_url, settings.state_dir)
    entries = Ledger(store).entries(ChannelKey(team_id=team, channel_id=channel))
    why = store.health().why
    store.close()
    if entries is None:
        raise click.ClickException(f"the ledger cannot be read: {why}")
    sys.stdout.writelines(csv_lines(entries))
