"""Weights, gradients and optimizer states of one rank, and what the optimizer needs while it steps."""

from typing import NamedTuple

from estimator.framework.engine import ALL_SHARED, SHARED_GRADIENTS
from estimator.framework.framework import Framework
from estimator.memory.number_formats import NumberFormats
from estimator.memory.shard import Shard
from estimator.model.params import FREEZE_TRAINED_LAYERS
from estimator.plan import Plan
from estimator.spec import PAGED, Engine, Method, Optimizer, OptimizerImplementation, Precision, Quantization
from estimator.workload import Workload

NF4_BYTES = 1 / 2 + 1 / 64 + 4 / (64 * 256)
"""A 4-bit code, an 8-bit scale for 64 of them, an fp32 scale for 256 of those (QLoRA, arXiv:2305.14314)."""
GPTQ_BYTES = 1 / 2 + (2 + 1 / 2) / 128 + 4 / 4096
"""A 4-bit code, scale and zero point for 128 of them, a group index a row of about 4096."""
INT8_BYTES = 1 + 4 / 4096
"""An 8-bit code and an fp32 scale a row of about 4096 (LLM.int8, arXiv:2208.07339)."""
BLOCKWISE_BYTES = 1 + 4 / 256
"""One 8-bit optimizer state with an fp32 scale for 256 of them (arXiv:2110.02861)."""
GALORE_RANK = 128
"""Default of the GaLore paper's 7B runs, arXiv:2403.03507."""
APOLLO_RANK = 256
"""Default of APOLLO, arXiv:2412.05270."""


class StateBytes(NamedTuple):
    """Bytes on one rank, whatever the batch."""

    weights_bytes: float
    gradients_bytes: float
    optimizer_bytes: float
    step_temporary_bytes: float
    trained_params: float
    """On the rank before ZeRO or FSDP shards them."""
    gradient_bytes: int
    """One gradient."""


def states(
    workload: Workload, plan: Plan, framework: Framework, shard: Shard, formats: NumberFormats
) -> StateBytes:
    """The states of one rank as `framework` keeps them.

    Source: docs/formulas.md#states; Rajbhandari et al. 2020, arXiv:1910.02054, for the stages.
    """
    trained = rank_trained_params(workload, shard)
    ranks = plan.shard_size
    weights = base_weights_bytes(workload, shard, formats) + shard.adapter_params * formats.adapter_bytes
    gradient = gradient_bytes(workload, framework, formats)
    optimizer = optimizer_state_bytes(workload, framework, shard, formats, trained)
    stage = plan.zero_stage
    scatters = stage >= 2 or (stage and framework.scatters_gradients)
    trained_here = trained
    if plan.offload or plan.offload_params:
        optimizer = 0.0
        trained_here = 0.0 if offloads_gradients(plan, framework) else trained
        weights *= 0.0 if offloads_weights(plan, framework) else 1.0
    return StateBytes(
        weights_bytes=weights * _resident_share(workload, plan, framework),
        gradients_bytes=trained_here * gradient / (ranks if scatters else 1),
        optimizer_bytes=optimizer / (ranks if stage >= 1 else 1),
        step_temporary_bytes=_step_temporary_bytes(workload, plan, framework, shard, formats, trained),
        trained_params=trained,
        gradient_bytes=gradient,
    )


def _resident_share(workload: Workload, plan: Plan, framework: Framework) -> float:
    """Share of the weights that stays on the rank.

    Where flat parameters mix frozen and trained weights, the gradients of all of them are held whole while
    steps accumulate: W (1 + 1/N). A packed base has none.
    """
    if plan.zero_stage < 3:
        return 1.0
    mixes = framework.mixes_frozen and workload.has_adapters and workload.quantization is None
    return 1 / plan.shard_size + (mixes and plan.shard_size > 1)


def offloads_weights(plan: Plan, framework: Framework) -> bool:
    """Whether the shards of weights leave the GPU too, not the optimizer's states alone.

    Whoever shares less gathers whole weights for the passes: a word for them changes nothing there.
    """
    return plan.zero_stage == ALL_SHARED and (
        plan.offload_params or (plan.offload and framework.offloads_weights)
    )


def offloads_gradients(plan: Plan, framework: Framework) -> bool:
    """Whether gradients leave the GPU with the optimizer's states.

    DeepSpeed's do, whatever the stage, and FSDP's; 2 bytes a parameter stay under ZeRO-Offload
    (microsoft/DeepSpeed deepspeed/runtime/zero/stage_1_and_2.py, estimator of ZeRO-2 with offload).
    """
    return offloads_weights(plan, framework) or is_deepspeed(framework)


def clears_gradients_late(plan: Plan, framework: Framework) -> bool:
    """Whether a rank's own gradients stay until the end of each pass that no step follows.

    DeepSpeed copies them to the CPU as they come and lets go of them there only where a step follows
    (`copy_grads_in_partition` of deepspeed/runtime/zero/stage_1_and_2.py; liguodongiot/llm-action: a 13B that
    accumulates has 59 GiB under ZeRO-2 with offload on one GPU, 24 of them gradients).
    """
    accumulates = plan.offload and plan.gradient_accumulation_steps > 1
    return accumulates and plan.zero_stage == SHARED_GRADIENTS and is_deepspeed(framework)


def steps_in_backward(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether each weight is stepped as its gradient comes, so that no two matrices have one.

    Source: torchtune's recipes for full fine-tuning on one GPU, each of which pairs a paged optimizer with
    `optimizer_in_bwd: True` and no accumulation.
    """
    alone = plan.num_gpus == 1 and plan.gradient_accumulation_steps == 1
    is_paged = workload.optimizer in PAGED and workload.method is Method.FULL
    return framework.steps_in_backward and alone and is_paged


def is_deepspeed(framework: Framework) -> bool:
    """Whether DeepSpeed's engine runs the job, sharded or on one GPU."""
    return framework.engine is Engine.DEEPSPEED


def rank_trained_params(workload: Workload, shard: Shard) -> float:
    """Parameters of the rank that have gradients."""
    if workload.has_adapters:
        return shard.adapter_params
    if workload.method is Method.FREEZE:
        return min(FREEZE_TRAINED_LAYERS, shard.num_layers) * shard.largest_layer_params
    return shard.base_params


def quantized_bytes(quantization: Quantization) -> float:
    """Bytes a packed weight, scales included."""
    sizes = {Quantization.NF4: NF4_BYTES, Quantization.GPTQ: GPTQ_BYTES, Quantization.INT8: INT8_BYTES}
    return sizes[quantization]


def base_weights_bytes(workload: Workload, shard: Shard, formats: NumberFormats) -> float:
    """The base at rest: packed matrices when it is quantised, the rest as the framework keeps it."""
    if workload.quantization is None:
        return shard.base_params * formats.weight_bytes
    packed = packed_params(shard, formats)
    rest = shard.base_params - packed
    return packed * quantized_bytes(workload.quantization) + rest * formats.weight_bytes


def packed_params(shard: Shard, formats: NumberFormats) -> float:
    """Entries that a quantised base packs: the matrices, without experts that nothing finds."""
    return shard.matrix_params - shard.expert_params * (not formats.packs_experts)


def has_master_copy(workload: Workload, framework: Framework) -> bool:
    """Whether the optimizer keeps fp32 copies of 16-bit trained weights."""
    mixed = workload.mixed_precision and framework.master_copy
    return mixed or (framework.adapter_master_copy and workload.has_adapters)


def gradient_bytes(workload: Workload, framework: Framework, formats: NumberFormats) -> int:
    """One gradient: as its parameter, or fp32 in the buffer of a model that is not fp16."""
    if workload.has_adapters:
        return formats.adapter_bytes
    accumulates_fp32 = framework.fp32_gradient_buffer and workload.precision is not Precision.FP16
    return 4 if accumulates_fp32 and workload.mixed_precision else formats.weight_bytes


def optimizer_state_bytes(
    workload: Workload, framework: Framework, shard: Shard, formats: NumberFormats, trained: float
) -> float:
    """Moments and master copies, before sharding.

    Source: docs/formulas.md#optimizers.
    """
    master = has_master_copy(workload, framework)
    own = formats.adapter_bytes if workload.has_adapters else formats.weight_bytes
    moment = 4 if master else own
    return trained * (4 * master) + _moments_bytes(workload.optimizer, shard, trained, moment)


def _moments_bytes(optimizer: Optimizer, shard: Shard, trained: float, moment: int) -> float:
    if optimizer in (Optimizer.GALORE, Optimizer.APOLLO, Optimizer.MUON):
        return _projected_bytes(optimizer, shard, trained, moment)
    per_param = {
        Optimizer.ADAMW: 2.0 * moment,
        Optimizer.ADAMW_8BIT: 2 * BLOCKWISE_BYTES,
        Optimizer.PAGED_ADAMW: 0.0,
        Optimizer.PAGED_ADAMW_8BIT: 0.0,
        Optimizer.ADAFACTOR: 0.0,
        Optimizer.SGD: 0.0,
        Optimizer.SGD_MOMENTUM: 1.0 * moment,
        Optimizer.LION: 1.0 * moment,
    }[optimizer]
    return trained * per_param


def _projected_bytes(optimizer: Optimizer, shard: Shard, trained: float, moment: int) -> float:
    """Optimizers that treat matrices of the blocks apart and run AdamW on the rest."""
    matrices = min(shard.matrix_params, trained)
    rest = 2 * moment * (trained - matrices)
    if optimizer is Optimizer.MUON:
        return rest + moment * matrices
    side = max(shard.largest_layer_params / 7, 1.0) ** 0.5
    rank = GALORE_RANK if optimizer is Optimizer.GALORE else APOLLO_RANK
    projectors = 1 if optimizer is Optimizer.GALORE else 0
    projected: float = moment * matrices * min(1.0, (2 + projectors) * rank / side)
    return rest + projected


def _step_temporary_bytes(
    workload: Workload, plan: Plan, framework: Framework, shard: Shard, formats: NumberFormats, trained: float
) -> float:
    """What the step allocates on top of the states, on one of the ranks that share it.

    Source: torch.optim: `foreach` one copy of the trained weights, the loop two of the largest matrix,
    Adafactor four fp32 tensors as large; simulated execution agrees to the byte.
    """
    if plan.offload or plan.offload_params:
        return 0.0
    ranks = plan.shard_size if plan.zero_stage >= 1 else 1
    matrix = shard.largest_adapter_params if workload.has_adapters else shard.largest_matrix_params
    largest = min(matrix, trained)
    if workload.optimizer not in (Optimizer.ADAMW, Optimizer.PAGED_ADAMW):
        return _MATRIX_TEMPORARY_BYTES.get(workload.optimizer, 0) * largest / ranks
    if has_master_copy(workload, framework):
        upcast = _upcast_bytes(plan, framework, trained / ranks) if framework.upcasts_gradients else 0.0
        return upcast + 4 * framework.master_step_copies * trained / ranks
    own = formats.adapter_bytes if workload.has_adapters else formats.weight_bytes
    copies = {
        OptimizerImplementation.FUSED: 0.0,
        OptimizerImplementation.LOOP: 2.0 * largest,
        OptimizerImplementation.FOREACH: trained,
    }
    return own * copies[workload.optimizer_implementation] / ranks


def _upcast_bytes(plan: Plan, framework: Framework, trained: float) -> float:
    """fp32 gradients of the step; of a group of parameters at a time at stage 3."""
    at_once = framework.step_group_params if plan.zero_stage == 3 else None
    return 4 * min(trained, at_once or trained)


_MATRIX_TEMPORARY_BYTES = {
    Optimizer.ADAFACTOR: 16,
    Optimizer.GALORE: 8,
    Optimizer.APOLLO: 8,
    Optimizer.MUON: 8,
}
"""Bytes an entry of the largest matrix while it is updated."""
