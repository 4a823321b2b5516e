"""What changed between two estimates, by how much, and why."""

from decimal import Decimal

from fake_physics import MARKET

from bot.files import load_catalog
from estimator.compare import Measure, delta
from estimator.estimate import estimate
from estimator.result import Estimate
from estimator.spec import Checkpointing, Method, TrainingSpec

CATALOG = load_catalog()
BEFORE = TrainingSpec(
    model="7b", method=Method.LORA, gpu="a100-80gb", num_gpus=1, micro_batch_size=8, sequence_length=1024
)


def answered(spec: TrainingSpec) -> Estimate:
    return estimate(spec, CATALOG, MARKET, currency="USD")


def changed(**fields: object) -> TrainingSpec:
    return BEFORE.model_copy(update=fields)


def test_the_same_spec_has_no_difference() -> None:
    same = delta(answered(BEFORE), answered(BEFORE))
    assert (same.spec, same.plan, same.memory, same.step) == ((), (), (), ())
    assert {measure.change for measure in same.measures} == {0}


def test_changed_fields_of_spec_and_plan_are_named() -> None:
    moved = delta(answered(BEFORE), answered(changed(activation_checkpointing=Checkpointing.NONE)))
    assert [(each.field, each.before, each.after) for each in moved.spec] == [
        ("activation_checkpointing", None, "none")
    ]
    assert [(each.field, each.before, each.after) for each in moved.plan] == [
        ("activation_checkpointing", "full", "none")
    ]


def test_the_parts_that_moved_most_explain_the_change() -> None:
    moved = delta(answered(BEFORE), answered(changed(activation_checkpointing=Checkpointing.NONE)))
    assert moved.memory[0].name == "activations_bytes"
    assert moved.memory[0].change > 0
    assert moved.step[0].change < 0


def test_costs_are_exact_and_in_one_currency() -> None:
    before, after = answered(BEFORE), answered(changed(num_epochs=6))
    once, retried = delta(before, after).costs
    assert (once.name, retried.name) == ("run_cost", "with_retries")
    assert once.change.amount == once.after.amount - once.before.amount > 0
    assert retried.change.amount == 3 * once.change.amount
    assert isinstance(once.change.amount, Decimal)


def test_the_measures_are_those_of_the_headlines() -> None:
    before, after = answered(BEFORE), answered(changed(num_gpus=8, zero_stage=0))
    measures = {measure.name: measure for measure in delta(before, after).measures}
    assert measures["num_gpus"].ratio == 8
    assert measures["run_seconds"].change < 0


def test_where_nothing_fits_only_fields_and_verdict_are_compared() -> None:
    lost = answered(TrainingSpec(model="70b", method=Method.FULL, gpu="rtx-4090", num_gpus=1))
    moved = delta(answered(BEFORE), lost)
    assert moved.verdict == ("fits", None)
    assert not moved.measures
    assert not moved.costs
    assert {each.field for each in moved.spec} >= {"model", "method", "gpu"}


def test_a_ratio_from_nothing_is_infinite() -> None:
    assert Measure(name="x", before=0, after=2).ratio == float("inf")
    assert Measure(name="x", before=0, after=0).ratio == 1
