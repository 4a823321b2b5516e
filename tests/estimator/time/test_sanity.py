"""What must hold of any step, however it was fitted: more cards help, nothing is absurd, nothing jumps."""

from dataclasses import replace
from itertools import product

import pytest
from time_jobs import CALIBRATION, CATALOG, Job, job

from estimator.time import step_time
from estimator.time.run import sixteen_bit_peak

CARDS = ("t4", "a100-80gb", "h100", "h200", "b200", "rtx-a6000", "rtx-pro-6000", "rtx-4090", "l40s")
OTHER_CARDS = ("ascend-910b", "mi300x", "rtx-3090", "v100-32gb")
MODELS = ("qwen2.5-1.5b", "llama-3-8b", "qwen2.5-32b")
METHODS = ("full bf16 amp", "lora bf16 autocast", "lora bf16", "qlora nf4 autocast", "qlora nf4 prepare-kbit")
ADAPTED = ("lora bf16", "qlora nf4")
WAYS = ("ddp hf", "fsdp hf", "zero2 deepspeed", "zero3 deepspeed", "fsdp torchtune", "ddp unsloth")


def seconds(
    one: Job,
    *,
    sequence_length: int | None = None,
    micro_batch_size: int | None = None,
    gradient_accumulation_steps: int | None = None,
) -> float:
    """The step of `one` with another length or other passes."""
    workload, plan = one.workload, one.plan
    workload = replace(workload, sequence_length=sequence_length or workload.sequence_length)
    plan = plan._replace(
        micro_batch_size=micro_batch_size or plan.micro_batch_size,
        gradient_accumulation_steps=gradient_accumulation_steps or plan.gradient_accumulation_steps,
    )
    return step_time(
        workload, plan, gpu=one.gpu, framework=one.framework, calibration=CALIBRATION
    ).total_seconds


@pytest.mark.parametrize("gpu", [*CARDS, *OTHER_CARDS])
@pytest.mark.parametrize("method", METHODS)
def test_no_utilisation_is_absurd(gpu: str, method: str) -> None:
    """From 1,024 tokens on: below half a percent somebody would have asked why, above 75 nobody has been."""
    for model in MODELS:
        for seq, micro in ((1024, 1), (2048, 4), (16384, 1)):
            one = job(f"{model} {method} mbs={micro} ga=4 seq={seq} 1x{gpu} ckpt flash packing")
            used = one.step.model_flops / one.seconds / sixteen_bit_peak(one.gpu, one.workload.precision)
            assert 0.005 <= used <= 0.75, (model, seq, micro, used)


def reach_each_other_fast(gpu: str) -> bool:
    return not CATALOG.gpu(gpu).interconnect.startswith("pcie")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("gpu", [*filter(reach_each_other_fast, (*CARDS, *OTHER_CARDS))])
def test_two_cards_are_no_slower_than_one(way: str, gpu: str) -> None:
    """At one global batch, where cards have links of their own; weights that train need 2,048 tokens."""
    sharding, framework = way.split()
    passes = [f"{method} mbs={micro} seq={seq}" for method in ADAPTED for seq, micro in ((256, 1), (512, 1))]
    passes += [f"{method} mbs=2 seq=2048" for method in (*ADAPTED, "full bf16 amp")]
    for model, said in product(("qwen2.5-1.5b", "llama-3-8b"), passes):
        one = job(f"{model} {said} ckpt {framework} ga=16 1x{gpu}").seconds
        two = job(f"{model} {said} ckpt {framework} ga=8 2x{gpu} {sharding}").seconds
        assert two <= one, (model, said, one, two)


@pytest.mark.parametrize("method", METHODS)
def test_copies_on_slow_links_are_no_slower_either(method: str) -> None:
    command = f"llama-3-8b {method} mbs=2 seq=2048 ckpt"
    assert job(f"{command} ga=8 2xrtx-4090 ddp").seconds < job(f"{command} ga=16 1xrtx-4090").seconds


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("how", ["1xa100-80gb", "4xh100 fsdp", "2xrtx-4090 zero3 deepspeed"])
@pytest.mark.parametrize("attention", ["sdpa", "flash", "eager"])
def test_one_step_more_never_jumps(method: str, how: str, attention: str) -> None:
    """One more token, rank or pass beyond the first few changes a step by little more than its share."""
    one = job(f"llama-3-8b {method} mbs=2 ga=32 seq=2048 {how} ckpt {attention}")
    base = seconds(one)
    assert 0 <= seconds(one, sequence_length=2049) / base - 1 < 0.05
    assert 0 <= seconds(one, gradient_accumulation_steps=33) / base - 1 < 0.05
    if one.workload.has_adapters:
        assert one.workload.lora_rank is not None
        wider = replace(one, workload=replace(one.workload, lora_rank=one.workload.lora_rank + 1))
        assert 0 <= seconds(wider) / base - 1 < 0.05


@pytest.mark.parametrize("attention", ["flash", "sdpa"])
@pytest.mark.parametrize("length", [2046, 2047, 2048, 4095, 4096, 4097, 8191, 8192])
def test_a_window_that_begins_does_not_jump(attention: str, length: int) -> None:
    """Where a sliding window starts to matter the step goes on growing, and by a share of one token."""
    one = job("gemma-2-9b lora bf16 autocast mbs=1 ga=1 seq=2048 1xa100-80gb ckpt " + attention)
    before, after = seconds(one, sequence_length=length), seconds(one, sequence_length=length + 1)
    assert 0 <= after / before - 1 < 0.05


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("attention", ["sdpa", "flash", "eager", "sdpa padded"])
def test_more_tokens_never_take_less_time(method: str, attention: str) -> None:
    one = job(f"qwen2.5-1.5b {method} mbs=1 ga=1 seq=128 1xt4 ckpt {attention}")
    lengths = [seconds(one, sequence_length=128 * step) for step in range(1, 40)]
    batches = [seconds(one, micro_batch_size=step) for step in range(1, 40)]
    assert lengths == sorted(lengths)
    assert batches == sorted(batches)
