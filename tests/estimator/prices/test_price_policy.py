"""The price that leads is one that somebody can book: the middle of those who own machines."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.files import load_catalog
from bot.prices import open_prices
from estimator.plan import Plan
from estimator.prices.book import PriceBook, PricedOffer
from estimator.prices.policy import FEWEST_FOR_OUTLIERS, OUTLIER_LOW, VOTING_TIERS, is_chinese, may_lead
from estimator.spec import Market, TrainingSpec

CATALOG = load_catalog()
NOW = datetime(2026, 11, 29, tzinfo=UTC)
GATHERED = open_prices(now=lambda: NOW, known_gpus=tuple(CATALOG.gpus)).gather(tuple(CATALOG.gpus))
BOOK = PriceBook(GATHERED.offers, GATHERED.rates)


def priced(gpu: str, num_gpus: int = 1, *, currency: str = "USD", **said: Any) -> tuple[PricedOffer, ...]:
    plan = Plan(gpu=gpu, num_gpus=num_gpus, data_parallel_size=num_gpus, stack="hf")
    return BOOK.priced(TrainingSpec.model_validate(said), plan, currency=currency)


@pytest.mark.parametrize(
    ("gpu", "num_gpus", "each", "num_sellers"),
    [
        ("h100-80gb", 8, "3.99", 17),
        ("h200", 8, "5.29", 14),
        ("b200", 8, "8.19", 9),
        ("a100-80gb", 8, "2.30", 12),
        ("a100-80gb-pcie", 1, "1.79", 10),
        ("l40s", 1, "1.50", 10),
        ("rtx-pro-6000", 1, "2.00", 8),
        ("l4", 1, "0.70", 5),
        ("a10", 1, "1.10", 3),
        ("t4", 1, "0.53", 3),
    ],
)
def test_the_bundled_list_has_the_middle_prices_that_were_worked_out_by_hand(
    gpu: str, num_gpus: int, each: str, num_sellers: int
) -> None:
    first = priced(gpu, num_gpus)[0]
    per_gpu = first.price_per_hour.amount / num_gpus
    assert abs(per_gpu - Decimal(each)) <= Decimal("0.006")
    assert first.votes is not None
    assert first.votes.num_sellers == num_sellers


@pytest.mark.parametrize("gpu", sorted(BOOK.gpus))
def test_what_leads_may_lead_or_nothing_does(gpu: str) -> None:
    for found in filter(None, (priced(gpu, num_gpus) for num_gpus in (1, 2, 4, 8))):
        holds(found)


def holds(found: tuple[PricedOffer, ...]) -> None:
    offer, votes = found[0].offer, found[0].votes
    assert offer.usable
    assert offer.as_of is not None
    assert offer.market is Market.ON_DEMAND
    assert votes is not None
    sold = any(each.offer.tier in VOTING_TIERS and each.offer.usable for each in found)
    assert offer.tier in VOTING_TIERS or not sold
    assert votes.low <= found[0].comparable <= votes.high
    if votes.num_sellers >= FEWEST_FOR_OUTLIERS:
        assert votes.low >= OUTLIER_LOW * found[0].comparable


def test_a_named_seller_leads_with_its_cheapest_and_an_excluded_one_never_does() -> None:
    assert {each.offer.provider for each in priced("h100-80gb", 8, providers=("lambda",))} == {"lambda"}
    first = priced("h100-80gb", 8)[0].offer.provider
    without = priced("h100-80gb", 8, excluded_providers=(first,))
    assert without
    assert first not in {each.offer.provider for each in without}


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ({"providers": ("aws",), "market": "spot"}, "market"),
        ({"providers": ("lambda",), "region": "nowhere-1"}, "everywhere"),
        ({"providers": ("aws",), "region": "nowhere-1"}, "region"),
        ({"providers": ("azure",), "region": "nowhere-1", "market": "spot"}, "market region"),
        ({"providers": ("lambda",), "region": "nowhere-1", "market": "spot"}, "market everywhere"),
        ({"region": "cn-beijing", "market": "marketplace"}, "marketplace region"),
    ],
)
def test_a_neighbour_stands_in_and_says_so(said: dict[str, Any], instead: str) -> None:
    assert priced("h100-80gb", 8, **said)[0].instead == tuple(instead.split())


@pytest.mark.parametrize(
    ("gpu", "said", "seller", "region", "instead"),
    [
        ("a100-80gb", {"region": "cn-hangzhou"}, "alibaba", "cn-hangzhou", ""),
        ("h100-80gb", {"region": "us-gov-west-1"}, "aws", "us-gov-west-1", ""),
        ("a100-80gb", {"region": "europe", "providers": ("gcp",)}, "gcp", "europe-west4", ""),
        ("a100-80gb", {"region": "eu", "providers": ("gcp",)}, "gcp", "europe-west4", ""),
        ("t4", {"region": "us-east", "providers": ("aws",)}, "aws", "us-east-1", ""),
        ("a100-80gb-pcie", {"region": "us", "providers": ("azure",)}, "azure", "eastus", ""),
        ("a100-80gb", {"region": "us-east-1"}, "hyperstack", "all", "everywhere"),
        ("a100-80gb", {"region": "us-east-1", "providers": ("aws",)}, "aws", "us-east-1", "larger"),
    ],
)
def test_a_region_is_one_that_is_listed_there_or_the_price_says_what_it_is(
    gpu: str, said: dict[str, Any], seller: str, region: str, instead: str
) -> None:
    first = priced(gpu, **said)[0]
    assert (first.offer.provider, first.offer.region) == (seller, region)
    assert first.instead == tuple(instead.split())


def test_a_gpu_that_is_not_sold_alone_costs_the_machine_that_contains_it() -> None:
    alone = priced("a100-80gb", 1, providers=("aws",))[0]
    assert alone.instead == ("larger",)
    assert alone.offer.num_gpus == 8
    assert alone.price_per_hour == alone.offer.price_per_hour


def test_a_chinese_reader_gets_prices_of_china_in_its_currency() -> None:
    for gpu in ("rtx-4090", "a800-80gb", "a10"):
        offer = priced(gpu, currency="CNY")[0].offer
        assert offer.price_per_hour.currency == "CNY"
        assert offer.tier in {"A", "B-cn"}


def test_a_marketplace_is_asked_for_and_live_and_never_stands_beside_others() -> None:
    plan = Plan(gpu="rtx-4090", num_gpus=1, data_parallel_size=1, stack="hf")
    asked = TrainingSpec(market=Market.MARKETPLACE)
    dead = BOOK.priced(asked, plan)[0]
    assert (*dead.instead, dead.offer.provider in {"vast", "tensordock", "salad"}) == ("marketplace", False)
    live = [
        offer.model_copy(update={"usable": True, "as_of": NOW.date()})
        for offer in GATHERED.offers
        if offer.tier == "C" and offer.gpu == "rtx-4090"
    ]
    found = PriceBook([*live, *GATHERED.offers], GATHERED.rates).priced(asked, plan)
    assert {each.offer.tier for each in found} == {"C"}
    assert found[0].instead == ()
    unasked = PriceBook([*live, *GATHERED.offers], GATHERED.rates).priced(TrainingSpec(), plan)
    assert unasked[0].offer.tier in VOTING_TIERS


@pytest.mark.parametrize("currency", ["USD", "CNY"])
@pytest.mark.parametrize("num_gpus", [1, 8])
@pytest.mark.parametrize("gpu", sorted(BOOK.gpus))
def test_the_cheapest_to_book_is_below_the_middle_and_as_sound_as_it(
    gpu: str, num_gpus: int, currency: str
) -> None:
    found = priced(gpu, num_gpus, currency=currency)
    bookable = [each for each in found if each.is_bookable]
    if not bookable:
        return
    (cheapest,), head = bookable, found[0]
    assert cheapest is found[1]
    assert OUTLIER_LOW * head.comparable <= cheapest.comparable < head.comparable
    assert head.votes is not None
    assert head.votes.low <= cheapest.comparable
    assert may_lead(cheapest.offer)
    assert not cheapest.offer.stale
    assert is_chinese(cheapest.offer) is is_chinese(head.offer)


@pytest.mark.parametrize(
    ("gpu", "num_gpus", "currency", "seller"),
    [
        ("h100-80gb", 1, "USD", "hyperstack"),
        ("v100-16gb", 1, "USD", None),  # Verda asks a quarter of the middle
        ("rtx-4000-ada", 1, "USD", None),  # DigitalOcean asks more than it
        ("h100-94gb-nvl", 1, "USD", None),
        ("a100-80gb-pcie", 1, "CNY", None),  # Hyperstack sells in USD
    ],
)
def test_who_is_the_cheapest_to_book_in_the_bundled_list(
    gpu: str, num_gpus: int, currency: str, seller: str | None
) -> None:
    found = priced(gpu, num_gpus, currency=currency)
    assert next((each.offer.provider for each in found if each.is_bookable), None) == seller


def test_who_named_a_seller_is_told_of_no_other_to_book() -> None:
    assert not any(each.is_bookable for each in priced("h100-80gb", 1, providers=("crusoe", "hyperstack")))
