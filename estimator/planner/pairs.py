"""Pairs of framework and engine that do not exist, each with those that do."""

from collections.abc import Iterator, Sequence
from typing import Final

from estimator.catalog import Catalog
from estimator.defaults import resolve_model
from estimator.errors import Impossible
from estimator.framework.engine import ALL_SHARED, SHARINGS, WHOLE_WEIGHTS, Sharing
from estimator.framework.framework import Framework
from estimator.said import framework_of, is_pure, offloads, said_runner, said_stage
from estimator.spec import (
    FOUR_BYTES,
    LOW_RANK_OPTIMIZERS,
    Attention,
    Engine,
    Optimizer,
    Precision,
    TrainingSpec,
)
from estimator.workload import ADAPTER_METHODS, trained_methods

_STATES_ALONE: Final = {"offload": True, "offload_params": None}
"""Of the optimizer, not the weights."""


def missing_pairs(spec: TrainingSpec, catalog: Catalog) -> Iterator[Impossible]:
    """What `spec` asks of its framework and engine that nobody wrote.

    Raises:
        UnknownFramework: the catalog has no such framework.
    """
    framework = _as_said(spec, framework_of(spec, catalog, said_runner(spec, catalog)))
    if spec.stack_release is not None and not framework.may_have(spec.stack_release):
        yield _no_release(framework, spec.stack_release)
    if framework.engine not in framework.engines:
        yield _refused("no_engine", catalog, framework, field=str(framework.engine))
        return
    trained = trained_methods(catalog.defaults.method_of(spec), catalog.defaults.quantization_of(spec))
    lacking = [method for method in trained if method not in framework.methods]
    if lacking:
        yield _refused("no_method", catalog, framework, field=str(lacking[0]), having=framework.methods)
    if max(spec.num_gpus or 1, spec.num_nodes or 1) > 1 and not framework.spreads(trained):
        method = str(catalog.defaults.method_of(spec))
        yield Impossible("one_gpu_method", {"framework": framework.name, "said": method}, field=method)
    if spec.zero_stage and spec.zero_stage not in SHARINGS[framework.engine]:
        yield _refused("no_stage", catalog, framework, field=f"zero{spec.zero_stage}")
    yield from _packed(spec, catalog, framework)
    yield from _dispatched(spec, catalog, framework)
    yield from _low_rank(spec, catalog, framework)
    yield from _states(spec, catalog, framework)
    if offloads(spec):
        yield from _offload(spec, catalog, framework)
    yield from _splits(spec, catalog, framework)


def _packed(spec: TrainingSpec, catalog: Catalog, framework: Framework) -> Iterator[Impossible]:
    """A packed base that it does not load, or of which its ranks cannot share the weights."""
    quantization = catalog.defaults.quantization_of(spec)
    stage = said_stage(spec, framework.engine) or 0
    if quantization is None:
        return
    if quantization not in framework.quantizations:
        yield _refused(
            "no_packed_base", catalog, framework, field=str(quantization), having=framework.quantizations
        )
    elif not framework.shards_packed(quantization, framework.engine, stage):
        yield _refused("no_shards_of_packed", catalog, framework, field=str(quantization))


def _dispatched(spec: TrainingSpec, catalog: Catalog, framework: Framework) -> Iterator[Impossible]:
    """Attention by torch's dispatcher of a family for which the framework has it not."""
    if spec.attention is Attention.SDPA and spec.model and framework.eager_families:
        arch = resolve_model(spec.model, catalog)[0]
        if arch.family in framework.eager_families:
            named = {"framework": framework.name, "model": arch.key}
            yield Impossible("no_sdpa", named, field="sdpa", change={"attention": Attention.EAGER})


def _low_rank(spec: TrainingSpec, catalog: Catalog, framework: Framework) -> Iterator[Impossible]:
    """GaLore on shards or on adapters.

    Source: "GaLore and APOLLO are incompatible with DeepSpeed yet", "Cannot use LoRA with GaLore, APOLLO or
    BAdam together": hiyouga/LLaMA-Factory@ff6d4d12e src/llamafactory/hparams/{parser.py, finetuning_args.py};
    shards are flat: jiaweizzhao/GaLore#2, #23.
    """
    if spec.optimizer not in LOW_RANK_OPTIMIZERS:
        return
    said, splits = str(spec.optimizer), (spec.tensor_parallel_size or 1) > 1
    if catalog.defaults.method_of(spec) in ADAPTER_METHODS:
        named = {"said": said, "method": str(catalog.defaults.method_of(spec))}
        yield Impossible(
            "low_rank_of_adapters", named, field=said, change={"optimizer": Optimizer.ADAMW_8BIT}
        )
    elif splits or framework.sharing(said_stage(spec, framework.engine) or 0) is not Sharing.DDP:
        named = {"said": said, "engine": catalog.engines[framework.engine].name}
        yield Impossible("low_rank_of_shards", named, field=said, change={"optimizer": Optimizer.ADAMW_8BIT})


def _offload(spec: TrainingSpec, catalog: Catalog, framework: Framework) -> Iterator[Impossible]:
    """What its engine, or its own code, cannot move to the host.

    Megatron moves the optimizer's states (`--optimizer-cpu-offload`); of weights no argument says so, and its
    FSDP refuses both. Source: NVIDIA/Megatron-LM@d98e8a64dd megatron/training/arguments.py,
    megatron/core/optimizer/fully_sharded_optimizer.py.
    """
    stage, engine = spec.zero_stage, framework.engine
    if framework.copies_only:
        yield _refused("no_offload", catalog, framework, field="offload")
    elif stage == 0 or spec.engine is Engine.DDP:
        yield _refused("no_offload_of_copies", catalog, framework, field="offload")
    elif engine in framework.whole_on_gpu:
        having = [each.name for each in catalog.frameworks.values() if _offloads_under_fsdp(each)]
        yield _refused("no_offload_of_shards", catalog, framework, field="offload", having=having)
    elif engine is Engine.MEGATRON and not framework.moves_to_host(stage or 0):
        change = {"zero_stage": 1, **_STATES_ALONE}
        named = {"framework": framework.name}
        yield Impossible("no_offload_of_megatron_shards", named, field="offload", change=change)
    elif engine is Engine.MEGATRON and spec.offload_params:
        named = {"framework": framework.name}
        yield Impossible("no_offload_of_megatron", named, field="offload", change=_STATES_ALONE)
    elif spec.offload_params and engine is Engine.DEEPSPEED and stage in WHOLE_WEIGHTS:
        said = f"zero{stage}"
        sharing = {"zero_stage": ALL_SHARED}
        yield Impossible("no_offload_of_weights", {"stage": said}, field=said, change=sharing)


def _offloads_under_fsdp(framework: Framework) -> bool:
    """Whether it runs FSDP and moves what that shards to the host."""
    return Engine.FSDP in framework.engines and Engine.FSDP not in framework.whole_on_gpu


def _states(spec: TrainingSpec, catalog: Catalog, framework: Framework) -> Iterator[Impossible]:
    """Numbers in which the states are kept nowhere, or not by this engine."""
    if spec.mixed_precision is not None and spec.precision in FOUR_BYTES:
        said = "amp" if spec.mixed_precision else "pure"
        parameters = {"precision": str(spec.precision)}
        yield Impossible("no_short_format", parameters, field=said, change={"precision": Precision.BF16})
    elif is_pure(spec, catalog.defaults.method_of(spec)) and framework.master_copy:
        yield _refused("no_pure_states", catalog, framework, field="pure")


def _as_said(spec: TrainingSpec, framework: Framework) -> Framework:
    """Copies on several GPUs are DDP's, also where nobody named it."""
    copies = spec.zero_stage == 0 and (spec.num_gpus or 1) > 1
    return (
        framework.model_copy(update={"engine": Engine.DDP}) if copies and not framework.copies else framework
    )


def _no_release(framework: Framework, said: str) -> Impossible:
    """A version where releases are months, one before the first, one that is years away."""
    field, change = (
        f"{framework.key}@{said}",
        {"stack": framework.key, "stack_release": framework.newest or None},
    )
    parameters = {
        "framework": framework.name,
        "said": said,
        "oldest": framework.oldest,
        "newest": framework.newest,
    }
    if not framework.newest:
        return Impossible("no_releases", parameters, field=field, change=change)
    return Impossible("no_release", parameters, field=field, change=change)


def _splits(spec: TrainingSpec, catalog: Catalog, framework: Framework) -> Iterator[Impossible]:
    """Tensor, pipeline and context parallelism, which few frameworks bring."""
    every = catalog.frameworks.values()
    method = catalog.defaults.method_of(spec)
    if (tp := spec.tensor_parallel_size or 1) > 1 and not framework.splits_matrices_of(method):
        having = [each.name for each in every if each.splits_matrices_of(method)]
        yield _no_split(catalog, framework, f"tp={tp}", having)
    if (pp := spec.pipeline_parallel_size or 1) > 1 and not framework.splits_layers:
        yield _no_split(catalog, framework, f"pp={pp}", [each.name for each in every if each.splits_layers])
    cp = spec.context_parallel_size or 1
    if cp > 1 and framework.engine not in framework.sequence_engines:
        said = f"cp={cp}"
        if framework.sequence_engines:
            under = [catalog.engines[engine].name for engine in framework.sequence_engines]
            yield _refused("no_split_by_engine", catalog, framework, field=said, having=under)
        else:
            yield _no_split(catalog, framework, said, [each.name for each in every if each.sequence_engines])


def _no_split(catalog: Catalog, framework: Framework, said: str, having: Sequence[str]) -> Impossible:
    """Others that have it: of this one an old release may have been said."""
    others = [name for name in having if name != framework.name]
    return _refused("no_split", catalog, framework, field=said, having=others)


def _refused(
    code: str,
    catalog: Catalog,
    framework: Framework,
    *,
    field: str,
    having: Sequence[str] = (),
) -> Impossible:
    engines = [catalog.engines[each].name for each in framework.engines]
    parameters = {
        "framework": framework.name,
        "engine": catalog.engines[framework.engine].name,
        "engines": ", ".join(engines),
        "said": field,
        "having": ", ".join(having),
    }
    return Impossible(code, parameters, field=field)
