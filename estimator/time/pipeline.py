"""A pipeline: the stage that sets its pace, and how long the others wait for the first and the last."""

from math import ceil
from typing import NamedTuple

from estimator.plan import Plan


class Pace(NamedTuple):
    """What the slowest stage of a pipeline runs in one micro batch."""

    layers: float
    head_seconds: float
    """Of the output head and the loss; 0 where a stage without them is the slowest."""


def pace(num_layers: int, plan: Plan, *, layer_seconds: float, head_seconds: float) -> Pace:
    """The slowest stage: the last, with the head, or where the layers do not divide one of the longer ones.

    Layers that divide over the stages are dealt out evenly. Else the head and the embedding stand for a layer
    each, so that the last stage has one less than the longest.
    Source: Llama 3, arXiv:2407.21783, section 3.3.2 (126 layers over 16 stages); NVIDIA/Megatron-LM
    `--account-for-loss-in-pipeline-split`; pytorch/torchtitan `pipeline_parallel_last_stage_less_layers`.
    """
    stages = plan.pipeline_parallel_size
    if num_layers % stages == 0:
        return Pace(num_layers / stages, head_seconds)
    most = ceil(num_layers / stages)
    if head_seconds > layer_seconds:
        return Pace(most - 1, head_seconds)
    return Pace(most, 0.0)


def bubble_share(plan: Plan, interleave: float, num_layers: int) -> float:
    """Idle share of a step under 1F1B: (p - 1) / (micro batches x virtual stages).

    A virtual stage has a layer at least, and the micro batches of a step divide over the stages, or there is
    no interleaved schedule.
    Source: Narayanan et al. 2021, arXiv:2104.04473, section 2.2; NVIDIA/Megatron-LM
    megatron/core/pipeline_parallel/schedules.py, forward_backward_pipelining_with_interleaving.
    """
    if plan.pipeline_parallel_size <= 1:
        return 0.0
    stages, passes = plan.pipeline_parallel_size, plan.gradient_accumulation_steps
    interleaved = stages > 2 and passes % stages == 0
    chunks = max(1.0, min(interleave, num_layers / stages)) if interleaved else 1.0
    return (stages - 1) / (passes * chunks)
