"""`ftcost prices GPU`, `ftcost prices refresh` and `ftcost prices snapshot`."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from bot.cli.estimate import SPOKEN, prices_of_command
from bot.cli.languages import terminal_language
from bot.i18n import Texts, load_texts
from bot.settings import Settings, SettingsError, settings_from
from bot.settings.names import SERVED_ONLY

if TYPE_CHECKING:
    from bot.prices.refresh import AskedSource
    from bot.prices.rewrite import PriceMove

MOVES_SHOWN: Final = 30
_GPU: Final = "of"
RATES_FILE: Final = "fx.yaml"


class PriceWords(click.Group):
    """A word that is no command of ours is a GPU."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command of the language before a GPU's name."""
        is_ours = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_ours else [_GPU, *args])


@click.group(
    "prices", cls=PriceWords, short_help="List what sellers ask; refresh; snapshot.", context_settings=SPOKEN
)
def prices_command() -> None:
    """List what sellers ask for a GPU: ftcost prices h100. Or ask the sellers anew."""


prices_command.add_command(prices_of_command, _GPU)


def _source_option(function: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--source", "names", multiple=True, metavar="NAME", help="Ask only this source (may be repeated)."
    )(function)


@prices_command.command("refresh")
@_source_option
def refresh_command(names: tuple[str, ...]) -> None:
    """Ask the live price sources now; a bot with the same Redis has the answers at its next refresh."""
    texts = _texts()
    settings = _settings()
    found = list(_asked(_named(names, texts), settings, texts))
    sys.exit(0 if any(each.reading for each in found) else 1)


@prices_command.command("snapshot")
@_source_option
@click.option(
    "--to",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Directory of prices_snapshot.csv and fx.yaml; else FTCOST_CONFIG_DIR, else the shipped ones.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
def snapshot_command(names: tuple[str, ...], to: Path | None, dry_run: bool) -> None:  # noqa: FBT001  -- click's
    """Write the bundled prices and rates anew from the live sources; show what moved by over 20 %."""
    texts, settings = _texts(), _settings()
    found = [each for each in _asked(_named(names, texts), settings, texts) if each.reading is not None]
    if not found:
        raise click.ClickException(texts("terminal.prices.nobody"))
    _rewrite(found, settings, to, texts, dry_run=dry_run)


def _rewrite(
    found: Sequence["AskedSource"], settings: Settings, to: Path | None, texts: Texts, *, dry_run: bool
) -> None:
    from bot.files import (  # noqa: PLC0415  -- only who rewrites pays for it
        config_dir,
        load_catalog,
        read_config,
        read_sellers,
    )
    from bot.prices.open import SNAPSHOT_FILE, snapshot_path  # noqa: PLC0415
    from bot.prices.rewrite import moves, read_rows, rewritten, write_rows  # noqa: PLC0415

    target = to or settings.config_dir or config_dir()
    existing = target / SNAPSHOT_FILE
    before = read_rows(existing if existing.is_file() else snapshot_path(settings.config_dir))
    tiers = {key: str(seller["tier"]) for key, seller in read_sellers(settings.config_dir).items()}
    readings = [each.reading for each in found if each.reading is not None]
    gpus = load_catalog(settings.config_dir).gpus
    memory_gb = {key: gpus[key].memory_gb for key in gpus}
    rows, num_dropped = rewritten(
        before, [reading.offers for reading in readings], tiers, gpu_memory_gb=memory_gb
    )
    _show_moves(moves(before, rows), texts)
    if num_dropped:
        click.echo(texts("terminal.prices.dropped", count=str(num_dropped)))
    rates = next((reading.rates for reading in readings if reading.rates), ())
    if not dry_run:
        write_rows(existing, rows)
        if rates:
            # as with the list: the directory's own stand under the new ones, else those in force here
            own = target if (target / RATES_FILE).is_file() else settings.config_dir
            _write_rates(target / RATES_FILE, rates, read_config("fx", own))
    counts = {"before": str(len(before)), "now": str(len(rows)), "path": str(existing)}
    click.echo(texts(f"terminal.prices.{'would_write' if dry_run else 'written'}", **counts))


def _write_rates(path: Path, rates: Any, bundled: Any) -> None:
    import yaml  # noqa: PLC0415  -- likewise

    from bot.files import write_whole  # noqa: PLC0415
    from bot.prices.rewrite import rates_document  # noqa: PLC0415

    text = yaml.safe_dump(rates_document(rates, bundled), sort_keys=False, allow_unicode=True)
    head = "# The last rates anybody gave us, for when none can be asked. The day's replace them.\n"
    write_whole(path, f"{head}{text}".encode())


def _show_moves(found: Sequence["PriceMove"], texts: Texts) -> None:
    from rich.console import Console  # noqa: PLC0415  -- likewise
    from rich.table import Table  # noqa: PLC0415

    if not found:
        click.echo(texts("terminal.prices.no_moves"))
        return
    heads = ("seller", "gpu", "market", "before", "now", "change")
    table = Table(title=texts("terminal.prices.moves", count=str(len(found))), title_justify="left")
    for name in heads:
        table.add_column(texts(f"terminal.prices.{name}"), justify="left" if name in heads[:3] else "right")
    for move in found[:MOVES_SHOWN]:
        amounts = (f"{move.currency} {amount:.3f}" for amount in (move.before, move.now))
        market = texts(f"market.{move.market}")
        table.add_row(move.provider, f"{move.num_gpus}× {move.gpu}", market, *amounts, f"{move.share:+.0%}")
    Console(highlight=False, width=None if sys.stdout.isatty() else 120).print(table)
    if (hidden := len(found) - MOVES_SHOWN) > 0:
        click.echo(texts("terminal.prices.more_moves", count=str(hidden)))


def _asked(names: Sequence[str], settings: Settings, texts: Texts) -> Iterator["AskedSource"]:
    """Every answer as it comes, with a line on standard error for each."""
    from bot.files import BadConfig  # noqa: PLC0415
    from bot.observe import configure_logging  # noqa: PLC0415  -- likewise
    from bot.prices.refresh import answers_of, live_sources  # noqa: PLC0415

    configure_logging("console", "error")  # what a source did wrong stands in its line
    with _store(settings) as store, _progress(names, texts) as step:
        try:
            sources = live_sources(
                names, store, state_dir=settings.state_dir, override_dir=settings.config_dir
            )
        except BadConfig as error:
            raise click.ClickException(str(error)) from error
        for each in answers_of(sources):
            step(each)
            yield each


@contextmanager
def _store(settings: Settings) -> Iterator[Any]:
    """The Redis that a bot shares; without one the state directory keeps the readings."""
    from bot.store import open_store  # noqa: PLC0415  -- likewise
    from bot.store.memory import MemoryStore  # noqa: PLC0415

    store = open_store(settings.redis_url, settings.state_dir) if settings.redis_url else MemoryStore()
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _progress(names: Sequence[str], texts: Texts) -> Iterator[Callable[["AskedSource"], None]]:
    from rich.console import Console  # noqa: PLC0415  -- likewise

    console = Console(stderr=True, highlight=False)
    waiting = list(names)

    def said() -> str:
        return texts("terminal.prices.asking", sources=", ".join(waiting))

    with console.status(said()) as status:

        def step(each: "AskedSource") -> None:
            waiting.remove(each.source)
            status.update(said())
            console.print(_line(each, texts), markup=False, soft_wrap=True)

        yield step


def _line(each: "AskedSource", texts: Texts) -> str:
    """`vast: 34 prices of 17 GPUs, as of 29 Nov 2026 (1.2 s)`, or why there is none."""
    seconds = f"{each.seconds:.1f}"
    if each.reading is None:
        return texts("terminal.prices.down", source=each.source, why=each.why, seconds=seconds)
    days = [offer.as_of for offer in each.reading.offers if offer.as_of]
    days += [rate.as_of for rate in each.reading.rates]
    day = max(days).isoformat() if days else texts("lists.undated")
    if each.reading.rates:
        count = str(len(each.reading.rates))
        return texts("terminal.prices.rates", source=each.source, count=count, day=day, seconds=seconds)
    counts = {
        "prices": str(len(each.reading.offers)),
        "gpus": str(len({offer.gpu for offer in each.reading.offers})),
        "sellers": str(len({offer.provider for offer in each.reading.offers})),
    }
    lacks = " ".join(missing.part for missing in each.reading.missing)
    read = texts("terminal.prices.read", source=each.source, day=day, seconds=seconds, **counts)
    return f"{read} · {texts('terminal.prices.lacks', parts=lacks)}" if lacks else read


def _named(names: Sequence[str], texts: Texts) -> tuple[str, ...]:
    from bot.prices.live import SOURCES  # noqa: PLC0415  -- likewise

    if unknown := [name for name in names if name not in SOURCES]:
        known = ", ".join(SOURCES)
        raise click.BadParameter(
            texts("terminal.prices.unknown", names=", ".join(unknown), known=known), param_hint="--source"
        )
    return tuple(dict.fromkeys(names)) or tuple(SOURCES)


def _texts() -> Texts:
    return load_texts(terminal_language())


def _settings() -> Settings:
    try:
        return settings_from(os.environ, leaving=SERVED_ONLY)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
