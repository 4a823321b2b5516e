"""GPUs as their datasheets and drivers describe them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from estimator.base import Model
from estimator.spec import Precision
from estimator.units import GB, GIB, GIGA, TERA

Positive = Annotated[float, Field(gt=0)]


class GPU(Model):
    """One accelerator; TFLOP/s are dense, with fp32 accumulation."""

    key: str
    vendor: str
    name: str
    aliases: tuple[str, ...] = ()
    desk: bool = False
    """Made for desks: rented too, and not what leads where nobody asked for it."""
    memory_gb: Positive
    """The number on the box."""
    usable_memory_gib: Positive
    """What the driver or torch report, the lowest reading where several are known."""
    unified_memory: bool = False
    """CPU and GPU share one memory: what a job keeps on the host takes of the same bytes."""
    memory_bandwidth_gb_per_second: Positive
    fp32_tflops_per_second: Positive | None = None
    tf32_tflops_per_second: Positive | None = None
    fp16_tflops_per_second: Positive | None = None
    bf16_tflops_per_second: Positive | None = None
    """None: the GPU has no bf16."""
    fp8_tflops_per_second: Positive | None = None
    interconnect: str
    nvlink_gb_per_second: Positive | None = None
    """Bidirectional, all links of one GPU."""
    nvlink_domain_gpus: Annotated[int, Field(ge=1)] | None = None
    """GPUs that share NVLink beyond one machine; None: those of the machine."""
    max_gpus_per_node: Annotated[int, Field(ge=1)]
    compute_capability: str = ""
    source: str
    checked: date
    note: str = ""

    @property
    def memory_bytes(self) -> int:
        """The number on the box, decimal."""
        return int(self.memory_gb * GB)

    @property
    def usable_memory_bytes(self) -> int:
        """What a process can have at most, context included."""
        return int(self.usable_memory_gib * GIB)

    @property
    def memory_bytes_per_second(self) -> float:
        """Peak memory bandwidth of the datasheet."""
        return self.memory_bandwidth_gb_per_second * GIGA

    def peak_flops_per_second(self, precision: Precision) -> float | None:
        """Dense peak in `precision`; None where the GPU has no such unit."""
        tflops = {
            Precision.FP32: self.fp32_tflops_per_second,
            Precision.TF32: self.tf32_tflops_per_second or self.fp32_tflops_per_second,
            Precision.FP16: self.fp16_tflops_per_second,
            Precision.BF16: self.bf16_tflops_per_second,
            Precision.FP8: self.fp8_tflops_per_second,
        }[precision]
        return None if tflops is None else tflops * TERA
