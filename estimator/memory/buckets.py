"""Flat copies of gradients on their way to other ranks: buckets of torch's replicas and of DeepSpeed."""

from estimator.memory.rank import Rank
from estimator.memory.result import Phase
from estimator.memory.states import is_deepspeed


def buckets_bytes(rank: Rank, phase: Phase) -> float:
    """Buckets of gradients in one phase; DeepSpeed's are gone when the backward pass is over."""
    return held_buckets(phase, ddp_bucket_bytes(rank), reduce_bucket_bytes(rank))


def held_buckets(phase: Phase, copies: float, buffer: float) -> float:
    """What stands of both in one phase."""
    return copies + (0.0 if phase is Phase.STEP else buffer)


def ddp_bucket_bytes(rank: Rank) -> float:
    """Flat copies of all gradients that the reducer of replicas holds for as long as it lives.

    Source: pytorch/pytorch torch/nn/parallel/distributed.py, `gradient_as_bucket_view=False` by default.
    """
    plan = rank.plan
    if plan.zero_stage or plan.data_parallel_size == 1 or not rank.framework.ddp_buckets:
        return 0.0
    return rank.states.trained_params * rank.states.gradient_bytes


def reduce_bucket_bytes(rank: Rank) -> float:
    """Buffer of gradients on their way at DeepSpeed's stages 1 and 2, however few they are.

    A job on one GPU has a stage in its configuration too, though nothing to share.
    Source: microsoft/DeepSpeed deepspeed/runtime/zero/stage_1_and_2.py, `backward`: the length of
    `ipg_buffer` is `reduce_bucket_size` (5e8 by default, one without overlap), whatever trains.
    """
    plan = rank.plan
    if plan.zero_stage == 3 or not is_deepspeed(rank.framework):
        return 0.0
    return rank.framework.reduce_bucket_bytes
