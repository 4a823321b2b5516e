"""The bundled price list: what is left when nothing else answers, and the yardstick for what does."""

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Final, NamedTuple

from bot.prices.config import ListedPrice
from estimator.money import Money, Offer, positive_number
from estimator.spec import Market

SNAPSHOT_NAME: Final = "snapshot"


class Skipped(NamedTuple):
    """A row that makes no offer, and why not."""

    line: int
    why: str


class Snapshot(NamedTuple):
    """The rows of prices_snapshot.csv as a source: one offer a row, another where it has a spot price."""

    rows: tuple[Offer, ...]
    skipped: tuple[Skipped, ...] = ()


def read_snapshot(
    path: Path,
    *,
    gpus: Collection[str] | None = None,
    reference: Sequence[ListedPrice] = (),
    fetched_at: datetime | None = None,
) -> Snapshot:
    """The file at `path`, less GPUs that are not in `gpus` and rows that only repeat a reference price."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)  # a third of the time of a DictReader, which asks for its names at each row
        names = next(lines, [])
        rows = (dict(zip_longest(names, line)) for line in lines if line)
        return snapshot_of(rows, gpus=gpus, reference=reference, fetched_at=fetched_at)


def snapshot_of(
    rows: Iterable[dict[str, str]],
    *,
    gpus: Collection[str] | None = None,
    reference: Sequence[ListedPrice] = (),
    fetched_at: datetime | None = None,
) -> Snapshot:
    """The snapshot that parsed rows make."""
    offers: list[Offer] = []
    skipped: list[Skipped] = []
    known = None if gpus is None else frozenset(gpus)
    for line, row in enumerate(rows, start=2):
        if why := _why_not(row, known, reference):
            skipped.append(Skipped(line=line, why=why))
            continue
        try:
            offers.extend(_offers(row, fetched_at))
        except (ArithmeticError, ValueError, KeyError) as error:
            skipped.append(Skipped(line=line, why=f"unreadable: {error}"))
    return Snapshot(rows=tuple(offers), skipped=tuple(skipped))


def _why_not(row: dict[str, str], known: frozenset[str] | None, reference: Sequence[ListedPrice]) -> str:
    if known is not None and row.get("gpu") not in known:
        return f"the catalog has no GPU {row.get('gpu')!r}"
    if any(_repeats(row, price) for price in reference):
        return "a reference price, which nobody sells at"
    return ""


def _repeats(row: dict[str, str], price: ListedPrice) -> bool:
    return (
        row.get("provider") == price.provider
        and row.get("gpu") == price.gpu
        and (row.get("region"), row.get("currency")) == (price.region, price.currency)
        and Decimal(row.get("price_per_hour") or 0) == price.amount
    )


def _offers(row: dict[str, str], fetched_at: datetime | None) -> Iterator[Offer]:
    yield _offer(row, row["price_per_hour"], Market.ON_DEMAND, fetched_at)
    if spot := row["spot_price_per_hour"]:
        yield _offer(row, spot, Market.SPOT, fetched_at)


def _offer(row: dict[str, str], amount: str, market: Market, fetched_at: datetime | None) -> Offer:
    price = _price(amount)
    return Offer(
        provider=row["provider"],
        region=row["region"],
        instance_type=row["instance_type"],
        gpu=row["gpu"],
        num_gpus=int(row["gpu_count"]),
        price_per_hour=Money(amount=price, currency=row["currency"]),
        market=market,
        host_memory_gb=float(memory) if (memory := positive_number(row.get("memory_gb"))) else None,
        as_of=date.fromisoformat(row["as_of"]) if row["as_of"] else None,
        fetched_at=fetched_at,
        source=f"{SNAPSHOT_NAME}: {row['source']}",
        tier=row.get("tier") or "",
        caveat=row.get("caveat") or "",
    )


def _price(text: str) -> Decimal:
    price = positive_number(text)
    if price is None:
        raise ValueError(f"{text!r} is no price")
    return price


OVERRIDES_NAME: Final = "override"


class Overrides:
    """The `overrides` of prices.yaml."""

    def __init__(self, listed: Sequence[ListedPrice], *, fetched_at: datetime | None = None) -> None:
        self._listed = tuple(listed)
        self._offers = tuple(price.as_offer(OVERRIDES_NAME, fetched_at=fetched_at) for price in listed)

    def __bool__(self) -> bool:
        return bool(self._listed)

    def applied(self, offers: Iterable[Offer], today: date, *, marked_after: int) -> tuple[Offer, ...]:
        """Our offers, marked after so many days and in force still, then those that none of ours replaces."""
        if not self._listed:
            return tuple(offers)
        kept = (offer for offer in offers if not any(price.replaces(offer) for price in self._listed))
        own = (
            offer.model_copy(
                update={"stale": offer.as_of is None or (today - offer.as_of).days > marked_after}
            )
            for offer in self._offers
        )
        return (*own, *kept)
