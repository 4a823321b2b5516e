"""What is trained, with every question answered: the spec after its framework's and GPU's defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from estimator.model.adapters import ALL_LINEAR, layer_adapters
from estimator.model.arch import ModelArch
from estimator.model.layers import Layer, model_shape
from estimator.model.params import FREEZE_TRAINED_LAYERS, num_params
from estimator.money import Money
from estimator.spec import FOUR_BYTES, Method, Optimizer, OptimizerImplementation, Precision, Quantization

ADAPTER_METHODS: Final = frozenset({Method.LORA, Method.QLORA, Method.DORA})


def trained_methods(method: Method, quantization: Quantization | None) -> tuple[Method, ...]:
    """What trains: adapters on a base that was said to be packed are QLoRA as well, by another name."""
    packed = method in ADAPTER_METHODS and method is not Method.QLORA and quantization is not None
    return (method, Method.QLORA) if packed else (method,)


Parameter = str | float | Money
"""A name, a number, an amount: text is made of it where it is shown."""


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
    unpacked: bool = False
    """Said that samples are not packed: each batch has a length of its own."""
    keeps_logits: bool = False
    """The loop holds the model's output until the backward pass is over."""
    short_logits: bool = False
    """The loop takes its loss of the model's own logits, without an fp32 copy."""
    padded: bool = False
    fused_loss: bool = False
    fused_loss_only: bool = False
    """Norms and gated MLPs stay the model's own beside a fused loss."""
    whole_logits: bool = False
    """Said that no fused or chunked loss runs."""
    compile: bool = False

    @property
    def time_length(self) -> int:
        """Tokens of a sequence that take time: the mean of samples that are not packed."""
        return self.sequence_length if self.packing else self.sample_length

    @property
    def sample_length(self) -> int:
        """Tokens of a sample on average: as many as the longest has where no mean was said."""
        return min(self.mean_length or self.sequence_length, self.sequence_length)

    @property
    def has_adapters(self) -> bool:
        """Whether low-rank adapters train on a frozen base."""
        return self.method in ADAPTER_METHODS

    @property
    def computes_in_fp32(self) -> bool:
        """Whether matrix products read and write four bytes; TF32 rounds inside the product only."""
        return self.precision in FOUR_BYTES

    @property
    def trains_in_fp32(self) -> bool:
        """Whether what trains has fp32 gradients and states."""
        return self.mixed_precision or self.has_adapters or self.computes_in_fp32

    @property
    def prepares_kbit(self) -> bool:
        """Whether a quantised base is prepared (norms and stream in fp32), where nothing shards it."""
        return self.prepare_kbit and self.quantization is not None


def num_adapter_params(workload: Workload) -> int:
    """Parameters of all adapters: rank x (in + out) a target, and DoRA's magnitude of each output.

    Source: docs/formulas.md#parameters.
    """
    if not workload.has_adapters or workload.lora_rank is None:
        return 0
    return sum(
        layer.count * _layer_adapter_params(workload, layer, workload.lora_rank)
        for layer in model_shape(workload.arch).layers
    )


def _layer_adapter_params(workload: Workload, layer: Layer, rank: int) -> int:
    adapters = layer_adapters(workload.arch, layer, workload.lora_targets)
    magnitudes = workload.method is Method.DORA
    return sum(adapter.num_params(rank) + magnitudes * adapter.out_features for adapter in adapters)


def num_trainable_params(workload: Workload) -> int:
    """Parameters with a gradient: all, the top layers (freeze), or the adapters.

    Source: docs/formulas.md#parameters.
    """
    if workload.has_adapters:
        return num_adapter_params(workload)
    if workload.method is Method.FREEZE:
        top = model_shape(workload.arch).layers[-1]
        return min(FREEZE_TRAINED_LAYERS, top.count) * top.num_params
    return num_params(workload.arch)


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
    """As it would be typed."""
    code: str
    source: str = ""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """What the sentence speaks of besides the value; a quantity ends in its unit."""


def last_words(*assumptions: Assumption) -> tuple[Assumption, ...]:
    """One assumption a field, in order: what the plan takes stands for what was assumed before."""
    return tuple({each.what: each for each in assumptions}.values())
