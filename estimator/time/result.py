"""The time of one plan: a step, its bounds, and the run it makes."""

from typing import NamedTuple

from estimator.ranges import Basis, Range


class TimeLine(NamedTuple):
    """One visible share of the run: training, evaluation, checkpoints, start-up, warm-up."""

    what: str
    seconds: float


class StepTime(NamedTuple):
    """Seconds of one optimizer step, by what spends them; the parts sum to the total."""

    total_seconds: float
    parts: tuple[TimeLine, ...]
    """gemm, attention, elementwise, lora, dequantization, launches, loss, communication, bubble, optimizer,
    offload."""
    bound_by: str
    """The largest cause: compute, memory, launches, communication, pipeline, optimizer, offload."""
    model_flops: float
    """Model FLOPs of one step on one GPU (no recomputation)."""
    hardware_flops: float
    """With recomputation."""


class TimeEstimate(NamedTuple):
    """How long the run takes on one plan."""

    step_seconds: Range
    tokens_per_second_per_gpu: Range
    num_steps: int
    run_seconds: Range
    """One clean run: every line, no retries."""
    mfu: float
    """Model FLOPs over the dense 16-bit peak, 0 to 1."""
    bound_by: str
    lines: tuple[TimeLine, ...]
    step: StepTime
    basis: Basis
    is_published: bool = True
    """Whether anybody published the speed of a run like this one; else the range is borrowed, and wider."""
