"""Every default is filled in once, and every one filled in is listed."""

import copy
from typing import Any

import pytest

from bot.files import load_catalog
from estimator.defaults import settle, states_of
from estimator.errors import UnknownFramework, UnknownModel
from estimator.framework.states import States
from estimator.model.adapters import ALL_LINEAR
from estimator.planner.pinned import pinned_plan
from estimator.spec import Attention, Engine, Method, Optimizer, Precision, Quantization, TrainingSpec

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
        stack_release="5.24",
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


@pytest.mark.parametrize(
    "stack", [key for key, each in CATALOG.frameworks.items() if each.attention == "flash"]
)
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


@pytest.mark.parametrize("who", [{"engine": Engine.DEEPSPEED}, {"stack": "megatron"}, {"zero_stage": 2}])
def test_engines_with_a_master_copy_have_no_pure_16_bit_and_say_so(who: dict[str, Any]) -> None:
    resolved = settle(TrainingSpec(model="7b", precision=Precision.BF16, **who), CATALOG)
    assert resolved.workload.mixed_precision
    assert "mixed_precision" in {assumption.what for assumption in resolved.assumptions}


@pytest.mark.parametrize(
    ("engine", "method", "precision"),
    [
        (None, Method.FULL, Precision.BF16),
        (Engine.DEEPSPEED, Method.LORA, Precision.BF16),
        (Engine.DEEPSPEED, Method.FULL, Precision.FP32),
    ],
)
def test_nothing_else_keeps_a_master_copy_unasked(
    engine: Engine | None, method: Method, precision: Precision
) -> None:
    spec = TrainingSpec(model="7b", method=method, precision=precision, stack="hf", engine=engine)
    assert not settle(spec, CATALOG).workload.mixed_precision


@pytest.mark.parametrize(
    ("stack", "bf16", "fp16"),
    [
        (None, States.FP32, States.FP32),
        ("hf", States.HALF, States.FP32),
        ("trl", States.FP32, States.FP32),
        ("llama-factory", States.FP32, States.FP32),
        ("axolotl", States.HALF, States.FP32),
        ("swift", States.HALF, States.FP32),
        ("xtuner", States.FP32, States.FP32),
        ("torchtune", States.HALF, States.FP32),
        ("torchtitan", States.FP32, States.FP32),
        ("megatron", States.MASTERS, States.MASTERS),
    ],
)
def test_a_bare_precision_is_what_the_framework_makes_of_it(
    stack: str | None, bf16: States, fp16: States
) -> None:
    for precision, states in ((Precision.BF16, bf16), (Precision.FP16, fp16)):
        resolved = settle(TrainingSpec(model="7b", precision=precision, stack=stack), CATALOG)
        assert states_of(resolved.workload, resolved.framework) is states


def test_accelerate_upcasts_what_fsdp_shards_and_deepspeed_keeps_masters() -> None:
    spec = TrainingSpec(model="7b", precision=Precision.BF16, stack="hf", zero_stage=3)
    for engine, states in ((Engine.FSDP, States.FP32), (None, States.MASTERS)):
        resolved = settle(spec.model_copy(update={"engine": engine}), CATALOG)
        assert states_of(resolved.workload, resolved.framework) is states
    pure = settle(spec.model_copy(update={"mixed_precision": False}), CATALOG)
    assert pure.framework.engine is Engine.FSDP
    assert states_of(pure.workload, pure.framework) is States.HALF


def test_frozen_layers_say_how_many_train() -> None:
    resolved = settle(TrainingSpec(model="7b", method=Method.FREEZE), CATALOG)
    assert {each.what: each.value for each in resolved.assumptions}["trained_layers"] == "2"


def test_a_micro_batch_alone_makes_the_batch() -> None:
    spec = TrainingSpec(
        model="7b", micro_batch_size=2, gradient_accumulation_steps=4, gpu="h100-80gb", num_gpus=8
    )
    assert settle(spec, CATALOG).schedule.global_batch_size == 64


def test_unknown_names_come_with_those_that_are_known() -> None:
    with pytest.raises(UnknownModel) as model:
        settle(TrainingSpec(model="lama-2-7b"), CATALOG)
    assert (model.value.name, model.value.known) == ("lama-2-7b", tuple(CATALOG.models))
    with pytest.raises(UnknownFramework):
        settle(TrainingSpec(model="7b", stack="keras"), CATALOG)


def test_every_default_is_the_catalogs() -> None:
    """Another installation may take others: none of them stands in code."""
    others = {
        "method": Method.QLORA, "optimizer": Optimizer.LION, "quantization": Quantization.INT8,
        "precision": Precision.FP32, "lora_targets": ("q_proj",), "lora_rank": 8,
    }  # fmt: skip
    own = copy.copy(CATALOG)
    own.__dict__["defaults"] = CATALOG.defaults.model_copy(update=others)
    workload = settle(TrainingSpec(model="7b", stack="hf"), own).workload
    assert workload.method is Method.QLORA
    assert workload.quantization is Quantization.INT8
    assert workload.precision is Precision.FP32
    assert workload.lora_rank == 8
    assert workload.lora_targets == ("q_proj",)
    every = settle(TrainingSpec(model="7b", stack="hf", lora_targets="all-linear"), own).workload
    assert every.lora_targets == ALL_LINEAR
    full = settle(TrainingSpec(model="7b", method=Method.FULL), own).workload
    assert full.optimizer is Optimizer.LION


@pytest.mark.parametrize(
    ("model", "stack", "fused"),
    [
        ("llama-3.1-8b", "hf", True),
        ("gpt2-xl", "hf", False),
        ("opt-6.7b", "llama-factory", False),
        ("opt-6.7b", "axolotl", True),
        ("opt-6.7b", "litgpt", True),
    ],
)
def test_a_loss_is_fused_where_the_framework_has_one_for_the_family(
    model: str,
    stack: str,
    fused: bool,  # noqa: FBT001
) -> None:
    spec = TrainingSpec(model=model, stack=stack, fused_loss=True)
    assert settle(spec, CATALOG).workload.fused_loss is fused


@pytest.mark.parametrize("precision", [Precision.FP32, Precision.TF32])
def test_attention_in_fp32_is_not_flash_attentions(precision: Precision) -> None:
    spec = TrainingSpec(model="7b", stack="unsloth")
    assert settle(spec, CATALOG).attention is Attention.FLASH
    assert settle(spec.model_copy(update={"precision": precision}), CATALOG).attention is Attention.SDPA


@pytest.mark.parametrize(("stack", "kernel"), [("hf", "eager"), ("axolotl", "eager"), ("unsloth", "flash")])
def test_attention_with_sinks_is_none_of_the_dispatchers(stack: str, kernel: Attention) -> None:
    assert settle(TrainingSpec(model="gpt-oss-20b", stack=stack), CATALOG).attention == kernel
