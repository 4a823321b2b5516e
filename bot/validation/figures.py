"""Measurements beside estimates -> figures: how far off, to which side, how often inside the range.

Sources count equally, then configurations of a source, then rows of a configuration: who measured one
run fifty times does not decide the figure.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.validation.measurements import MEMORY_METRICS, Broken, Judged, Metric
from estimator.memory.result import Verdict

SCHEMA_VERSION: Final = 1
Label = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One metric in one group of rows; errors are shares of the measurement."""

    metric: Metric
    fidelity: str
    group: Label
    num_rows: int
    num_sources: int
    median: float
    """Of |error|, as the percentiles."""
    p90: float
    p95: float
    bias: float
    """Mean error: above 0 we say too much."""
    inside: float
    """Share of measurements between our p10 and p90."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What we said of runs that died for memory, and of runs that ran."""

    died: Counter[Verdict]
    ran: Counter[Verdict]

    @property
    def missed(self) -> int:
        """Runs that died although we said that they fit."""
        return self.died[Verdict.FITS]

    @property
    def false_alarms(self) -> float:
        """Share of runs that ran although we said that they do not fit."""
        return self.ran[Verdict.DOES_NOT_FIT] / max(1, self.ran.total())


def weights(rows: Sequence[Judged]) -> tuple[float, ...]:
    """Weight of each row; they sum to 1."""
    in_config = Counter((row.row.source, row.row.config_key) for row in rows)
    configs = Counter(source for source, _ in in_config)
    return tuple(
        1 / len(configs) / configs[row.row.source] / in_config[row.row.source, row.row.config_key]
        for row in rows
    )


def percentile(values: Sequence[float], shares: Sequence[float], quantile: float) -> float:
    """The least value that covers `quantile` of the weight.

    >>> percentile((3.0, 1.0, 2.0), (0.25, 0.25, 0.5), 0.5)
    2.0
    """
    covered = 0.0
    for value, share in sorted(zip(values, shares, strict=True)):
        covered += share
        if covered >= quantile - 1e-9:
            return value
    return max(values)


def figures(judged: Iterable[Judged], by: Sequence[str] = ()) -> tuple[Figures, ...]:
    """Figures of each metric, by fidelity and the labels `by`; saturated rows and failed runs stay out."""
    groups: dict[tuple[Metric, str, Label], list[Judged]] = defaultdict(list)
    for row in judged:
        if row.metric is not Metric.OOM and not row.row.near_capacity:
            label = tuple((name, row.labels[name]) for name in by)
            groups[row.metric, row.row.fidelity, label].append(row)
    order = list(Metric)
    found = sorted(groups.items(), key=lambda group: (order.index(group[0][0]), group[0][1], group[0][2]))
    return tuple(_figures(rows, *key) for key, rows in found)


def _figures(rows: Sequence[Judged], metric: Metric, fidelity: str, group: Label) -> Figures:
    shares = weights(rows)
    errors = [abs(row.error) for row in rows]

    def mean(value: Callable[[Judged], float]) -> float:
        return sum(share * value(row) for share, row in zip(shares, rows, strict=True))

    return Figures(
        metric=metric,
        fidelity=fidelity,
        group=group,
        num_rows=len(rows),
        num_sources=len({row.row.source for row in rows}),
        median=percentile(errors, shares, 0.5),
        p90=percentile(errors, shares, 0.9),
        p95=percentile(errors, shares, 0.95),
        bias=mean(lambda row: row.error),
        inside=mean(lambda row: row.is_inside),
    )


def verdicts(judged: Iterable[Judged]) -> Verdicts:
    """Each run once, however often it was measured; those that ran are known by their memory."""
    rows = tuple(judged)
    died = {row.row.text: row.verdict for row in rows if row.metric is Metric.OOM}
    ran = {row.row.text: row.verdict for row in rows if row.metric in MEMORY_METRICS}
    ran = {text: verdict for text, verdict in ran.items() if text not in died}
    return Verdicts(died=Counter(died.values()), ran=Counter(ran.values()))


def judged_not_to_fit(judged: Iterable[Judged]) -> tuple[tuple[Judged, ...], int]:
    """Runs that ran, those known by their speed among them, judged not to fit; and how many ran."""
    rows = tuple(judged)
    died = {row.row.text for row in rows if row.metric is Metric.OOM}
    ran = {row.row.text: row for row in rows if row.row.text not in died}
    found = tuple(row for row in ran.values() if row.verdict is Verdict.DOES_NOT_FIT)
    return found, len(ran)


def worst(judged: Iterable[Judged], count: int) -> tuple[Judged, ...]:
    """The rows farthest off by factor, one a run and metric."""
    far: dict[tuple[str, Metric], Judged] = {}
    for row in sorted(judged, key=_factor, reverse=True):
        if row.metric is not Metric.OOM:
            far.setdefault((row.row.text, row.metric), row)
    return tuple(far.values())[:count]


def _factor(row: Judged) -> float:
    ratio = row.estimated.likely / row.measured
    return max(ratio, 1 / ratio if ratio else float("inf"))


def figures_document(
    judged: Sequence[Judged], broken: Sequence[Broken], *, by: Sequence[str], num_worst: int
) -> dict[str, Any]:
    """Everything as JSON values."""
    exact = verdicts(row for row in judged if row.row.fidelity == "exact")
    said = verdicts(judged)
    return {
        "schema_version": SCHEMA_VERSION,
        "num_rows": len(judged) + len(broken),
        "num_near_capacity": sum(row.row.near_capacity for row in judged),
        "figures": [_figures_document(figure) for figure in figures(judged, by)],
        "verdicts": {"exact": _verdicts_document(exact), "all": _verdicts_document(said)},
        "worst": [_row_document(row) for row in worst(judged, num_worst)],
        "broken": [
            {"line": each.row.line, "id": each.row.name, "spec": each.row.text, "problem": each.problem}
            for each in broken
        ],
    }


def _verdicts_document(said: Verdicts) -> dict[str, dict[str, int]]:
    return {
        "died": {str(verdict): said.died[verdict] for verdict in Verdict},
        "ran": {str(verdict): said.ran[verdict] for verdict in Verdict},
    }


def _figures_document(figure: Figures) -> dict[str, Any]:
    return {
        "metric": str(figure.metric),
        "fidelity": figure.fidelity,
        "group": dict(figure.group),
        "n": figure.num_rows,
        "num_sources": figure.num_sources,
        "median_abs_error": figure.median,
        "p90_abs_error": figure.p90,
        "p95_abs_error": figure.p95,
        "bias": figure.bias,
        "inside": figure.inside,
    }


def _row_document(row: Judged) -> dict[str, Any]:
    estimated = row.estimated
    return {
        "id": row.row.name,
        "spec": row.row.text,
        "metric": str(row.metric),
        "measured": row.measured,
        "estimated": {"low": estimated.low, "likely": estimated.likely, "high": estimated.high},
        "error": row.error,
        "verdict": str(row.verdict),
        "source": row.row.source,
    }
