"""Combinations that no framework runs, each with its reason and the nearest that runs."""

from collections.abc import Iterator
from typing import Final

from estimator.catalog import Catalog
from estimator.defaults import has_bf16
from estimator.errors import Impossible
from estimator.hardware import GPU
from estimator.model.adapters import MEGATRON_TARGETS, module_targets
from estimator.model.arch import ModelArch
from estimator.planner.pairs import missing_pairs
from estimator.sizes import size_as_typed
from estimator.spec import FOUR_BYTES, Attention, Precision, TrainingSpec

SETTABLE_POSITIONS: Final = ("megatron_gpt", "mpt_foundry")
"""Families that are shapes of papers: their trainers make as many positions as a run asks for."""


def check(spec: TrainingSpec, arch: ModelArch, gpu: GPU | None, catalog: Catalog) -> None:
    """Refuse what cannot run.

    Raises:
        Impossible: the first such combination.
    """
    for problem in (*impossibilities(spec, arch, gpu), *missing_pairs(spec, catalog)):
        raise problem


def impossibilities(spec: TrainingSpec, arch: ModelArch, gpu: GPU | None) -> Iterator[Impossible]:
    """Everything about `spec` that no framework runs on `gpu`."""
    if gpu is not None:
        yield from _on_gpu(spec, gpu)
    yield from _attention(spec)
    yield from _positions(spec, arch)
    yield from _split(spec, arch)
    yield from _targets(spec, arch)


def _attention(spec: TrainingSpec) -> Iterator[Impossible]:
    """FlashAttention takes 16-bit queries: "FlashAttention only support fp16 and bf16 data type".

    Source: Dao-AILab/flash-attention csrc/flash_attn/flash_api.cpp.
    """
    if spec.attention is Attention.FLASH and spec.precision in FOUR_BYTES:
        yield Impossible(
            "no_flash_in_fp32",
            field="flash",
            parameters={"precision": str(spec.precision)},
            change={"attention": Attention.SDPA},
        )


def most_positions(spec: TrainingSpec, arch: ModelArch) -> int | None:
    """The longest sequence a checkpoint has embeddings for; None where positions are computed or made."""
    made = arch.family in SETTABLE_POSITIONS or size_as_typed(spec.model or "") is not None
    return None if made or not arch.learned_positions else arch.max_position_embeddings


def _positions(spec: TrainingSpec, arch: ModelArch) -> Iterator[Impossible]:
    """A token behind the last row of a checkpoint's position embeddings: the run dies at its first batch."""
    known, wanted = most_positions(spec, arch), spec.sequence_length or spec.mean_length or 0
    if known is not None and wanted > known:
        said = f"mean={wanted}" if spec.sequence_length is None else f"seq={wanted}"
        yield Impossible(
            "no_such_position",
            field=said,
            parameters={"said": said, "model": arch.key, "known_tokens": str(known)},
            change={"sequence_length": known, "mean_length": None},
        )


def _targets(spec: TrainingSpec, arch: ModelArch) -> Iterator[Impossible]:
    """Adapters on a module that the model has not, or on embedding or head, of which nothing is counted."""
    if not isinstance(spec.lora_targets, tuple) or spec.lora_targets == ("all",):
        return
    known = module_targets(arch)
    missing = [name for name in spec.lora_targets if name not in known and name not in MEGATRON_TARGETS]
    if missing:
        yield Impossible(
            "no_such_module",
            field=f"targets={'+'.join(spec.lora_targets)}",
            parameters={
                "model": arch.key,
                "targets": ", ".join(missing),
                "modules": ", ".join(known),
            },
            change={"lora_targets": "all-linear"},
        )


def _on_gpu(spec: TrainingSpec, gpu: GPU) -> Iterator[Impossible]:
    if spec.precision is not None and gpu.peak_flops_per_second(spec.precision) is None:
        nearest = _nearest_precision(gpu)
        yield Impossible(
            "no_precision",
            field=str(spec.precision),
            parameters={"gpu": gpu.key, "precision": str(spec.precision)},
            change={"precision": nearest},
        )
    if spec.attention is Attention.FLASH and not has_bf16(gpu):
        yield Impossible(
            "no_flash",
            field="flash",
            parameters={"gpu": gpu.key},
            change={"attention": Attention.SDPA},
        )


def _nearest_precision(gpu: GPU) -> Precision:
    """The 16-bit format of the GPU, else fp32."""
    if has_bf16(gpu):
        return Precision.BF16
    return Precision.FP32 if gpu.fp16_tflops_per_second is None else Precision.FP16


def _split(spec: TrainingSpec, arch: ModelArch) -> Iterator[Impossible]:
    """Tensor parallelism gives every rank whole heads, a pipeline every stage a layer."""
    tp, pp = spec.tensor_parallel_size, spec.pipeline_parallel_size
    if tp is not None and arch.num_attention_heads % tp:
        size = _nearest_split(spec, tp, arch.num_attention_heads)
        yield Impossible(
            "heads_do_not_divide",
            field=f"tp={tp}",
            parameters={"size": str(tp), "heads": str(arch.num_attention_heads)},
            change={"tensor_parallel_size": size},
        )
    if pp is not None and pp > arch.num_layers:
        yield Impossible(
            "too_many_stages",
            field=f"pp={pp}",
            parameters={"size": str(pp), "layers": str(arch.num_layers)},
            change={"pipeline_parallel_size": _most_stages(spec, pp, arch.num_layers)},
        )


def _nearest_split(spec: TrainingSpec, tp: int, heads: int) -> int:
    """The largest smaller size that shares the heads, and the GPUs that were counted."""
    gpus = spec.num_gpus or 0
    return next(size for size in range(tp - 1, 0, -1) if heads % size == 0 and gpus % size == 0)


def _most_stages(spec: TrainingSpec, pp: int, layers: int) -> int:
    """The most stages that have a layer each, of those that share the GPUs that were counted."""
    gpus = spec.num_gpus or 0
    return next(size for size in range(min(pp - 1, layers), 0, -1) if gpus % size == 0)
