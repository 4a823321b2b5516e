"""What is known of a framework: the fields of `config/frameworks.yaml`, each with its evidence there."""

from typing import Annotated, Any

from pydantic import Field

from estimator.base import Model
from estimator.framework.release import FrameworkRelease
from estimator.spec import (
    Attention,
    Checkpointing,
    Engine,
    Method,
    Optimizer,
    OptimizerImplementation,
    Precision,
    Quantization,
)


class FrameworkFacts(Model):
    """What one training framework does; each value has its evidence in `source`."""

    key: str
    name: str
    """As the card says it."""
    aliases: tuple[str, ...] = ()
    second_loop: str = ""
    """Key of the framework whose loop it runs beside its own, where that is asked for."""
    measured_as: str = ""
    """Whose published runs stand for it, where it has none of its own."""
    newest: str = ""
    """The newest release whose source was read."""
    published_release: str = ""
    """That which its published speeds are of, where it is older and differs: counted where none is said."""
    oldest: str = ""
    """The first that people could install."""
    last_of_majors: tuple[str, ...] = ()
    """The last releases of major versions before the newest, where they are known."""
    engine: Engine = Engine.DDP
    """Who spreads the job: set when a plan is counted, never in the data."""

    # What it takes where nothing is said.
    optimizer_implementation: OptimizerImplementation
    optimizer_when_quantized: Optimizer | None = None
    adapter_precision: Precision
    lora_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    zero_stage: Annotated[int, Field(ge=0, le=3)] = 0
    """What its data-parallel ranks share when nothing is said."""
    autocast: bool = False
    """Whether 16-bit weights run under autocast when nothing is said."""
    bf16_keeps_fp32: bool = True
    """Whether `bf16` alone trains fp32 weights in a full fine-tune, and not the checkpoint's 16-bit ones."""
    fp16_keeps_fp32: bool = True
    """The same of `fp16`: a gradient scaler refuses 16-bit gradients."""
    shards_keep_fp32: bool = False
    """Whether FSDP's shards are fp32 all the same: accelerate upcasts what it shards."""
    adapters_on_fp32: bool = False
    """Whether adapters have an fp32 base where no precision is said."""
    prepare_kbit: bool = False
    """Whether a quantised base is prepared (norms, embedding, head in fp32) on one GPU."""
    activation_checkpointing: Checkpointing
    attention: Attention
    fused_loss: bool = False
    compile: bool = False

    methods: tuple[Method, ...] = tuple(Method)
    """What it can train: adapters, or a packed base under them, are no part of some."""
    one_gpu_methods: tuple[Method, ...] = ()
    """What of that it refuses on several GPUs."""
    quantizations: tuple[Quantization, ...] = ()
    """Formats of a packed base that it trains adapters on."""
    sharded_quantizations: dict[Engine, tuple[Quantization, ...]] = Field(default_factory=dict)
    """Those of which an engine gives each rank a part: int8 weights are whole numbers, which FSDP does not
    flatten and ZeRO-3 gives gradients; GPTQ's are buffers, of which both leave a copy on each GPU."""

    # How it spreads a job.
    engines: tuple[Engine, ...] = (Engine.DDP, Engine.FSDP, Engine.DEEPSPEED)
    """What it runs on, the first that has a stage when none is said."""
    splits_matrices: bool = False
    """Whether it runs tensor parallelism."""
    split_methods: tuple[Method, ...] = tuple(Method)
    """What it trains so."""
    splits_layers: bool = False
    """Whether it runs pipeline parallelism."""
    gathers_logits: bool = False
    """Whether tensor-parallel ranks hold the logits of all entries, and take the loss of those."""
    sequence_engines: tuple[Engine, ...] = ()
    """Engines under which it runs context parallelism (ring attention or Ulysses)."""
    model_parallelism: str = "Megatron-LM"
    """Whose tensor and pipeline parallelism a plan of it uses, by the name people know."""
    cuda_only: bool = False
    """Whether its kernels run on NVIDIA's GPUs only."""

    # What it holds in memory.
    logits_bytes_per_entry: Annotated[float, Field(ge=0)]
    """Bytes of logits and loss per token and vocabulary entry at the peak."""
    compiled_logits_bytes_per_entry: Annotated[float, Field(ge=0)] | None = None
    """The same where `compile` is said and reaches the loss."""
    whole_logits_bytes_per_entry: Annotated[float, Field(ge=0)] | None = None
    """The same where the fused or chunked loss is said to be off."""
    model_logits_bytes_per_entry: dict[str, float] = Field(default_factory=dict)
    """The same for families whose model brings a loss of its own."""
    logits_alive_bytes_per_entry: Annotated[float, Field(ge=0)] = 0.0
    """What of them somebody holds until the backward pass is over."""
    loss_follows_model: bool = False
    """Whether its loss takes the logits as the model's own code hands them over (GPT-BigCode: in 16 bit)."""
    eager_families: tuple[str, ...] = ()
    """Families whose attention torch's dispatcher does not run there: eager, where nothing else is said."""
    fused_families: tuple[str, ...] | None = None
    """Families for which it has a fused loss, and leaves the others as they are; None: for all."""
    unfused_families: tuple[str, ...] = ()
    """Families whose logits its fused loss makes whole all the same."""
    unfused_logits_bytes_per_entry: Annotated[float, Field(ge=0)] = 12.0
    """Bytes a logit then."""
    fused_logits_bytes_per_entry: Annotated[float, Field(ge=0)] = 0.0
    """Bytes a logit of one chunk of its fused loss; 0 where a kernel never makes them."""
    fused_logits_most_bytes: Annotated[float, Field(ge=0)] = 0.0
    """Most bytes of such a chunk, however many tokens."""
    packed_experts: tuple[str, ...] | None = None
    """Families whose experts are packed with a 4- or 8-bit base, being modules that bitsandbytes finds. Those
    of others are one tensor a projection and stay as they are loaded; None: it packs all."""
    packs_experts_by: str = ""
    """The setting that packs them, where it takes one."""
    adapts_fused_experts: bool = False
    """Whether its adapters go on the fused matrices of experts, where the targets are left open."""
    groups_experts: bool = False
    """Whether the experts of a layer are one grouped product with adapters in it."""
    host_checkpoints: bool = False
    """Whether inputs of checkpointed blocks go to host memory."""
    packs_as_it_loads: bool = False
    """Whether the weights of a packed base go to the GPU one by one, and not by a copy of all on the host."""
    master_copy: bool = False
    """Whether its engine keeps fp32 masters beside 16-bit weights whatever is said: it has no pure 16 bit."""
    adapter_master_copy: bool = False
    """Whether it does so for adapters too."""
    upcasts_gradients: bool = False
    """Whether its step copies the gradients to fp32 for the masters."""
    steps_in_backward: bool = False
    """Whether its recipes for one GPU and a paged optimizer step each weight as its gradient comes."""
    master_step_copies: Annotated[float, Field(ge=0)] = 0.0
    """Copies of its fp32 masters that a rank makes while it steps them."""
    step_group_params: Annotated[float, Field(gt=0)] | None = None
    """Most parameters that a step at stage 3 updates at once."""
    live_params: Annotated[float, Field(ge=0)] = 0.0
    """Gathered parameters that stage 3 lets stay beside those in use."""
    graph_keeps_weights: bool = False
    """Whether autograd holds what stage 3 gathered until the backward pass, where nothing is recomputed."""
    reduce_bucket_bytes: Annotated[float, Field(ge=0)] = 0.0
    """Buffers of gradients on their way at stages 1 and 2."""
    defers_reduction: bool = False
    """Whether FSDP holds whole gradients of earlier micro batches, reduced with the last (`no_sync`)."""
    pipeline_stays_gathered: bool = False
    """Whether a stage under FSDP keeps weights and fp32 gradients whole until the last micro batch."""
    scatters_gradients: bool = False
    """Whether ranks that share states scatter gradients as they come, at stage 1 too."""
    fp32_gradient_buffer: bool = False
    """Whether products add to a gradient buffer that stands before the first pass, fp32 for a bf16 model."""
    ddp_buckets: bool = False
    """Whether its replicas are torch's DistributedDataParallel by default, with flat copies of gradients."""
    checkpoints_units: bool = False
    """Whether checkpointing wraps the unit of FSDP1, whose hooks then keep gradients of inputs alive where
    nothing before trains; not where FSDP wraps the checkpoint."""
    shards_alone: tuple[Method, ...] = ()
    """What runs under FSDP on one GPU too: 16-bit compute from fp32 weights without autocast."""
    mixes_frozen: bool = False
    """Whether flat parameters mix frozen and trained weights, so that FSDP holds gradients of all whole."""
    whole_on_gpu: tuple[Engine, ...] = ()
    """Engines under which its code moves nothing to the host, though they can."""
    offloads_weights: bool = True
    """Whether offload at stage 3 moves weights too (FSDP's `CPUOffload`), not gradients and states alone."""
    expandable_segments: bool = False
    """Whether it has the allocator's segments grow, so that one phase reuses what another has freed."""
    unties_head: bool = False
    """Whether its models always have a head of their own."""
    one_qkv: bool = False
    """Whether its model has one matrix for queries, keys and values, and concatenates its rotary halves."""
    repeats_keys: bool = False
    """Whether its own model code expands keys and values to all query heads."""
    repeats_keys_without_flash: tuple[str, ...] = ()
    """Families of which it does so where it has no FlashAttention."""
    keeps_unpacked_weights: bool = False
    """Whether the graph holds what GPTQ's products unpacked (without exllama, nothing recomputed)."""
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
    liger_kernels: bool = False
    """Whether the switch of its fused loss brings such kernels besides."""
    fused_adapters: tuple[str, ...] = ()
    """Families whose matrices of one input it differentiates with their adapters as one function: the input
    is kept once, the activation made again, and gradients are written over what was kept."""
    adapter_addends: Annotated[int, Field(ge=0)] = 0
    """Tensors as wide as a product that it adds an adapter through, and not in place."""
    recomputes_some_layers: bool = False
    """Whether full checkpointing can be had for as many layers as must be, and not for all."""
    selective_is_attention: bool = False
    """Whether selective checkpointing runs attention again and nothing else. FlashAttention keeps no scores:
    there it frees nothing, and takes its time all the same."""

    # How fast it is.
    tuned_products: bool = False
    """Whether its matrix products reach the calibrated rate on Hopper and Blackwell; others lose a share."""
    early_products: bool = False
    """Whether its matrix products are of the time before FlashAttention, when libraries knew an A100 for two
    years or less."""
    tuned_attention: bool = False
    """Whether its attention runs cuDNN or newer kernels on Hopper."""
    first_flash: bool = False
    """Whether its fused attention is FlashAttention 1, or as fast."""
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
    interleaves_evenly: bool = False
    """Whether only where the stages divide the passes of a step."""
    drops_last_batch: bool = False
    """Whether its loader leaves out the last, partial batch of an epoch."""
    vendor_changes: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By vendor of the GPU: fields of this class where the name stands for another implementation there."""

    releases: tuple[FrameworkRelease, ...] = ()
    source: str
    note: str = ""
