"""What a job takes of a machine's memory beside its GPUs: offloaded and paged states, and loading."""

import pytest
from memory_jobs import job


@pytest.mark.parametrize(
    ("text", "params", "low_gb", "high_gb"),
    [
        ("qwen2.5-32b full bf16 1xh100-nvl zero3 offload deepspeed mbs=1 ga=1 seq=1024", True, 744, 1000),
        ("qwen2.5-32b full bf16 8xa800 zero3 deepspeed offload seq=16384 mbs=1 ga=1 ckpt", True, 750, 1050),
        ("llama-30b full bf16 8xa100-40g zero3 offload deepspeed mbs=1 seq=2048 ckpt", False, 600, 800),
        ("llama-2-7b full bf16 1xa100-80gb zero2 offload deepspeed mbs=1 seq=2048 ckpt", False, 94, 200),
        ("llama-2-70b qlora 2x4090 fsdp offload mbs=1 ga=4 seq=512 r=32 ckpt", False, 125, 250),
        ("mistral-7b qlora 1xt4 mbs=1 seq=512 hf", False, 3, 10),
        ("llama-3.1-8b qlora unsloth 1xt4 mbs=2 ga=4 seq=2048 r=16", False, 3, 12.7),
        ("gpt-oss-20b qlora unsloth 1xt4 mbs=1 ga=4 seq=1024 r=8", False, 3, 12.7),
        ("llama-65b qlora 1xa100-80gb mbs=16 seq=512 r=64 opt=paged_adamw8bit hf", False, 3, 10),
        ("llama-2-7b qlora 8xa100-80gb ddp mbs=1 seq=512 hf", False, 30, 50),
        ("llama-2-7b lora 1xa100-80gb mbs=1 seq=512 hf", False, 13, 14),
        ("llama-2-7b qlora torchtune 1xa100-80gb mbs=1 seq=512", False, 13, 14),
        ("llama-2-70b full pure torchtune opt=paged_adamw 8xa100-80gb fsdp mbs=1 seq=512", False, 520, 600),
        ("llama-2-7b full pure torchtune opt=paged_adamw 8xa100-80gb fsdp mbs=1 seq=512", False, 53, 56),
        (
            "llama-2-7b full pure torchtune opt=paged_adamw 2xa100-80gb ddp mbs=1 seq=512",
            False,
            107,
            111,
        ),
    ],
)
def test_a_machine_needs_what_people_reported(text: str, params: bool, low_gb: float, high_gb: float) -> None:  # noqa: FBT001
    asked = job(text)
    asked = asked._replace(plan=asked.plan._replace(offload_params=params))
    assert low_gb < asked.estimate().host_bytes / 1e9 < high_gb


@pytest.mark.parametrize("where", ["zero2 offload deepspeed 1xa100", "fsdp offload 2xa100"])
def test_states_that_offload_moved_are_not_counted_again_as_paged_ones(where: str) -> None:
    kept, paged = (
        job(f"llama-2-7b full opt={optimizer} mbs=1 seq=512 {where}")
        for optimizer in ("adamw", "paged_adamw")
    )
    assert paged.estimate().host_bytes == kept.estimate().host_bytes
