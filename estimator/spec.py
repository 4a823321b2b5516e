"""What is to be trained, as it was said: nothing here is a default, absent means "not said"."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, field_serializer, model_validator

from estimator.base import Model


class Method(StrEnum):
    """What trains: everything, some layers, or adapters on a frozen (or quantised) base."""

    FULL = "full"
    FREEZE = "freeze"
    LORA = "lora"
    QLORA = "qlora"
    DORA = "dora"


class Precision(StrEnum):
    """Number format of compute, and of the weights where no master copy is kept."""

    FP32 = "fp32"
    TF32 = "tf32"
    FP16 = "fp16"
    BF16 = "bf16"
    FP8 = "fp8"


FOUR_BYTES: Final = (Precision.FP32, Precision.TF32)
"""Formats of which nothing is kept in 16 bit: TF32 rounds inside a product only."""


class Quantization(StrEnum):
    """How a frozen base is stored."""

    NF4 = "nf4"
    GPTQ = "gptq"
    INT8 = "int8"


class Optimizer(StrEnum):
    """The update rule; what it keeps per trained parameter is in `memory.states`."""

    ADAMW = "adamw"
    ADAMW_8BIT = "adamw8bit"
    PAGED_ADAMW = "paged_adamw"
    PAGED_ADAMW_8BIT = "paged_adamw8bit"
    ADAFACTOR = "adafactor"
    SGD = "sgd"
    SGD_MOMENTUM = "sgd-momentum"
    LION = "lion"
    GALORE = "galore"
    MUON = "muon"
    APOLLO = "apollo"


PAGED: Final = frozenset({Optimizer.PAGED_ADAMW, Optimizer.PAGED_ADAMW_8BIT})
"""Optimizers of bitsandbytes whose states rest in host memory."""


LOW_RANK_OPTIMIZERS: Final = (Optimizer.GALORE, Optimizer.APOLLO)
"""What projects the gradient of a whole matrix: shards have none, and adapters are of low rank already."""


class OptimizerImplementation(StrEnum):
    """How the step runs: `foreach` holds one more copy of the trained weights, `fused` none."""

    FOREACH = "foreach"
    FUSED = "fused"
    LOOP = "loop"


class Checkpointing(StrEnum):
    """Which activations are recomputed in the backward pass."""

    NONE = "none"
    SELECTIVE = "selective"
    FULL = "full"


class Attention(StrEnum):
    """Attention kernel: `flash` any fused one, `sdpa` torch's dispatcher, `eager` keeps the scores."""

    FLASH = "flash"
    SDPA = "sdpa"
    EAGER = "eager"


class Engine(StrEnum):
    """Who makes several GPUs one: torch's replicas or shards, DeepSpeed, or Megatron's own."""

    DDP = "ddp"
    FSDP = "fsdp"
    DEEPSPEED = "deepspeed"
    MEGATRON = "megatron"


class Market(StrEnum):
    """Whether the seller may take the machine back, and whether it is his."""

    ON_DEMAND = "on_demand"
    SPOT = "spot"
    MARKETPLACE = "marketplace"
    """On demand from marketplaces, which rent out other people's machines; asked for, never a price's own."""

    @property
    def of_offers(self) -> "Market":
        """The market that its offers are of."""
        return Market.ON_DEMAND if self is Market.MARKETPLACE else self


class RankBy(StrEnum):
    """What the first option is best at."""

    COST = "cost"
    TIME = "time"
    VALUE = "value"


RELEASE = r"^\d{1,4}(?:[.-]\d{1,3}){0,2}$"
PositiveInt = Annotated[int, Field(ge=1)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
ModuleName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


MAX: Final = "max"
"""In the place of a number: the largest that fits."""
SizeField = Literal["sequence_length", "global_batch_size", "micro_batch_size"]
SIZES: Final[tuple[SizeField, ...]] = ("sequence_length", "global_batch_size", "micro_batch_size")


class SaidMoney(Model):
    """An amount as somebody typed it; without a currency it is in the display currency."""

    amount: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None

    @field_serializer("amount", when_used="json")
    def _amount_as_text(self, amount: Decimal) -> str:
        return format(amount, "f")


SPLITS: Final = ("tensor_parallel_size", "pipeline_parallel_size", "context_parallel_size")
"""Fields that say over how many GPUs one sequence is spread."""
ADAPTER_FIELDS: Final = ("lora_rank", "lora_targets", "lora_dropout", "adapter_precision")
"""Fields that adapters alone have."""


class TrainingSpec(Model):
    """One fine-tuning run, in the fields that somebody set or implied; all others are None."""

    model: str | None = None
    """A key of the model catalog, a size (`7b`), or a hub name as typed."""
    method: Method | None = None
    precision: Precision | None = None
    mixed_precision: bool | None = None
    """fp32 master weights and states under 16-bit (or fp8) compute."""
    quantization: Quantization | None = None
    num_examples: PositiveInt | None = None
    sequence_length: PositiveInt | None = None
    mean_length: PositiveInt | None = None
    """Tokens of a sample on average, where they differ: what takes time."""
    num_tokens: PositiveInt | None = None
    """Tokens of the whole data set, one epoch."""
    global_batch_size: PositiveInt | None = None
    """Sequences per optimizer step over all ranks."""
    micro_batch_size: PositiveInt | None = None
    """Sequences per data-parallel rank and pass."""
    gradient_accumulation_steps: PositiveInt | None = None
    num_epochs: PositiveInt | PositiveFloat | None = None
    num_steps: PositiveInt | None = None
    step_seconds: PositiveFloat | None = None
    lora_rank: PositiveInt | None = None
    lora_targets: Literal["all-linear"] | tuple[ModuleName, ...] | None = None
    optimizer: Optimizer | None = None
    optimizer_implementation: OptimizerImplementation | None = None
    adapter_precision: Precision | None = None
    lora_dropout: Annotated[float, Field(ge=0, lt=1)] | None = None
    prepare_kbit: bool | None = None
    gpu: str | None = None
    """A key of the GPU catalog."""
    gpu_memory_gb: PositiveInt | None = None
    """Any GPU with this number on its box."""
    num_gpus: PositiveInt | None = None
    num_nodes: PositiveInt | None = None
    providers: tuple[str, ...] | None = None
    excluded_providers: tuple[str, ...] | None = None
    """Sellers whose prices are not to be taken."""
    market: Market | None = None
    region: str | None = None
    zero_stage: Annotated[int, Field(ge=0, le=3)] | None = None
    """What data-parallel ranks shard: 0 nothing, 1 optimizer states, 2 + gradients, 3 + weights."""
    tensor_parallel_size: PositiveInt | None = None
    pipeline_parallel_size: PositiveInt | None = None
    context_parallel_size: PositiveInt | None = None
    engine: Engine | None = None
    """Who spreads the job; left open it follows from the framework and the sharding."""
    offload: bool | None = None
    offload_params: bool | None = None
    """DeepSpeed's ZeRO-3: the weights go to host memory too."""
    activation_checkpointing: Checkpointing | None = None
    attention: Attention | None = None
    packing: bool | None = None
    padded: bool | None = None
    """A real padding mask reaches attention."""
    fused_loss: bool | None = None
    """Fused linear + cross-entropy (Liger, cut cross-entropy): logits are never materialised."""
    fused_loss_only: bool | None = None
    """Norms and gated MLPs stay the model's own beside a fused loss."""
    compile: bool | None = None
    stack: str | None = None
    """A key of the catalog of frameworks."""
    stack_release: Annotated[str, StringConstraints(pattern=RELEASE)] | None = None
    """Its version (`4.48`) or month (`2024-12`); the newest where none is said."""
    autocast: bool | None = None
    """16-bit weights under autocast, as `Trainer(bf16=True)` runs a 16-bit checkpoint."""
    keeps_logits: bool | None = None
    """The loop holds the model's output until the backward pass is over."""
    short_logits: bool | None = None
    """The loop takes its loss of the model's 16-bit logits, without an fp32 copy."""
    retries: Annotated[int, Field(ge=1, le=10)] | Annotated[float, Field(ge=1, le=10)] | None = None
    mfu: Annotated[float, Field(gt=0, le=1)] | None = None
    price_per_gpu_hour: SaidMoney | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    budget: SaidMoney | None = None
    deadline_seconds: PositiveFloat | None = None
    rank_by: RankBy | None = None
    largest: tuple[SizeField, ...] | None = None
    """Fields that are to be as large as fits: written `"max"` in the place of their numbers."""

    @model_validator(mode="before")
    @classmethod
    def _sizes_to_find(cls, data: Any) -> Any:
        """`sequence_length: "max"` is a field of `largest`."""
        if not isinstance(data, dict) or not (found := [name for name in SIZES if data.get(name) == MAX]):
            return data
        rest = {name: value for name, value in data.items() if name not in found}
        return {**rest, "largest": tuple(dict.fromkeys((*(data.get("largest") or ()), *found)))}

    def fields(self) -> dict[str, Any]:
        """What was set, `"max"` in the place of a number that is to be found."""
        found = {name: value for name, value in dict(self).items() if value is not None and name != "largest"}
        return {**found, **dict.fromkeys(self.largest or (), MAX)}

    def said(self) -> dict[str, Any]:
        """JSON-ready mapping of what was set, in the order of the fields."""
        written = self.model_dump(mode="json", exclude_none=True, exclude={"largest"})
        return {**written, **dict.fromkeys(self.largest or (), MAX)}
