"""What a reader should know of an option: what was counted otherwise than it was said, or not at all."""

from collections.abc import Iterator
from typing import Final

from estimator.framework.framework import Framework
from estimator.framework.joins import joins
from estimator.hardware import GPU
from estimator.memory.number_formats import numerics
from estimator.memory.result import MemoryEstimate, OtherReading
from estimator.plan import Plan
from estimator.planner.evaluate import PlanEvaluator
from estimator.result import Option
from estimator.said import is_pure
from estimator.sizes import size_as_typed
from estimator.spec import Engine, Optimizer
from estimator.time import has_unmeasured_experts
from estimator.units import GIB
from estimator.workload import Assumption, Parameter, Workload

ALIKE_BYTES: Final = GIB / 20
"""Under what a card shows of GiB."""
STEPPED_ON_THE_HOST: Final = (Optimizer.ADAMW, Optimizer.PAGED_ADAMW, Optimizer.LION)
"""Of which DeepSpeed has its own on the CPU: for every other that is said its Adam steps."""


def remarks(evaluator: PlanEvaluator, option: Option, gpu: GPU) -> Iterator[Assumption]:
    """Steps that win over the data, a context beyond the model's own, the other reading of a precision."""
    yield from not_counted(option.workload)
    yield from _rounded_batch(evaluator, option)
    yield from _steps_win(evaluator)
    yield from _beyond_context(evaluator, option)
    yield from _unfused(evaluator, option, gpu)
    yield from _cut_samples(option)
    yield from _stage_of_another(evaluator, option)
    yield from _readings(option)
    yield from _experts(evaluator, option, gpu)


def surer_plan(evaluator: PlanEvaluator, gpu: GPU, sure: Plan, *, taken: Plan) -> Assumption:
    """Beside a tight plan: how long what surely fits takes on the same GPUs, and what it has of its own."""
    seconds = evaluator.run_seconds(gpu, sure).total
    parameters: dict[str, Parameter] = {"sure_seconds": seconds}
    if (sure.runner, sure.zero_stage) != (taken.runner, taken.zero_stage):
        framework = evaluator.resolved(gpu, sure.runner).framework
        parameters |= {str(join.by): join.size for join in joins(sure, framework)}
        parameters["framework"] = framework.name
    if sure.micro_batch_size != taken.micro_batch_size:
        parameters["micro_batch_size"] = sure.micro_batch_size
    if sure.activation_checkpointing is not taken.activation_checkpointing:
        parameters["activation_checkpointing"] = str(sure.activation_checkpointing)
    return Assumption(what="memory", value=f"{seconds:.0f} s", code="surer_plan", parameters=parameters)


def not_counted(workload: Workload) -> Iterator[Assumption]:
    """The part of the model that the estimate leaves out."""
    if (part := workload.arch.not_counted) is not None:
        yield Assumption(what="not_counted", value=part, code=f"{part}_not_counted")


def _rounded_batch(evaluator: PlanEvaluator, option: Option) -> Iterator[Assumption]:
    """A batch that ranks and passes do not share evenly runs as the next larger one that they do.

    Where none was said it follows from its parts and the GPUs, and nobody asked for another.
    """
    wanted, made = evaluator.spec.global_batch_size, option.plan.sequences_per_step
    if wanted is not None and made != wanted:
        yield Assumption(
            what="global_batch_size",
            value=str(made),
            code="batch_rounded",
            parameters={"wanted": wanted},
        )


def _steps_win(evaluator: PlanEvaluator) -> Iterator[Assumption]:
    """`steps=` beside `ep=` or `n=`: the steps decide."""
    spec = evaluator.spec
    if spec.num_steps is not None and (spec.num_epochs is not None or spec.num_examples is not None):
        yield Assumption(
            what="num_steps",
            value=str(spec.num_steps),
            code="steps_win",
            parameters={"steps": spec.num_steps},
        )


def _beyond_context(evaluator: PlanEvaluator, option: Option) -> Iterator[Assumption]:
    """A named model on longer sequences than its positions were made for; a bare size promises none."""
    known, wanted = option.workload.arch.max_position_embeddings, option.workload.sequence_length
    if wanted > known and size_as_typed(evaluator.spec.model or "") is None:
        yield Assumption(
            what="sequence_length",
            value=str(wanted),
            code="beyond_context",
            parameters={"wanted_tokens": wanted, "known_tokens": known},
        )


def _unfused(evaluator: PlanEvaluator, option: Option, gpu: GPU) -> Iterator[Assumption]:
    """A fused loss that was asked for, of which the framework has none for such models."""
    if evaluator.spec.fused_loss and not option.workload.fused_loss:
        framework = evaluator.resolved(gpu, option.plan.runner).framework
        named = {"framework": framework.name, "model": option.workload.arch.key}
        yield Assumption(what="fused_loss", value="false", code="loss_not_fused", parameters=named)


def _cut_samples(option: Option) -> Iterator[Assumption]:
    """A mean beyond the longest: samples are cut there."""
    mean, longest = option.workload.mean_length, option.workload.sequence_length
    if mean is not None and mean > longest:
        yield Assumption(
            what="mean_length",
            value=str(mean),
            code="samples_cut",
            parameters={"mean_tokens": mean, "longest_tokens": longest},
        )


def stepped_by_the_engine(option: Option) -> Iterator[Assumption]:
    """Under offload DeepSpeed's Adam on the CPU steps with fp32 states, which is what is counted.

    Source: huggingface/accelerate@16cb6eb8 (2026-07-24) src/accelerate/accelerator.py, where the optimizer is
    offloaded, and utils/deepspeed.py, map_pytorch_optim_to_deepspeed: `zero_force_ds_cpu_optimizer` is on.
    """
    plan, optimizer = option.plan, option.workload.optimizer
    if plan.engine is Engine.DEEPSPEED and plan.offload and optimizer not in STEPPED_ON_THE_HOST:
        yield Assumption(
            what="optimizer",
            value=str(Optimizer.ADAMW),
            code="stepped_by_the_engine",
            parameters={"said": str(optimizer)},
        )


def _stage_of_another(evaluator: PlanEvaluator, option: Option) -> Iterator[Assumption]:
    """`pure zero3`: a stage is DeepSpeed's word, and DeepSpeed has no pure 16 bit."""
    spec, plan, catalog = evaluator.spec, option.plan, evaluator.catalog
    has_both = Engine.DEEPSPEED in catalog.framework(plan.stack).engines
    if spec.zero_stage and spec.engine is None and is_pure(spec, option.workload.method) and has_both:
        said, engine = f"zero{spec.zero_stage}", catalog.engines[plan.engine].name
        yield Assumption(
            what="engine",
            value=str(plan.engine),
            code="stage_of_another",
            parameters={"said": said, "engine": engine},
        )


def _experts(evaluator: PlanEvaluator, option: Option, gpu: GPU) -> Iterator[Assumption]:
    """A speed that nobody published: many experts, launched one by one or in groups."""
    framework = evaluator.resolved(gpu, option.plan.runner).framework
    yield from packed_experts(option.workload, option.plan, framework)
    if has_unmeasured_experts(option.workload, framework):
        yield Assumption(
            what="model",
            value=option.workload.arch.key,
            code="experts_not_measured" if framework.loops_over_experts else "grouped_experts_not_measured",
            parameters={"framework": framework.name, "experts": option.workload.arch.num_experts or 0},
        )


def packed_experts(workload: Workload, plan: Plan, framework: Framework) -> Iterator[Assumption]:
    """Most of the model is not in the 4 bits that people count on; or is, by a setting of its own."""
    if not workload.arch.is_moe or workload.quantization is None:
        return
    named: dict[str, Parameter] = {"framework": framework.name}
    if not framework.packs_experts(workload.arch.family, workload.quantization):
        named["bits"] = 8 * numerics(workload, plan, framework).weight_bytes
        yield Assumption(what="model", value=workload.arch.key, code="experts_not_packed", parameters=named)
    elif framework.packs_experts_by:
        named["setting"] = framework.packs_experts_by
        yield Assumption(what="model", value=workload.arch.key, code="experts_packed_by", parameters=named)


def _readings(option: Option) -> Iterator[Assumption]:
    """Nobody said in which numbers the states are kept: what the other reading would need."""
    other, counts_fp32 = option.memory.other_reading, option.workload.mixed_precision
    if other is None or _reads_alike(other, option.memory):
        return
    if counts_fp32 or option.fits:
        yield reading_remark(other, counts_fp32=counts_fp32)


def _reads_alike(other: OtherReading, memory: MemoryEstimate) -> bool:
    """Whether both readings need as much: states that rest on the host, or that FSDP keeps in fp32 anyway."""
    return abs(other.process_bytes.likely - memory.process_bytes.likely) < ALIKE_BYTES


def reading_remark(other: OtherReading, *, counts_fp32: bool) -> Assumption:
    """The sentence of it: `counts_fp32` is what the estimate has."""
    name = "pure" if counts_fp32 else "amp"
    return Assumption(
        what="mixed_precision",
        value=str(counts_fp32).lower(),
        code=f"{name}_{other.verdict}",
        parameters={
            "needed_bytes": other.process_bytes.likely,
            "micro_batch_size": other.micro_batch_size or 0,
            "activation_checkpointing": str(other.activation_checkpointing or ""),
        },
    )
