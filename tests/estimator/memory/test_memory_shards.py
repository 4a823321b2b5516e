"""What GPUs that share a job hold: shards, stages, buckets, communicators."""

import pytest
from memory_jobs import LLAMA_7B_PARAMS, job

from estimator.memory.rank import ranks
from estimator.memory.result import Phase
from estimator.units import GIB


def test_tensor_parallel_ranks_share_every_matrix() -> None:
    whole = job("llama-7b full bf16 megatron mbs=1 1xa100-80gb").phases()[Phase.STEP]
    sliced = job("llama-7b full bf16 megatron mbs=1 tp=4 4xa100-80gb").phases()[Phase.STEP]
    assert sliced.weights == pytest.approx(whole.weights / 4, rel=1e-3)


def test_a_pipeline_is_judged_on_its_fullest_stage() -> None:
    asked = job("llama-7b full bf16 megatron mbs=1 ga=8 pp=4 4xa100-80gb no-ckpt")
    first, last = ranks(asked.workload, asked.plan, asked.framework)
    assert (first.in_flight, last.in_flight) == (4, 1)
    assert (first.shard.has_head, last.shard.has_head) == (False, True)
    assert first.blocks_bytes == pytest.approx(4 * last.blocks_bytes)


def test_stages_hold_the_layers_that_the_time_of_a_step_counts() -> None:
    """Llama-3.1-405B: 126 layers over 8 stages; the second is longer than the first, with less in flight."""
    asked = job("llama-3.1-405b full bf16 amp megatron mbs=1 ga=8 tp=8 pp=8 512xh100 zero1 ckpt")
    held = [rank.shard for rank in ranks(asked.workload, asked.plan, asked.framework)]
    assert [(shard.stage, shard.num_layers) for shard in held] == [(0, 15), (1, 16), (7, 15)]


def test_fsdp_of_the_trainer_holds_whole_gradients_while_it_accumulates() -> None:
    """ToolBench#84: about 57 GiB a card where one micro batch a step needs 44."""
    first, more = (
        job(f"llama-7b full amp 4xa100-80gb fsdp ckpt seq=8192 mbs=2 ga={passes}").allocated_gib()
        for passes in (1, 2)
    )
    assert more - first == pytest.approx(2 * LLAMA_7B_PARAMS / GIB, rel=0.05)
    tune = (
        job(f"llama-7b full amp 4xa100-80gb fsdp ckpt seq=8192 mbs=2 torchtune ga={passes}").allocated_gib()
        for passes in (1, 2)
    )
    assert abs(next(tune) - next(tune)) < 4 * LLAMA_7B_PARAMS / 4 / GIB * 1.01


@pytest.mark.parametrize("stage", ["", "zero1", "zero2"])
def test_deepspeed_allocates_its_bucket_whole(stage: str) -> None:
    said = f"llama-2-7b lora bf16 mbs=1 seq=512 4xa100-80gb deepspeed {stage} ckpt r=8"
    gathered = job(said).phases()[Phase.LOSS].temporary
    assert gathered == pytest.approx(1e9, rel=0.01)


def test_communicators_of_a_split_model_take_memory_of_the_process() -> None:
    split, whole = (
        job(f"llama-2-7b full bf16 amp megatron mbs=1 seq=2048 8xa100-80gb zero1 {how}").estimate()
        for how in ("tp=2", "")
    )
    context = [estimate.process_bytes.likely - estimate.reserved_bytes.likely for estimate in (split, whole)]
    assert context[0] == pytest.approx(context[1] + GIB / 2)


def test_sharding_a_packed_base_saves_memory_under_litgpt_too() -> None:
    packed, whole = (
        job(f"llama-2-7b qlora litgpt mbs=1 4xa100-80gb {how}").allocated_gib() for how in ("fsdp", "ddp")
    )
    assert packed < whole
