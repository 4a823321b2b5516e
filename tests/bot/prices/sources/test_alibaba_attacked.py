"""Alibaba's price file attacked cell by cell: a wrong cell costs its row, a wrong file all of it."""

import json
from decimal import Decimal
from typing import Any

import pytest
from fake_web import FakeWeb
from patience import patient
from shipped_prices import LISTED, NOW, SNAPSHOT

from bot.files import read_config, read_sellers
from bot.prices.config import bundled_rates, sources_config
from bot.prices.plausible import Plausibility, plausibility_of
from bot.prices.port import SourceDown
from bot.prices.sources.alibaba import Alibaba

CONFIG = sources_config(read_config("price_sources")).alibaba
ENVELOPE = {"currency": "CNY", "publicationDate": "2026-11-20T08:00:00Z", "site": "china"}
TRUE = {
    f"{offer.region}::{offer.instance_type}::vpc::linux::optimized": offer.price_per_hour.amount
    for offer in SNAPSHOT
    if (offer.provider, offer.market, offer.price_per_hour.currency) == ("alibaba", "on_demand", "CNY")
    and offer.region
}
ATTACKED = next(key for key in TRUE if "gn7e-c16g1.4xlarge" in key)
WRONG_PRICES: list[object] = [
    *("", " ", "NaN", "Infinity", "-34.742", "0", "1e9", "1e-9", "34,742", "34.742 CNY", "n/a"),
    *(None, True, False, [], {}, ["34.742"], -34.742, 0, 1e9, float("nan")),
]
WRONG_VALUES: list[object] = [
    {},
    {"hours": []},
    {"hours": [{}]},
    {"hours": [None]},
    {"hours": None},
    {"hours": "34"},
    {"hours": {"price": "34"}},
    {"months": [{"price": "34"}]},
]


@pytest.fixture(scope="module")
def plausibility() -> Plausibility:
    return plausibility_of(SNAPSHOT, bundled_rates(read_config("fx")), LISTED.policy, read_sellers(None))


def hourly(price: object) -> dict[str, Any]:
    return {"hours": [{"price": price, "period": "1"}]}


def listed() -> dict[str, Any]:
    return {key: hourly(str(price)) for key, price in TRUE.items()}


def file_of(rows: dict[str, Any], **envelope: object) -> bytes:
    return json.dumps(ENVELOPE | envelope | {"pricingInfo": rows}).encode()


def read(web: FakeWeb, body: bytes, plausibility: Plausibility) -> dict[str, Decimal]:
    """Key of each row that comes through -> its price."""
    web.answers["/page"] = (200, f"{web.url}/aliyun/ecs-price-info/2.0.421/app.js".encode())
    web.answers["/aliyun/ecs-price-info/2.0.421/price/download/instancePrice.json"] = (200, body)
    pattern = web.url.replace(".", r"\.") + r"/aliyun/ecs-price-info/\d+\.\d+\.\d+"
    config = CONFIG.model_copy(
        update={"page_url": f"{web.url}/page", "file_url_pattern": pattern, "fewest_offers": len(TRUE) // 2}
    )
    reading = plausibility.accepted("alibaba", Alibaba(config, lambda: NOW).read(patient()))
    assert {offer.price_per_hour.currency for offer in reading.offers} == {"CNY"}
    return {
        f"{offer.region}::{offer.instance_type}::vpc::linux::optimized": offer.price_per_hour.amount
        for offer in reading.offers
    }


def without(key: str) -> dict[str, Decimal]:
    return {name: price for name, price in TRUE.items() if name != key}


def test_a_file_of_the_bundled_prices_comes_through_whole(web: FakeWeb, plausibility: Plausibility) -> None:
    assert len(TRUE) > 100
    assert read(web, file_of(listed()), plausibility) == TRUE


@pytest.mark.parametrize("wrong", WRONG_PRICES, ids=repr)
def test_a_wrong_price_costs_its_row_alone(web: FakeWeb, plausibility: Plausibility, wrong: object) -> None:
    sent = file_of(listed() | {ATTACKED: hourly(wrong)})
    assert read(web, sent, plausibility) == without(ATTACKED)


@pytest.mark.parametrize("wrong", WRONG_VALUES, ids=repr)
def test_a_row_of_another_shape_costs_itself_alone(
    web: FakeWeb, plausibility: Plausibility, wrong: object
) -> None:
    assert read(web, file_of(listed() | {ATTACKED: wrong}), plausibility) == without(ATTACKED)


@pytest.mark.parametrize("factor", [100, 60, 24, 8, Decimal("6.65"), 1 / Decimal(100), 1 / Decimal(720)])
def test_a_price_of_another_unit_costs_its_row_alone(
    web: FakeWeb, plausibility: Plausibility, factor: Decimal
) -> None:
    sent = file_of(listed() | {ATTACKED: hourly(str(TRUE[ATTACKED] * factor))})
    assert read(web, sent, plausibility) == without(ATTACKED)


@pytest.mark.parametrize(
    "broken",
    [
        '{"hours": [{"price": "34.742"',
        '{"hours": [{"price": 34.}]}',
        "{hours: 34}",
        '{"hours": "34}',
        "{'a': 1}",
    ],
)
def test_a_row_that_is_no_json_costs_itself_alone(
    web: FakeWeb, plausibility: Plausibility, broken: str
) -> None:
    mark = '"@"'
    sent = file_of(listed() | {ATTACKED: {"@": 1}}).decode().replace("{" + mark + ": 1}", broken)
    closed = sent + "}" * (sent.count("{") - sent.count("}"))
    assert read(web, closed.encode(), plausibility) == without(ATTACKED)


@pytest.mark.parametrize("deep", ['{"a":' * 3_000 + "1" + "}" * 3_000, "[" * 9_000 + "]" * 9_000])
def test_a_row_as_deep_as_a_well_costs_itself_alone(
    web: FakeWeb, plausibility: Plausibility, deep: str
) -> None:
    sent = file_of(listed() | {ATTACKED: {"hours": "@"}}).decode().replace('"@"', deep)
    assert read(web, sent.encode(), plausibility) == without(ATTACKED)


@pytest.mark.parametrize(
    "key",
    ["::ecs.gn7e-c16g1.4xlarge::vpc::linux::optimized", "cn-beijing::ecs.gn7e-c16g1.4xlarge", "cn-beijing",
     "cn-beijing::ecs.::vpc::linux", "cn-beijing::ecs.gn7e-c16g99999.4xlarge::vpc::linux::optimized",
     "cn-beijing::ecs.gn7e-c1g99999.9999999xlarge::vpc::linux::optimized",
     "cn-beijing::ecs.gn8v-99999x.4xlarge::vpc::linux::optimized", "",
     "::::::::", "中国::ecs.gn7e::vpc::linux"],
)  # fmt: skip
def test_a_wrong_key_costs_its_row_alone(web: FakeWeb, plausibility: Plausibility, key: str) -> None:
    rows = {name: row for name, row in listed().items() if name != ATTACKED}
    assert read(web, file_of({key: hourly("34.742")} | rows), plausibility) == without(ATTACKED)


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "RMB", "cny", "CN1", "", None, 1, ["CNY"], "XXX"])
def test_prices_in_another_currency_are_refused_whole(
    web: FakeWeb, plausibility: Plausibility, currency: object
) -> None:
    with pytest.raises(SourceDown):
        read(web, file_of(listed(), currency=currency), plausibility)


@pytest.mark.parametrize("day", ["2030-01-01", "2030/01/01", "20300101", "9999-12-31T00:00:00Z"])
def test_prices_of_a_day_to_come_are_refused_whole(
    web: FakeWeb, plausibility: Plausibility, day: str
) -> None:
    with pytest.raises(SourceDown, match="to come"):
        read(web, file_of(listed(), publicationDate=day), plausibility)


def test_a_file_that_ends_anywhere_is_refused(web: FakeWeb, plausibility: Plausibility) -> None:
    whole = file_of(listed())
    for length in range(0, len(whole) - 1, len(whole) // 40):
        with pytest.raises(SourceDown):
            read(web, whole[:length], plausibility)


@pytest.mark.parametrize(
    "body", [b"<!DOCTYPE html><html><body>{busy}</body></html>", b"{}", b"[]", b"\xff" * 99]
)
def test_what_is_no_price_file_is_refused(web: FakeWeb, plausibility: Plausibility, body: bytes) -> None:
    with pytest.raises(SourceDown):
        read(web, body, plausibility)
