"""Try random jobs for what must always hold: `python scripts/sweep.py 80000 [SEED]`; prints what does not.

More tokens, rank, micro batch or accumulation never need less and never take less time; parts sum; allocated
<= reserved <= process; one step more of a size is no jump; QLoRA needs no more than LoRA, LoRA no more than
full; two GPUs are no slower than one at the same global batch unless the link between them explains it;
utilisation stays in what hardware does.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sweep_jobs import CATALOG, any_spec

from estimator.defaults import settle
from estimator.errors import EstimatorError
from estimator.framework.engine import ALL_SHARED
from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.memory import memory_estimate
from estimator.memory.result import MemoryEstimate
from estimator.plan import Plan
from estimator.planner.feasibility import check
from estimator.planner.pinned import pinned_plan
from estimator.spec import Checkpointing, Method, Optimizer, Precision, TrainingSpec
from estimator.time import step_time
from estimator.time.flops import model_flops_per_token
from estimator.time.rates import rates
from estimator.time.result import StepTime
from estimator.time.run import sixteen_bit_peak
from estimator.workload import Workload, num_trainable_params

METHODS: Final = (Method.FULL, Method.LORA, Method.QLORA)
"""From the one that needs most to the one that needs least."""
RAISED: Final = {
    "sequence_length": (1, 64),
    "lora_rank": (1, 8, 64),
    "micro_batch_size": (1,),
    "gradient_accumulation_steps": (1, 3),
}
"""Sizes that only add, and by how much they are raised."""
JUMP: Final = 0.05
LOW_RANK: Final = 8
"""How many times wider a model is than adapters that are few beside it."""
LARGE_SIZE, LARGE_RANK = 32, 16
"""From here one more of a size is a share of it so small that nothing may jump."""
LEAST_MFU, MOST_MFU = 0.005, 0.75
LEAST_TOKENS: Final = 1024
"""Shorter micro batches may use next to nothing of a GPU."""
SHORT: Final = (Precision.BF16, Precision.FP16)
"""Formats that can be held to the least share of a 16-bit peak."""
KEEPING: Final = (None, Optimizer.ADAMW, Optimizer.ADAMW_8BIT, Optimizer.LION, Optimizer.SGD_MOMENTUM)
"""Optimizers with states on the GPU: without them nothing rests beside the weights that adapters add to."""
WAITING: Final = ("launches", "communication", "bubble", "offload")
"""Parts of a step in which a GPU waits: a link or a CPU can be as slow as it likes."""
ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One job, settled and estimated."""

    spec: TrainingSpec
    plan: Plan
    framework: Framework
    workload: Workload
    memory: MemoryEstimate
    step: StepTime
    mfu: float
    tokens: float
    """Of a micro batch on one GPU."""

    @property
    def process_bytes(self) -> float:
        """What must fit."""
        return self.memory.process_bytes.likely

    @property
    def resting_bytes(self) -> float:
        """Weights and states: what stays when the batch is gone."""
        return float(self.memory.parts.weights_bytes + self.memory.parts.optimizer_states_bytes)

    @property
    def seconds(self) -> float:
        """A step."""
        return self.step.total_seconds


def tried(spec: TrainingSpec) -> Tried:
    """`spec` on its own GPU.

    Raises:
        EstimatorError: there is no such job.
    """
    gpu = CATALOG.gpu(spec.gpu or "")
    resolved = settle(spec, CATALOG, gpu)
    check(spec, resolved.arch, gpu, CATALOG)
    plan = pinned_plan(resolved, gpu)
    workload, framework = resolved.workload, resolved.framework
    memory = memory_estimate(
        workload, plan, gpu=gpu, framework=framework, calibration=CATALOG.memory_calibration
    )
    step = step_time(workload, plan, gpu=gpu, framework=framework, calibration=CATALOG.time_calibration)
    tokens = plan.sequences_per_step * workload.time_length / plan.num_gpus
    flops = model_flops_per_token(workload) * tokens
    return Tried(
        spec=spec,
        plan=plan,
        framework=framework,
        workload=workload,
        memory=memory,
        step=step,
        mfu=flops / step.total_seconds / _peak(gpu, workload.precision),
        tokens=tokens / plan.gradient_accumulation_steps,
    )


def _peak(gpu: GPU, precision: Precision) -> float:
    """FLOP/s of 16-bit products, or of fp8's where those are more and asked for."""
    own = (gpu.peak_flops_per_second(precision) or 0.0) if precision is Precision.FP8 else 0.0
    return max(own, sixteen_bit_peak(gpu, precision))


def broken(one: Tried) -> Iterator[str]:
    """What does not hold of `one` alone, and beside its neighbours."""
    yield from _alone(one)
    for name, steps in RAISED.items():
        value = getattr(one.spec, name)
        for by in steps if value is not None else ():
            yield from _beside(one, _with(one, {name: value + by}), name, value=value, by=by)
    yield from _methods(one)
    yield from _halves(one)


def _with(one: Tried, changes: dict[str, Any]) -> Tried:
    return tried(one.spec.model_copy(update=changes))


def _alone(one: Tried) -> Iterator[str]:
    memory = one.memory
    if abs(memory.parts.total_bytes / memory.process_bytes.likely - 1) > ROUNDING:
        yield "parts do not sum to the process"
    if not memory.allocated_bytes.likely <= memory.reserved_bytes.likely * (1 + ROUNDING):
        yield "allocated above reserved"
    if not memory.reserved_bytes.likely <= memory.process_bytes.likely:
        yield "reserved above process"
    if one.mfu > MOST_MFU * (1 + ROUNDING):
        yield f"utilisation above {MOST_MFU:.0%}"
    busy = one.seconds - sum(part.seconds for part in one.step.parts if part.what in WAITING)
    is_short = one.workload.precision in SHORT
    if is_short and one.mfu * one.seconds / busy < LEAST_MFU and one.tokens >= LEAST_TOKENS:
        yield f"utilisation below {LEAST_MFU:.1%}"


def _beside(one: Tried, more: Tried, name: str, *, value: int, by: int) -> Iterator[str]:
    """One more of a small size may double what there is; of a large one it may not jump.

    But for the time of a pipeline, whose stages take turns from as many passes as stages on.
    """
    is_small_step = by == 1 and value >= (LARGE_RANK if name == "lora_rank" else LARGE_SIZE)
    stages = one.plan.pipeline_parallel_size
    takes_turns = name == "gradient_accumulation_steps" and value < stages <= value + by
    figures = {
        "memory": (one.process_bytes, more.process_bytes),
        "tensors": (one.memory.allocated_bytes.likely, more.memory.allocated_bytes.likely),
        "time": (one.seconds, more.seconds),
    }
    for what, (less, greater) in figures.items():
        if takes_turns and what == "time":
            continue
        if greater < less * (1 - ROUNDING):
            yield f"more {name} needs less {what}"
        if is_small_step and greater > less * (1 + JUMP):
            yield f"one {name} more is a jump of {what}"


def _methods(one: Tried) -> Iterator[str]:
    """The same job by the next method that should need more.

    Adapters keep inputs of their own, which can pass what a frozen or packed base saves: of a whole process
    it is asked only where every block is recomputed and states are most of it. Where ranks share states,
    adapters are what they do not share. Not where a framework is known to hold more for adapters, nor of
    batches that are not packed, which fragment adapters' memory alone.
    """
    framework = CATALOG.framework(one.plan.stack)
    holds_more = framework.mixes_frozen or framework.keeps_quantized_inputs or one.spec.packing is False
    keeps = one.spec.optimizer in KEEPING and not one.plan.offload
    is_low = (one.spec.lora_rank or 0) * LOW_RANK <= one.workload.arch.hidden_size
    if one.spec.method not in METHODS[1:] or holds_more or not keeps or not is_low:
        return
    larger = METHODS[METHODS.index(one.spec.method) - 1]
    rank = None if larger is Method.FULL else one.spec.lora_rank
    more = _with(one, {"method": larger, "lora_rank": rank})
    if not one.plan.zero_stage and one.resting_bytes > more.resting_bytes * (1 + ROUNDING):
        yield f"{one.spec.method} keeps more at rest than {larger}"
    decided = one.plan.activation_checkpointing is Checkpointing.FULL and not one.plan.zero_stage
    decided &= more.resting_bytes > more.process_bytes / 2
    if decided and one.process_bytes > more.process_bytes * (1 + JUMP):
        yield f"{one.spec.method} needs more than {larger}"


def _halves(one: Tried) -> Iterator[str]:
    """The same global batch on one GPU of twice the passes, but for what crosses the link between two.

    Not where the host steps: its processor is the same for one GPU and for two. Nor where DeepSpeed, without
    autocast, runs fp32 adapters in fp32.
    """
    if one.plan.num_gpus != 2 or one.plan.data_parallel_size != 2 or one.plan.offload:
        return
    passes = {"gradient_accumulation_steps": 2 * one.plan.gradient_accumulation_steps}
    alone = _with(one, {"num_gpus": 1, "zero_stage": None, **passes})
    if alone.workload.autocast is not one.workload.autocast:
        return
    link = link_seconds(one.plan, one.workload, one.framework)
    if one.seconds > (alone.seconds + link) * (1 + ROUNDING):
        yield "two GPUs are slower than one, and not for their link"


def link_seconds(plan: Plan, workload: Workload, framework: Framework) -> float:
    """What a GPU sends to the others of its machine in a step: gathered twice and reduced once, as computed.

    Weights in every pass where they are shared; else the gradients of what trains, in every pass from stage 2
    on and once before. Each tensor but its own part, over the slower of what the catalog knows of the link.
    """
    gpu = CATALOG.gpu(plan.gpu)
    params = workload.arch.num_params if plan.zero_stage == ALL_SHARED else num_trainable_params(workload)
    times = plan.gradient_accumulation_steps if plan.zero_stage > 1 else 1
    links = rates(gpu, framework, workload.precision, CATALOG.time_calibration, compiled=False).links
    each = 2 if workload.precision in (*SHORT, Precision.FP8) else 4
    sent = 1 - 1 / plan.data_parallel_size
    return 3 * params * each * sent * times / links.link_bytes_per_second


def main() -> None:
    """Try as many as asked, print the faults by kind with one job of each."""
    said = [int(word) for word in sys.argv[1:]]
    count, seed = (*said, *(1000, 7)[len(said) :])
    dice = random.Random(seed)  # noqa: S311  -- no secret
    faults: Counter[str] = Counter()
    shown: dict[str, TrainingSpec] = {}
    estimated = 0
    for _ in range(count):
        spec = any_spec(dice)
        try:
            found = list(broken(tried(spec)))
        except EstimatorError:
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
