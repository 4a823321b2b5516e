"""Every default is filled in once, and every one filled in is listed."""

import pytest

from bot.files import load_catalog
from estimator.defaults import settle
from estimator.errors import UnknownModel, UnknownStack
from estimator.model.adapters import ALL_LINEAR
from estimator.planner.planner import pinned_plan
from estimator.spec import Attention, Method, Optimizer, Precision, Quantization, TrainingSpec

CATALOG = load_catalog()


def test_an_empty_wish_is_a_full_fine_tune_with_every_default_listed() -> None:
    resolved = settle(TrainingSpec(model="llama-2-7b"), CATALOG)
    assert resolved.workload.method is Method.FULL
    assert resolved.schedule.global_batch_size == 32
    listed = {assumption.what for assumption in resolved.assumptions}
    assert {"method", "num_examples", "sequence_length", "global_batch_size", "num_epochs", "stack"} <= listed


def test_what_was_said_is_never_an_assumption() -> None:
    spec = TrainingSpec(
        model="llama-2-7b",
        method=Method.FULL,
        num_examples=5,
        sequence_length=512,
        global_batch_size=4,
        num_epochs=1,
        precision=Precision.BF16,
        stack="hf",
        attention=Attention.SDPA,
        optimizer=Optimizer.ADAMW,
        retries=1,
    )
    assert settle(spec, CATALOG).assumptions == ()


def test_a_card_without_bf16_computes_in_fp16() -> None:
    assert (
        settle(TrainingSpec(model="7b"), CATALOG, CATALOG.gpu("v100-32gb")).workload.precision
        is Precision.FP16
    )
    assert (
        settle(TrainingSpec(model="7b"), CATALOG, CATALOG.gpu("a100-80gb")).workload.precision
        is Precision.BF16
    )


@pytest.mark.parametrize("stack", [key for key, each in CATALOG.stacks.items() if each.attention == "flash"])
def test_where_flash_attention_does_not_run_its_stacks_take_torchs_dispatcher(stack: str) -> None:
    def attention(gpu: str) -> Attention:
        resolved = settle(TrainingSpec(model="7b", stack=stack), CATALOG, CATALOG.gpu(gpu))
        return pinned_plan(resolved, CATALOG.gpu(gpu)).attention

    assert [attention(gpu) for gpu in ("t4", "a100-80gb")] == [Attention.SDPA, Attention.FLASH]


def test_qlora_means_nf4_and_every_linear_layer() -> None:
    workload = settle(TrainingSpec(model="7b", method=Method.QLORA), CATALOG).workload
    assert workload.quantization is Quantization.NF4
    assert workload.lora_targets == ALL_LINEAR
    assert workload.lora_rank == 16


@pytest.mark.parametrize("stack", ["deepspeed", "megatron"])
def test_engines_with_a_master_copy_have_no_pure_16_bit_and_say_so(stack: str) -> None:
    resolved = settle(TrainingSpec(model="7b", precision=Precision.BF16, stack=stack), CATALOG)
    assert resolved.workload.mixed_precision
    assert "mixed_precision" in {assumption.what for assumption in resolved.assumptions}


@pytest.mark.parametrize(
    ("stack", "method", "precision"),
    [
        ("hf", Method.FULL, Precision.BF16),
        ("deepspeed", Method.LORA, Precision.BF16),
        ("deepspeed", Method.FULL, Precision.FP32),
    ],
)
def test_nothing_else_keeps_a_master_copy_unasked(stack: str, method: Method, precision: Precision) -> None:
    spec = TrainingSpec(model="7b", method=method, precision=precision, stack=stack)
    assert not settle(spec, CATALOG).workload.mixed_precision


def test_frozen_layers_say_how_many_train() -> None:
    resolved = settle(TrainingSpec(model="7b", method=Method.FREEZE), CATALOG)
    assert {each.what: each.value for each in resolved.assumptions}["trained_layers"] == "2"


def test_a_micro_batch_alone_makes_the_batch() -> None:
    spec = TrainingSpec(
        model="7b", micro_batch_size=2, gradient_accumulation_steps=4, gpu="h100-80gb", num_gpus=8
    )
    assert settle(spec, CATALOG).schedule.global_batch_size == 64


def test_unknown_names_say_what_is_near() -> None:
    with pytest.raises(UnknownModel) as model:
        settle(TrainingSpec(model="lama-2-7b"), CATALOG)
    assert "llama-2-7b" in model.value.hint
    with pytest.raises(UnknownStack):
        settle(TrainingSpec(model="7b", stack="keras"), CATALOG)
