"""What was fitted on published runs to get from tensors to the process: `config/calibration/memory.yaml`."""

from typing import Annotated

from pydantic import Field

from estimator.base import Model
from estimator.plan import Plan
from estimator.units import GIB

UNPUBLISHED = "none"
"""The group of runs that nobody published."""


class FittedConstant(Model):
    """One fitted number, what it means, and how well it was known."""

    value: Annotated[float, Field(ge=0)]
    meaning: str
    rows: Annotated[int, Field(ge=0)]
    """Measurements that it was fitted on."""
    residual: Annotated[float, Field(ge=0)]
    """Median absolute error of those rows after the fit, as a share of the measurement."""


class Residuals(Model):
    """Half the width of the 80 % ranges of one group of runs: |ln(measured / estimated)|."""

    rows: Annotated[int, Field(ge=0)]
    """0: nobody published such runs."""
    allocated: Annotated[float, Field(gt=0)]
    reserved: Annotated[float, Field(gt=0)]
    process: Annotated[float, Field(gt=0)]


class MemoryCalibration(Model):
    """Every constant between `max_memory_allocated` and nvidia-smi, and the spread that is left."""

    apart_share: FittedConstant
    unpacked_factor: FittedConstant
    sharded_fixed_gib: FittedConstant
    context_single_gib: FittedConstant
    context_distributed_gib: FittedConstant
    context_split_gib: FittedConstant
    retry_share: FittedConstant
    retry_floor: FittedConstant
    residuals: dict[str, Residuals]
    """By group, `all` and `none` among them; a group is a framework, a method or one of these."""

    def fixed_bytes(self, *, sharded: bool) -> float:
        """Segments that no phase explains."""
        return self.sharded_fixed_gib.value * GIB if sharded else 0.0

    def context_bytes(self, plan: Plan) -> float:
        """What the process holds outside the allocator.

        Each way of splitting the model has communicators of its own, with buffers for every channel.
        Source: docs/formulas.md#reserved.
        """
        if plan.num_gpus == 1:
            return self.context_single_gib.value * GIB
        is_split = plan.tensor_parallel_size * plan.pipeline_parallel_size * plan.context_parallel_size > 1
        return (self.context_distributed_gib.value + is_split * self.context_split_gib.value) * GIB
