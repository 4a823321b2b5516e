"""`ftcost validate FILE.csv`: how far off our estimates are on runs that somebody measured."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from bot.answers.estimates import as_problem
from bot.files import load_catalog
from bot.i18n import load_texts
from bot.language import read, vocabulary_of
from bot.language.messages import message
from bot.validation.figures import Figures, figures, figures_document, verdicts, worst
from bot.validation.measurements import LABELS, BadTable, Broken, Judged, Read, Row, judged_rows, rows_of
from bot.validation.plot import save_plot
from estimator.catalog import Catalog
from estimator.errors import EstimatorError
from estimator.memory.result import Verdict
from estimator.spec import TrainingSpec

BROKEN_SHOWN: Final = 10
PIPED_WIDTH: Final = 200


@click.command("validate", short_help="Hold the estimates to a table of measured runs.")
@click.argument("path", metavar="FILE.csv", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--by", default="", help=f"Group by: {', '.join(LABELS)} (several with commas).")
@click.option("--worst", "num_worst", default=0, metavar="N", help="List the N rows farthest off.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw predicted against measured."
)
def validate_command(
    path: Path,
    by: str,
    num_worst: int,
    as_json: bool,  # noqa: FBT001  -- click passes flags by name
    plot: Path | None,
) -> None:
    """Estimate every run of a table and print how far off we are.

    The table needs the columns spec, metric and value; metrics are mem_allocated_gib, mem_reserved_gib,
    mem_process_gib, tokens_per_s_per_gpu, step_seconds and oom. Sources count equally, not rows.
    """
    labels = tuple(filter(None, by.split(",")))
    if unknown := [label for label in labels if label not in LABELS]:
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(LABELS)}", param_hint="--by")
    catalog = load_catalog()
    judged, broken = judged_rows(_rows(path), catalog, reader_of(catalog), told=_told)
    if plot is not None:
        _draw(judged, plot)
    if as_json:
        click.echo(json.dumps(figures_document(judged, broken, by=labels, num_worst=num_worst), indent=1))
    else:
        print_figures(judged, broken, labels, num_worst, _console())
    sys.exit(0 if judged else 1)


def _draw(judged: Sequence[Judged], path: Path) -> None:
    try:
        save_plot(judged, path)
    except ImportError as error:
        raise click.ClickException("a plot needs matplotlib: pip install 'ftcost[plot]'") from error


def _console() -> Console:
    """As wide as the terminal; a file or pipe gets whole lines."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def _rows(path: Path) -> tuple[Row, ...]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return rows_of(stream)
    except (OSError, UnicodeDecodeError, BadTable) as error:
        raise click.ClickException(f"{path}: {error}") from error


def reader_of(catalog: Catalog) -> Read:
    """Text -> spec over the names of `catalog`; a text with problems is a ValueError that says them."""
    vocabulary, texts = vocabulary_of(catalog), load_texts("en")

    def spec_of(text: str) -> TrainingSpec:
        reading = read(text, vocabulary)
        if reading.spec is None:
            said = " ".join(message(each, texts) for each in reading.problems)
            raise ValueError(said or f"no spec but {reading.outcome}")
        return reading.spec

    return spec_of


def _told(refused: EstimatorError) -> str:
    return message(as_problem(refused), load_texts("en"))


def print_figures(
    judged: Sequence[Judged], broken: Sequence[Broken], by: Sequence[str], num_worst: int, console: Console
) -> None:
    """Figures, verdicts, the worst rows and the broken ones, as tables."""
    if found := figures(judged, by):
        console.print(_figures_table(found, by))
    _show_verdicts(judged, console)
    for row in worst(judged, num_worst):
        _show_row(row, console)
    for each in broken[:BROKEN_SHOWN]:
        console.print(f"{each.row.where}: {each.problem}", markup=False)
    if len(broken) > BROKEN_SHOWN:
        console.print(f"… and {len(broken) - BROKEN_SHOWN} more rows that cannot be estimated")


def _figures_table(found: Sequence[Figures], by: Sequence[str]) -> Table:
    table = Table(
        title="|error| and bias as shares of the measurement; sources count equally", title_justify="left"
    )
    for name in ("metric", "fidelity", *by):
        table.add_column(name)
    for name in ("n", "sources", "median", "p90", "p95", "bias", "inside p10–p90"):
        table.add_column(name, justify="right")
    for figure in found:
        table.add_row(
            figure.metric,
            figure.fidelity,
            *(value for _, value in figure.group),
            str(figure.num_rows),
            str(figure.num_sources),
            *(f"{share:.1%}" for share in (figure.median, figure.p90, figure.p95)),
            f"{figure.bias:+.1%}",
            f"{figure.inside:.0%}",
        )
    return table


def _show_verdicts(judged: Sequence[Judged], console: Console) -> None:
    """What we said of runs that died for memory, and of runs whose memory was measured."""
    for fidelity in sorted({row.row.fidelity for row in judged}):
        said = verdicts(row for row in judged if row.row.fidelity == fidelity)
        for name, counted in (("died for memory", said.died), ("ran", said.ran)):
            if counted:
                words = ", ".join(f"{counted[verdict]} {verdict.replace('_', ' ')}" for verdict in Verdict)
                console.print(f"{fidelity} runs that {name}: {words}")
    if saturated := sum(row.row.near_capacity for row in judged):
        console.print(f"left out of the figures: {saturated} rows at the capacity of their GPU")


def _show_row(row: Judged, console: Console) -> None:
    numbers = f"{row.measured:.4g} measured, {row.estimated.likely:.4g} estimated ({row.error:+.0%})"
    console.print(f"{row.row.where}  {row.metric}  {numbers}", markup=False)
    console.print(f"    {row.row.text}", markup=False, style="dim")
