"""A plan -> an option of the answer: judged, priced, with the limits it breaks and what it assumes."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from estimator.defaults import states_of
from estimator.framework.engine import Join
from estimator.framework.joins import joins
from estimator.hardware import GPU
from estimator.memory.result import MemoryEstimate, Verdict
from estimator.memory.states import steps_in_backward
from estimator.money import Money
from estimator.plan import Plan
from estimator.planner.evaluate import PlanEvaluator
from estimator.planner.host_memory import host_remarks, pooled_remarks
from estimator.planner.limits import OVER_BUDGET, PAST_DEADLINE, allowed, budget
from estimator.planner.plan_prices import quotes
from estimator.planner.readings import offload_not_needed, other_reading
from estimator.planner.remarks import not_counted, packed_experts, remarks, stepped_by_the_engine
from estimator.result import Nearest, Option, Tag
from estimator.time import impossible_step, virtual_stages
from estimator.units import TERA
from estimator.workload import Assumption, Parameter

ONE_OF_THE_SIZE: Final = "one_of_the_size"
"""A GPU that was taken where its memory alone was said."""
MOST_NAMED: Final = 4
"""Of the other GPUs of its size: those that most sell."""
_PLANNED = (
    "gpu",
    "num_gpus",
    "zero_stage",
    "micro_batch_size",
    "gradient_accumulation_steps",
    "activation_checkpointing",
)
"""Fields of a plan that the planner fills where the text is silent."""


def option_of(
    evaluator: PlanEvaluator, gpu: GPU, plan: Plan, memory: MemoryEstimate, praise: tuple[Tag, ...] = ()
) -> Option:
    """`plan` judged; prices are looked up only where it runs."""
    time = evaluator.time(gpu, plan)
    fits = memory.verdict is not Verdict.DOES_NOT_FIT
    resolved = evaluator.resolved(gpu, plan.runner)
    option = Option(
        plan=plan,
        workload=resolved.workload,
        memory=replace(memory, other_reading=other_reading(evaluator, gpu, plan)),
        time=time,
        states=states_of(resolved.workload, resolved.framework),
        quotes=quotes(evaluator, plan, time) if fits else (),
        joins=joins(plan, resolved.framework),
        stack_release=(resolved.spec.stack and resolved.spec.stack_release)
        or resolved.framework.assumed_release,
        tags=praise,
    )
    said = (
        *_impossible(evaluator, option, gpu),
        *_warnings(evaluator, option),
        *remarks(evaluator, option, gpu),
        *offload_not_needed(evaluator, option, gpu),
        *stepped_by_the_engine(option),
        *host_remarks(option, gpu),
    )
    return replace(option, warnings=said)


def _warnings(evaluator: PlanEvaluator, option: Option) -> Iterator[Assumption]:
    """Limits that the option breaks: the budget counts retries, the deadline one clean run."""
    limit = budget(evaluator)
    if limit is not None and option.quotes:
        agreed = evaluator.book.comparable(limit)
        spent = evaluator.book.comparable(option.quotes[0].with_retries.likely)
        gpu = evaluator.catalog.gpu(option.plan.gpu)
        if spent > allowed(evaluator, limit, evaluator.resolved(gpu, option.plan.runner).schedule.retries):
            over = limit.amount * Decimal(repr(spent / agreed - 1))
            cents = Money(amount=round(over, 2), currency=limit.currency)
            said = f"{limit.amount:f}{limit.currency.lower()}"
            yield Assumption(
                what="budget", value=said, code=OVER_BUDGET, parameters={"over": cents, "budget": limit}
            )
    deadline = evaluator.spec.deadline_seconds
    if deadline is not None and (late := option.time.run_seconds.likely - deadline) > 0:
        yield Assumption(
            what="deadline_seconds",
            value=f"{deadline:g}s",
            code=PAST_DEADLINE,
            parameters={"late_seconds": late, "deadline_seconds": deadline},
        )


def _impossible(evaluator: PlanEvaluator, option: Option, gpu: GPU) -> Iterator[Assumption]:
    """A said step time that no such GPU can reach."""
    said = evaluator.spec.step_seconds
    claim = None if said is None else impossible_step(option.workload, option.plan, gpu, said)
    if claim is not None:
        needed, peak = (flops / TERA for flops in claim)
        yield Assumption(
            what="step_seconds",
            value=f"{said:g} s",
            code="impossible_step",
            parameters={"needed_tflops": needed, "peak_tflops": peak},
        )


def nearest(evaluator: PlanEvaluator, gpu: GPU, plan: Plan, memory: MemoryEstimate) -> Nearest:
    """How much `plan` misses by, the largest thing it holds, and what its other reading needs."""
    parts = memory.parts.by_name()
    resolved = evaluator.resolved(gpu, plan.runner)
    workload = resolved.workload
    return Nearest(
        gpu=plan.gpu,
        num_gpus=plan.num_gpus,
        usable_bytes=memory.usable_bytes,
        missing_bytes=int(memory.process_bytes.likely) - memory.usable_bytes,
        largest_part=max(parts, key=parts.__getitem__),
        other_reading=other_reading(evaluator, gpu, plan),
        warnings=(
            *not_counted(workload),
            *packed_experts(workload, plan, resolved.framework),
            *pooled_remarks(workload, plan, gpu, memory),
        ),
    )


def assumptions_of(evaluator: PlanEvaluator, gpu: GPU, plan: Plan, *, pinned: bool) -> Iterator[Assumption]:
    """What `plan` assumes: defaults, the planner's choices, how GPUs are joined, a rounded batch."""
    resolved = evaluator.resolved(gpu, plan.runner)
    yield from resolved.assumptions
    for name in _PLANNED:
        if getattr(evaluator.spec, name) is None and not (name == "zero_stage" and plan.num_gpus == 1):
            yield _assumed(name, getattr(plan, name), "framework_default" if pinned else "planner")
    yield from _of_memory(evaluator, gpu)
    if steps_in_backward(resolved.workload, plan, resolved.framework):
        yield _assumed("optimizer", resolved.workload.optimizer, "steps_in_backward")
    if joined := joins(plan, resolved.framework):
        yield _joined(joined)
    virtual = virtual_stages(
        plan, resolved.framework, evaluator.catalog.time_calibration, resolved.arch.num_layers
    )
    if virtual > 1:
        yield _assumed("virtual_stages", virtual, "interleaved")
    if plan.stack != evaluator.runner.stack:
        yield _assumed("stack", plan.stack, "plan_framework")
    wanted = resolved.schedule.global_batch_size
    if plan.sequences_per_step != wanted:
        yield _assumed("global_batch_size", plan.sequences_per_step, "batch_rounded")


def _of_memory(evaluator: PlanEvaluator, gpu: GPU) -> Iterator[Assumption]:
    """A size of memory names several kinds of GPU: which was taken, and which it may mean as well."""
    wanted = evaluator.spec.gpu_memory_gb
    if wanted is None or evaluator.spec.gpu is not None:
        return
    kinds = [each for each in evaluator.catalog.gpus.values() if round(each.memory_gb) == wanted]
    others = sorted(
        (each for each in kinds if each.key != gpu.key),
        key=lambda each: (-evaluator.book.num_sellers(each.key), each.name),
    )
    if others:
        named = ", ".join(each.key for each in others[:MOST_NAMED])
        figures: dict[str, Parameter] = {
            "memory": wanted,
            "kinds": len(kinds),
            "other_gpus": named,
            "gpu": gpu.key,
        }
        yield Assumption(what="gpu", value=gpu.key, code=ONE_OF_THE_SIZE, parameters=figures)


def _joined(joined: tuple[Join, ...]) -> Assumption:
    """Codes that the locales name, each with the GPUs that it joins."""
    sizes = {str(join.by): join.size for join in joined}
    return Assumption(
        what="sharding",
        value=" + ".join(sizes),
        code="joined_by",
        parameters={**sizes, "framework": joined[-1].framework},
    )


def _assumed(what: str, value: object, code: str) -> Assumption:
    return Assumption(what=what, value=str(value), code=code)
