"""What a job holds in the memory of one machine, beside its GPUs."""

import math

from estimator.framework.framework import Framework
from estimator.memory.number_formats import NumberFormats, has_fp32_weights, numerics
from estimator.memory.rank import keeps_checkpoints_on_host
from estimator.memory.shard import Shard, shards
from estimator.memory.states import BLOCKWISE_BYTES, base_weights_bytes, is_deepspeed, rank_trained_params
from estimator.plan import Plan
from estimator.spec import Optimizer
from estimator.workload import Workload

PINNED_ROUNDING = 1 / math.log(2)
"""torch rounds a pinned block up to a power of two: 1.44 of what is asked, on average over sizes."""
ZERO_PINNED_BYTES, ZERO_PAGEABLE_BYTES = 10, 8
"""ZeRO-Offload, a trained parameter: masters 4, fp32 gradients 4 and the 16-bit copy 2, pinned; moments 8.

Source: deepspeedai/DeepSpeed@edaa72212 deepspeed/runtime/zero/stage_1_and_2.py 485-592, ops/adam/cpu_adam.py.
"""
PARAMETER_BYTES = 2
"""A weight in 16 bit, pinned where DeepSpeed keeps it there (zero/stage3.py)."""
CHECKPOINT_FILE_BYTES = 5_000_000_000
"""Most of a checkpoint's files (huggingface/transformers save_pretrained, `max_shard_size` of releases 4)."""
FSDP_BYTES = 16
"""FSDP's CPUOffload, a trained parameter: weight, gradient and two moments in fp32."""


def host_memory_bytes(workload: Workload, plan: Plan, framework: Framework) -> int:
    """Memory of one machine that the job takes: the larger of loading the weights and running.

    Source: docs/formulas.md#host-memory.
    """
    return round(max(_loading_bytes(workload, plan, framework), resting_bytes(workload, plan, framework)))


def resting_bytes(workload: Workload, plan: Plan, framework: Framework) -> float:
    """What of it the steps keep there: offloaded and paged states, inputs of checkpointed blocks."""
    shard, formats = shards(workload, plan, framework)[0], numerics(workload, plan, framework)
    states = _states_bytes(workload, plan, framework, shard, formats)
    paged = paged_bytes(workload, plan, shard) + _checkpoint_bytes(workload, plan, framework)
    return states + plan.gpus_per_node * paged


def _loading_bytes(workload: Workload, plan: Plan, framework: Framework) -> float:
    """The checkpoint's weights, once a process, or once a machine where the weights are sharded.

    A file at a time where each weight is packed as it reaches the GPU.
    Source: huggingface/transformers modeling_utils.py: under ZeRO-3 and FSDP one rank reads.
    """
    each = 4 if has_fp32_weights(workload, framework) and not workload.has_adapters else 2
    whole = each * workload.arch.num_params
    if plan.zero_stage == 3:
        return whole
    if workload.quantization is not None and framework.packs_as_it_loads:
        return plan.gpus_per_node * min(whole, CHECKPOINT_FILE_BYTES)
    split = plan.tensor_parallel_size * plan.pipeline_parallel_size
    return whole * max(1.0, plan.gpus_per_node / split)


def _states_bytes(
    workload: Workload, plan: Plan, framework: Framework, shard: Shard, formats: NumberFormats
) -> float:
    """What offload moved here, on all ranks of the machine."""
    if not (plan.offload or plan.offload_params):
        return 0.0
    copies = plan.gpus_per_node / (plan.shard_size if plan.zero_stage else 1)
    trained = rank_trained_params(workload, shard)
    if is_deepspeed(framework):
        pinned: float = ZERO_PINNED_BYTES * trained
        if plan.offload_params:
            pinned += PARAMETER_BYTES * shard.base_params
        return copies * (pinned * PINNED_ROUNDING + ZERO_PAGEABLE_BYTES * trained)
    weights = base_weights_bytes(workload, shard, formats) if workload.has_adapters else 0.0
    return copies * (weights + FSDP_BYTES * trained)


def paged_bytes(workload: Workload, plan: Plan, shard: Shard) -> float:
    """One rank's states of a paged optimizer: unified memory, which the host backs in full.

    Shards of parameters have states as large as they are.
    Source: bitsandbytes-foundation/bitsandbytes bitsandbytes/optim/optimizer.py, get_state_buffer: like the
    parameter; meta-pytorch/torchtune#987, a 70B with them on eight GPUs. None where offload moved the
    states: those are counted there.
    """
    if plan.offload or plan.offload_params:
        return 0.0
    per_param = {Optimizer.PAGED_ADAMW: 8.0, Optimizer.PAGED_ADAMW_8BIT: 2 * BLOCKWISE_BYTES}
    ranks = plan.shard_size if plan.zero_stage else 1
    return per_param.get(workload.optimizer, 0.0) * rank_trained_params(workload, shard) / ranks


def _checkpoint_bytes(workload: Workload, plan: Plan, framework: Framework) -> float:
    """Inputs of checkpointed blocks that rest in pinned memory."""
    if not keeps_checkpoints_on_host(workload, plan, framework):
        return 0.0
    tokens = plan.micro_batch_size * workload.sequence_length
    return 2 * tokens * workload.arch.hidden_size * workload.arch.num_layers * PINNED_ROUNDING
