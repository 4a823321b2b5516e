"""Layouts: only what a framework runs, the batch met exactly, pins kept."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files import load_catalog
from estimator.plan import Runner
from estimator.planner.batch_split import batch_splits
from estimator.planner.counts import counts, fewest_nodes, is_networked
from estimator.planner.layouts import Layout, Parallelism, layouts, said_layout
from estimator.planner.pairs import missing_pairs
from estimator.planner.shape import Runners, Shape
from estimator.spec import Engine, Method, Quantization, TrainingSpec

CATALOG = load_catalog()
SEVENTY = CATALOG.model("llama-3.1-70b")
SEVEN = CATALOG.model("llama-7b")


def shape(
    arch: str = "llama-7b", *, batch: int = 32, sequence_length: int = 1024, method: Method = Method.FULL
) -> Shape:
    return Shape.of(
        CATALOG.model(arch), sequence_length=sequence_length, global_batch_size=batch, method=method
    )


def found(
    cards: int, num_nodes: int = 1, *, of: Shape | None = None, linked: bool = True, **pins: object
) -> tuple[Layout, ...]:
    spec = TrainingSpec.model_validate(pins)
    runners = Runners.of(spec, CATALOG)
    return layouts(spec, of or shape(), num_gpus=cards, num_nodes=num_nodes, runners=runners, linked=linked)


def test_one_card_has_one_layout() -> None:
    (only,) = found(1)
    assert only == (1, 1, 0, Parallelism(runner=Runner("hf", Engine.DDP)))


def test_several_cards_are_joined_by_growing_shardings() -> None:
    shards = [(layout.zero_stage, layout.runner.engine) for layout in found(4)]
    assert shards == [(0, Engine.DDP), (2, Engine.DEEPSPEED), (3, Engine.FSDP), (3, Engine.DEEPSPEED)]
    assert found(4, of=shape(method=Method.LORA)) == found(4)


def test_a_pinned_sharding_is_the_only_one() -> None:
    assert [layout.zero_stage for layout in found(4, zero_stage=1)] == [1]
    assert {layout.parallelism.tensor_parallel_size for layout in found(8, tensor_parallel_size=4)} == {4}


def test_a_count_that_does_not_divide_the_batch_is_left_out_unless_it_was_said() -> None:
    assert found(3) == ()
    assert found(3, num_gpus=3) != ()


def test_a_large_model_on_linked_cards_is_also_split_by_megatron() -> None:
    split = [layout for layout in found(16, 2, of=shape("llama-3.1-70b")) if layout.is_model_parallel]
    assert {layout.runner.stack for layout in split} == {"megatron"}
    assert {layout.parallelism.tensor_parallel_size for layout in split} == {8}
    assert {layout.pipeline_parallel_size for layout in split} == {1, 2}


@pytest.mark.parametrize(
    ("of", "linked", "pins"),
    [
        (shape("llama-7b"), True, {}),
        (shape("llama-3.1-70b"), False, {}),
        (shape("llama-3.1-70b", method=Method.LORA), True, {}),
        (shape("llama-3.1-70b"), True, {"stack": "hf"}),
    ],
    ids=["small model", "no links", "adapters", "a stack that cannot"],
)
def test_nobody_splits_matrices_where_it_is_not_run(
    of: Shape,
    linked: bool,  # noqa: FBT001  -- a column of the table
    pins: dict[str, object],
) -> None:
    assert not [layout for layout in found(16, 2, of=of, linked=linked, **pins) if layout.is_model_parallel]


def test_tensor_parallelism_divides_the_heads_and_stays_in_a_machine() -> None:
    for layout in found(64, 8, of=shape("llama-3.1-70b")):
        assert SEVENTY.num_key_value_heads % layout.parallelism.tensor_parallel_size == 0
        assert layout.parallelism.tensor_parallel_size <= layout.num_gpus // layout.num_nodes


def test_very_long_sequences_may_be_split() -> None:
    split = {
        layout.parallelism.context_parallel_size for layout in found(8, of=shape(sequence_length=65_536))
    }
    assert split == {1, 2, 4, 8}


@pytest.mark.parametrize("method", [Method.FULL, Method.LORA])
@pytest.mark.parametrize("context", [None, 2])
def test_what_is_refused_where_it_is_said_is_not_chosen_where_it_is_not(
    method: Method, context: int | None
) -> None:
    """Megatron offloads, but nothing of what its FSDP shards."""
    said: dict[str, Any] = {
        "stack": "megatron",
        "offload": True,
        "context_parallel_size": context,
        "method": method,
    }
    chosen = found(8, of=shape(method=method), **said)
    assert chosen
    for each in chosen:
        spec = TrainingSpec.model_validate({**said, "num_gpus": 8, "zero_stage": each.zero_stage})
        assert list(missing_pairs(spec, CATALOG)) == []


def test_a_stack_that_only_copies_gets_copies() -> None:
    assert [layout.zero_stage for layout in found(2, stack="unsloth")] == [0]


def test_counts_are_1_to_8_then_whole_machines() -> None:
    found_counts = list(counts(TrainingSpec(), CATALOG.gpu("a100-80gb")))
    assert found_counts == [*((n, 1) for n in range(1, 9)), (16, 2), (32, 4), (64, 8), (128, 16)]


def test_cards_without_links_are_not_sought_in_several_machines() -> None:
    card = CATALOG.gpu("rtx-4090")
    assert not is_networked(card)
    assert max(nodes for _, nodes in counts(TrainingSpec(), card)) == 1


def test_a_said_count_is_the_only_one() -> None:
    assert list(counts(TrainingSpec(num_gpus=16), CATALOG.gpu("rtx-4090"))) == [(16, 2)]
    assert list(counts(TrainingSpec(num_nodes=2), CATALOG.gpu("a100-80gb"))) == [(16, 2)]


@given(num_gpus=st.integers(1, 600), whole=st.sampled_from([1, 4, 8, 16]))
def test_machines_hold_the_cards_evenly(num_gpus: int, whole: int) -> None:
    nodes = fewest_nodes(num_gpus, whole)
    assert num_gpus % nodes == 0
    assert num_gpus // nodes <= whole


@given(batch=st.integers(1, 5000), ranks=st.integers(1, 64))
def test_an_open_batch_is_met_exactly_or_rounded_up_by_less_than_a_pass(batch: int, ranks: int) -> None:
    for cut in batch_splits(TrainingSpec(), ranks, batch):
        per_step = cut.micro_batch_size * cut.gradient_accumulation_steps * ranks
        assert batch <= per_step < batch + ranks
        assert per_step == batch or batch % ranks


def test_pinned_passes_are_kept() -> None:
    spec = TrainingSpec(micro_batch_size=4, gradient_accumulation_steps=2)
    assert batch_splits(spec, 8, 64) == ((4, 2),)
    assert batch_splits(TrainingSpec(micro_batch_size=4), 8, 32) == ((4, 1),)
    assert batch_splits(TrainingSpec(micro_batch_size=4, global_batch_size=64), 8, 64) == ((4, 2),)
    assert batch_splits(TrainingSpec(gradient_accumulation_steps=4), 2, 32) == ((4, 4),)


def test_the_layout_of_a_spec_uses_all_its_cards() -> None:
    spec = TrainingSpec(tensor_parallel_size=8, pipeline_parallel_size=2, zero_stage=1)
    layout = said_layout(spec, num_gpus=64, max_gpus_per_node=8, framework=CATALOG.framework("megatron"))
    assert math.prod(layout.parallelism[:4]) == 64
    assert layout.num_nodes == 8


def test_replicas_share_what_their_stack_shares_when_nothing_is_said() -> None:
    spec = TrainingSpec(tensor_parallel_size=8, pipeline_parallel_size=2)
    megatron, hf = CATALOG.framework("megatron"), CATALOG.framework("hf")
    assert said_layout(spec, num_gpus=64, max_gpus_per_node=8, framework=megatron).zero_stage == 1
    assert said_layout(spec, num_gpus=16, max_gpus_per_node=8, framework=megatron).zero_stage == 0
    assert said_layout(spec, num_gpus=64, max_gpus_per_node=8, framework=hf).zero_stage == 0


def test_a_batch_is_rounded_no_further_than_another_layout_would() -> None:
    """A batch of 4 on 16 ranks is 16, and a quarter of the steps: splits keep it."""
    few = shape("llama-3.1-70b", batch=4)
    assert {layout.data_parallel_size for layout in found(16, 2, of=few, num_gpus=16)} == {1, 2}
    near = shape("llama-3.1-70b", batch=100)
    assert 16 in {layout.data_parallel_size for layout in found(16, 2, of=near, num_gpus=16)}


@pytest.mark.parametrize("quantization", ["int8", "gptq"])
def test_weights_that_no_engine_can_cut_are_copied(quantization: Quantization) -> None:
    said = TrainingSpec(
        model="llama-7b", method=Method.QLORA, quantization=quantization, stack="llama-factory"
    )
    runners = Runners.of(said, CATALOG)
    asked = shape(method=Method.QLORA)._replace(quantization=quantization)
    found = layouts(said, asked, num_gpus=4, num_nodes=1, runners=runners, linked=True)
    assert {layout.zero_stage for layout in found} == {0, 2}
    packed = asked._replace(quantization=Quantization.NF4)
    found = layouts(said, packed, num_gpus=4, num_nodes=1, runners=runners, linked=True)
    assert {layout.zero_stage for layout in found} == {0, 2, 3}


@pytest.mark.parametrize("spec", [{"method": Method.QLORA}, {"method": Method.LORA, "quantization": "nf4"}])
def test_what_a_framework_refuses_on_several_gpus_is_laid_out_on_one(spec: dict[str, Any]) -> None:
    said = TrainingSpec(model="llama-7b", stack="litgpt", **spec)
    runners = Runners.of(said, CATALOG)
    asked = shape(method=said.method or Method.FULL)._replace(quantization=Quantization.NF4)
    assert layouts(said, asked, num_gpus=1, num_nodes=1, runners=runners, linked=True)
    assert not layouts(said, asked, num_gpus=2, num_nodes=1, runners=runners, linked=True)
