"""What a plan costs: real instances first, small ones scaled and marked, currencies compared."""

from datetime import date
from decimal import Decimal

from estimator.cost import PriceBook, quote
from estimator.money import FxRate, Money, Offer
from estimator.parallel import Plan
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


def test_a_machine_that_somebody_lists_comes_before_a_heap_of_single_cards() -> None:
    book = PriceBook([offer("heap", "1"), offer("machine", "20", num_gpus=8)], RATES)
    for plan in (EIGHT, Plan(stack="hf", gpu="h100-80gb", num_gpus=16, num_nodes=2)):
        assert [priced.offer.provider for priced in book.priced(TrainingSpec(), plan)] == ["machine", "heap"]


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
