"""The plan of a text that says it whole: what is left open is as the framework does it."""

from bisect import bisect_left

from estimator.defaults import ResolvedJob
from estimator.hardware import GPU
from estimator.memory import allocated_peak_bytes
from estimator.plan import Plan
from estimator.planner.batch_split import batch_splits
from estimator.planner.layouts import plan_of, said_layout
from estimator.spec import Checkpointing, TrainingSpec
from estimator.units import GIB


def is_pinned(spec: TrainingSpec) -> bool:
    """Whether the text says GPU, count and micro batch, and how several GPUs are used."""
    sizes = (spec.tensor_parallel_size, spec.pipeline_parallel_size, spec.context_parallel_size)
    says_how = spec.num_gpus == 1 or spec.zero_stage is not None or any(sizes)
    return None not in (spec.gpu, spec.num_gpus, spec.micro_batch_size) and says_how


CHECKPOINTS_FROM = 0.9
"""Share of a GPU that tensors fill before somebody who said nothing of checkpointing turns it on."""

BESIDE_TENSORS_BYTES = 2 * GIB
"""What processes that talk to each other hold beside their tensors, at least."""


def pinned_plan(resolved: ResolvedJob, gpu: GPU) -> Plan:
    """The plan that the text says; what it leaves open is as its framework does it.

    But for checkpointing: who cannot run without it does not run without it, and under a framework that can
    recompute some layers recomputes as few as will do.
    """
    spec = resolved.spec
    layout = said_layout(
        spec,
        num_gpus=spec.num_gpus or 1,
        max_gpus_per_node=gpu.max_gpus_per_node,
        framework=resolved.framework,
    )
    plan = plan_of(
        layout,
        batch_splits(spec, layout.data_parallel_size, resolved.schedule.global_batch_size)[0],
        gpu=gpu.key,
        checkpointing=resolved.activation_checkpointing,
        attention=resolved.attention,
    )
    if spec.activation_checkpointing is not None or plan.activation_checkpointing is Checkpointing.FULL:
        return plan
    return _with_checkpointing(plan, resolved, gpu)


def _with_checkpointing(plan: Plan, resolved: ResolvedJob, gpu: GPU) -> Plan:
    """`plan`, with as many layers recomputed as it cannot do without."""
    beside = BESIDE_TENSORS_BYTES if plan.num_gpus > 1 else 0.0
    room = CHECKPOINTS_FROM * (gpu.usable_memory_bytes - beside)

    def has_room(tried: Plan) -> bool:
        return allocated_peak_bytes(resolved.workload, tried, framework=resolved.framework) <= room

    if has_room(plan):
        return plan
    full = plan._replace(activation_checkpointing=Checkpointing.FULL)
    if not resolved.framework.recomputes_some_layers:
        return full
    layers = resolved.arch.num_layers // plan.pipeline_parallel_size
    some = [full._replace(recomputed_share=count / layers) for count in range(1, layers)]
    least = bisect_left(some, 1, key=lambda tried: int(has_room(tried)))
    return some[least] if least < len(some) else full
