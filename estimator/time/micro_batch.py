"""One micro batch on one GPU: what its kernels, its traffic and its optimizer need to know."""

from typing import NamedTuple

from estimator.framework.framework import Framework
from estimator.plan import Plan
from estimator.spec import Quantization
from estimator.time.calibration import TimeCalibration
from estimator.time.flops import KernelRuns, kernel_runs
from estimator.time.layers import AdapterCost, LayerCost, adapter_cost, layer_cost
from estimator.time.rates import GpuRates
from estimator.workload import Workload


class MicroBatch(NamedTuple):
    """One micro batch on one GPU: everything that the kernels need to know."""

    workload: Workload
    plan: Plan
    framework: Framework
    rates: GpuRates
    cost: LayerCost
    adapters: AdapterCost
    passes: KernelRuns
    num_tokens: float
    """On this GPU: a context-parallel rank has its share of each sequence."""
    elementwise_shards: int
    dequantization_bytes: float
    """A weight and sweep; 0 for a base in 16 bit."""
    paged_out_bytes: float = 0.0
    """States of a paged optimizer that come over the host link in each step, and go back."""


def micro_batch(
    workload: Workload,
    plan: Plan,
    framework: Framework,
    rates: GpuRates,
    calibration: TimeCalibration,
    *,
    paged_out: float = 0.0,
) -> MicroBatch:
    """The micro batch of `plan` on one of its GPUs."""
    return MicroBatch(
        workload=workload,
        plan=plan,
        framework=framework,
        rates=rates,
        cost=layer_cost(workload.arch),
        adapters=adapter_cost(workload),
        passes=kernel_runs(
            workload,
            plan.activation_checkpointing,
            rates.kernels.selective,
            plan.recomputed_share,
        ),
        num_tokens=plan.micro_batch_size * workload.time_length / plan.context_parallel_size,
        elementwise_shards=plan.tensor_parallel_size if framework.sequence_parallel else 1,
        dequantization_bytes=_dequantization_bytes(
            workload.quantization, framework.measurements, calibration
        ),
        paged_out_bytes=paged_out,
    )


def _dequantization_bytes(
    quantization: Quantization | None, framework: str, calibration: TimeCalibration
) -> float:
    if quantization is None:
        return 0.0
    name = f"dequantization_bytes.{quantization.value}"
    return calibration.value(f"{name}.{framework}", name)
