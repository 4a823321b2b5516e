"""Logits and what the loss makes of them: fused, chunked, copied, held."""

from dataclasses import replace

import pytest
from memory_jobs import job

from estimator.memory.result import Phase
from estimator.units import GIB


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
    asked = job("mistral-7b lora mbs=4 seq=4096 1xa100-80gb ckpt flash")
    old = asked._replace(framework=asked.framework.at_release("4.48.1"))
    assert old.allocated_gib() - asked.allocated_gib() == pytest.approx(2 * 32000 * 16384 / GIB, rel=0.01)
    assert asked.framework.at_release("5.2") is asked.framework


def test_a_loop_that_holds_the_output_holds_its_logits() -> None:
    """fitcheck-010: 7.23 GiB measured, 14 bytes a logit."""
    asked = job(
        "qwen2.5-1.5b lora fp16 mbs=2 ga=1 seq=1024 1xt4 ckpt sdpa r=32 targets=qkvo opt=adamw-foreach"
    )
    loop = asked._replace(workload=replace(asked.workload, keeps_logits=True))
    assert loop.allocated_gib() == pytest.approx(7.23, rel=0.01)
    assert loop.allocated_gib() - asked.allocated_gib() == pytest.approx(2 * 151936 * 2048 / GIB, rel=0.01)


def test_a_loss_of_16_bit_logits_holds_three_copies_of_them() -> None:
    """ljm565-069: 47.5 GiB reserved; its k-bit rows hand on fp32 logits, and need 12 bytes an entry."""
    said = "gemma-7b lora bf16 mbs=2 ga=32 seq=8192 1xa100-80gb ckpt sdpa no-liger r=8 targets=all-linear"
    short, plain = (job(f"{said} opt=adamw-foreach dropout=0.05 {word}") for word in ("short-logits", ""))
    assert short.estimate().reserved_bytes.likely / GIB == pytest.approx(47.5, rel=0.06)
    assert plain.allocated_gib() - short.allocated_gib() == pytest.approx(6 * 256000 * 16384 / GIB, rel=0.05)


def test_autocast_holds_its_copies_until_the_forward_pass_ends() -> None:
    """sim-005: the forward pass of LLaMA-7B peaks at 88.48 GiB."""
    loss = job("llama-7b full bf16 amp mbs=1 ga=1 seq=1024 1xa100-80gb ckpt sdpa").phases()[Phase.LOSS]
    assert loss.total / GIB == pytest.approx(88.48, rel=0.01)


def test_models_that_hand_on_16_bit_logits_pay_for_the_casts_of_autocast() -> None:
    """QwenLM/Qwen, LoRA of Qwen-7B on an A100: 29.7 GiB at 4096 tokens."""
    said = "qwen-7b lora bf16 mbs=1 ga=8 1xa100-80gb ckpt flash padded r=64 targets=all-linear seq=4096"
    assert job(f"{said} autocast").estimate().process_bytes.likely / GIB == pytest.approx(29.7, rel=0.03)
    without = job(f"{said} autocast").allocated_gib() - job(said).allocated_gib()
    assert without > 9 * 151936 * 4096 / GIB


@pytest.mark.parametrize(("tokens", "measured"), [(65536, 37.5), (131072, 66.5), (196608, 95.7)])
def test_liger_fuses_norms_and_gates_besides_the_loss(tokens: int, measured: float) -> None:
    """stas00/ml-engineering, insights/when-to-upgrade-gpus: reserved on 8 H200; 44.0, 79.4, 114.8 without."""
    asked = job(
        f"llama-3.1-8b full bf16 8xh200 zero3 offload mbs=1 ga=1 seq={tokens} ckpt flash liger packing"
    )
    assert asked.estimate().reserved_bytes.likely / GIB == pytest.approx(measured, rel=0.01)
