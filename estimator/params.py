"""Exact parameter counts of a job: all, trained, and those a token visits."""

from estimator.adapters import layer_adapters
from estimator.arch import ModelArch
from estimator.shape import Layer, model_shape
from estimator.spec import Method
from estimator.workload import Workload

FREEZE_TRAINED_LAYERS = 2
"""Top layers that `freeze` trains: LLaMA-Factory's `freeze_trainable_layers`."""


def num_params(arch: ModelArch) -> int:
    """Parameters of the model, a tied matrix once, without adapters.

    Source: docs/formulas.md#parameters; equals the published count of every non-hybrid model of the catalog.
    """
    return model_shape(arch).num_params


def num_active_params(arch: ModelArch) -> int:
    """Parameters that one token visits: all but the routed experts it is not sent to.

    Source: docs/formulas.md#parameters.
    """
    if not arch.num_experts or not arch.num_experts_per_tok:
        return num_params(arch)
    idle = arch.num_experts - arch.num_experts_per_tok
    layers = model_shape(arch).layers
    per_expert = sum(_routed_params(layer) for layer in layers) // arch.num_experts
    return num_params(arch) - idle * per_expert


def _routed_params(layer: Layer) -> int:
    return layer.count * sum(linear.num_params for linear in layer.linears if linear.experts)


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
