"""Weights, gradients, optimizer states, sharding, and what a stack's word changes."""

import pytest
from memory_jobs import job

from estimator.memory.estimate import Phase, Verdict
from estimator.memory.rank import ranks
from estimator.units import GIB

P = 6738415616


def states(text: str) -> tuple[float, float, float]:
    """W, G, O of the step, bytes a parameter of LLaMA-7B."""
    tensors = job(text).phases()[Phase.STEP]
    return tensors.weights / P, tensors.gradients / P, tensors.optimizer_states / P


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("llama-7b full bf16 mbs=1 1xa100-80gb", (2, 2, 4)),
        ("llama-7b full bf16 amp mbs=1 1xa100-80gb", (4, 4, 8)),
        ("llama-7b full fp32 mbs=1 1xa100-80gb", (4, 4, 8)),
        ("llama-7b full bf16 amp deepspeed mbs=1 1xa100-80gb", (2, 2, 12)),
        ("llama-7b full bf16 amp megatron mbs=1 1xa100-80gb", (2, 4, 12)),
        ("llama-7b full bf16 deepspeed mbs=1 1xa100-80gb", (2, 2, 12)),
        ("llama-7b full fp16 megatron mbs=1 1xa100-80gb", (2, 2, 12)),
        ("llama-7b full fp32 deepspeed mbs=1 1xa100-80gb", (4, 4, 8)),
        ("llama-7b full bf16 opt=sgd mbs=1 1xa100-80gb", (2, 2, 0)),
        ("llama-7b full bf16 opt=sgd-momentum mbs=1 1xa100-80gb", (2, 2, 2)),
        ("llama-7b full bf16 opt=lion mbs=1 1xa100-80gb", (2, 2, 2)),
        ("llama-7b full bf16 opt=adamw8bit mbs=1 1xa100-80gb", (2, 2, 2.03125)),
        ("llama-7b full bf16 opt=paged_adamw8bit mbs=1 1xa100-80gb", (2, 2, 0)),
        ("llama-7b full bf16 opt=adafactor mbs=1 1xa100-80gb", (2, 2, 0)),
        ("llama-7b full bf16 opt=galore mbs=1 1xa100-80gb", (2, 2, 0.29302)),
        ("llama-7b full bf16 opt=apollo mbs=1 1xa100-80gb", (2, 2, 0.33879)),
        ("llama-7b full bf16 opt=muon mbs=1 1xa100-80gb", (2, 2, 2.0779)),
        ("llama-7b full bf16 amp mbs=1 4xa100-80gb zero1", (4, 4, 2)),
        ("llama-7b full bf16 amp mbs=1 4xa100-80gb zero2", (4, 1, 2)),
        ("llama-7b full bf16 amp mbs=1 4xa100-80gb fsdp", (1, 1, 2)),
        ("llama-7b full bf16 amp mbs=1 4xa100-80gb fsdp offload", (0, 1, 0)),
        ("llama-7b full bf16 amp deepspeed mbs=1 4xa100-80gb zero3 offload", (0.5, 0.5, 0)),
    ],
)
def test_states_have_the_bytes_of_their_mode(text: str, expected: tuple[float, float, float]) -> None:
    assert states(text) == pytest.approx(expected, rel=1e-4)


def test_the_step_of_deepspeed_holds_fp32_gradients_of_its_shard() -> None:
    step = job("llama-7b full bf16 deepspeed zero2 mbs=1 4xa100-80gb").phases()[Phase.STEP]
    assert step.temporary / P == pytest.approx(4 / 4)


def test_megatron_holds_its_largest_weight_gradient_in_fp32() -> None:
    loss = job("llama-7b full bf16 megatron mbs=1 1xa100-80gb").phases()[Phase.LOSS]
    assert loss.temporary == 4 * 32000 * 4096


def test_tensor_parallel_ranks_share_every_matrix() -> None:
    whole = job("llama-7b full bf16 megatron mbs=1 1xa100-80gb").phases()[Phase.STEP]
    sliced = job("llama-7b full bf16 megatron mbs=1 tp=4 4xa100-80gb").phases()[Phase.STEP]
    assert sliced.weights == pytest.approx(whole.weights / 4, rel=1e-3)


def test_a_pipeline_is_judged_on_its_fullest_stage() -> None:
    asked = job("llama-7b full bf16 megatron mbs=1 ga=8 pp=4 4xa100-80gb no-ckpt")
    first, last = ranks(asked.workload, asked.plan, asked.stack)
    assert (first.in_flight, last.in_flight) == (4, 1)
    assert (first.share.has_head, last.share.has_head) == (False, True)
    assert first.blocks_bytes == pytest.approx(4 * last.blocks_bytes)


def test_fp8_keeps_what_bf16_keeps() -> None:
    bf16 = job("llama-3.1-8b full bf16 amp mbs=1 seq=8192 8xh100 fsdp torchtitan").allocated_gib()
    fp8 = job("llama-3.1-8b full fp8 amp mbs=1 seq=8192 8xh100 fsdp torchtitan").allocated_gib()
    assert fp8 == bf16


def test_the_implementation_of_adamw_decides_the_peak_of_a_full_fine_tune() -> None:
    foreach = job("llama-7b full bf16 opt=adamw-foreach mbs=1 seq=512 1xa100-80gb ckpt").allocated_gib()
    fused = job("llama-7b full bf16 opt=adamw-fused mbs=1 seq=512 1xa100-80gb ckpt").allocated_gib()
    assert foreach * GIB / P == pytest.approx(10, rel=0.01)
    assert fused * GIB / P == pytest.approx(8, rel=0.01)


def test_a_fused_loss_takes_the_logits_away() -> None:
    plain = job("llama-3.1-8b lora mbs=2 seq=4096 1xa100-80gb ckpt").estimate()
    fused = job("llama-3.1-8b lora mbs=2 seq=4096 1xa100-80gb ckpt liger").estimate()
    assert plain.parts.logits_bytes == 12 * 8192 * 128256 + 8 * 8192
    assert fused.process_bytes.likely < plain.process_bytes.likely - 8 * GIB


@pytest.mark.parametrize(
    ("stack", "larger"), [("unsloth", False), ("torchtune", False), ("fsdp-qlora", True)]
)
def test_one_word_for_the_stack_explains_a_difference(stack: str, larger: bool) -> None:  # noqa: FBT001
    stock = job("llama-3.1-8b lora mbs=4 seq=2048 1xa100-80gb ckpt").estimate().process_bytes.likely
    named = job(f"llama-3.1-8b lora mbs=4 seq=2048 1xa100-80gb ckpt {stack}").estimate().process_bytes.likely
    assert (named > stock) is larger


def test_releases_of_transformers_with_a_shifted_copy_hold_more() -> None:
    asked = job("mistral-7b lora mbs=4 seq=4096 1xa100-80gb ckpt")
    old = asked._replace(stack=asked.stack.at_release("4.48.1"))
    assert old.allocated_gib() - asked.allocated_gib() == pytest.approx(2 * 32000 * 16384 / GIB, rel=0.01)
    assert asked.stack.at_release("5.2") is asked.stack


def test_litgpt_unties_the_head() -> None:
    tied = job("gemma-2b lora bf16 mbs=1 1xa100-80gb").phases()[Phase.STEP].weights
    untied = job("gemma-2b lora bf16 mbs=1 1xa100-80gb litgpt").phases()[Phase.STEP].weights
    assert untied - tied == pytest.approx(2 * 256000 * 2048, rel=0.05)


def test_the_verdict_is_taken_on_the_upper_end() -> None:
    verdicts = {
        job(f"llama-3.1-8b lora mbs={size} seq=4096 1xa100-80gb ckpt").estimate().verdict
        for size in range(1, 13)
    }
    assert verdicts == {Verdict.FITS, Verdict.TIGHT, Verdict.DOES_NOT_FIT}


def test_a_full_card_is_reused_and_not_outgrown() -> None:
    """mistral-7b on one A100: tensors 67.5 GiB, read 71.3 and 75.4 of 79.2."""
    estimate = job("mistral-7b full bf16 mbs=8 seq=4096 1xa100-80gb ckpt flash opt=adamw-foreach").estimate()
    assert estimate.process_bytes.likely < estimate.usable_bytes
    assert estimate.verdict is Verdict.TIGHT


def test_ranges_name_the_group_they_come_from() -> None:
    basis = job("llama-3.1-8b qlora mbs=1 1xa100-80gb").estimate().basis
    assert (basis.group, basis.n) == ("qlora", 79)
    assert job("llama-3.1-8b qlora mbs=1 1xa100-80gb deepspeed").estimate().basis.group == "deepspeed"
    assert job("llama-3.1-8b freeze mbs=1 1xa100-80gb").estimate().basis.group == "all"


def test_sharding_a_packed_base_saves_memory_under_litgpt_too() -> None:
    packed, whole = (
        job(f"llama-2-7b qlora litgpt mbs=1 4xa100-80gb {how}").allocated_gib() for how in ("fsdp", "ddp")
    )
    assert packed < whole
