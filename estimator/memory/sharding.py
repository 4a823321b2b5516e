"""What one rank holds of the model: its layers, its slice of every matrix, and who shares the states."""

from dataclasses import dataclass
from functools import lru_cache

from estimator.adapters import layer_adapters
from estimator.arch import ModelArch
from estimator.parallel import Plan
from estimator.shape import Keyed, Layer, ModelShape, model_shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Parameters on one rank after tensor and pipeline parallelism, before ZeRO or FSDP shards them."""

    layer_counts: tuple[int, ...]
    """Layers of each kind of the shape."""
    matrix_params: float
    """Entries of the linear layers of the blocks: what quantisation packs."""
    other_params: float
    """Norms, biases and routers of the blocks, whole on every tensor-parallel rank."""
    embedding_params: float
    head_params: float
    """Head and final norm; a tied head of another stage is a copy of the embedding."""
    adapter_params: float
    largest_layer_params: float
    largest_matrix_params: float
    has_embedding: bool
    has_head: bool
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


def shares(arch: ModelArch, plan: Plan, rank: int, targets: tuple[str, ...]) -> tuple[Share, ...]:
    """The stages that can be the fullest: the first (most micro batches in flight) and the last (the loss)."""
    return _shares(Keyed(arch), plan.tensor_parallel_size, plan.pipeline_parallel_size, rank, targets)


@lru_cache(maxsize=4096)
def _shares(keyed: Keyed, tp: int, pp: int, rank: int, targets: tuple[str, ...]) -> tuple[Share, ...]:
    arch, shape = keyed.arch, model_shape(keyed.arch)
    stages = (0,) if pp == 1 else (0, pp - 1)
    return tuple(_share(arch, shape, tp, pp, stage, rank, targets) for stage in stages)


def _share(
    arch: ModelArch, shape: ModelShape, tp: int, pp: int, stage: int, rank: int, targets: tuple[str, ...]
) -> Share:
    counts = tuple(-(-layer.count // pp) for layer in shape.layers)
    pairs = tuple(zip(shape.layers, counts, strict=True))
    has_embedding, has_head = stage == 0, stage == pp - 1
    matrices = sum(count * layer.matrix_params for layer, count in pairs) / tp
    everything = sum(count * layer.num_params for layer, count in pairs)
    copied = shape.embedding_params if has_head and not has_embedding and not shape.head_params else 0
    return Share(
        layer_counts=counts,
        matrix_params=matrices,
        other_params=everything - matrices * tp + (shape.extra_params if arch.hybrid else 0) / pp / tp,
        embedding_params=(shape.embedding_params / tp + _unsliced(arch, shape)) * has_embedding,
        head_params=((shape.head_params + copied) / tp + shape.final_norm_params) * has_head,
        adapter_params=sum(count * _adapter_params(arch, layer, rank, targets) for layer, count in pairs)
        / tp,
        largest_layer_params=shape.largest_layer_params / tp,
        largest_matrix_params=_largest_matrix(shape) / tp,
        has_embedding=has_embedding,
        has_head=has_head,
        stage=stage,
    )


def _unsliced(arch: ModelArch, shape: ModelShape) -> int:
    return shape.position_params + (0 if arch.hybrid else shape.extra_params)


def _adapter_params(arch: ModelArch, layer: Layer, rank: int, targets: tuple[str, ...]) -> int:
    if not rank:
        return 0
    return sum(adapter.num_params(rank) for adapter in layer_adapters(arch, layer, targets))


def _largest_matrix(shape: ModelShape) -> int:
    inner = max(linear.weight_params for layer in shape.layers for linear in layer.linears)
    return max(inner, shape.embedding_params, shape.head_params)
