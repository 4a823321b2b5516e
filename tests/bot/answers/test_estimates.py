"""One spec becomes one estimate: names resolved, prices gathered once, mistakes as values."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.answers.estimates import EstimateService, PricedEstimate
from bot.answers.kept import MAX_ANSWERS
from bot.files import load_catalog
from bot.model_hub.hub import ModelHub, NoModel, Why
from bot.prices import GatheredPrices
from estimator.errors import Problem
from estimator.estimate import estimate
from estimator.model.arch import ModelArch
from estimator.money import FxRate, Money, Offer
from estimator.result import Estimate
from estimator.spec import Market, Method, Precision, TrainingSpec

SPEC = TrainingSpec(model="7b", method=Method.LORA)
OFFER = Offer(
    provider="somebody",
    gpu="a100-80gb",
    num_gpus=1,
    price_per_hour=Money(amount=Decimal(2), currency="USD"),
    as_of=date(2026, 11, 20),
    source="a test",
)
RATE = FxRate(base="USD", quote="CNY", rate=Decimal(7), as_of=date(2026, 11, 20), source="a test")


class FakePrices:
    """Sells what it is given, and keeps what it was asked."""

    def __init__(self, *offers: Offer) -> None:
        self.offers = offers
        self.asked: list[tuple[tuple[str, ...], Sequence[str] | None, Market | None, str | None]] = []
        self.reference: tuple[Offer, ...] = ()

    def gather(
        self,
        gpus: Sequence[str],
        *,
        providers: Sequence[str] | None = None,
        market: Market | None = None,
        region: str | None = None,
    ) -> GatheredPrices:
        self.asked.append((tuple(gpus), providers, market, region))
        return GatheredPrices(offers=self.offers, rates=(RATE,))


class FakeHub:
    """Has one model, or a reason for none."""

    def __init__(self, answer: ModelArch | NoModel) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def model(self, name: str) -> ModelArch | NoModel:
        self.asked.append(name)
        return self.answer


def service(
    prices: FakePrices | None = None,
    hub: ModelHub = FakeHub(NoModel(Why.OFFLINE)),  # noqa: B008  -- it is not changed
) -> EstimateService:
    return EstimateService(load_catalog(), prices or FakePrices(OFFER), hub)


def answered(of: PricedEstimate | tuple[Problem, ...]) -> PricedEstimate:
    assert isinstance(of, PricedEstimate), of
    return of


def test_a_spec_is_answered_in_the_readers_currency() -> None:
    estimate = answered(service().estimate(SPEC, currency="CNY")).estimate
    assert estimate.currency == "CNY"
    assert estimate.options[0].quotes[0].provider == "somebody"


def test_a_currency_that_was_said_beats_the_readers() -> None:
    spec = SPEC.model_copy(update={"currency": "EUR"})
    assert answered(service().estimate(spec, currency="CNY")).estimate.currency == "EUR"


def test_prices_are_asked_for_what_the_spec_admits_and_then_for_who_else_sells_it() -> None:
    prices = FakePrices(OFFER)
    spec = SPEC.model_copy(
        update={"gpu": "a100-80gb", "providers": ("aws",), "market": Market.SPOT, "region": "us-east-1"}
    )
    service(prices).estimate(spec, currency="USD")
    (gpus, *wanted), (_, *anywhere) = prices.asked
    assert wanted == [("aws",), Market.SPOT, "us-east-1"]
    assert anywhere == [None, None, None], "nobody sells it there, so who does?"
    assert "a100-80gb" in gpus


def test_prices_of_other_cards_are_asked_too_because_a_fix_may_need_one() -> None:
    prices = FakePrices(OFFER)
    service(prices).estimate(SPEC.model_copy(update={"gpu": "a100-80gb"}), currency="USD")
    ((gpus, *_),) = prices.asked
    assert "h200" in gpus


def test_the_same_spec_at_the_same_prices_is_the_same_estimate() -> None:
    shared = service()
    first, second = (answered(shared.estimate(SPEC, currency="USD")).estimate for _ in range(2))
    assert first is second


def test_new_prices_make_a_new_estimate() -> None:
    prices = FakePrices(OFFER)
    shared = service(prices)
    before = answered(shared.estimate(SPEC, currency="USD")).estimate
    dearer = OFFER.model_copy(update={"price_per_hour": Money(amount=Decimal(4), currency="USD")})
    prices.offers = (dearer,)
    after = answered(shared.estimate(SPEC, currency="USD")).estimate
    costs = [each.options[0].quotes[0].run_cost.likely.amount for each in (before, after)]
    assert costs[1] == 2 * costs[0]


def test_a_model_of_the_catalog_or_a_size_is_not_asked_of_the_hub() -> None:
    hub = FakeHub(NoModel(Why.OFFLINE))
    for model in ("7b", "llama-3.1-8b", "Qwen/Qwen2.5-7B", "not-a-hub-name"):
        service(hub=hub).estimate(TrainingSpec(model=model), currency="USD")
    assert hub.asked == []


def test_an_unknown_model_that_names_its_size_is_offered_the_size_first() -> None:
    found = service().estimate(TrainingSpec(model="org/own-7B-chat"), currency="USD")
    assert isinstance(found, tuple)
    assert found[0].suggestions[0] == "7b"


def test_an_unknown_model_of_the_hub_is_estimated_from_its_shape() -> None:
    shape = load_catalog().models["llama-3.1-8b"].model_copy(update={"key": "org/own", "hf_name": "org/own"})
    estimate = answered(
        service(hub=FakeHub(shape)).estimate(TrainingSpec(model="org/own"), currency="USD")
    ).estimate
    assert estimate.num_params == 8_030_261_248
    assert estimate.arch.key == "org/own"


@pytest.mark.parametrize("why", Why)
def test_a_model_that_the_hub_cannot_give_is_a_problem_that_names_the_nearest(why: Why) -> None:
    refused = service(hub=FakeHub(NoModel(why))).estimate(
        TrainingSpec(model="org/llama-3.1-8b-x"), currency="USD"
    )
    assert isinstance(refused, tuple)
    [problem] = refused
    assert problem.code == f"hub_{why}"
    assert problem.token == "org/llama-3.1-8b-x"
    assert "llama-3.1-8b" in problem.suggestions


def test_an_unknown_name_is_a_problem_with_the_nearest_ones() -> None:
    refused = service().estimate(TrainingSpec(model="llama-9.1-8b"), currency="USD")
    assert isinstance(refused, tuple)
    assert refused[0].code == "catalog_model"
    assert "llama-3.1-8b" in refused[0].suggestions


def test_offers_are_listed_by_the_price_of_one_card() -> None:
    many = OFFER.model_copy(
        update={
            "num_gpus": 8,
            "price_per_hour": Money(amount=Decimal(70), currency="CNY"),
            "provider": "cheap",
        }
    )
    found = service(FakePrices(OFFER, many)).offers(TrainingSpec(gpu="a100-80gb"))
    assert [each.provider for each in found] == ["cheap", "somebody"]


def test_offers_of_other_cards_are_not_among_a_cards_offers() -> None:
    other = OFFER.model_copy(update={"gpu": "rtx-4090"})
    found = service(FakePrices(OFFER, other)).offers(TrainingSpec(gpu="a100-80gb"))
    assert {each.gpu for each in found} == {"a100-80gb"}


def test_what_no_framework_runs_is_a_problem_with_what_does() -> None:
    refused = service().estimate(
        TrainingSpec(model="7b", gpu="v100-16gb", precision=Precision.BF16), currency="USD"
    )
    assert isinstance(refused, tuple)
    assert (refused[0].code, refused[0].token) == ("no_precision", "bf16")
    assert refused[0].changes == ({"precision": "fp16"},)


def test_a_kept_answer_is_given_while_another_is_computed() -> None:
    service = EstimateService(load_catalog(), FakePrices(OFFER), FakeHub(NoModel(Why.OFFLINE)))
    first = service.estimate(SPEC, currency="USD")
    with service._computing.turn(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(service.estimate, SPEC, currency="USD").result(10) == first


def test_two_who_ask_the_same_at_once_cost_one_computation(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[TrainingSpec] = []

    def counted(spec: TrainingSpec, *more: Any, **named: Any) -> Estimate:
        computed.append(spec)
        return estimate(spec, *more, **named)

    monkeypatch.setattr("bot.answers.estimates.estimate", counted)
    service = EstimateService(load_catalog(), FakePrices(OFFER), FakeHub(NoModel(Why.OFFLINE)))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: service.estimate(SPEC, currency="USD"), range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert computed == [SPEC]


def test_the_last_answers_are_kept() -> None:
    service = EstimateService(load_catalog(), FakePrices(OFFER), FakeHub(NoModel(Why.OFFLINE)))
    pinned = SPEC.model_copy(update={"gpu": "a100-80gb", "num_gpus": 1, "micro_batch_size": 1})
    specs = [pinned.model_copy(update={"num_examples": size}) for size in range(1, MAX_ANSWERS + 20)]
    for spec in specs:
        service.estimate(spec, currency="USD")
        service.estimate(specs[0], currency="USD")
    assert len(service._answers) == MAX_ANSWERS
    with service._computing.turn():  # the first was asked for again and again
        assert isinstance(service.estimate(specs[0], currency="USD"), PricedEstimate)
