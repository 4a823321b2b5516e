"""A pipeline: the stage that sets its pace, and how long the others wait for the first and the last."""

from typing import NamedTuple

from estimator.model.stages import stage_layers
from estimator.plan import Plan


class Pace(NamedTuple):
    """What the slowest stage of a pipeline runs in one micro batch."""

    layers: int
    head_seconds: float
    """Of the output head and the loss; 0 where a stage without them is the slowest."""


def pace(num_layers: int, plan: Plan, *, layer_seconds: float, head_seconds: float) -> Pace:
    """The slowest stage: the last, with the head, or a longer one before it.

    Source: `stage_layers`.
    """
    *others, last = stage_layers(num_layers, plan.pipeline_parallel_size)
    most = max(others, default=last)
    if head_seconds < (most - last) * layer_seconds:
        return Pace(most, 0.0)
    return Pace(last, head_seconds)


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
