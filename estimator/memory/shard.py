"""What one rank holds of the model: its layers, its slice of every matrix, and who shares the states."""

from functools import lru_cache
from typing import NamedTuple

from estimator.framework.framework import Framework
from estimator.model.adapters import layer_adapters
from estimator.model.arch import ModelArch
from estimator.model.layers import HashedByKey, Layer, ModelShape, model_shape
from estimator.model.stages import stage_layers
from estimator.plan import Plan
from estimator.spec import Method
from estimator.workload import Workload


class Shard(NamedTuple):
    """Parameters on one rank after tensor and pipeline parallelism, before ZeRO or FSDP shards them."""

    layer_counts: tuple[int, ...]
    """Layers of each kind of the shape."""
    matrix_params: float
    """Entries of the linear layers of the blocks: what quantisation packs, maybe without experts."""
    expert_params: float
    """Those of routed experts among them."""
    other_params: float
    """Norms, biases and routers of the blocks, whole on every tensor-parallel rank."""
    embedding_params: float
    head_params: float
    """Head and final norm; a tied head of another stage is a copy of the embedding."""
    adapter_params: float
    largest_layer_params: float
    largest_layer_expert_params: float
    """Entries of routed experts in it."""
    largest_matrix_params: float
    largest_adapter_params: float
    """The larger of the two matrices of the largest adapter."""
    has_head: bool
    head_is_embedding: bool
    stage: int
    """Pipeline stage, from 0."""

    @property
    def base_params(self) -> float:
        """Everything but the adapters."""
        return self.matrix_params + self.other_params + self.root_params

    @property
    def root_params(self) -> float:
        """What belongs to no block: FSDP's root unit."""
        return self.embedding_params + self.head_params

    @property
    def num_layers(self) -> int:
        """Blocks on the rank."""
        return sum(self.layer_counts)


def shards(workload: Workload, plan: Plan, framework: Framework) -> tuple[Shard, ...]:
    """The pipeline stages that can be the fullest: the first (most in flight), the last (the loss).

    Where the layers do not divide, the second too: the longest of the others, with the most in flight.
    """
    split = Split(
        tensor=plan.tensor_parallel_size,
        pipeline=plan.pipeline_parallel_size,
        unties_head=framework.unties_head,
        rank=workload.lora_rank or 0,
        targets=workload.lora_targets,
        magnitudes=workload.method is Method.DORA,
    )
    return _shards(HashedByKey(workload.arch), split)


class Split(NamedTuple):
    """All that a share depends on but the model."""

    tensor: int
    pipeline: int
    unties_head: bool
    rank: int
    targets: tuple[str, ...]
    magnitudes: bool


@lru_cache(maxsize=4096)
def _shards(keyed: HashedByKey, split: Split) -> tuple[Shard, ...]:
    held = stage_layers(model_shape(keyed.arch).num_layers, split.pipeline)
    chosen = {0, 1 if held[0] < max(held) else 0, split.pipeline - 1}
    return tuple(_shard(keyed.arch, split, stage, held[stage]) for stage in sorted(chosen))


def _shard(arch: ModelArch, split: Split, stage: int, held: int) -> Shard:
    shape, tp, pp = model_shape(arch), split.tensor, split.pipeline
    counts = tuple(-(-layer.count * held // shape.num_layers) for layer in shape.layers)
    pairs = tuple(zip(shape.layers, counts, strict=True))
    first, last = stage == 0, stage == pp - 1
    matrices = sum(count * layer.matrix_params for layer, count in pairs)
    experts = sum(count * layer.expert_params for layer, count in pairs)
    everything = sum(count * layer.num_params for layer, count in pairs)
    mixers = shape.extra_params / pp / tp if arch.hybrid else 0.0
    copied = last and not shape.head_params and (split.unties_head or not first)
    head = shape.embedding_params if copied else shape.head_params
    return Shard(
        layer_counts=counts,
        matrix_params=matrices / tp,
        expert_params=experts / tp,
        other_params=everything - matrices + mixers,
        embedding_params=(shape.embedding_params / tp + _unsliced(arch, shape)) * first,
        head_params=(head / tp + shape.final_norm_params) * last,
        adapter_params=sum(count * _adapter_params(arch, layer, split) for layer, count in pairs) / tp,
        largest_layer_params=shape.largest_layer.num_params / tp,
        largest_layer_expert_params=shape.largest_layer.expert_params / tp,
        largest_matrix_params=_largest_matrix(shape) / tp,
        largest_adapter_params=_largest_adapter(arch, shape, split) / tp,
        has_head=last,
        head_is_embedding=first and last and not head,
        stage=stage,
    )


def _unsliced(arch: ModelArch, shape: ModelShape) -> int:
    return shape.position_params + (0 if arch.hybrid else shape.extra_params)


def _adapter_params(arch: ModelArch, layer: Layer, split: Split) -> int:
    if not split.rank:
        return 0
    adapters = layer_adapters(arch, layer, split.targets)
    pairs = sum(adapter.num_params(split.rank) for adapter in adapters)
    return pairs + split.magnitudes * sum(adapter.out_features for adapter in adapters)


def _largest_adapter(arch: ModelArch, shape: ModelShape, split: Split) -> int:
    if not split.rank:
        return 0
    widths = (
        max(adapter.linear.in_features, adapter.out_features)
        for layer in shape.layers
        for adapter in layer_adapters(arch, layer, split.targets)
    )
    return split.rank * max(widths, default=0)


def _largest_matrix(shape: ModelShape) -> int:
    inner = max(linear.weight_params for layer in shape.layers for linear in layer.linears)
    return max(inner, shape.embedding_params, shape.head_params)
