"""What must hold whatever the job: sums, order, speed."""

from itertools import pairwise, product

import pytest
from memory_jobs import job

MODELS = ("llama-3.1-8b", "qwen2.5-1.5b", "gemma-2-2b", "mixtral-8x7b", "gpt2", "phi-3-mini", "falcon-7b")
METHODS = ("full bf16", "full bf16 amp", "lora r=16", "qlora r=8")
JOBS = [f"{model} {method}" for model, method in product(MODELS, METHODS)]


def readings(text: str) -> tuple[float, float, float]:
    """The three likely peaks."""
    found = job(text).estimate()
    return found.allocated_bytes.likely, found.reserved_bytes.likely, found.process_bytes.likely


def assert_never_less(texts: list[str]) -> None:
    for smaller, larger in pairwise(texts):
        for before, after in zip(readings(smaller), readings(larger), strict=True):
            assert after >= before * (1 - 1e-9), (smaller, larger)


@pytest.mark.parametrize("start", JOBS)
def test_parts_and_terms_sum_to_the_process_peak(start: str) -> None:
    asked = job(f"{start} mbs=2 seq=2048 4xa100-80gb fsdp")
    estimate = asked.estimate()
    assert estimate.parts.total_bytes == pytest.approx(estimate.process_bytes.likely, abs=8)
    assert sum(term.size_bytes for term in asked.terms()) == round(estimate.process_bytes.likely)


@pytest.mark.parametrize("start", JOBS)
def test_a_higher_zero_stage_never_needs_more_memory(start: str) -> None:
    stages = ("zero3", "zero2", "zero1", "ddp")
    assert_never_less([f"{start} mbs=2 seq=2048 4xa100-80gb {stage}" for stage in stages])


@pytest.mark.parametrize("start", JOBS)
def test_a_smaller_micro_batch_never_needs_more_memory(start: str) -> None:
    assert_never_less([f"{start} mbs={size} seq=1024 1xa100-80gb" for size in (1, 2, 3, 4, 8)])


@pytest.mark.parametrize("start", JOBS)
def test_more_checkpointing_never_needs_more_memory(start: str) -> None:
    less_and_less = ("ckpt", "selective", "no-ckpt")
    assert_never_less([f"{start} mbs=2 seq=1024 1xa100-80gb {each}" for each in less_and_less])


@pytest.mark.parametrize("start", JOBS)
def test_a_longer_sequence_never_needs_less_memory(start: str) -> None:
    assert_never_less([f"{start} mbs=1 seq={size} 1xa100-80gb" for size in (512, 1024, 2048, 4096, 8192)])


def test_replicas_hold_the_gradients_once_more_in_their_buckets() -> None:
    alone = job("7b full bf16 mbs=1 ga=1 seq=1024 1xa100-80gb ckpt").estimate()
    replicas = job("7b full bf16 mbs=1 ga=1 seq=1024 4xa100-80gb ddp ckpt").estimate()
    gradients_bytes = 2 * 6_738_415_616
    assert replicas.allocated_bytes.likely - alone.allocated_bytes.likely == pytest.approx(gradients_bytes)


@pytest.mark.parametrize("start", JOBS)
def test_the_peak_is_the_largest_phase(start: str) -> None:
    asked = job(f"{start} mbs=1 seq=1024 1xa100-80gb")
    estimate, phases = asked.estimate(), asked.phases()
    assert phases[estimate.phase].total == max(tensors.total for tensors in phases.values())
    assert estimate.allocated_bytes.likely == phases[estimate.phase].total


@pytest.mark.parametrize("start", JOBS)
def test_allocated_is_below_reserved_is_below_process(start: str) -> None:
    allocated, reserved, process = readings(f"{start} mbs=1 seq=1024 1xa100-80gb")
    assert allocated <= reserved < process
