"""What a training framework does, and by what name it makes several GPUs one: `config/frameworks.yaml`.

The only place that states it: every other room asks a `TrainingStack` and knows no framework by name.
"""

from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from estimator.base import Model
from estimator.parallel import Plan
from estimator.spec import Attention, Checkpointing, Optimizer, OptimizerImplementation, Precision


class Sharing(StrEnum):
    """What makes several GPUs one; `sharding.{code}` in the locales is its name. In the order of a plan."""

    DDP = "ddp"
    DEEPSPEED_ZERO_1 = "deepspeed_zero_1"
    DEEPSPEED_ZERO_2 = "deepspeed_zero_2"
    DEEPSPEED_ZERO_3 = "deepspeed_zero_3"
    DISTRIBUTED_OPTIMIZER = "distributed_optimizer"
    FSDP = "fsdp"
    TENSOR_PARALLEL = "tensor_parallel"
    PIPELINE_PARALLEL = "pipeline_parallel"
    CONTEXT_PARALLEL = "context_parallel"


class StackRelease(Model):
    """Releases of a stack whose loss keeps another amount."""

    versions: tuple[str, ...]
    """Major and minor: `4.48`."""
    logits_bytes_per_entry: Annotated[float, Field(ge=0)]


class TrainingStack(Model):
    """What one training framework does; each value has its evidence in `source`."""

    key: str
    name: str
    """As the card says it."""
    aliases: tuple[str, ...] = ()

    # What it takes where nothing is said.
    optimizer_implementation: OptimizerImplementation
    optimizer_when_quantized: Optimizer | None = None
    adapter_precision: Precision
    lora_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    zero_stage: Annotated[int, Field(ge=0, le=3)] = 0
    """What its data-parallel ranks share when nothing is said."""
    autocast: bool = False
    """Whether 16-bit weights run under autocast when nothing is said."""
    prepare_kbit: bool = False
    """Whether a quantised base is prepared (norms, embedding, head in fp32) on one GPU."""
    activation_checkpointing: Checkpointing
    attention: Attention
    fused_loss: bool = False
    compile: bool = False

    # How it spreads a job.
    shardings: tuple[Sharing, Sharing, Sharing] = (
        Sharing.DEEPSPEED_ZERO_1,
        Sharing.DEEPSPEED_ZERO_2,
        Sharing.FSDP,
    )
    """By what its ranks share the states at stages 1, 2 and 3."""
    splits_matrices: bool = False
    """Whether it runs tensor and pipeline parallelism."""
    splits_sequences: bool = False
    """Whether it runs context parallelism (ring attention or Ulysses)."""
    model_parallelism: str = "Megatron-LM"
    """Whose tensor and pipeline parallelism a plan of it uses, by the name people know."""
    copies_only: bool = False
    """Whether it drives several GPUs as copies only."""
    cuda_only: bool = False
    """Whether its kernels run on NVIDIA's cards only."""

    # What it holds in memory.
    logits_bytes_per_entry: Annotated[float, Field(ge=0)]
    """Bytes of logits and loss per token and vocabulary entry at the peak."""
    logits_alive_bytes_per_entry: Annotated[float, Field(ge=0)] = 0.0
    """What of them somebody holds until the backward pass is over."""
    loss_follows_model: bool = False
    """Whether its loss takes the logits as the model's own code hands them over (GPT-BigCode: in 16 bit)."""
    master_copy: bool = False
    """Whether its engine keeps fp32 masters beside 16-bit weights whatever is said: it has no pure 16 bit."""
    adapter_master_copy: bool = False
    """Whether it does so for adapters too."""
    upcasts_gradients: bool = False
    """Whether its step copies the gradients to fp32 for the masters."""
    fp32_gradient_buffer: bool = False
    """Whether products add to a gradient buffer that stands before the first pass, fp32 for a bf16 model."""
    ddp_buckets: bool = False
    """Whether its replicas are torch's DistributedDataParallel by default, with flat copies of gradients."""
    fsdp1: bool = False
    """Whether it shards by FSDP1, whose hooks keep gradients of inputs alive where nothing before trains."""
    mixes_frozen: bool = False
    """Whether flat parameters mix frozen and trained weights, so that FSDP holds gradients of all whole."""
    offloads_weights: bool = True
    """Whether offload at stage 3 moves weights too (FSDP's `CPUOffload`), not the optimizer alone."""
    unties_head: bool = False
    """Whether its models always have a head of their own."""
    one_qkv: bool = False
    """Whether its model has one matrix for queries, keys and values, and concatenates its rotary halves."""
    repeats_keys: bool = False
    """Whether its own model code expands keys and values to all query heads."""
    keeps_quantized_inputs: bool = False
    """Whether products of a 4-bit base keep their input (bitsandbytes up to 0.42)."""
    mlp_extra_bytes: Annotated[float, Field(ge=0)] = 0.0
    """Bytes an inner entry of the MLP that adapter runs keep beyond autograd's need."""
    quantized_mlp_extra_bytes: Annotated[float, Field(ge=0)] = 0.0
    """The same over a quantised base."""
    quantized_head_bytes: Annotated[float, Field(ge=0)] = 0.0
    """Bytes an entry of a 4-bit head that unpacking it takes."""
    fused_kernels: bool = False
    """Whether norms, rotary embedding and gated MLPs are one kernel each that keeps its 16-bit input only."""
    selective_is_free: bool = False
    """Whether selective checkpointing recomputes scores alone, of which FlashAttention keeps none anyway."""

    # How fast it is.
    tuned_products: bool = False
    """Whether its matrix products reach the calibrated rate on Hopper and Blackwell; others lose a share."""
    tuned_attention: bool = False
    """Whether its attention runs cuDNN or newer kernels on Hopper."""
    loops_over_experts: bool = False
    """Whether it launches the experts of a layer themselves, not as one grouped product."""
    leaves_gaps: bool = False
    """Whether kernels wait for each other in a full fine-tune without FlashAttention or packing."""
    wraps_adapters: bool = False
    """Whether FSDP wraps each adapter as a unit of its own (PEFT's wrap policy)."""
    adapter_traffic_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """What adapters move, against kernels of their own."""
    reentrant_checkpointing: bool = False
    """Whether recomputing a block runs its last product too; a non-reentrant checkpoint stops before it."""
    fused_softmax: bool = False
    """Whether eager attention scales, masks and normalises the scores in one kernel."""
    sequence_parallel: bool = False
    """Whether tensor parallelism shards the element-wise kernels too."""
    interleaves_pipeline: bool = False
    """Whether a pipeline's stages are cut into virtual ones."""
    drops_last_batch: bool = False
    """Whether its loader leaves out the last, partial batch of an epoch."""

    releases: tuple[StackRelease, ...] = ()
    source: str
    note: str = ""

    def at_release(self, version: str) -> "TrainingStack":
        """The stack as release `version` (`4.48.1`) behaved; as it is today when nothing is known of it."""
        short = ".".join(version.split(".")[:2])
        for release in self.releases:
            if short in release.versions:
                return self.model_copy(update={"logits_bytes_per_entry": release.logits_bytes_per_entry})
        return self

    def sharing(self, zero_stage: int) -> Sharing:
        """By what its data-parallel ranks share what `zero_stage` says; nothing at 0: a copy on each GPU."""
        return self.shardings[zero_stage - 1] if zero_stage else Sharing.DDP


class Join(NamedTuple):
    """One of the ways in which a plan makes several GPUs one."""

    by: Sharing
    size: int
    """GPUs that it joins."""
    framework: str
    """Whose model parallelism it is."""


def joins(plan: Plan, stack: TrainingStack) -> tuple[Join, ...]:
    """What makes the GPUs of `plan` one under `stack`; nothing where there is one.

    Cards do not pool their memory by themselves: DDP keeps a whole copy on each.
    """
    sizes = (
        (stack.sharing(plan.zero_stage), plan.shard_size),
        (Sharing.TENSOR_PARALLEL, plan.tensor_parallel_size),
        (Sharing.PIPELINE_PARALLEL, plan.pipeline_parallel_size),
        (Sharing.CONTEXT_PARALLEL, plan.context_parallel_size),
    )
    return tuple(Join(by, size, stack.model_parallelism) for by, size in sizes if size > 1)
