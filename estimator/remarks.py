"""What a reader must know of an option besides its figures: said on the card, never a refusal."""

from collections.abc import Iterator
from dataclasses import replace

from estimator.hardware import GPU
from estimator.judge import Judge
from estimator.memory.estimate import Verdict
from estimator.outcome import Option
from estimator.sizes import size_as_typed
from estimator.spec import Method, Precision
from estimator.time import runs_many_experts
from estimator.units import GIB
from estimator.workload import Assumption


def remarks(judge: Judge, option: Option, gpu: GPU) -> Iterator[Assumption]:
    """Steps that win over the data, a context beyond the model's own, fp32 copies, experts one by one."""
    yield from _steps_win(judge)
    yield from _beyond_context(judge, option)
    yield from _master_copies(judge, option, gpu)
    yield from _experts(judge, option, gpu)


def _steps_win(judge: Judge) -> Iterator[Assumption]:
    """`steps=` beside `ep=` or `n=`: the steps decide."""
    spec = judge.spec
    if spec.num_steps is not None and (spec.num_epochs is not None or spec.num_examples is not None):
        why = f"steps={spec.num_steps} decides; samples and epochs are not counted"
        yield Assumption(
            what="num_steps",
            value=str(spec.num_steps),
            why=why,
            code="steps_win",
            parameters={"steps": str(spec.num_steps)},
        )


def _beyond_context(judge: Judge, option: Option) -> Iterator[Assumption]:
    """A named model on longer sequences than its positions were made for; a bare size promises none."""
    known, wanted = option.workload.arch.max_position_embeddings, option.workload.sequence_length
    if wanted > known and size_as_typed(judge.spec.model or "") is None:
        why = f"{wanted} tokens are beyond the model's own context of {known}"
        yield Assumption(
            what="sequence_length",
            value=str(wanted),
            why=why,
            code="beyond_context",
            parameters={"wanted_tokens": str(wanted), "known_tokens": str(known)},
        )


def _experts(judge: Judge, option: Option, gpu: GPU) -> Iterator[Assumption]:
    """A speed that nobody published: many experts, launched one by one."""
    stack = judge.settled(gpu, option.plan.stack).stack
    if runs_many_experts(option.workload, stack):
        experts = str(option.workload.arch.num_experts)
        yield Assumption(
            what="model",
            value=option.workload.arch.key,
            why=f"{stack.name} runs {experts} experts one by one; how fast is not measured",
            code="experts_not_measured",
            parameters={"framework": stack.name, "experts": experts},
        )


def _master_copies(judge: Judge, option: Option, gpu: GPU) -> Iterator[Assumption]:
    """Training purely in 16 bit is what the words mean and not what most people run: what `amp` needs."""
    workload = option.workload
    is_short = workload.precision in (Precision.FP16, Precision.BF16)
    if workload.method is not Method.FULL or workload.mixed_precision or not is_short or not option.fits:
        return
    mixed = replace(judge.settled(gpu, option.plan.stack), workload=replace(workload, mixed_precision=True))
    memory = judge.memory_of(mixed, gpu, option.plan)
    needed = f"{memory.process_bytes.likely / GIB:.1f}"
    fits = memory.verdict is not Verdict.DOES_NOT_FIT
    yield Assumption(
        what="mixed_precision",
        value="false",
        why=f"all in 16 bit; with fp32 copies (amp) it would need {needed} GiB a GPU",
        code="amp_fits" if fits else "amp_does_not_fit",
        parameters={"needed_gib": needed},
    )
