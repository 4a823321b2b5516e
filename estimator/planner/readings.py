"""What the same words need otherwise: in the numbers that were not counted, or without their offload."""

from collections.abc import Iterator
from typing import TypeVar

from estimator.defaults import states_of
from estimator.errors import Impossible
from estimator.hardware import GPU
from estimator.memory.result import OnOneGpu, OtherReading, Verdict
from estimator.plan import Plan
from estimator.planner.evaluate import PlanEvaluator
from estimator.planner.feasibility import check
from estimator.planner.on_sale import bounded
from estimator.planner.pinned import is_pinned, pinned_plan
from estimator.planner.ranking import Aim, ranked
from estimator.planner.search import Search
from estimator.planner.settled import settled_plan, with_risk
from estimator.planner.shortlist import evaluated
from estimator.result import Option
from estimator.said import offloads
from estimator.spec import Method, Precision
from estimator.workload import Assumption, Workload

T = TypeVar("T")


def other_reading(evaluator: PlanEvaluator, gpu: GPU, plan: Plan) -> OtherReading | None:
    """Fp32 states instead of 16-bit ones, or the reverse, where the words leave it open.

    On the GPUs of `plan`, otherwise planned anew: what whoever types the other reading gets. A micro batch
    or checkpointing that was chosen for this one would be no answer.
    """
    resolved = evaluator.resolved(gpu, plan.runner)
    workload = resolved.workload
    if resolved.framework.master_copy or not _is_open(evaluator, workload):
        return None
    other = evaluator.otherwise(
        mixed_precision=not workload.mixed_precision, gpu=gpu.key, num_gpus=plan.num_gpus
    )
    if not _runs(other, gpu):
        return None
    planned = _planned(other, gpu)
    otherwise, memory = other.resolved(gpu, planned.runner), other.memory(gpu, planned)
    return OtherReading(
        states=str(states_of(otherwise.workload, otherwise.framework)),
        process_bytes=memory.process_bytes,
        verdict=memory.verdict,
        micro_batch_size=_if_other(planned.micro_batch_size, plan.micro_batch_size),
        activation_checkpointing=_if_other(planned.activation_checkpointing, plan.activation_checkpointing),
    )


def _if_other(planned: T, shown: T) -> T | None:
    return None if planned == shown else planned


def on_one_gpu(evaluator: PlanEvaluator, option: Option, gpu: GPU) -> OnOneGpu | None:
    """What one `gpu` would hold in either reading, where `option` shares the job among several.

    None where the reading is no choice, or one alone cannot run what is said of several. DeepSpeed leaves
    none, but nobody who has one GPU needs it.
    """
    if option.plan.num_gpus == 1 or not _is_open(evaluator, option.workload):
        return None
    each = [
        evaluator.otherwise(mixed_precision=mixed, gpu=gpu.key, num_gpus=1, num_nodes=None)
        for mixed in (True, False)
    ]
    if not all(_runs(alone, gpu) for alone in each):
        return None
    fp32, half = (alone.memory(gpu, _planned(alone, gpu)).process_bytes.likely for alone in each)
    return OnOneGpu(gpu=gpu.key, fp32_states_bytes=int(fp32), half_states_bytes=int(half))


def offload_not_needed(evaluator: PlanEvaluator, option: Option, gpu: GPU) -> Iterator[Assumption]:
    """A said offload stays, also where a thread has come to GPUs that hold everything: that it need not."""
    if not offloads(evaluator.spec) or not option.fits or gpu.unified_memory:
        return
    plan = option.plan
    here = evaluator.otherwise(
        offload=None, offload_params=None, gpu=gpu.key, num_gpus=plan.num_gpus, num_nodes=plan.num_nodes
    )
    if not _runs(here, gpu):
        return
    planned = _planned(here, gpu)
    seconds = here.run_seconds(gpu, planned).total
    if here.memory(gpu, planned).verdict is Verdict.FITS and seconds < option.time.run_seconds.likely:
        yield Assumption(
            what="offload",
            value="true",
            code="offload_not_needed",
            parameters={"other_seconds": seconds},
        )


def _is_open(evaluator: PlanEvaluator, workload: Workload) -> bool:
    """Whether the words leave it to the framework in which numbers states are kept."""
    is_short = workload.precision in (Precision.FP16, Precision.BF16)
    trains_weights = workload.method in (Method.FULL, Method.FREEZE)
    return evaluator.spec.mixed_precision is None and is_short and trains_weights


def _runs(evaluator: PlanEvaluator, gpu: GPU) -> bool:
    """Whether some framework runs what is said: a model split over two, for one, has no plan on one GPU."""
    try:
        check(evaluator.spec, evaluator.resolved(gpu, evaluator.runner).arch, gpu, evaluator.catalog)
    except Impossible:
        return False
    return is_pinned(evaluator.spec) or any(True for _ in Search(evaluator, (gpu,)).pairs())


def _planned(evaluator: PlanEvaluator, gpu: GPU) -> Plan:
    """The plan of a spec that says GPU and count: the best that runs, else what misses by least."""
    work = Search(evaluator, (gpu,))
    pairs = tuple(work.pairs())
    found, _ = evaluated(work, bounded(work, [pair for pair in pairs if pair.missing_bytes <= 0]))
    order = ranked(found, Aim.of(evaluator.spec, evaluator.rank_by))
    for candidate in with_risk(work, order):
        if (settled := settled_plan(work, candidate)) is not None:
            return settled[0]
    if is_pinned(evaluator.spec):
        return pinned_plan(evaluator.resolved(gpu, evaluator.runner), gpu)
    return work.plan(min(pairs, key=lambda pair: pair.missing_bytes))
