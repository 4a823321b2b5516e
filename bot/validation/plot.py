"""Predicted against measured, by source, on logarithmic axes."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bot.validation.measurements import MEMORY_METRICS, Judged, Metric

NAMED_SOURCES: Final = 9
"""Sources with a colour of their own, the largest first; the rest is grey."""


def save_plot(judged: Sequence[Judged], path: Path) -> None:
    """Draw memory beside speed (whatever the table has) into a PNG file.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  -- only for plots, and slow
    from matplotlib.figure import Figure  # noqa: PLC0415

    panels = _panels(judged)
    figure = Figure(figsize=(6.2 * len(panels), 5.6), layout="constrained")
    FigureCanvasAgg(figure)
    for index, (title, rows) in enumerate(panels):
        _draw(figure.add_subplot(1, len(panels), index + 1), title, rows)
    figure.savefig(path, dpi=110)


def _panels(judged: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    rows = [row for row in judged if row.metric is not Metric.OOM and not row.row.near_capacity]
    panels = [
        ("memory a GPU [GiB]", [row for row in rows if row.metric in MEMORY_METRICS]),
        ("tokens a second and GPU", [row for row in rows if row.metric is Metric.TOKENS]),
        ("seconds a step", [row for row in rows if row.metric is Metric.STEP]),
    ]
    return [panel for panel in panels if panel[1]] or [("no rows", [])]


def _draw(axes: Any, title: str, rows: Sequence[Judged]) -> None:
    """One panel: points by source, the diagonal, and a band of a quarter on each side."""
    by_source: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        by_source[row.row.source].append(row)
    largest = sorted(by_source, key=lambda source: -len(by_source[source]))
    for index, source in enumerate(largest):
        points = by_source[source]
        named = index < NAMED_SOURCES
        axes.plot(
            [row.measured for row in points],
            [row.estimated.likely for row in points],
            "o",
            markersize=4,
            alpha=0.6,
            color=f"C{index}" if named else "0.6",
            label=f"{source} ({len(points)})" if named else None,
        )
    _frame(axes, title, rows)


def _frame(axes: Any, title: str, rows: Sequence[Judged]) -> None:
    values = [value for row in rows for value in (row.measured, row.estimated.likely)] or [1.0, 10.0]
    ends = [min(values) * 0.8, max(values) * 1.25]
    axes.plot(ends, ends, "k-", linewidth=0.8)
    axes.fill_between(ends, [0.75 * e for e in ends], [1.25 * e for e in ends], color="0.9", zorder=0)
    axes.set(
        xscale="log", yscale="log", xlim=ends, ylim=ends, title=title, xlabel="measured", ylabel="estimated"
    )
    axes.legend(fontsize=7, loc="upper left")
