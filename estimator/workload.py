"""What is trained, with every question answered: the spec after its stack's and card's defaults."""

from dataclasses import dataclass, field

from estimator.arch import ModelArch
from estimator.spec import Method, Optimizer, OptimizerImplementation, Precision, Quantization

ALL_LINEAR = ("all-linear",)
"""LoRA targets: every linear layer of a block, not the embedding and not the head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One training job without its hardware: the same whatever plan runs it.

    `precision` is that of compute; `mixed_precision` keeps fp32 weights and states beside it,
    else weights, gradients and states are in `precision`. With LoRA it is the frozen base's.
    """

    arch: ModelArch
    method: Method
    sequence_length: int
    """Tokens of the longest sample: what memory must hold."""
    mean_length: int | None = None
    """Tokens of a sample on average, where they differ: what takes time; packing fills every sequence."""
    precision: Precision = Precision.BF16
    mixed_precision: bool = False
    autocast: bool = False
    """16-bit weights under autocast."""
    quantization: Quantization | None = None
    lora_rank: int | None = None
    lora_targets: tuple[str, ...] = ALL_LINEAR
    """("all-linear",) or module names."""
    lora_dropout: float = 0.0
    adapter_precision: Precision = Precision.FP32
    prepare_kbit: bool = False
    optimizer: Optimizer = Optimizer.ADAMW
    optimizer_implementation: OptimizerImplementation = OptimizerImplementation.FUSED
    packing: bool = False
    padded: bool = False
    fused_loss: bool = False
    compile: bool = False

    @property
    def time_length(self) -> int:
        """Tokens of a sequence that take time: the mean of samples that are not packed."""
        if self.mean_length is None or self.packing:
            return self.sequence_length
        return min(self.mean_length, self.sequence_length)

    @property
    def has_adapters(self) -> bool:
        """Whether low-rank adapters train on a frozen base."""
        return self.method in (Method.LORA, Method.QLORA, Method.DORA)

    @property
    def computes_in_fp32(self) -> bool:
        """Whether matrix products read and write four bytes; TF32 rounds inside the product only."""
        return self.precision in (Precision.FP32, Precision.TF32)

    @property
    def trains_in_fp32(self) -> bool:
        """Whether what trains has fp32 gradients and states."""
        return self.mixed_precision or self.has_adapters or self.computes_in_fp32

    @property
    def prepares_kbit(self) -> bool:
        """Whether a quantised base is prepared (norms and stream in fp32), where nothing shards it."""
        return self.prepare_kbit and self.quantization is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How much is trained: the length of the run."""

    num_examples: int
    num_epochs: float
    global_batch_size: int
    num_steps: int | None = None
    """Pinned; else it follows from the data."""
    num_tokens: int | None = None
    """Tokens of the whole data set; then sequences are packed to the sequence length."""
    step_seconds: float | None = None
    """Pinned; measured by the user."""
    mfu: float | None = None
    """Pinned model FLOPs utilisation."""
    retries: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A choice that nobody made in words; `code` names its sentence in the locales."""

    what: str
    """The field of the spec that was left open."""
    value: str
    why: str
    """One plain English sentence."""
    source: str = ""
    code: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    """Values that the sentence `code` speaks of, for translation."""


def last_words(*assumptions: Assumption) -> tuple[Assumption, ...]:
    """One assumption a field, in order: what the plan takes stands for what was assumed before."""
    return tuple({each.what: each for each in assumptions}.values())
