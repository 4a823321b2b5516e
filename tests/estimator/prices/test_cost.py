"""What a plan costs: real instances first, small ones scaled and marked, currencies compared."""

from datetime import date
from decimal import Decimal

import pytest

from estimator.money import FxRate, Money, Offer
from estimator.plan import Plan
from estimator.prices.book import PriceBook
from estimator.prices.cost import quote
from estimator.ranges import Range
from estimator.spec import Market, SaidMoney, TrainingSpec

RATES = (FxRate(base="USD", quote="CNY", rate=Decimal(7), as_of=date(2026, 11, 1), source="test"),)


def offer(provider: str, amount: str, *, num_gpus: int = 1, currency: str = "USD", **more: object) -> Offer:
    return Offer.model_validate(
        {
            "provider": provider,
            "gpu": "h100-80gb",
            "num_gpus": num_gpus,
            "price_per_hour": {"amount": amount, "currency": currency},
            "source": "test",
            **more,
        }
    )


EIGHT = Plan(stack="hf", gpu="h100-80gb", num_gpus=8)


def test_a_real_machine_is_preferred_to_a_multiple_of_smaller_ones() -> None:
    book = PriceBook([offer("a", "1"), offer("a", "20", num_gpus=8)], RATES)
    (priced,) = book.priced(TrainingSpec(), EIGHT)
    assert priced.price_per_hour.amount == 20
    assert not priced.scaled


def test_small_instances_are_scaled_and_marked() -> None:
    (priced,) = PriceBook([offer("a", "2.5")], RATES).priced(TrainingSpec(), EIGHT)
    assert priced.price_per_hour.amount == 20
    assert priced.scaled


def test_sixteen_cards_are_two_real_machines() -> None:
    plan = Plan(stack="hf", gpu="h100-80gb", num_gpus=16, num_nodes=2)
    (priced,) = PriceBook([offer("a", "20", num_gpus=8)], RATES).priced(TrainingSpec(), plan)
    assert priced.price_per_hour.amount == 40
    assert not priced.scaled


def test_the_middle_seller_leads_and_the_others_follow_by_price() -> None:
    book = PriceBook([offer(name, price) for name, price in (("a", "1"), ("b", "2"), ("c", "9"))], RATES)
    found = book.priced(TrainingSpec(), Plan(stack="hf", gpu="h100-80gb"))
    assert [each.offer.provider for each in found] == ["b", "a", "c"]
    assert found[0].votes == (3, 1.0, 9.0)


def test_currencies_are_compared_not_their_numbers() -> None:
    book = PriceBook([offer("us", "2"), offer("cn", "13", currency="CNY")], RATES)
    assert [
        found.offer.provider for found in book.priced(TrainingSpec(), Plan(stack="hf", gpu="h100-80gb"))
    ] == [
        "cn",
        "us",
    ]


def test_market_provider_and_region_are_respected() -> None:
    book = PriceBook(
        [offer("a", "2"), offer("a", "1", market=Market.SPOT), offer("b", "3", region="r1")], RATES
    )
    one = Plan(stack="hf", gpu="h100-80gb")
    assert [p.offer.provider for p in book.priced(TrainingSpec(), one)] == ["a", "b"]
    assert [p.price_per_hour.amount for p in book.priced(TrainingSpec(market=Market.SPOT), one)] == [1]
    assert [p.offer.provider for p in book.priced(TrainingSpec(providers=("b",)), one)] == ["b"]
    assert [p.offer.provider for p in book.priced(TrainingSpec(region="r1"), one)] == ["b"]


@pytest.mark.parametrize(
    ("region", "sellers"),
    [
        ("us-east-1", ["worldwide", "everywhere", "here"]),
        ("US-East-1", ["worldwide", "everywhere", "here"]),
        ("eu-west-1", ["worldwide", "everywhere", "there"]),
    ],
)
def test_a_region_is_told_in_any_case_and_one_price_everywhere_counts_in_each(
    region: str, sellers: list[str]
) -> None:
    offers = (
        offer("everywhere", "1", region="all"),
        offer("worldwide", "2", region="Global"),
        offer("here", "3", region="us-east-1"),
        offer("there", "4", region="EU-West-1"),
        offer("unsaid", "5"),
    )
    found = PriceBook(offers, RATES).priced(TrainingSpec(region=region), Plan(gpu="h100-80gb", stack="hf"))
    assert [each.offer.provider for each in found] == sellers


def test_a_pinned_price_is_per_card() -> None:
    spec = TrainingSpec(price_per_gpu_hour=SaidMoney(amount=Decimal("27.08"), currency="CNY"))
    (priced,) = PriceBook([], RATES).priced(spec, EIGHT)
    assert priced.price_per_hour == Money(amount=Decimal("216.64"), currency="CNY")


def test_a_pinned_price_without_a_currency_is_in_the_readers() -> None:
    spec = TrainingSpec(price_per_gpu_hour=SaidMoney(amount=Decimal(2)))
    (priced,) = PriceBook([], RATES).priced(spec, EIGHT, currency="CNY")
    assert priced.price_per_hour == Money(amount=Decimal(16), currency="CNY")


def test_a_quote_is_hours_times_price_and_keeps_the_original_beside_the_converted() -> None:
    (priced,) = PriceBook([offer("a", "2")], RATES).priced(TrainingSpec(), Plan(stack="hf", gpu="h100-80gb"))
    found = quote(
        priced,
        Plan(stack="hf", gpu="h100-80gb"),
        Range(3600, 7200, 10_800),
        retries=3,
        currency="CNY",
        rates=RATES,
    )
    assert found.run_cost.likely == Money(amount=Decimal(4), currency="USD")
    assert found.with_retries.high == Money(amount=Decimal(18), currency="USD")
    assert found.in_currency is not None
    assert found.in_currency.run_cost.likely == Money(amount=Decimal(28), currency="CNY")
    assert found.in_currency.rate_date == date(2026, 11, 1)


def test_the_middle_is_per_gpu_of_the_machine_that_is_paid_for() -> None:
    book = PriceBook(
        [offer(name, price, num_gpus=8) for name, price in (("a", "8"), ("b", "16"), ("c", "24"))], RATES
    )
    one = Plan(stack="hf", gpu="h100-80gb")
    (first, *_) = book.priced(TrainingSpec(), one)
    found = quote(first, one, Range(3600, 3600, 3600), retries=1, currency="USD", rates=RATES)
    assert (*found.instead, found.machine_gpus) == ("larger", 8)
    assert found.middle is not None
    assert found.middle.low.amount == 1
    assert found.middle.high.amount == 3
    assert found.run_cost.likely.amount == 16


def test_sellers_in_a_currency_without_a_rate_are_no_middle() -> None:
    book = PriceBook([offer("a", "8"), offer("b", "16"), offer("c", "9", currency="XTS")], RATES)
    one = Plan(stack="hf", gpu="h100-80gb")
    (first, *_) = book.priced(TrainingSpec(), one)
    found = quote(first, one, Range(3600, 3600, 3600), retries=1, currency="USD", rates=RATES)
    assert found.middle is None


def test_of_smaller_instances_as_few_as_will_do_stand_for_a_machine() -> None:
    (priced,) = PriceBook([offer("a", "1"), offer("a", "8", num_gpus=4)], RATES).priced(TrainingSpec(), EIGHT)
    assert (priced.offer.num_gpus, priced.copies, priced.scaled) == (4, 2, True)


def test_what_sellers_ask_has_no_more_digits_than_their_lists() -> None:
    book = PriceBook(
        [offer(name, price) for name, price in (("a", "1.99"), ("b", "3.99"), ("c", "9"))], RATES
    )
    (first, *_) = book.priced(TrainingSpec(), EIGHT)
    found = quote(first, EIGHT, Range(low=1, likely=2, high=3), retries=1, currency="USD", rates=RATES)
    assert found.middle is not None
    assert (str(found.middle.low.amount), str(found.middle.high.amount)) == ("1.99", "9")
