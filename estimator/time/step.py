"""One optimizer step: the parts added up."""

from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.plan import Plan
from estimator.time.calibration import TimeCalibration
from estimator.time.communication import (
    context_parallel_seconds,
    gradient_seconds,
    sharding_seconds,
    tensor_parallel_seconds,
)
from estimator.time.flops import model_flops_per_token, step_flops
from estimator.time.kernels import LayerSeconds, layer_seconds, loss_seconds
from estimator.time.micro_batch import MicroBatch, micro_batch
from estimator.time.optimizer_step import (
    accumulation_seconds,
    offload_seconds,
    optimizer_seconds,
    paging_seconds,
)
from estimator.time.paging import paged_out_bytes
from estimator.time.pipeline import bubble_share, pace, virtual_stages
from estimator.time.rates import rates
from estimator.time.result import StepTime, TimeLine
from estimator.workload import Workload

CAUSES = {
    "gemm": "compute",
    "attention": "compute",
    "elementwise": "memory",
    "lora": "memory",
    "dequantization": "memory",
    "launches": "launches",
    "loss": "memory",
    "communication": "communication",
    "bubble": "pipeline",
    "optimizer": "optimizer",
    "offload": "offload",
}
"""Part -> what bounds a step in which it is the largest."""


def step_time(
    workload: Workload, plan: Plan, *, gpu: GPU, framework: Framework, calibration: TimeCalibration
) -> StepTime:
    """Seconds of one optimizer step of `plan`, by what spends them.

    Micro batches x (layers + loss + exposed communication of the slowest stage) x (1 + bubble), then
    gradients, optimizer and offload.
    Source: docs/formulas-time.md#step.
    """
    one = _one(workload, plan, gpu, framework, calibration)
    parts = _parts(one, calibration)
    model, hardware = step_flops(workload, plan, selective=one.rates.kernels.selective)
    return StepTime(
        total_seconds=sum(parts.values()),
        parts=tuple(TimeLine(what=what, seconds=seconds) for what, seconds in parts.items()),
        bound_by=_bound_by(parts),
        model_flops=model,
        hardware_flops=hardware,
    )


def step_seconds(
    workload: Workload, plan: Plan, *, gpu: GPU, framework: Framework, calibration: TimeCalibration
) -> float:
    """`total_seconds` of `step_time` alone, to the bit: what a search reads of it.

    Source: `step_time`.
    """
    return sum(_parts(_one(workload, plan, gpu, framework, calibration), calibration).values())


def _one(
    workload: Workload, plan: Plan, gpu: GPU, framework: Framework, calibration: TimeCalibration
) -> MicroBatch:
    attainable = rates(gpu, framework, workload.precision, calibration, compiled=workload.compile)
    paged_out = paged_out_bytes(workload, plan, gpu, framework)
    return micro_batch(workload, plan, framework, attainable, calibration, paged_out=paged_out)


def _parts(one: MicroBatch, calibration: TimeCalibration) -> dict[str, float]:
    plan, layer, times = one.plan, layer_seconds(one), one.plan.gradient_accumulation_steps
    between = tensor_parallel_seconds(one) + context_parallel_seconds(one)
    layers, loss = pace(
        one.cost.num_layers,
        plan,
        layer_seconds=layer.total_seconds + between,
        head_seconds=loss_seconds(one),
    )
    compute = layers * layer.total_seconds + loss
    bubble = bubble_share(plan, virtual_stages(plan, one.framework, calibration, one.cost.num_layers))
    communication = layers * between + sharding_seconds(one, compute)
    micro = compute + communication
    parts = {
        **_layer_parts(layer, layers * times),
        "loss": loss * times,
        "communication": communication * times + gradient_seconds(one, compute),
        "bubble": micro * times * bubble,
        "optimizer": optimizer_seconds(one, calibration) + accumulation_seconds(one) * times,
        "offload": offload_seconds(one) + paging_seconds(one),
    }
    parts["gemm"] += max(0.0, _least_seconds(one) - sum(parts.values()))
    return parts


def _least_seconds(one: MicroBatch) -> float:
    """A step's model FLOPs at the highest utilisation that hardware does."""
    tokens = one.plan.sequences_per_step * one.workload.time_length / one.plan.num_gpus
    return model_flops_per_token(one.workload) * tokens / one.rates.kernels.most_flops_per_second


def _layer_parts(layer: LayerSeconds, times: float) -> dict[str, float]:
    return {
        "gemm": layer.gemm * times,
        "attention": layer.attention * times,
        "elementwise": layer.elementwise * times,
        "lora": layer.lora * times,
        "dequantization": layer.dequantization * times,
        "launches": layer.launches * times,
    }


def _bound_by(parts: dict[str, float]) -> str:
    causes: dict[str, float] = {}
    for what, seconds in parts.items():
        causes[CAUSES[what]] = causes.get(CAUSES[what], 0.0) + seconds
    return max(causes, key=causes.__getitem__)
