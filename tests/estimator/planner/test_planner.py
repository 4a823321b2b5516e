"""The search: pins stay, losers have reasons, what is offered fits."""

from dataclasses import replace
from decimal import Decimal

import pytest
from draws import draws
from fake_physics import MARKET, SIMPLE, book, offer, with_capacity
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.files import load_catalog
from estimator.catalog import Catalog
from estimator.memory.result import Verdict
from estimator.planner.evaluate import PHYSICS
from estimator.planner.pinned import is_pinned
from estimator.planner.planner import Plans, search
from estimator.planner.ranking import SIMPLER_WITHIN, passed_on
from estimator.prices.book import PriceBook
from estimator.result import Option, Tag
from estimator.spec import Checkpointing, Engine, Method, RankBy, SaidMoney, TrainingSpec

CATALOG = load_catalog()


def plans(spec: TrainingSpec, prices: PriceBook | None = None, catalog: Catalog = CATALOG) -> Plans:
    return search(spec, catalog, prices or book(), currency="USD", physics=SIMPLE)


def listed(found: Plans) -> tuple[Option, ...]:
    """Options whose machine somebody sells as it is."""
    return tuple(option for option in found.options if not option.quotes[0].scaled)


def codes(option: Option) -> set[str]:
    """What is remarked of an option."""
    return {warning.code for warning in option.warnings}


def test_the_cheapest_plan_comes_first_and_says_so() -> None:
    found = plans(TrainingSpec(model="7b"))
    first, *costs = [option.quotes[0].run_cost.likely.amount for option in listed(found)]
    assert costs == sorted(costs)
    assert float(first) <= SIMPLER_WITHIN * float(costs[0])
    assert Tag.CHEAPEST in found.options[0].tags
    assert found.fits


@pytest.mark.parametrize("method", [Method.FULL, Method.LORA, Method.QLORA])
def test_nothing_shown_is_cheaper_than_what_leads_where_the_cheapest_was_asked_for(method: Method) -> None:
    found = plans(TrainingSpec(model="7b", method=method, rank_by=RankBy.COST))
    first, *others = [
        option.quotes[0].run_cost.likely.amount for option in listed(found) if not codes(option)
    ]
    assert first <= min(others)
    assert Tag.CHEAPEST in found.options[0].tags


def test_every_tag_is_given_once() -> None:
    tags = [tag for option in plans(TrainingSpec(model="7b")).options for tag in option.tags]
    assert sorted(tags) == sorted(Tag)


def test_a_pick_that_is_beaten_by_no_larger_one_hands_its_tags_on() -> None:
    cheaper, dearer = sorted(
        plans(TrainingSpec(model="7b")).options[:2], key=lambda each: each.quotes[0].run_cost.likely.amount
    )
    slow = replace(dearer, tags=(Tag.FASTEST,), time=cheaper.time, plan=cheaper.plan)
    quick = replace(cheaper, tags=(Tag.BALANCED,))
    assert [each.tags for each in passed_on([slow, quick])] == [(), (Tag.FASTEST, Tag.BALANCED)]
    small = replace(quick, plan=quick.plan._replace(num_gpus=quick.plan.num_gpus + 1))
    assert [each.tags for each in passed_on([slow, small])] == [(Tag.FASTEST,), (Tag.BALANCED,)]


def test_ranked_by_time_the_fastest_comes_first() -> None:
    found = plans(TrainingSpec(model="7b", rank_by=RankBy.TIME))
    times = [option.time.run_seconds.likely for option in listed(found)]
    assert times == sorted(times)
    assert Tag.FASTEST in found.options[0].tags


def test_ranked_by_value_the_knee_comes_first() -> None:
    found = plans(TrainingSpec(model="7b", rank_by=RankBy.VALUE))
    assert Tag.BALANCED in found.options[0].tags


@settings(max_examples=draws(15, 150))
@given(
    method=st.sampled_from([Method.FULL, Method.LORA, Method.QLORA]),
    model=st.sampled_from(["llama-3.2-1b", "7b", "llama-3.1-70b"]),
    batch=st.sampled_from([1, 7, 32, 48]),
)
def test_what_is_offered_fits_and_makes_the_batch(method: Method, model: str, batch: int) -> None:
    found = plans(TrainingSpec(model=model, method=method, global_batch_size=batch))
    for option in found.options:
        plan = option.plan
        assert option.fits
        assert plan.sequences_per_step == batch
        assert (
            plan.data_parallel_size
            * plan.tensor_parallel_size
            * plan.pipeline_parallel_size
            * plan.context_parallel_size
            == plan.num_gpus
        )


def test_only_cards_on_sale_are_offered() -> None:
    found = plans(TrainingSpec(model="7b"))
    assert {option.plan.gpu for option in found.options} <= {each.gpu for each in MARKET}


def test_a_pinned_seller_leaves_its_cards_only() -> None:
    found = plans(TrainingSpec(model="7b", providers=("other",)))
    assert {option.plan.gpu for option in found.options} == {"h100-80gb"}
    assert {quote.provider for option in found.options for quote in option.quotes} == {"other"}


def test_a_pinned_card_that_nobody_sells_is_shown_without_a_price() -> None:
    found = plans(TrainingSpec(model="7b", gpu="b200"))
    assert found.options
    assert all(option.quotes == () for option in found.options)


def test_without_any_price_fewest_gpu_hours_come_first() -> None:
    found = plans(TrainingSpec(model="7b"), book(()))
    hours = [option.plan.num_gpus * option.time.run_seconds.likely for option in found.options]
    assert hours == sorted(hours)
    assert all(Tag.CHEAPEST not in option.tags for option in found.options)


def test_pins_are_kept() -> None:
    spec = TrainingSpec(
        model="7b",
        gpu="a100-80gb",
        num_gpus=4,
        zero_stage=3,
        activation_checkpointing=Checkpointing.FULL,
        gradient_accumulation_steps=2,
    )
    for option in plans(spec).options:
        plan = option.plan
        assert (plan.gpu, plan.num_gpus, plan.zero_stage) == ("a100-80gb", 4, 3)
        assert plan.activation_checkpointing is Checkpointing.FULL
        assert plan.gradient_accumulation_steps == 2


@pytest.mark.parametrize(
    ("pins", "pinned"),
    [
        ({"gpu": "h200", "num_gpus": 1, "micro_batch_size": 1}, True),
        ({"gpu": "h200", "num_gpus": 8, "micro_batch_size": 1}, False),
        ({"gpu": "h200", "num_gpus": 8, "micro_batch_size": 1, "zero_stage": 0}, True),
        ({"gpu": "h200", "num_gpus": 8, "micro_batch_size": 1, "tensor_parallel_size": 8}, True),
        ({"num_gpus": 1, "micro_batch_size": 1}, False),
        ({"gpu": "h200", "num_gpus": 1}, False),
    ],
)
def test_a_plan_is_pinned_by_card_count_micro_batch_and_sharding(
    pins: dict[str, object],
    pinned: bool,  # noqa: FBT001  -- a column of the table
) -> None:
    assert is_pinned(TrainingSpec.model_validate(pins)) is pinned


def test_a_pinned_plan_that_does_not_fit_is_judged_as_it_is() -> None:
    found = plans(TrainingSpec(model="7b", gpu="rtx-4090", num_gpus=1, micro_batch_size=4))
    (option,) = found.options
    assert option.memory.verdict is Verdict.DOES_NOT_FIT
    assert option.quotes == ()
    assert not found.fits
    assert found.nearest is not None
    assert found.nearest.largest_part == "weights"
    assert found.nearest.missing_bytes == option.memory.process_bytes.likely - option.memory.usable_bytes


def test_a_whole_plan_that_is_said_is_the_one_that_was_chosen() -> None:
    """A micro batch says nothing of checkpointing: what is open is chosen as where nothing was said."""
    chosen = plans(TrainingSpec(model="7b", gpu="h200", num_gpus=1)).options[0].plan
    assert chosen.activation_checkpointing is Checkpointing.NONE
    said = {"micro_batch_size": chosen.micro_batch_size, "global_batch_size": chosen.sequences_per_step}
    (option,) = plans(TrainingSpec(model="7b", gpu="h200", num_gpus=1, **said)).options
    assert option.plan == chosen


def test_where_nothing_fits_the_nearest_card_is_named() -> None:
    found = plans(TrainingSpec(model="7b", gpu="rtx-4090", num_gpus=1))
    assert found.options == ()
    assert found.nearest is not None
    assert (found.nearest.gpu, found.nearest.num_gpus) == ("rtx-4090", 1)
    assert found.rejected[0].code == "over_memory"


def test_losers_say_by_how_much() -> None:
    found = plans(TrainingSpec(model="7b"))
    over_memory = {rejected.code == "over_memory" for rejected in found.rejected}
    assert over_memory == {True, False}
    for rejected in found.rejected:
        assert rejected.figures


def test_what_is_over_budget_is_marked_and_last() -> None:
    cheapest = plans(TrainingSpec(model="7b")).options[0].quotes[0].with_retries.likely.amount
    limit = SaidMoney(amount=cheapest * Decimal("1.2"))
    found = plans(TrainingSpec(model="7b", budget=limit))
    over = ["over_budget" in codes(option) for option in found.options]
    assert over == sorted(over)
    assert over[0] is False
    assert over[-1] is True
    assert found.options[-1].warnings[0].code == "over_budget"


def test_what_is_past_the_deadline_is_marked_and_last() -> None:
    slow = plans(TrainingSpec(model="7b")).options[0].time.run_seconds.likely
    found = plans(TrainingSpec(model="7b", deadline_seconds=slow / 2))
    assert found.options[0].time.run_seconds.likely <= slow / 2
    late = [option for option in found.options if "past_deadline" in codes(option)]
    assert all(option.time.run_seconds.likely > slow / 2 for option in late)


def test_a_tight_plan_comes_after_those_that_surely_fit() -> None:
    needed = 2**30 + 8 * CATALOG.model("llama-7b").num_params + 1024 * 2**17
    tight = with_capacity(CATALOG, "l40s", needed / 2**30 * 1.05)
    prices = book((offer("l40s", "0.01"), offer("h200", "4.00")))
    found = plans(TrainingSpec(model="llama-7b", num_gpus=1), prices, tight)
    assert [option.memory.verdict for option in found.options] == [Verdict.FITS, Verdict.TIGHT]
    assert found.options[0].plan.gpu == "h200"


@pytest.mark.parametrize("gpu", ["h100-80gb", "a100-80gb"])
def test_the_whole_batch_at_once_is_tried_before_a_run_is_said_not_to_fit(gpu: str) -> None:
    """FSDP keeps whole gradients between passes: more passes of a smaller micro batch need more, not less."""
    spec = TrainingSpec(
        model="llama-3.1-70b", method=Method.FULL, gpu=gpu, num_gpus=16, engine=Engine.FSDP, zero_stage=3
    )
    best = search(spec, load_catalog(), PriceBook((), ()), currency="USD", physics=PHYSICS).options[0]
    assert best.plan.gradient_accumulation_steps == 1
    assert best.memory.verdict is Verdict.TIGHT


def test_a_batch_that_does_not_divide_is_rounded_up_and_said() -> None:
    spec = TrainingSpec(model="7b", method=Method.LORA, gpu="l40s", num_gpus=4, global_batch_size=33)
    found = plans(spec)
    assert found.options[0].plan.sequences_per_step == 36
    assert "batch_rounded" in {assumption.code for assumption in found.assumptions}
    said = next(each for each in found.options[0].warnings if each.code == "batch_rounded")
    assert (said.value, said.parameters["wanted"]) == ("36", 33)


@pytest.mark.parametrize("gpu", [None, "l40s"])
def test_batch_micro_batch_and_passes_say_how_many_gpus_there_are(gpu: str | None) -> None:
    spec = TrainingSpec(
        model="7b",
        method=Method.LORA,
        gpu=gpu,
        global_batch_size=24,
        micro_batch_size=2,
        gradient_accumulation_steps=4,
    )
    assert {option.plan.num_gpus for option in plans(spec).options} == {3}


def test_the_framework_that_joins_cards_is_an_assumption() -> None:
    spec = TrainingSpec(model="llama-7b", gpu="a100-80gb", num_gpus=8, zero_stage=3, micro_batch_size=1)
    for engine, name in ((None, "deepspeed_zero_3"), (Engine.FSDP, "fsdp")):
        said = plans(spec.model_copy(update={"engine": engine})).assumptions
        assert {each.code: each.value for each in said}["joined_by"] == name


def test_a_step_that_no_card_reaches_is_called_impossible() -> None:
    spec = TrainingSpec(model="7b", gpu="a100-80gb", num_gpus=1, micro_batch_size=32, step_seconds=1.5)
    (option,) = plans(spec).options
    warning = option.warnings[0]
    assert warning.code == "impossible_step"
    assert warning.parameters == {"needed_tflops": pytest.approx(883, abs=0.5), "peak_tflops": 312.0}


def test_a_smaller_micro_batch_is_taken_where_it_is_as_fast() -> None:
    spec = TrainingSpec(
        model="llama-7b",
        method=Method.LORA,
        gpu="h200",
        num_gpus=1,
        global_batch_size=8,
        sequence_length=8192,
    )
    assert plans(spec).options[0].plan.micro_batch_size == 2  # 4 fit; a pass more costs under 1 %
