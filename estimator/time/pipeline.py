"""A pipeline: the stage that sets its pace, and how long the others wait for the first and the last."""

from typing import Final, NamedTuple

from estimator.framework.framework import Framework
from estimator.model.stages import stage_layers
from estimator.plan import Plan
from estimator.time.calibration import TimeCalibration

SHORTEST_NOT_CUT: Final = 2
"""Stages of a pipeline that is not worth cutting further."""


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


def virtual_stages(plan: Plan, framework: Framework, calibration: TimeCalibration, num_layers: int) -> int:
    """Parts of each stage that take turns, each of a layer at least: 1 where nothing is interleaved.

    No fewer passes than stages. More of them come in groups that leave no remainder, since their size can be
    said (`--microbatch-group-size-per-virtual-pipeline-stage`, from the stages to the passes).
    Source: NVIDIA/Megatron-LM@00611e6ee megatron/core/pipeline_parallel/schedules.py,
    forward_backward_pipelining_with_interleaving; 4295be1a6 (2024-11-01) for the size.
    """
    stages, passes = plan.pipeline_parallel_size, plan.gradient_accumulation_steps
    if not framework.interleaves_pipeline or stages <= SHORTEST_NOT_CUT or passes < stages:
        return 1
    if framework.interleaves_evenly and passes % stages:
        return 1
    return max(1, min(int(calibration.value("pipeline_interleave")), num_layers // stages))


def bubble_share(plan: Plan, virtual: int) -> float:
    """Idle share of a step under 1F1B: (p - 1) / (micro batches x virtual stages).

    Source: Narayanan et al. 2021, arXiv:2104.04473, section 2.2.
    """
    return (plan.pipeline_parallel_size - 1) / (plan.gradient_accumulation_steps * virtual)
