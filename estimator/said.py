"""What the words of a spec say by themselves: who runs it, what its ranks share, how its batch is cut."""

import math
from typing import Final

from estimator.catalog import Catalog
from estimator.framework.engine import ALL_SHARED
from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.plan import Runner
from estimator.spec import Engine, Method, TrainingSpec
from estimator.workload import ADAPTER_METHODS


def said_runner(spec: TrainingSpec, catalog: Catalog) -> Runner:
    """Who runs `spec` as its words have it: framework and engine, those of the defaults where it names none.

    Raises:
        UnknownFramework: the catalog has no such framework.
    """
    splits = (spec.tensor_parallel_size or 1) * (spec.pipeline_parallel_size or 1)
    if spec.stack is None and spec.engine is None and splits > 1:
        return catalog.defaults.model_parallel
    if spec.stack is None and spec.engine is None and (spec.context_parallel_size or 1) > 1:
        return catalog.defaults.context_parallel
    framework = catalog.framework(spec.stack or catalog.defaults.stack)
    pure = is_pure(spec, catalog.defaults.method_of(spec))
    engine = spec.engine or framework.engine_for(said_stage(spec), said=True, pure=pure)
    if (spec.context_parallel_size or 1) > 1 and spec.engine is None and spec.zero_stage is None:
        having = framework.sequence_engines or (engine,)
        engine = engine if engine in having else having[0]
    return Runner(framework.key, engine)


def framework_of(spec: TrainingSpec, catalog: Catalog, runner: Runner, gpu: GPU | None = None) -> Framework:
    """What `runner` does on `gpu`, at the release that `spec` names of it."""
    said = spec.stack is not None and catalog.framework(spec.stack).key == runner.stack
    release = spec.stack_release if said else None
    return catalog.framework(runner.stack, release, runner.engine, gpu.vendor if gpu else "")


OFFLOADING_STAGE: Final = 2
"""Where DeepSpeed's offload of the optimizer begins for those who say no stage: its ZeRO-Offload."""


def offloads(spec: TrainingSpec) -> bool:
    """Whether anything is said to rest in host memory."""
    return bool(spec.offload or spec.offload_params)


def said_stage(spec: TrainingSpec, engine: Engine | None = None) -> int | None:
    """What the ranks share by the words of `spec`: FSDP shares all, weights leave the GPU at stage 3 only."""
    if spec.zero_stage is not None:
        return spec.zero_stage
    if (engine or spec.engine) is Engine.FSDP or spec.offload_params:
        return ALL_SHARED
    return OFFLOADING_STAGE if spec.offload and engine in (None, Engine.DEEPSPEED) else None


def is_pure(spec: TrainingSpec, method: Method) -> bool:
    """Whether weights, gradients and states of what `method` trains are said to be in 16 bit."""
    return spec.mixed_precision is False and method not in ADAPTER_METHODS


def data_parallel_size(spec: TrainingSpec) -> int:
    """Ranks that see different data when the text fixes the count: GPUs over the model-parallel sizes."""
    return max(1, (spec.num_gpus or 1) // _model_parallel_size(spec))


def _model_parallel_size(spec: TrainingSpec) -> int:
    sizes = (spec.tensor_parallel_size, spec.pipeline_parallel_size, spec.context_parallel_size)
    return math.prod(size or 1 for size in sizes)


def ranks_of_batch(spec: TrainingSpec) -> int | None:
    """Ranks that make a batch whose micro batch and accumulation are said too; None where any is open."""
    batch, micro = spec.global_batch_size, spec.micro_batch_size
    if batch is None or micro is None or spec.gradient_accumulation_steps is None:
        return None
    return max(1, batch // (micro * spec.gradient_accumulation_steps))


def gpus_of_batch(spec: TrainingSpec) -> int | None:
    """The GPUs of those ranks."""
    ranks = ranks_of_batch(spec)
    return None if ranks is None else ranks * _model_parallel_size(spec)


def said_batch(spec: TrainingSpec) -> int | None:
    """The batch that `mbs=` without `bs=` makes: micro batch x accumulation x data-parallel ranks."""
    if spec.micro_batch_size is None:
        return None
    return spec.micro_batch_size * (spec.gradient_accumulation_steps or 1) * data_parallel_size(spec)
