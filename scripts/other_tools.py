"""What the authors of other estimators publish of their own errors, beside ours on the nearest rows."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from bot.validation.measurements import Judged, Metric
from estimator.base import Model

CLAIMS: Final = Path(__file__).parent.parent / "tests" / "published" / "other_tools.yaml"
ADAPTERS: Final = ("lora", "qlora")
SPEEDS: Final = (Metric.STEP, Metric.TOKENS)


class Rows(Model):
    """The rows of the table of measurements that come nearest to a claim."""

    metrics: tuple[Metric, ...]
    source: str = ""
    stack: str = ""
    gpu: str = ""
    """How the key begins."""

    def has(self, row: Judged) -> bool:
        """Whether `row` is one of them."""
        return (
            row.metric in self.metrics
            and self.source in ("", row.row.source)
            and self.stack in ("", row.labels["stack"])
            and row.labels["gpu"].startswith(self.gpu)
        )


class Claim(Model):
    """One published figure, its place and its day."""

    tool: str
    claim: str
    where: str
    source: str
    date: date
    ours: Rows | None = None


def table(measured: Sequence[Judged]) -> Iterator[str]:
    """A line a claim, and one for what nobody claims."""
    yield "| tool | what it claims | on what | source | we, on the nearest rows |"
    yield "| --- | --- | --- | --- | --- |"
    for each in (Claim.model_validate(entry) for entry in yaml.safe_load(CLAIMS.read_text("utf-8"))):
        ours = errors(row for row in measured if each.ours and each.ours.has(row))
        yield f"| {each.tool} | {each.claim} | {each.where} | {each.source} ({each.date}) | {ours} |"
    adapters = errors(
        row
        for row in measured
        if row.labels["method"] in ADAPTERS and row.row.fidelity == "exact" and row.metric in SPEEDS
    )
    yield f"| none | speed of LoRA and QLoRA | — | — | {adapters} |"


def errors(rows: Iterable[Judged]) -> str:
    """Median and mean of |error|, rows at the capacity of their GPU left out."""
    sizes = sorted(abs(row.error) for row in rows if not row.row.near_capacity)
    if not sizes:
        return "no such rows"
    mean, median = sum(sizes) / len(sizes), sizes[len(sizes) // 2]
    return f"median {median:.1%}, mean {mean:.1%} of {len(sizes)} rows"
