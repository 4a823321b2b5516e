"""Try random jobs for what must always hold: `python scripts/sweep.py 80000`; prints what does not.

More tokens, rank or accumulation never need less; parts sum; allocated <= reserved <= process; one token more
is no jump; utilisation stays in what hardware does.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.files import load_catalog
from estimator.defaults import settle
from estimator.errors import EstimatorError
from estimator.memory import memory_estimate
from estimator.memory.result import MemoryEstimate
from estimator.plan import Plan
from estimator.planner.planner import pinned_plan
from estimator.spec import Checkpointing, Method, Precision, TrainingSpec
from estimator.time import step_time
from estimator.time.flops import model_flops_per_token
from estimator.time.result import StepTime
from estimator.time.run import sixteen_bit_peak

CATALOG: Final = load_catalog()
METHODS: Final = (Method.FULL, Method.LORA, Method.QLORA)
STACKS: Final = ("hf", "trl", "unsloth", "torchtune", "litgpt", "torchtitan", "megatron", "swift")
GPUS_SWEPT: Final = (1, 2, 4, 8, 16, 32, 64)
NEVER_LESS: Final = {"sequence_length": (1, 64), "lora_rank": (8, 64), "gradient_accumulation_steps": (1, 3)}
"""Fields that only add, and by how much they are raised."""
JUMP: Final = 0.05
MOST_MFU: Final = 0.75
ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One job, settled and estimated."""

    spec: TrainingSpec
    plan: Plan
    memory: MemoryEstimate
    step: StepTime
    mfu: float


def tried(spec: TrainingSpec) -> Tried:
    """`spec` on its own GPU.

    Raises:
        EstimatorError: there is no such job.
    """
    gpu = CATALOG.gpu(spec.gpu or "")
    resolved = settle(spec, CATALOG, gpu)
    plan = pinned_plan(resolved, gpu)
    workload, stack = resolved.workload, resolved.stack
    memory = memory_estimate(workload, plan, gpu=gpu, stack=stack, calibration=CATALOG.memory_calibration)
    step = step_time(workload, plan, gpu=gpu, stack=stack, calibration=CATALOG.time_calibration)
    tokens = plan.sequences_per_step * resolved.workload.time_length / plan.num_gpus
    flops = model_flops_per_token(resolved.workload) * tokens
    return Tried(
        spec=spec, plan=plan, memory=memory, step=step, mfu=flops / step.total_seconds / sixteen_bit_peak(gpu)
    )


def any_spec(dice: random.Random) -> TrainingSpec:
    """A random job that says all of its shape."""
    method = dice.choice(METHODS)
    count = dice.choice(GPUS_SWEPT)
    return TrainingSpec(
        model=dice.choice(list(CATALOG.models)),
        method=method,
        precision=dice.choice((Precision.BF16, Precision.FP16)),
        gpu=dice.choice(list(CATALOG.gpus)),
        num_gpus=count,
        zero_stage=dice.choice((0, 1, 2, 3)) if count > 1 else None,
        stack=dice.choice(STACKS),
        micro_batch_size=dice.choice((1, 2, 4)),
        gradient_accumulation_steps=dice.choice((1, 2, 8)),
        sequence_length=dice.choice((128, 255, 511, 512, 1024, 2048, 4096, 8192, 32768)),
        lora_rank=None if method is Method.FULL else dice.choice((4, 16, 64)),
        activation_checkpointing=dice.choice(tuple(Checkpointing)),
    )


def broken(one: Tried) -> Iterator[str]:
    """What does not hold of `one` alone, and beside its neighbours."""
    yield from _alone(one)
    for name, steps in NEVER_LESS.items():
        value = getattr(one.spec, name)
        for by in steps if value is not None else ():
            more = tried(one.spec.model_copy(update={name: value + by}))
            yield from _beside(one, more, name, is_one_step=name == "sequence_length" and by == 1)


def _alone(one: Tried) -> Iterator[str]:
    memory = one.memory
    if memory.parts.total_bytes != round(memory.process_bytes.likely) and (
        abs(memory.parts.total_bytes / memory.process_bytes.likely - 1) > ROUNDING
    ):
        yield "parts do not sum to the process"
    if not memory.allocated_bytes.likely <= memory.reserved_bytes.likely * (1 + ROUNDING):
        yield "allocated above reserved"
    if not memory.reserved_bytes.likely <= memory.process_bytes.likely:
        yield "reserved above process"
    if one.mfu > MOST_MFU * (1 + ROUNDING):
        yield f"utilisation above {MOST_MFU:.0%}"


def _beside(one: Tried, more: Tried, name: str, *, is_one_step: bool) -> Iterator[str]:
    less, greater = one.memory.process_bytes.likely, more.memory.process_bytes.likely
    if greater < less * (1 - ROUNDING):
        yield f"more {name} needs less"
    if is_one_step and greater > less * (1 + JUMP):
        yield "one token more is a jump of memory"


def main() -> None:
    """Try as many as asked, print the faults by kind with one job of each."""
    count, dice = int(sys.argv[1]) if len(sys.argv) > 1 else 1000, random.Random(7)  # noqa: S311  -- no secret
    faults: Counter[str] = Counter()
    shown: dict[str, TrainingSpec] = {}
    estimated = 0
    for _ in range(count):
        spec = any_spec(dice)
        try:
            found = list(broken(tried(spec)))
        except (EstimatorError, ValueError, KeyError):
            continue
        estimated += 1
        faults.update(found)
        for fault in found:
            shown.setdefault(fault, spec)
    print(f"{estimated} of {count} random jobs exist")
    for fault, times in faults.most_common():
        print(f"{times:6}  {fault}: {shown[fault].model_dump(exclude_none=True, mode='json')}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
