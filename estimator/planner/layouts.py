"""Ways to spread a job over GPUs that a framework really runs."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from estimator.framework.engine import ALL_SHARED, SHARED_GRADIENTS
from estimator.framework.framework import Framework
from estimator.plan import Plan, Runner
from estimator.planner.batch_split import BatchSplit, made_batch
from estimator.planner.counts import fewest_nodes
from estimator.planner.shape import Runners, Shape
from estimator.said import is_pure, offloads, ranks_of_batch, said_stage
from estimator.spec import LOW_RANK_OPTIMIZERS, Attention, Checkpointing, Engine, TrainingSpec
from estimator.workload import trained_methods

LONG_SEQUENCE_TOKENS: Final = 32_768
"""From here one sequence is worth splitting over GPUs."""
MODEL_PARALLEL_MIN_PARAMS: Final = 20_000_000_000
"""Smaller models are trained on shards of their states; splitting matrices takes another framework."""
PIPELINE_SIZES: Final = (2, 4, 8, 16)
ROUNDED_WITHIN: Final = 1.25
"""How many times as large as that of another layout a batch may become that ranks do not share evenly."""


class Parallelism(NamedTuple):
    """How GPUs work together, whatever their number of machines."""

    data_parallel_size: int = 1
    tensor_parallel_size: int = 1
    pipeline_parallel_size: int = 1
    context_parallel_size: int = 1
    offload: bool = False
    offload_params: bool = False
    runner: Runner = Runner("", Engine.DDP)


class Layout(NamedTuple):
    """A plan without its GPU and its passes: counts, sharding, and who runs it."""

    num_gpus: int
    num_nodes: int
    zero_stage: int
    parallelism: Parallelism

    @property
    def runner(self) -> Runner:
        """Framework and engine."""
        return self.parallelism.runner

    @property
    def data_parallel_size(self) -> int:
        """Ranks that see different data."""
        return self.parallelism.data_parallel_size

    @property
    def pipeline_parallel_size(self) -> int:
        """Stages of the pipeline."""
        return self.parallelism.pipeline_parallel_size

    @property
    def is_model_parallel(self) -> bool:
        """Whether ranks share one sequence or one set of weights beyond ZeRO."""
        return self.data_parallel_size != self.num_gpus


class Alike(NamedTuple):
    """Layouts of one count that one framework and engine runs, or that split more than states and batch."""

    layouts: tuple[Layout, ...]
    runners: tuple[tuple[Runner, int], ...]
    """Who runs them, with each stage."""

    @property
    def num_gpus(self) -> int:
        """GPUs in all."""
        return self.layouts[0].num_gpus

    @property
    def num_nodes(self) -> int:
        """Machines."""
        return self.layouts[0].num_nodes


def plan_of(
    layout: Layout, passes: BatchSplit, *, gpu: str, checkpointing: Checkpointing, attention: Attention
) -> Plan:
    """The plan that `layout` and `passes` make on `gpu`."""
    num_gpus, num_nodes, zero_stage, (dp, tp, pp, cp, offload, offload_params, runner) = layout
    return Plan(
        gpu,
        runner.stack,
        *passes,
        checkpointing,
        num_gpus=num_gpus,
        num_nodes=num_nodes,
        zero_stage=zero_stage,
        data_parallel_size=dp,
        tensor_parallel_size=tp,
        pipeline_parallel_size=pp,
        context_parallel_size=cp,
        engine=runner.engine,
        offload=offload,
        offload_params=offload_params,
        attention=attention,
    )


def said_layout(spec: TrainingSpec, *, num_gpus: int, max_gpus_per_node: int, framework: Framework) -> Layout:
    """The layout of a spec that says how its GPUs are used; replicas share what its framework shares."""
    sizes = (
        spec.tensor_parallel_size or 1,
        spec.pipeline_parallel_size or 1,
        spec.context_parallel_size or 1,
    )
    replicas = max(1, num_gpus // math.prod(sizes))
    stage = said_stage(spec, framework.engine)
    return Layout(
        num_gpus,
        spec.num_nodes or fewest_nodes(num_gpus, max_gpus_per_node),
        (framework.zero_stage if replicas > 1 else 0) if stage is None else stage,
        Parallelism(replicas, *sizes, offloads(spec), bool(spec.offload_params), framework.runner),
    )


def layouts(
    spec: TrainingSpec, shape: Shape, *, num_gpus: int, num_nodes: int, runners: Runners, linked: bool
) -> tuple[Layout, ...]:
    """Layouts of `num_gpus` that keep what `spec` pins: data parallel ones first, by growing sharding.

    `linked`: the GPUs have links of their own; without them nobody splits single matrices.
    """
    found: list[Layout] = []
    for tp, pp, cp in _model_parallel_sizes(spec, shape, num_gpus, num_nodes, runners, linked=linked):
        dp, left = divmod(num_gpus, tp * pp * cp)
        if left or not _batch_can_split(spec, shape, dp):
            continue
        runner = runners.of_sizes(tp * pp, cp)
        if num_gpus > 1 and not runner.spreads(trained_methods(shape.method, shape.quantization)):
            continue
        sizes = (dp, tp, pp, cp)
        away = (offloads(spec), bool(spec.offload_params))
        for zero in _zero_stages(spec, shape, runner, dp, tp * pp, cp):
            for engine in _engines(spec, shape, runner, zero):
                if not _is_run(spec, shape, runner, engine, zero, cp):
                    continue
                who = Runner(runner.key, engine)
                found.append(Layout(num_gpus, num_nodes, zero, Parallelism(*sizes, *away, who)))
    return _keeping_the_batch(spec, shape, found)


def _keeping_the_batch(spec: TrainingSpec, shape: Shape, found: Sequence[Layout]) -> tuple[Layout, ...]:
    """Those that round the batch up hardly more than others: more sequences a step are fewer steps."""
    made = [made_batch(spec, layout.data_parallel_size, shape.global_batch_size) for layout in found]
    most = ROUNDED_WITHIN * min(made, default=0)
    return tuple(layout for layout, batch in zip(found, made, strict=True) if batch <= most)


def _is_run(
    spec: TrainingSpec,
    shape: Shape,
    runner: Framework,
    engine: Engine,
    zero_stage: int,
    context_parallel: int,
) -> bool:
    """Whether `runner` runs the job so: what `missing_pairs` refuses is not chosen either."""
    splits = context_parallel == 1 or engine in runner.sequence_engines
    cuts = runner.shards_packed(shape.quantization, engine, zero_stage)
    return splits and cuts and not (zero_stage and spec.optimizer in LOW_RANK_OPTIMIZERS)


def _batch_can_split(spec: TrainingSpec, shape: Shape, data_parallel_size: int) -> bool:
    """Whether the ranks share the global batch evenly; a pinned count is rounded instead."""
    if (ranks := ranks_of_batch(spec)) is not None:
        return data_parallel_size == ranks
    if spec.num_gpus is not None or (spec.global_batch_size is None and spec.micro_batch_size is not None):
        return True
    return shape.global_batch_size % data_parallel_size == 0


def _zero_stages(
    spec: TrainingSpec, shape: Shape, runner: Framework, dp: int, model_parallel: int, cp: int
) -> tuple[int, ...]:
    """Stages worth trying: copies, gradients and states shared, all shared."""
    said = said_stage(spec, spec.engine or (runner.engine if runner.engine is Engine.FSDP else None))
    if dp * cp > 1 and not runner.copies and not said:
        return () if said == 0 else (ALL_SHARED,)
    if spec.zero_stage is not None or (said is not None and dp * cp == 1):
        return (said or 0,)
    if dp * cp == 1 or runner.copies_only:
        return (0,)
    if model_parallel > 1:
        return (1,) if Engine.MEGATRON in runner.engines else (ALL_SHARED,)
    most = ALL_SHARED if runner.moves_to_host(ALL_SHARED) or not offloads(spec) else SHARED_GRADIENTS
    if cp > 1 or said == ALL_SHARED:
        return (most,)
    least = 0 if said is None else said
    shared = (SHARED_GRADIENTS,) if _has_zero_2(spec, shape, runner) else ()
    return tuple(stage for stage in dict.fromkeys((0, *shared, most)) if stage >= least)


def _has_zero_2(spec: TrainingSpec, shape: Shape, runner: Framework) -> bool:
    """Whether the framework shares gradients and states with copies of the weights, in its own words."""
    if spec.engine is not None:
        return spec.engine is not Engine.FSDP
    keeps_masters_only = is_pure(spec, shape.method) and Engine.MEGATRON not in runner.engines
    return not keeps_masters_only and bool({Engine.DEEPSPEED, Engine.MEGATRON} & {*runner.engines})


def _engines(spec: TrainingSpec, shape: Shape, runner: Framework, zero_stage: int) -> tuple[Engine, ...]:
    """The said engine; that of the runner where it splits more than states; else whose stage it is.

    All shared is FSDP's and DeepSpeed's: which needs less, and which is faster, depends on the batch.
    """
    if spec.engine is not None:
        return (spec.engine,)
    if runner.engine is not Engine.DDP:
        return (runner.engine,)
    said = spec.zero_stage is not None or offloads(spec)
    first = runner.engine_for(zero_stage, said=said, pure=is_pure(spec, shape.method))
    other = runner.engine_for(zero_stage, said=True, pure=is_pure(spec, shape.method))
    return (first, other) if other is not first else (first,)


def _model_parallel_sizes(
    spec: TrainingSpec, shape: Shape, num_gpus: int, num_nodes: int, runners: Runners, *, linked: bool
) -> Iterator[tuple[int, int, int]]:
    """(tensor, pipeline, context) sizes: the pinned ones, else 1 and what the job is large enough for."""
    said = (spec.tensor_parallel_size, spec.pipeline_parallel_size, spec.context_parallel_size)
    if any(said):
        tp, pp, cp = said
        yield tp or 1, pp or 1, cp or 1
        return
    yield 1, 1, 1
    if num_gpus == 1 or spec.zero_stage is not None:
        return
    gpus_per_node = num_gpus // num_nodes
    if linked and _may_split_matrices(spec, shape, runners):
        for tp in _tensor_sizes(shape, gpus_per_node):
            yield from ((tp, pp, 1) for pp in _pipeline_sizes(shape, num_nodes, runners))
    if runners.context_parallel.sequence_engines:
        yield from ((1, 1, cp) for cp in _context_sizes(shape, gpus_per_node))


def _may_split_matrices(spec: TrainingSpec, shape: Shape, runners: Runners) -> bool:
    """A said framework splits what it can; unsaid, only models that need it change to another."""
    is_worth = spec.stack is not None or shape.num_params >= MODEL_PARALLEL_MIN_PARAMS
    return shape.trains_all and is_worth and runners.model_parallel.splits_matrices


def _context_sizes(shape: Shape, gpus_per_node: int) -> Iterable[int]:
    """Parts of a machine that share one sequence, where it is long."""
    if shape.sequence_length < LONG_SEQUENCE_TOKENS:
        return ()
    return tuple(size for size in (2, 4, 8) if gpus_per_node % size == 0)


def _tensor_sizes(shape: Shape, gpus_per_node: int) -> Iterable[int]:
    """The largest part of a machine that divides the heads: tensor parallelism stays inside a node."""
    fitting = (
        size
        for size in (8, 4, 2)
        if gpus_per_node % size == 0
        and shape.num_attention_heads % size == 0
        and shape.num_key_value_heads % size == 0
    )
    return tuple(fitting)[:1]


def _pipeline_sizes(shape: Shape, num_nodes: int, runners: Runners) -> Iterable[int]:
    """One stage, and where there are machines for more those that fill them evenly."""
    yield 1
    if (
        num_nodes > 1
        and shape.num_params >= MODEL_PARALLEL_MIN_PARAMS
        and runners.model_parallel.splits_layers
    ):
        yield from (size for size in PIPELINE_SIZES if size <= shape.num_layers and num_nodes % size == 0)
