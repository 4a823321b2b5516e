"""`ftcost budget export`, `ftcost budget import`: a channel's ledger as CSV, out of the store and into it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO

import click

from bot.i18n import load_texts
from bot.ledger import ChannelKey, Entry, Ledger
from bot.ledger.export import csv_lines
from bot.ledger.import_csv import BadCell, read_csv
from bot.settings import SettingsError, settings_from
from bot.store import open_store

MOST_MISTAKES = 20


class _OfAChannel(click.Group):
    """Its other verbs work in a channel: who types one here is told so, in the words of the card."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from bot.cli.estimate import language_of  # noqa: PLC0415  -- its imports take their time
            from bot.cli.render import plain  # noqa: PLC0415  -- likewise

            texts = load_texts(language_of(" ".join(args)))
            click.echo(plain(texts("notice.in_channels", command=f"budget {args[0]}")), err=True)
            click.echo(texts("terminal.budget_here", verbs=", ".join(self.commands)), err=True)
            ctx.exit(1)
        return super().resolve_command(ctx, args)


@click.group("budget", cls=_OfAChannel)
def budget_command() -> None:
    """The channels' money, from the store that REDIS_URL names."""


@contextmanager
def _ledger() -> Iterator[Ledger]:
    """The ledger of the store that the environment names."""
    try:
        settings = settings_from(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if settings.redis_url is None:
        raise click.ClickException("REDIS_URL is not set: ask the bot with `budget export` in the channel")
    store = open_store(settings.redis_url, settings.state_dir)
    try:
        yield Ledger(store)
    finally:
        store.close()


@budget_command.command("export")
@click.argument("team")
@click.argument("channel")
def export_command(team: str, channel: str) -> None:
    """Write the ledger of CHANNEL in TEAM (ids, as in T012AB3CD and C012AB3CD) as CSV."""
    with _ledger() as ledger:
        pages = ledger.pages(ChannelKey(team_id=team, channel_id=channel))
        try:
            sys.stdout.writelines(csv_lines(entry for page in pages for entry in page))
        except LookupError as error:
            raise click.ClickException(f"the ledger cannot be read: {error}") from None


@budget_command.command("import")
@click.argument("team")
@click.argument("channel")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--user", default="import", help="Who booked the rows that do not say.", show_default=True)
def import_command(team: str, channel: str, file: IO[str], user: str) -> None:
    """Book the rows of FILE (`-`: standard input) in the ledger of CHANNEL in TEAM, all of them or none.

    An export of ours, or a table with the columns kind, amount, currency. What stands there already stays
    one entry.
    """
    found = read_csv(file.read(), user_id=user, now=datetime.now(UTC))
    if found.mistakes:
        told = [_told(each) for each in found.mistakes[:MOST_MISTAKES]]
        raise click.ClickException("\n".join(("nothing imported", *told)))
    with _ledger() as ledger:

        def new(before: tuple[Entry, ...]) -> tuple[Entry, ...]:
            known = {each.entry_id for each in before}
            return tuple(each for each in found.entries if each.entry_id not in known)

        key = ChannelKey(team_id=team, channel_id=channel)
        before = len(ledger.entries(key) or ())
        booked = ledger.book_all(key, new)
    if not booked.kept:
        raise click.ClickException(f"not booked: {booked.why}")
    added = len(booked.entries) - before
    click.echo(f"imported {added} entries; {len(found.entries) - added} stood there already")


def _told(mistake: BadCell) -> str:
    if mistake.value:
        return f"line {mistake.line}: {mistake.value!r} is no {mistake.column or 'row'}"
    return f"line {mistake.line}: {mistake.column or 'rows'} missing"
