"""Vast: `{"offers": [{gpu_name, num_gpus, gpu_ram in MB, dph_base, min_bid, host_id, …}]}`."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from fake_web import FakeWeb
from patience import patient

from bot.files import read_config
from bot.prices.config import sources_config
from bot.prices.port import SourceDown
from bot.prices.sources.vast import Vast
from estimator.spec import Market

CONFIG = sources_config(read_config("price_sources")).vast
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def vast_offer(price: object, host: object = 1, **changes: object) -> dict[str, object]:
    listed: dict[str, object] = {
        "id": 31337,
        "host_id": host,
        "machine_id": 7,
        "gpu_name": "A100 SXM4",
        "num_gpus": 1,
        "gpu_ram": 81920,
        "dph_base": price,
        "dph_total": price,
        "min_bid": 0.5,
        "storage_cost": 0.15,
        "reliability2": 0.99,
        "verification": "verified",
        "external": False,
        "geolocation": "Sweden, SE",
        "cpu_cores": None,
    }
    return listed | changes


def source(web: FakeWeb, listed: object) -> Vast:
    web.answers["/bundles/"] = (200, json.dumps({"offers": listed}).encode())
    return Vast(CONFIG.model_copy(update={"url": f"{web.url}/bundles/"}), lambda: NOW)


def test_every_host_has_one_vote(web: FakeWeb) -> None:
    listed = [vast_offer(1.0, 1), vast_offer(2.0, 2), vast_offer(3.0, 3)]
    listed += [vast_offer(9.0, 3) for _ in range(20)]
    offers = source(web, listed).read(patient()).offers
    assert [(o.gpu, o.num_gpus, o.market, o.price_per_hour.amount) for o in offers] == [
        ("a100-80gb", 1, Market.ON_DEMAND, Decimal("2.0")),
        ("a100-80gb", 1, Market.SPOT, Decimal("0.5")),
    ]
    assert {(o.price_per_hour.currency, o.as_of) for o in offers} == {("USD", NOW.date())}


def test_only_rentable_machines_of_verified_hosts_are_asked_for(web: FakeWeb) -> None:
    source(web, [vast_offer(1, host) for host in range(5)]).read(patient())
    asked = json.loads(web.asked[0][1])
    assert (asked["verified"], asked["rentable"], asked["external"]) == (
        {"eq": True},
        {"eq": True},
        {"eq": False},
    )
    assert asked["type"] == "on-demand"


@pytest.mark.parametrize(("hosts", "offers"), [(2, 9), (3, 4)])
def test_few_hosts_and_few_offers_are_no_market(web: FakeWeb, hosts: int, offers: int) -> None:
    with pytest.raises(SourceDown, match="enough hosts"):
        source(web, [vast_offer(1.0, n % hosts) for n in range(offers)]).read(patient())


def test_the_sizes_and_forms_of_one_name_are_told_apart(web: FakeWeb) -> None:
    listed = [vast_offer(0.5, n, gpu_ram=40536) for n in range(5)]
    listed += [vast_offer(0.9, n, gpu_name="A100 PCIE", gpu_ram=79000) for n in range(5)]
    listed += [vast_offer(0.1, n, gpu_ram=10240) for n in range(5)]
    offers = source(web, listed).read(patient()).offers
    assert {offer.gpu for offer in offers} == {"a100-40gb", "a100-80gb-pcie"}


@pytest.mark.parametrize(
    "listed",
    [
        [],
        None,
        3,
        [1, {}, "x"],
        [vast_offer("1.0", n) for n in range(9)],
        [vast_offer(0, n) for n in range(9)],
        [vast_offer(price=True, host=n) for n in range(9)],
        [vast_offer(1.0, None) for _ in range(9)],
        [vast_offer(1.0, n, external=True) for n in range(9)],
        [vast_offer(1.0, n, num_gpus="1") for n in range(9)],
        [
            {"price" if key == "dph_base" else key: value for key, value in vast_offer(1, n).items()}
            for n in range(9)
        ],
    ],
)
def test_nothing_to_read_is_a_failure_and_not_a_market_without_offers(web: FakeWeb, listed: object) -> None:
    with pytest.raises(SourceDown):
        source(web, listed).read(patient())


def test_a_memory_beyond_all_measure_costs_its_offer_alone(web: FakeWeb) -> None:
    good = [vast_offer(1.0, host) for host in range(5)]
    wild = [vast_offer(1.0, 9, gpu_ram=gpu_ram) for gpu_ram in (10**400, -1, 0, float("inf"))]
    assert source(web, [*wild, *good]).read(patient()) == source(web, good).read(patient())
