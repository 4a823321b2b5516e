"""The worked example, line by line and to the last digit."""

from decimal import Decimal

import pytest

from bot.files import load_catalog
from estimator.defaults import settle
from estimator.money import Money, Offer
from estimator.prices.book import PriceBook
from estimator.result import RuleOfThumb
from estimator.rule_of_thumb import (
    billed_hours,
    dynamic_bytes,
    fixed_bytes,
    gradients_bytes,
    optimizer_bytes,
    rule_num_steps,
    rule_of_thumb,
    train_seconds,
    weights_bytes,
    window_hours,
)
from estimator.spec import Precision, SaidMoney, TrainingSpec

ARTICLE = Offer(
    provider="alibaba",
    gpu="a100-80gb",
    num_gpus=1,
    price_per_hour=Money(amount=Decimal("27.08"), currency="CNY"),
    source="article, 2025",
)
EXAMPLE = TrainingSpec(model="7b", precision=Precision.FP16, num_examples=10_000, global_batch_size=32)


def on_paper(spec: TrainingSpec = EXAMPLE, *offers: Offer, priced: bool = True) -> RuleOfThumb:
    catalog = load_catalog()
    resolved = settle(spec, catalog)
    return rule_of_thumb(
        spec,
        arch=resolved.arch,
        num_params=resolved.num_params,
        precision=resolved.workload.precision,
        schedule=resolved.schedule,
        sequence_length=resolved.workload.sequence_length,
        catalog=catalog,
        book=PriceBook(offers, ()),
        reference=(ARTICLE,),
        currency="CNY",
        priced=priced,
    )


def test_the_worked_example_comes_out_to_the_last_digit() -> None:
    rule = on_paper()
    assert (rule.weights_gb, rule.gradients_gb, rule.optimizer_gb) == (14.0, 14.0, 28.0)
    assert (rule.fixed_gb, rule.dynamic_gb, rule.total_gb) == (56.0, 8.59, 64.59)
    assert (rule.num_steps, rule.step_seconds, rule.train_seconds) == (939, 1.5, 1408.5)
    assert (rule.window_hours, rule.retries, rule.billed_hours) == (1, 3, 3)
    assert (rule.gpu, rule.num_gpus) == ("a100-80gb", 1)
    assert rule.cost == Money(amount=Decimal("81.24"), currency="CNY")


def test_each_line_of_the_table_is_a_function() -> None:
    arch = load_catalog().models["llama-7b"]
    weights = weights_bytes(7_000_000_000, Precision.FP16)
    assert weights == 14_000_000_000
    assert gradients_bytes(weights) == 14_000_000_000
    assert optimizer_bytes(weights) == 28_000_000_000
    assert fixed_bytes(weights) == 56_000_000_000
    assert dynamic_bytes(arch, batch_size=32, sequence_length=1024, precision=Precision.FP16) == 8_589_934_592
    assert rule_num_steps(10_000, 32, 3) == 939
    assert train_seconds(939, 1.5) == 1408.5
    assert window_hours(1408.5) == 1
    assert billed_hours(1, 3) == 3


@pytest.mark.parametrize(("seconds", "hours"), [(1.0, 1), (3600.0, 1), (3600.5, 2), (86_400.0, 24)])
def test_a_window_is_whole_hours_and_at_least_one(seconds: float, hours: int) -> None:
    assert window_hours(seconds) == hours


def test_a_fraction_of_an_epoch_is_rounded_up_to_whole_steps() -> None:
    assert rule_num_steps(100, 32, 0.5) == 2
    assert rule_num_steps(100, 32, 1.5) == 6


def test_a_named_model_uses_its_exact_count() -> None:
    rule = on_paper(EXAMPLE.model_copy(update={"model": "llama-2-7b"}))
    assert rule.weights_gb == pytest.approx(6_738_415_616 * 2 / 1e9, abs=0.005)


def test_pinned_price_step_and_retries_are_used() -> None:
    pinned = {
        "price_per_gpu_hour": SaidMoney(amount=Decimal(2), currency="USD"),
        "step_seconds": 10.0,
        "retries": 2.0,
    }
    rule = on_paper(EXAMPLE.model_copy(update=pinned))
    assert rule.train_seconds == 9390.0
    assert rule.billed_hours == 6
    assert rule.cost == Money(amount=Decimal(12), currency="USD")


def test_two_small_cards_are_not_one_large_one() -> None:
    rule = on_paper(EXAMPLE.model_copy(update={"gpu": "v100-32gb", "num_gpus": 2}))
    assert [note.code for note in rule.notes if note.code == "rule_no_pool"] == ["rule_no_pool"]


@pytest.mark.parametrize("price", [None, SaidMoney(amount=Decimal(2), currency="USD")])
def test_a_gpu_that_does_not_hold_the_total_has_no_money(price: SaidMoney | None) -> None:
    small = ARTICLE.model_copy(update={"gpu": "v100-32gb"})
    pinned = {"gpu": "v100-32gb", "num_gpus": 2, "price_per_gpu_hour": price}
    rule = on_paper(EXAMPLE.model_copy(update=pinned), small)
    assert (rule.price_per_hour, rule.cost, rule.price_source) == (None, None, "")


def test_a_run_that_does_not_fit_has_no_money() -> None:
    rule = on_paper(EXAMPLE, priced=False)
    assert (rule.gpu, rule.price_per_hour, rule.cost) == ("a100-80gb", None, None)
    assert "rule_no_money" in [note.code for note in rule.notes]


def test_where_no_single_card_holds_the_total_only_model_parallelism_is_named() -> None:
    rule = on_paper(EXAMPLE.model_copy(update={"model": "70b"}))
    assert rule.gpu is None
    assert rule.cost is None
    assert "rule_no_pool" in [note.code for note in rule.notes]


def test_past_the_reference_cards_the_cheapest_single_offer_that_holds_it_is_taken() -> None:
    h200 = ARTICLE.model_copy(
        update={"gpu": "h200", "source": "list", "price_per_hour": Money(amount=Decimal(30), currency="CNY")}
    )
    b200 = h200.model_copy(
        update={"gpu": "b200", "price_per_hour": Money(amount=Decimal(20), currency="CNY")}
    )
    a40 = h200.model_copy(update={"gpu": "a40", "price_per_hour": Money(amount=Decimal(1), currency="CNY")})
    rule = on_paper(EXAMPLE.model_copy(update={"model": "13b"}), h200, b200, a40)
    assert rule.gpu == "b200"


def test_a_gpu_without_a_reference_costs_what_it_costs_on_the_card_and_says_whose_price_it_is() -> None:
    def h100(provider: str, amount: str, num_gpus: int = 1) -> Offer:
        price = Money(amount=Decimal(amount), currency="USD")
        return Offer(
            provider=provider,
            gpu="h100-80gb",
            num_gpus=num_gpus,
            price_per_hour=price,
            source="list",
            tier="B",
        )

    offers = (h100("a", "2"), h100("b", "4"), h100("c", "6"), h100("d", "56", 8))
    two = EXAMPLE.model_copy(update={"gpu": "h100-80gb", "num_gpus": 2})
    rule = on_paper(two, *offers)
    assert (rule.price_per_hour, rule.price_provider) == (Money(amount=Decimal(8), currency="USD"), "b")
    whole = on_paper(two.model_copy(update={"providers": ("d",)}), *offers)
    assert (whole.price_per_hour, whole.price_provider) == (Money(amount=Decimal(56), currency="USD"), "d")
    assert on_paper(EXAMPLE, *offers).price_provider == ""


def test_a_data_set_in_tokens_is_counted_in_sequences() -> None:
    assert on_paper(TrainingSpec(model="7b", num_tokens=30_000_000)).num_steps == 916
