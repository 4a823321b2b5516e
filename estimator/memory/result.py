"""The memory of one plan: allocated, reserved and process peaks with their ranges and a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from estimator.ranges import Basis, Range
from estimator.spec import Checkpointing
from estimator.workload import Parameter


class Phase(StrEnum):
    """Where in a step the peak lies."""

    LOSS = "loss"
    BLOCK = "block"
    EMBEDDING = "embedding"
    STEP = "step"


class Verdict(StrEnum):
    """Process peak against what the GPU can give: upper end fits, only the median fits, neither."""

    FITS = "fits"
    TIGHT = "tight"
    DOES_NOT_FIT = "does_not_fit"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryParts:
    """Bytes alive on the fullest GPU at the peak, by what they hold; overhead is what the process adds."""

    weights_bytes: int
    gradients_bytes: int
    optimizer_states_bytes: int
    activations_bytes: int
    logits_bytes: int
    temporary_bytes: int
    overhead_bytes: int
    """Process peak less the tensors: context, libraries, allocator."""

    @property
    def total_bytes(self) -> int:
        """Sum of every part: the likely process peak."""
        return sum(self.by_name().values())

    def by_name(self) -> dict[str, int]:
        """Bytes by the name of the part (`weights`, `optimizer_states`, …), in the order of the fields."""
        return {part.name.removesuffix("_bytes"): getattr(self, part.name) for part in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One line of "Show the maths": a part of the peak, and what its formula is made of."""

    part: str
    code: str
    """Names its formula and its numbers in the locales: `term.{code}`."""
    parameters: Mapping[str, Parameter]
    size_bytes: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherReading:
    """What the same words would need in the numbers that were not counted."""

    states: str
    process_bytes: Range
    verdict: Verdict
    micro_batch_size: int | None = None
    """Of the plan that suits it, where that is another; None: as shown."""
    activation_checkpointing: Checkpointing | None = None
    """Likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnOneGpu:
    """What one GPU alone would hold, with fp32 states and with 16-bit ones."""

    gpu: str
    fp32_states_bytes: int
    half_states_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEstimate:
    """What one GPU must hold, and whether it can.

    Each reading is that of the GPU where it is highest: between the stages of a pipeline those can be two.
    """

    allocated_bytes: Range
    reserved_bytes: Range
    process_bytes: Range
    usable_bytes: int
    parts: MemoryParts
    """Of the GPU whose process is the largest, as is `phase`."""
    phase: Phase
    verdict: Verdict
    basis: Basis
    host_bytes: int = 0
    """Memory that the job takes of one machine, beside its GPUs."""
    other_reading: OtherReading | None = None
    """Where nobody said in which numbers a full fine-tune is kept."""

    @property
    def is_published(self) -> bool:
        """Whether anybody published the memory of runs like this one; else the range is wider."""
        return self.basis.n > 0
