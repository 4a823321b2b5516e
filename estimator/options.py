"""A plan -> an option of the answer: judged, priced, with the limits it breaks and what it assumes."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from estimator.framework import Join, joins
from estimator.hardware import GPU
from estimator.judge import Judge
from estimator.memory.estimate import MemoryEstimate, Verdict
from estimator.money import Money
from estimator.outcome import Nearest, Option, Tag
from estimator.parallel import Plan
from estimator.remarks import remarks
from estimator.time import impossible_step
from estimator.units import HOUR_SECONDS, TERA
from estimator.workload import Assumption

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
    judge: Judge, gpu: GPU, plan: Plan, memory: MemoryEstimate, praise: tuple[Tag, ...] = ()
) -> Option:
    """`plan` judged; prices are looked up only where it runs."""
    time = judge.time(gpu, plan)
    fits = memory.verdict is not Verdict.DOES_NOT_FIT
    settled = judge.settled(gpu, plan.stack)
    option = Option(
        plan=plan,
        workload=settled.workload,
        memory=memory,
        time=time,
        quotes=judge.quotes(plan, time) if fits else (),
        joins=joins(plan, settled.stack),
        tags=praise,
    )
    said = (*_impossible(judge, option, gpu), *_warnings(judge, option), *remarks(judge, option, gpu))
    return replace(option, warnings=said)


def _warnings(judge: Judge, option: Option) -> Iterator[Assumption]:
    """Limits that the option breaks: the budget counts retries, the deadline one clean run."""
    limit = budget(judge)
    if limit is not None and option.quotes:
        allowed = judge.book.comparable(limit)
        spent = judge.book.comparable(option.quotes[0].with_retries.likely)
        if spent > allowed:
            over = limit.amount * Decimal(repr(spent / allowed - 1))
            yield _limit("budget", f"{over:.2f} {limit.currency}", "over budget", "over_budget")
    deadline = judge.spec.deadline_seconds
    if deadline is not None and (late := option.time.run_seconds.likely - deadline) > 0:
        yield _limit("deadline_seconds", f"{late / HOUR_SECONDS:.1f} h", "past the deadline", "past_deadline")


def _impossible(judge: Judge, option: Option, gpu: GPU) -> Iterator[Assumption]:
    """A said step time that no such card can reach."""
    said = judge.spec.step_seconds
    claim = None if said is None else impossible_step(option.workload, option.plan, gpu, said)
    if claim is not None:
        needed, peak = (f"{flops / TERA:.0f}" for flops in claim)
        yield Assumption(
            what="step_seconds",
            value=f"{said:g} s",
            why=f"impossible: needs {needed} TFLOP/s, the card has {peak}",
            code="impossible_step",
            parameters={"needed_tflops": needed, "peak_tflops": peak},
        )


def _limit(what: str, by: str, why: str, code: str) -> Assumption:
    return Assumption(what=what, value=by, why=f"{why} by {by}", code=code, parameters={"by": by})


def budget(judge: Judge) -> Money | None:
    """The said budget; without a currency it is in the reader's."""
    said = judge.spec.budget
    if said is None:
        return None
    return Money(amount=said.amount, currency=said.currency or judge.currency)


def breaks_a_limit(judge: Judge, *, cost: float, seconds: float, retries: float) -> bool:
    """Whether a run of this cost (common currency) and length is over the budget or past the deadline."""
    deadline, limit = judge.spec.deadline_seconds, budget(judge)
    is_late = deadline is not None and seconds > deadline
    return is_late or (limit is not None and cost * retries > judge.book.comparable(limit))


def nearest(plan: Plan, memory: MemoryEstimate) -> Nearest:
    """How much `plan` misses by, and the largest thing it holds."""
    parts = memory.parts
    names = ("weights", "gradients", "optimizer_states", "activations", "logits", "temporary", "overhead")
    return Nearest(
        gpu=plan.gpu,
        num_gpus=plan.num_gpus,
        missing_bytes=int(memory.process_bytes.likely) - memory.usable_bytes,
        largest_part=max(names, key=lambda name: int(getattr(parts, f"{name}_bytes"))),
    )


def assumptions_of(judge: Judge, gpu: GPU, plan: Plan, *, pinned: bool) -> Iterator[Assumption]:
    """What `plan` assumes: defaults, the planner's choices, how cards are joined, a rounded batch."""
    settled = judge.settled(gpu, plan.stack)
    yield from settled.assumptions
    for name in _PLANNED:
        if getattr(judge.spec, name) is None and not (name == "zero_stage" and plan.num_gpus == 1):
            source = f"the default of {settled.stack.name}" if pinned else "chosen by the planner"
            yield _assumed(name, getattr(plan, name), source, "stack_default" if pinned else "planner")
    if joined := joins(plan, settled.stack):
        yield _joined(joined)
    if plan.stack != judge.stack:
        yield _assumed("stack", plan.stack, "runs this kind of parallelism", "plan_stack")
    wanted = settled.schedule.global_batch_size
    if plan.sequences_per_step != wanted:
        why = f"{wanted} sequences do not divide over {plan.data_parallel_size} ranks and these passes"
        yield _assumed("global_batch_size", plan.sequences_per_step, why, "batch_rounded")


def _joined(joined: tuple[Join, ...]) -> Assumption:
    """Codes that the locales name, each with the GPUs that it joins."""
    sizes = {str(join.by): str(join.size) for join in joined}
    return Assumption(
        what="sharding",
        value=" + ".join(sizes),
        why="cards do not pool their memory by themselves",
        code="joined_by",
        parameters={**sizes, "framework": joined[0].framework},
    )


def _assumed(what: str, value: object, why: str, code: str) -> Assumption:
    return Assumption(what=what, value=str(value), why=why, code=code, parameters={"value": str(value)})
