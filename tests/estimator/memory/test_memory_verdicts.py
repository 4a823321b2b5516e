"""What the allocator reserves, how sure that is, and whether it fits."""

import pytest
from memory_jobs import job

from estimator.memory.result import Verdict
from estimator.units import GIB


def test_the_verdict_is_taken_on_the_upper_end() -> None:
    verdicts = {
        job(f"llama-3.1-8b lora mbs={size} seq=4096 1xa100-80gb ckpt").estimate().verdict
        for size in range(1, 13)
    }
    assert verdicts == {Verdict.FITS, Verdict.TIGHT, Verdict.DOES_NOT_FIT}


def test_a_full_gpu_is_reused_and_not_outgrown() -> None:
    """mistral-7b on one A100: tensors 67.5 GiB, read 71.3 and 75.4 of 79.2."""
    estimate = job(
        "mistral-7b full bf16 pure mbs=8 seq=4096 1xa100-80gb ckpt flash opt=adamw-foreach"
    ).estimate()
    assert estimate.process_bytes.likely < estimate.usable_bytes
    assert estimate.verdict is Verdict.TIGHT


def test_ranges_name_the_group_they_come_from() -> None:
    basis = job("llama-3.1-8b qlora mbs=1 1xa100-80gb").estimate().basis
    assert basis.group in ("hf", "qlora")
    assert basis.n > 300
    for unpublished in ("freeze", "full bf16 fsdp offload", "dora", "full bf16 opt=muon"):
        gpus = "4xa100-80gb" if "fsdp" in unpublished else "1xa100-80gb"
        basis = job(f"llama-3.1-8b {unpublished} mbs=1 {gpus}").estimate().basis
        assert (basis.group, basis.n) == ("none", 0)


def test_batches_of_their_own_length_fragment_the_allocator() -> None:
    """ms-swift: qwen-1.8b, 16.35 GiB reserved."""
    said = "qwen-1.8b lora bf16 mbs=1 ga=16 seq=2048 1xa100-80gb ckpt flash r=8 targets=c_attn autocast"
    varying, padded = (
        job(f"{said} {how}").estimate().reserved_bytes.likely / GIB
        for how in ("no-packing", "no-packing padded")
    )
    assert varying == pytest.approx(16.35, rel=0.15)
    assert padded < varying - 5
