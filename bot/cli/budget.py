"""`ftcost budget export`, `ftcost budget import`: a channel's ledger as CSV, out of the store and into it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO

import click

from bot.i18n import Texts, load_texts
from bot.ledger import ChannelKey, Ledger
from bot.ledger.export import csv_lines
from bot.settings import Settings, SettingsError, settings_from
from bot.store import Store, open_store


class _OfAChannel(click.Group):
    """Its other verbs work in a channel: who types one here is told so, in the words of the card."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from bot.cli.languages import language_of  # noqa: PLC0415  -- its imports take their time
            from bot.cli.markup import plain  # noqa: PLC0415  -- likewise

            texts = load_texts(language_of(" ".join(args)))
            click.echo(plain(texts("notice.in_channels", command=f"budget {args[0]}")), err=True)
            click.echo(texts("terminal.budget.here", verbs=", ".join(self.commands)), err=True)
            ctx.exit(1)
        return super().resolve_command(ctx, args)


@click.group("budget", cls=_OfAChannel)
def budget_command() -> None:
    """The channels' money, from the store of the bot: that of REDIS_URL, or the one in FTCOST_STATE_DIR."""


@contextmanager
def _ledger() -> Iterator[Ledger]:
    """The ledger of the store that the environment names; a bot that runs on it is not disturbed."""
    try:
        settings = settings_from(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    store = _store(settings, texts_of_terminal())
    try:
        yield Ledger(store)
    finally:
        store.close()


def _store(settings: Settings, texts: Texts) -> Store:
    """The bot's, known to work; a new one where none is would be no bot's."""
    from bot.observe import configure_logging  # noqa: PLC0415  -- standard output is the table's
    from bot.store.embedded import has_data  # noqa: PLC0415  -- redis-py takes 100 ms to import

    configure_logging("console", "error")
    if settings.redis_url is None and not has_data(settings.state_dir):
        raise click.ClickException(texts("terminal.budget.no_store", directory=str(settings.state_dir)))
    store = open_store(settings.redis_url, settings.state_dir)
    examined = store.examined()
    if examined.trouble:
        store.close()
        said = texts("terminal.budget.no_answer", store=examined.what, why=examined.trouble)
        raise click.ClickException(said)
    return store


def texts_of_terminal() -> Texts:
    """The words of whoever reads the terminal."""
    from bot.cli.languages import terminal_language  # noqa: PLC0415  -- its imports take their time

    return load_texts(terminal_language())


@budget_command.command("export")
@click.argument("team")
@click.argument("channel")
def export_command(team: str, channel: str) -> None:
    """Write the ledger of CHANNEL in TEAM (ids, as in T012AB3CD and C012AB3CD) as CSV."""
    with _ledger() as ledger:
        pages = ledger.pages(ChannelKey(team_id=team, channel_id=channel))
        try:
            if (first := next(pages, None)) is None:
                said = texts_of_terminal()("terminal.budget.nothing", team=team, channel=channel)
                raise click.ClickException(said)
            sys.stdout.writelines(csv_lines(entry for page in chain((first,), pages) for entry in page))
        except LookupError as error:
            raise click.ClickException(
                texts_of_terminal()("terminal.budget.unread", why=str(error))
            ) from None


@budget_command.command("import")
@click.argument("team")
@click.argument("channel")
@click.argument("file", type=click.File("rb"))
@click.option("--user", default="import", help="Who booked the rows that do not say.", show_default=True)
def import_command(team: str, channel: str, file: IO[bytes], user: str) -> None:
    """Book the rows of FILE (`-`: standard input) in the ledger of CHANNEL in TEAM, all of them or none.

    An export of ours, or a table with the columns kind, amount, currency. What stands there already stays
    one entry.
    """
    from bot.answers.ledger_tables import LedgerTables  # noqa: PLC0415  -- as above
    from bot.answers.occasion import Occasion  # noqa: PLC0415  -- likewise
    from bot.answers.reply import EXIT_STATUS, Asker  # noqa: PLC0415  -- likewise
    from bot.cli.estimate import answers, print_reply  # noqa: PLC0415  -- likewise
    from bot.cli.languages import terminal_language  # noqa: PLC0415

    asker = Asker(language=terminal_language(), user_id=user, surface="terminal")
    key = ChannelKey(team_id=team, channel_id=channel)
    with _ledger() as ledger:
        reply = LedgerTables(ledger, answers()).take(
            file.read().decode(errors="replace"), Occasion(key=key, asker=asker, may_write=True)
        )
    print_reply(reply)
    sys.exit(EXIT_STATUS[reply.outcome])
