"""FLOPs of one layer and of the head: what the model needs, and what checkpointing adds."""

from functools import lru_cache
from typing import NamedTuple

from estimator.base import ByIdentity
from estimator.model.arch import ModelArch
from estimator.model.params import FREEZE_TRAINED_LAYERS
from estimator.plan import Plan
from estimator.spec import Checkpointing, Method
from estimator.time.layers import LayerCost, layer_cost
from estimator.workload import Workload

ATTENTION_BACKWARD = 2.5
"""FlashAttention's backward has five products where forward has two; arXiv:2205.14135."""


class Selective(NamedTuple):
    """What selective checkpointing runs again."""

    layer: float
    """Share of a layer's forward pass outside of attention."""
    attention: float
    """Share of attention's: Megatron runs it again and nothing else."""


class KernelRuns(NamedTuple):
    """How often each part of a layer runs in one micro batch, in forward passes."""

    gemm: float
    attention: float
    elementwise: float
    recompute: float
    """Share of the layer's forward that runs again, contained in the others."""
    sweeps: float
    """Runs over the layer: forward, backward, recompute; each unpacks a quantised base."""


NOTHING_AGAIN = Selective(layer=0.0, attention=0.0)


def backward_passes(workload: Workload) -> float:
    """FLOPs of the linear layers' backward in forward passes: 2 trained, 1 frozen under adapters.

    Source: the chain rule: an input gradient and a weight gradient a matrix. `freeze` stops below its layers.
    """
    if workload.has_adapters:
        return 1.0
    return 2.0 * _differentiated_share(workload)


def weight_gradient_passes(workload: Workload) -> float:
    """Of `backward_passes`, those that make the gradients of weights: none of a frozen base.

    Source: the chain rule.
    """
    return 0.0 if workload.has_adapters else _differentiated_share(workload)


def _differentiated_share(workload: Workload) -> float:
    """Share of the layers that gradients pass through."""
    if workload.method is not Method.FREEZE:
        return 1.0
    return min(1.0, FREEZE_TRAINED_LAYERS / layer_cost(workload.arch).num_layers)


def kernel_runs(
    workload: Workload,
    checkpointing: Checkpointing,
    selective: Selective,
    recomputed_share: float = 1.0,
) -> KernelRuns:
    """Forward 1, backward, and recomputation, for each kind of kernel.

    Full checkpointing recomputes `recomputed_share` of the layers.

    Source: attention's backward is 2.5 x its forward; element-wise kernels read and write twice as much.
    Selective checkpointing keeps attention's output, or (Megatron) recomputes just that.
    """
    share = _differentiated_share(workload)
    return _passes(backward_passes(workload), share, checkpointing, selective, recomputed_share)


@lru_cache(maxsize=256)
def _passes(
    backward: float,
    share: float,
    checkpointing: Checkpointing,
    selective: Selective,
    recomputed_share: float,
) -> KernelRuns:
    recompute = (
        share
        * {
            Checkpointing.NONE: 0.0,
            Checkpointing.SELECTIVE: selective.layer,
            Checkpointing.FULL: recomputed_share,
        }[checkpointing]
    )
    again = (
        share
        * {
            Checkpointing.NONE: 0.0,
            Checkpointing.SELECTIVE: selective.attention,
            Checkpointing.FULL: recomputed_share,
        }[checkpointing]
    )
    return KernelRuns(
        gemm=1 + backward + recompute,
        attention=1 + ATTENTION_BACKWARD * share + again,
        elementwise=1 + 2 * share + recompute,
        recompute=recompute,
        sweeps=1 + share + recompute,
    )


def attended_tokens(cost: LayerCost, sequence_length: int) -> float:
    """Mean positions that a token looks back on: half the sequence, less behind a window.

    With a window w < S it is w - w^2 / (2 S) in local layers.
    Source: the mean row of a causal, banded mask.
    """
    whole = sequence_length / 2
    if not cost.local_share or cost.window >= sequence_length:
        return whole
    local = cost.window - cost.window**2 / (2 * sequence_length)
    return cost.local_share * local + (1 - cost.local_share) * whole


def attention_flops_per_token(cost: LayerCost, sequence_length: int) -> float:
    """Forward FLOPs of one layer's attention: 4 x width x positions looked back on (causal).

    Source: Q K^T and P V are 2 FLOPs a multiplication each; the masked half is skipped.
    """
    return 4 * cost.attention_width * attended_tokens(cost, sequence_length)


def head_flops_per_token(arch: ModelArch) -> float:
    """Forward FLOPs of the output head: 2 h V.

    Source: Chowdhery et al. 2022, arXiv:2204.02311, appendix B.
    """
    return 2.0 * arch.hidden_size * arch.vocab_size


def model_flops_per_token(workload: Workload) -> float:
    """Forward and backward FLOPs of one token, without recomputation and without adapters.

    Linear 2 N forward and 4 N backward (2 N frozen), attention 3.5 x its forward at the sequence length.
    Source: Chowdhery et al. 2022, arXiv:2204.02311, appendix B, with the causal half counted once.
    """
    return _model_flops_per_token(ByIdentity(workload))


@lru_cache(maxsize=512)
def _model_flops_per_token(key: ByIdentity[Workload]) -> float:
    once = kernel_runs(key.value, Checkpointing.NONE, NOTHING_AGAIN)
    return _flops_per_token(key.value, once, head=True)


def _flops_per_token(workload: Workload, times: KernelRuns, *, head: bool) -> float:
    """FLOPs of the layers, each kind of kernel as often as `times` says, and of the head where it counts."""
    cost = layer_cost(workload.arch)
    linear = 2 * cost.active_weights * cost.num_layers
    linear += head_flops_per_token(workload.arch) if head else 0.0
    attention = attention_flops_per_token(cost, workload.time_length) * cost.num_layers
    return linear * times.gemm + attention * times.attention


def step_flops(workload: Workload, plan: Plan, *, selective: Selective) -> tuple[float, float]:
    """Model and hardware FLOPs of one optimizer step on one GPU; recomputation leaves the head out.

    Source: Chen et al. 2016, arXiv:1604.06174: full checkpointing runs each layer's forward twice.
    """
    tokens = plan.sequences_per_step * workload.time_length / plan.num_gpus
    model = model_flops_per_token(workload) * tokens
    if plan.activation_checkpointing is Checkpointing.NONE:
        return model, model
    run = kernel_runs(workload, plan.activation_checkpointing, selective, plan.recomputed_share)
    once = kernel_runs(workload, Checkpointing.NONE, NOTHING_AGAIN)
    again = _flops_per_token(workload, run, head=False) - _flops_per_token(workload, once, head=False)
    return model, model + again * tokens
