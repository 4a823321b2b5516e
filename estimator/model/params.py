"""Exact parameter counts of a model: all, and those a token visits."""

from estimator.model.arch import ModelArch
from estimator.model.layers import Layer, model_shape

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
