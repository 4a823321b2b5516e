"""A step: what people measured pair by pair, orderings, and what must always hold."""

from dataclasses import replace

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from time_jobs import CALIBRATION, CATALOG, SEVEN_B, job

from estimator.time import step_time

MISTRAL = (
    "mistral-7b {} mbs=4 ga=1 seq=4096 1xa100-80gb ckpt flash hf packing r=16 targets=qkvo dropout=0.1 {}"
)


def speed(command: str) -> float:
    return job(command).tokens_per_second_per_gpu


@pytest.mark.parametrize(("checkpointing", "low", "high"), [("no-ckpt", 9, 14), ("ckpt", 11, 17)])
def test_the_worked_example_takes_what_an_a100_takes(checkpointing: str, low: float, high: float) -> None:
    assert low <= job(f"{SEVEN_B} {checkpointing}").seconds <= high


@pytest.mark.parametrize(
    "command", [SEVEN_B, MISTRAL.format("qlora nf4", ""), "mixtral-8x7b full 16xh100 zero3 mbs=1 seq=4096"]
)
def test_the_parts_sum_to_the_step(command: str) -> None:
    step = job(command).step
    assert sum(part.seconds for part in step.parts) == pytest.approx(step.total_seconds)
    assert all(part.seconds >= 0 for part in step.parts)


@pytest.mark.parametrize(("model", "layers", "seconds"), [("qwen-7b", 32, 0.0047), ("qwen-14b", 40, 0.005)])
def test_short_sequences_have_a_floor(model: str, layers: int, seconds: float) -> None:
    """About 5 ms a layer and micro batch at 256 tokens, whatever the width (QwenLM/Qwen, README).

    More than half of it are products, most of them of too few tiles; the launches decide below.
    """
    command = (
        f"{model} lora bf16 mbs=1 ga=8 seq={{}} 1xa100-80gb ckpt flash hf no-packing no-liger no-compile "
        "r=64 targets=all-linear dropout=0.05 autocast opt=adamw padded"
    )
    assert job(command.format(256)).seconds / 8 / layers == pytest.approx(seconds, rel=0.15)
    if model == "qwen-7b":
        assert job(command.format(128)).step.bound_by == "launches"


@pytest.mark.parametrize(("model", "layers", "seconds"), [("qwen-1.8b", 24, 0.007), ("qwen-72b", 80, 0.043)])
def test_stock_gptq_has_a_floor_that_grows_with_the_layer(model: str, layers: int, seconds: float) -> None:
    command = f"{model} qlora fp16 gptq mbs=1 ga=1 seq=256 1xa100-80gb ckpt flash deepspeed r=64 dropout=0.05"
    assert job(command).seconds / layers == pytest.approx(seconds, rel=0.15)


def test_preparing_a_quantised_base_costs_a_quarter() -> None:
    plain = speed(MISTRAL.format("qlora bf16 nf4", "adapter=fp32 autocast"))
    prepared = speed(MISTRAL.format("qlora bf16 nf4", "adapter=fp32 autocast prepare-kbit"))
    assert plain / prepared == pytest.approx(1.26, abs=0.06)


def test_preparing_a_sharded_base_costs_nothing() -> None:
    """FSDP leaves the preparation out, as it does in memory."""
    sharded = "mistral-7b qlora bf16 nf4 mbs=4 ga=1 seq=4096 2xa100-80gb fsdp ckpt flash {}"
    assert speed(sharded.format("prepare-kbit")) == pytest.approx(speed(sharded.format("")))


def test_the_step_of_an_fp32_run_moves_fp32_states() -> None:
    def optimizer(words: str) -> float:
        step = job(f"llama-3.2-1b full {words} mbs=1 ga=1 1xa100-80gb").step
        return next(part.seconds for part in step.parts if part.what == "optimizer")

    assert optimizer("fp32") == pytest.approx(optimizer("bf16 amp"))
    assert optimizer("fp32") == pytest.approx(34 / 22 * optimizer("bf16 pure"))


def test_a_frozen_head_has_no_weight_gradient() -> None:
    def loss(method: str) -> float:
        step = job(f"llama-2-7b {method} bf16 mbs=1 ga=1 1xa100-80gb").step
        return next(part.seconds for part in step.parts if part.what == "loss")

    assert loss("freeze") == pytest.approx(loss("lora"))
    assert loss("freeze") < loss("full")


def test_fp32_adapters_without_autocast_are_slower_than_qlora() -> None:
    lora = speed(MISTRAL.format("lora bf16", "adapter=fp32"))
    qlora = speed(MISTRAL.format("qlora bf16 nf4", "adapter=fp32 autocast"))
    assert lora < qlora


def test_stock_qlora_is_slower_than_lora() -> None:
    lora = speed(MISTRAL.format("lora bf16", "adapter=fp32 autocast"))
    prepared = speed(MISTRAL.format("qlora bf16 nf4", "adapter=fp32 autocast prepare-kbit"))
    assert 1.15 <= lora / prepared <= 1.35


def test_fused_kernels_make_qlora_about_as_fast_as_lora() -> None:
    command = "llama-3-8b {} mbs=4 ga=4 seq=2048 1xa100-80gb ckpt unsloth r=16"
    assert speed(command.format("qlora nf4")) == pytest.approx(speed(command.format("lora")), rel=0.1)


@pytest.mark.parametrize("gpu", ["a100-80gb", "h100", "rtx-4090"])
def test_lora_is_faster_than_full_under_recomputation(gpu: str) -> None:
    command = f"llama-3-8b {{}} bf16 mbs=2 ga=8 seq=2048 1x{gpu} ckpt hf"
    assert speed(command.format("lora")) > speed(command.format("full"))


def test_long_sequences_halve_the_speed_of_a_small_model() -> None:
    """38,500 tokens/s at 4k and 19,600 at 16k (mosaicml/llm-foundry)."""
    command = "mpt-1b full bf16 amp mbs=2 ga=4 seq={} 8xh100 fsdp no-ckpt flash llm-foundry packing"
    assert speed(command.format(4096)) / speed(command.format(16384)) == pytest.approx(1.96, rel=0.15)


@pytest.mark.parametrize("model", ["llama-2-7b", "llama-2-70b"])
def test_infiniband_loses_under_an_eighth_from_8_to_128_gpus(model: str) -> None:
    command = f"{model} full bf16 amp mbs=4 ga=1 seq=4096 {{}}xh100 fsdp ckpt flash hf"
    loss = 1 - speed(command.format(128)) / speed(command.format(8))
    assert -0.01 <= loss < 0.12


def test_fsdp_at_a_small_micro_batch_runs_as_fast_on_64_gpus_as_on_8() -> None:
    command = "mpt-13b full bf16 amp mbs=2 ga=1 seq=2048 {}xh100 fsdp no-ckpt flash llm-foundry"
    assert speed(command.format(64)) == pytest.approx(speed(command.format(8)), rel=0.05)


def test_a_pair_on_pcie_is_hurt_by_fsdp() -> None:
    command = "llama-2-7b lora bf16 mbs=2 ga=4 seq=1024 {} ckpt flash hf r=16"
    assert speed(command.format("2xrtx-3090 fsdp")) < 0.85 * speed(command.format("1xrtx-3090"))


@pytest.mark.parametrize(
    "command",
    [
        "llama-3-8b full {} amp mbs=1 ga=1 seq=8192 8xh100 fsdp selective torchtitan compile",
        "llama-3.1-70b full {} amp mbs=1 ga=64 seq=8192 64xh100 zero1 tp=4 pp=4 cp=2 flash megatron",
    ],
)
def test_fp8_gains_what_people_measure_and_not_twice(command: str) -> None:
    assert 1.2 <= speed(command.format("fp8")) / speed(command.format("bf16")) <= 1.6


def test_recomputation_costs_a_quarter_to_a_third() -> None:
    command = "llama-2-7b full bf16 amp mbs=4 ga=1 seq=2048 8xa100-80gb fsdp {} flash hf packing"
    assert 1.1 <= job(command.format("ckpt")).seconds / job(command.format("no-ckpt")).seconds <= 1.34


def test_offload_of_the_optimizer_makes_the_step_longer_and_says_so() -> None:
    command = "llama-2-7b full bf16 amp mbs=1 ga=1 seq=1024 4xa100-80gb zero2 {} ckpt flash deepspeed"
    step = job(command.format("offload")).step
    assert step.total_seconds > 1.5 * job(command.format("")).seconds
    assert step.bound_by == "offload"


def test_every_card_has_a_speed_below_its_peak() -> None:
    for gpu in CATALOG.gpus:
        one = job(f"llama-3-8b lora mbs=1 ga=1 seq=1024 1x{gpu} ckpt hf")
        attained = one.step.hardware_flops / one.seconds
        peak = max(
            one.gpu.bf16_tflops_per_second or 0,
            one.gpu.fp16_tflops_per_second or 0,
            one.gpu.fp32_tflops_per_second or 0,
        )
        assert 0.02 < attained / (peak * 1e12) < 0.8, gpu


@pytest.mark.untraced
def test_every_model_has_a_step() -> None:
    for model in CATALOG.models:
        step = job(f"{model} full mbs=1 ga=1 seq=512 8xh100 fsdp ckpt hf").step
        assert 0 < step.total_seconds < 1000, model
        assert step.model_flops <= step.hardware_flops, model


@given(
    micro_batch_size=st.integers(1, 64),
    sequence_length=st.integers(128, 65_536),
    passes=st.integers(1, 64),
)
@settings(max_examples=draws(30, 60))
def test_more_tokens_never_take_less_time(micro_batch_size: int, sequence_length: int, passes: int) -> None:
    one = job("llama-3-8b full bf16 amp mbs=1 ga=1 seq=1024 8xh100 fsdp ckpt flash hf")

    def seconds(micro: int, sequence: int, accumulation: int) -> float:
        return step_time(
            replace(one.workload, sequence_length=sequence),
            one.plan._replace(micro_batch_size=micro, gradient_accumulation_steps=accumulation),
            gpu=one.gpu,
            framework=one.framework,
            calibration=CALIBRATION,
        ).total_seconds

    base = seconds(micro_batch_size, sequence_length, passes)
    assert seconds(micro_batch_size + 1, sequence_length, passes) > base
    assert seconds(micro_batch_size, sequence_length + 128, passes) > base
    assert seconds(micro_batch_size, sequence_length, passes + 1) > base
