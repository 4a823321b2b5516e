from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from bot.files import config_dir, load_catalog, read_config
from bot.prices.config import BadPrices, bundled_rates, price_config, sources_config
from bot.prices.listed import read_snapshot, snapshot_of
from estimator.money import Money
from estimator.spec import Market

ROW = {
    "provider": "aws", "region": "us-east-1", "instance_type": "p5.48xlarge", "gpu": "h100-80gb",
    "gpu_count": "8", "price_per_hour": "55.04", "currency": "USD", "spot_price_per_hour": "",
    "source": "list", "as_of": "2026-07-20",
}  # fmt: skip
SHIPPED = read_snapshot(config_dir() / "prices_snapshot.csv")


def test_a_row_is_an_offer_of_the_whole_instance() -> None:
    (offer,) = snapshot_of([ROW]).rows
    assert (offer.provider, offer.num_gpus) == ("aws", 8)
    assert offer.price_per_hour == Money(amount=Decimal("55.04"), currency="USD")
    assert offer.source == "snapshot: list"


def test_a_row_with_a_spot_price_is_two_offers() -> None:
    on_demand, spot = snapshot_of([ROW | {"spot_price_per_hour": "21.5"}]).rows
    assert (on_demand.market, spot.market) == (Market.ON_DEMAND, Market.SPOT)
    assert spot.price_per_hour.amount == Decimal("21.5")


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity", "", "free"])
def test_a_row_without_a_price_is_skipped_with_the_reason(price: str) -> None:
    snapshot = snapshot_of([ROW | {"price_per_hour": price}])
    assert snapshot.rows == ()
    assert "no price" in snapshot.skipped[0].why


def test_a_gpu_that_the_catalog_lacks_is_skipped_with_the_reason() -> None:
    snapshot = snapshot_of([ROW, ROW | {"gpu": "k80"}], gpus={"h100-80gb"})
    assert len(snapshot.rows) == 1
    assert [(s.line, s.why) for s in snapshot.skipped] == [(3, "the catalog has no GPU 'k80'")]


def test_a_row_that_only_repeats_a_reference_price_is_no_offer() -> None:
    listed = price_config(read_config("prices")).reference
    offers = read_snapshot(config_dir() / "prices_snapshot.csv", reference=listed)
    assert len(SHIPPED.rows) - len(offers.rows) == 1
    assert not any(offer.price_per_hour.amount == Decimal("27.08") for offer in offers.rows)


def test_the_shipped_snapshot_is_whole_and_readable() -> None:
    assert SHIPPED.skipped == ()
    on_demand = [offer for offer in SHIPPED.rows if offer.market is Market.ON_DEMAND]
    assert len(on_demand) == 960
    assert len({offer.provider for offer in on_demand}) == 38
    assert sum(offer.price_per_hour.currency == "CNY" for offer in on_demand) == 333
    assert all(offer.as_of is None or offer.as_of <= datetime.now(UTC).date() for offer in on_demand)


def test_what_the_catalog_does_not_know_in_the_shipped_snapshot_is_old_hardware_only() -> None:
    known = read_snapshot(config_dir() / "prices_snapshot.csv", gpus=load_catalog().gpus)
    assert 0 < len(known.skipped) < 160
    assert all(skipped.why.startswith("the catalog has no GPU") for skipped in known.skipped)


def test_the_list_price_of_the_a100_is_the_one_that_was_published() -> None:
    prices = {
        offer.region: offer.price_per_hour.amount
        for offer in SHIPPED.rows
        if offer.instance_type == "ecs.gn7e-c16g1.4xlarge"
    }
    assert prices["cn-beijing"] == Decimal("34.742")
    assert prices["cn-wulanchabu"] == Decimal("31.267")


def test_the_reference_price_of_the_worked_example_says_what_it_is() -> None:
    (reference,) = price_config(read_config("prices")).reference
    assert reference.as_offer("reference").price_per_hour.times(3) == Money(
        amount=Decimal("81.24"), currency="CNY"
    )
    assert "article" in reference.source
    assert "Not the list price" in reference.note


def test_the_shipped_rates_are_dated_and_from_the_euro() -> None:
    rates = bundled_rates(read_config("fx"))
    assert {rate.base for rate in rates} == {"EUR"}
    assert {"USD", "CNY", "GBP", "JPY"} <= {rate.quote for rate in rates}
    assert all("2026" in rate.source for rate in rates)


def test_every_gpu_that_a_live_source_maps_to_is_in_the_catalog() -> None:
    config = sources_config(read_config("price_sources"))
    mapped = {*config.alibaba.families.values()}
    mapped |= {name.gpu for name in (*config.gpuhunt.names, *config.vast.names)}
    assert mapped <= set(load_catalog().gpus)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("overrides: [{provider: x, gpu: t4, amount: 0, currency: USD, source: me}]", "overrides.1.amount"),
        (
            "overrides: [{provider: x, gpu: t4, amount: .nan, currency: USD, source: me}]",
            "overrides.1.amount",
        ),
        ("overrides: [{provider: x, gpu: t4, amount: 1, currency: usd, source: me}]", "overrides.1.currency"),
        ("overrides: [{provider: x, gpu: t4, amount: 1, currency: USD}]", "overrides.1.source"),
        ("overrides: [{provider: x, gpu: t4, amount: 1, currency: USD, source: me, prise: 2}]", "prise"),
        ("policy: {stale_after_days: 0}", "policy.stale_after_days"),
        ("overides: []", "overides"),
    ],
)
def test_a_mistake_in_prices_yaml_is_named_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(BadPrices, match=r"prices\.yaml: ") as raised:
        price_config(yaml.safe_load(text))
    assert complaint in str(raised.value)


def test_a_user_may_bring_a_snapshot_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "prices_snapshot.csv"
    path.write_text(",".join(ROW) + "\n" + ",".join(ROW.values()) + "\n", encoding="utf-8")
    assert [offer.gpu for offer in read_snapshot(path).rows] == ["h100-80gb"]
