"""The bundled price list and rates written anew from readings of live sources; no column is lost."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from bot.files import write_whole
from bot.prices.book import newest_of_each
from bot.prices.listed import SNAPSHOT_NAME, snapshot_of
from estimator.money import FxRate, Offer
from estimator.spec import Market

COLUMNS: Final = (
    "provider", "region", "instance_type", "gpu", "gpu_count", "gpu_memory_gb", "vcpus", "memory_gb",
    "price_per_hour", "currency", "spot_price_per_hour", "source", "as_of", "tier", "caveat",
)  # fmt: skip
MOVED: Final = Decimal("0.2")
"""A seller's price of a GPU that changed by more is worth a look before it is bundled."""
PriceRow = dict[str, str]
_Key = tuple[str, str, str, str, int]
_Moved = tuple[str, str, int, Market, str]
"""Seller, GPU, GPUs in the machine, market, currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceMove:
    """A seller's price of a GPU that changed: per GPU-hour, the middle of its regions."""

    provider: str
    gpu: str
    num_gpus: int
    market: Market
    currency: str
    before: Decimal
    now: Decimal

    @property
    def share(self) -> Decimal:
        """0.25: a quarter dearer."""
        return self.now / self.before - 1


class Rewritten(NamedTuple):
    """The rows of the new list, and how many spot prices have no row: their machine has no price beside."""

    rows: list[PriceRow]
    num_dropped: int


def rewritten(
    rows: Sequence[PriceRow],
    readings: Iterable[Sequence[Offer]],
    tiers: Mapping[str, str],
    *,
    gpu_memory_gb: Mapping[str, float],
) -> Rewritten:
    """`rows` of the list with newer `readings` in the place of what they replace."""
    listed = snapshot_of(rows).rows
    standing = tuple(newest_of_each([*readings, listed]))
    on_demand = {_key(offer): offer for offer in standing if offer.market is Market.ON_DEMAND}
    spot = {_key(offer): offer for offer in standing if offer.market is Market.SPOT}
    beside = {key: each for key, each in spot.items() if _is_of_one_sheet(each, on_demand.get(key))}
    known = _Known(rows, gpu_memory_gb)
    written = (_row(offer, beside.get(key), known, tiers) for key, offer in on_demand.items())
    order = ("provider", "gpu", *COLUMNS[4::-1])
    ordered = sorted(written, key=lambda row: tuple(row[name] for name in order))
    return Rewritten(ordered, len(spot) - len(beside))


def _is_of_one_sheet(spot: Offer, on_demand: Offer | None) -> bool:
    """Whether both prices fit in a row: it has one day and one currency."""
    return on_demand is not None and (spot.as_of, spot.price_per_hour.currency) == (
        on_demand.as_of,
        on_demand.price_per_hour.currency,
    )


class _Known:
    """What the list said beside prices: of an instance, a type, or a GPU; of a GPU new to it, the catalog."""

    def __init__(self, rows: Iterable[PriceRow], gpu_memory_gb: Mapping[str, float]) -> None:
        self._by_place: dict[tuple[str, ...], PriceRow] = {}
        self._by_type: dict[tuple[str, ...], PriceRow] = {}
        self._memory_gb: dict[str, str] = {}
        self._catalogued_gb = gpu_memory_gb
        for row in rows:
            self._by_place[row["provider"], row["region"], row["instance_type"], row["gpu"]] = row
            self._by_type.setdefault((row["provider"], row["instance_type"]), row)
            self._memory_gb.setdefault(row["gpu"], row["gpu_memory_gb"])

    def of(self, offer: Offer) -> PriceRow:
        """The columns beside prices: what the offer says itself, else what was known."""
        same = self._by_place.get((offer.provider, offer.region, offer.instance_type, offer.gpu), {})
        alike = same or self._by_type.get((offer.provider, offer.instance_type), {})
        return {
            "gpu_memory_gb": self._memory_gb.get(offer.gpu) or _number(self._catalogued_gb.get(offer.gpu)),
            "vcpus": alike.get("vcpus", ""),
            "memory_gb": _number(offer.host_memory_gb) or alike.get("memory_gb", ""),
        }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _row(offer: Offer, spot: Offer | None, known: _Known, tiers: Mapping[str, str]) -> PriceRow:
    row = known.of(offer) | {
        "provider": offer.provider,
        "region": offer.region,
        "instance_type": offer.instance_type,
        "gpu": offer.gpu,
        "gpu_count": str(offer.num_gpus),
        "price_per_hour": f"{offer.price_per_hour.amount.normalize():f}",
        "currency": offer.price_per_hour.currency,
        "spot_price_per_hour": f"{spot.price_per_hour.amount.normalize():f}" if spot else "",
        "source": offer.source.removeprefix(f"{SNAPSHOT_NAME}: "),
        "as_of": offer.as_of.isoformat() if offer.as_of else "",
        "tier": tiers.get(offer.provider) or offer.tier,
        "caveat": offer.caveat,
    }
    return {name: row[name] for name in COLUMNS}


def _key(offer: Offer) -> _Key:
    return (offer.provider, offer.region, offer.instance_type, offer.gpu, offer.num_gpus)


def moves(before: Iterable[PriceRow], now: Iterable[PriceRow]) -> list[PriceMove]:
    """Who changed a price by more than a fifth, the largest change first."""
    old, new = _middles(before), _middles(now)
    found = [
        PriceMove(
            provider=sold[0],
            gpu=sold[1],
            num_gpus=sold[2],
            market=sold[3],
            currency=sold[4],
            before=old[sold],
            now=price,
        )
        for sold, price in new.items()
        if sold in old
    ]
    return sorted((move for move in found if abs(move.share) > MOVED), key=lambda move: -abs(move.share))


def _middles(rows: Iterable[PriceRow]) -> dict[_Moved, Decimal]:
    asked: dict[_Moved, list[Decimal]] = {}
    for offer in snapshot_of(rows).rows:
        price = offer.price_per_hour
        sold = (offer.provider, offer.gpu, offer.num_gpus, offer.market, price.currency)
        asked.setdefault(sold, []).append(price.amount / offer.num_gpus)
    return {sold: median(prices) for sold, prices in asked.items()}


def read_rows(path: Path) -> list[PriceRow]:
    """Every row of a price list, with the columns that an older one lacks."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: row.get(name) or "" for name in COLUMNS} for row in csv.DictReader(file)]


def write_rows(path: Path, rows: Iterable[PriceRow]) -> None:
    """The list at `path`, whole or not at all."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode())


def rates_document(rates: Sequence[FxRate], bundled: Mapping[str, Any]) -> dict[str, Any]:
    """fx.yaml with these rates; a currency that they lack keeps the rate it had."""
    live = {rate.quote: str(rate.rate) for rate in rates if rate.base == bundled["base"]}
    day: date = max(rate.as_of for rate in rates)
    return {
        "base": bundled["base"],
        "as_of": day,
        "source": f"{rates[0].source} of {day:%d %B %Y} (bundled; for information only)",
        "rates": {**bundled["rates"], **live},
    }
