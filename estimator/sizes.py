"""A bare size (`7b`, `1.5b`, `125m`, `8x7b`) -> the shape that stands for it."""

import re
from collections.abc import Sequence
from typing import Final

from estimator.catalog import Catalog
from estimator.model.arch import ModelArch

_SIZE: Final = re.compile(r"(?:(\d+)x)?(\d+(?:\.\d+)?)([mbt])", re.IGNORECASE)
_MULTIPLIER: Final = {"m": 10**6, "b": 10**9, "t": 10**12}
_SAME_SHAPE_RATIO: Final = 1.12
"""LLaMA-7B has 6.74 billion parameters and is called 7B; every model of its time rounds like that."""


def size_as_typed(name: str) -> int | None:
    """`7b` -> 7 000 000 000, `8x7b` -> 56 000 000 000; None where the name is no bare size."""
    match = _SIZE.fullmatch(name)
    if match is None:
        return None
    experts, number, unit = match.groups()
    return round(float(number) * _MULTIPLIER[unit.lower()]) * int(experts or 1)


def generic_arch(name: str, catalog: Catalog) -> ModelArch | None:
    """The shape for a bare size: a well-known model of that size, else one with layers to match.

    None where `name` is no bare size.
    """
    num_params = size_as_typed(name)
    if num_params is None:
        return None
    known = [catalog.models[key] for key in catalog.defaults.generic_sizes]
    if "x" in name.lower():
        return _mixture(name, num_params, known)
    dense = [arch for arch in known if not arch.is_moe]
    nearest = min(dense, key=lambda arch: _ratio(arch.num_params, num_params))
    if _ratio(nearest.num_params, num_params) <= _SAME_SHAPE_RATIO:
        return nearest
    return _with_params(nearest, num_params, key=name.lower())


def _ratio(one: int, other: int) -> float:
    return max(one, other) / min(one, other)


def _mixture(name: str, num_params: int, known: Sequence[ModelArch]) -> ModelArch:
    named = [arch for arch in known if arch.key.endswith(f"-{name.lower()}")]
    if named:
        return named[0]
    mixtures = [arch for arch in known if arch.is_moe]
    nearest = min(mixtures, key=lambda arch: _ratio(arch.num_params, num_params))
    return _with_params(nearest, num_params, key=name.lower())


def _with_params(arch: ModelArch, num_params: int, *, key: str) -> ModelArch:
    """`arch` with as many layers as bring it nearest to `num_params`."""
    embedding = arch.vocab_size * arch.hidden_size * (1 if arch.tie_word_embeddings else 2)
    positions = arch.max_position_embeddings * arch.hidden_size if arch.learned_positions else 0
    outside = embedding + positions + arch.hidden_size * (2 if arch.norm_bias else 1)
    per_layer = (arch.num_params - outside) // arch.num_layers
    active_per_layer = (arch.num_active_params - outside) // arch.num_layers
    num_layers = max(1, round((num_params - outside) / per_layer))
    return arch.model_copy(
        update={
            "key": key,
            "hf_name": "",
            "aliases": (),
            "num_layers": num_layers,
            "num_params": outside + num_layers * per_layer,
            "num_active_params": outside + num_layers * active_per_layer,
            "note": f"the shape of {arch.key} with {num_layers} layers",
            "confidence": "medium",
        }
    )
