"""What makes the GPUs of a plan one, in the order of its line."""

from estimator.framework.engine import Join, Sharing
from estimator.framework.framework import Framework
from estimator.plan import Plan


def joins(plan: Plan, framework: Framework) -> tuple[Join, ...]:
    """What makes the GPUs of `plan` one under `framework`; nothing where there is one.

    GPUs do not pool their memory by themselves: DDP keeps a whole copy on each.
    """
    splits = framework.model_parallelism
    found = (
        Join(framework.sharing(plan.zero_stage), plan.shard_size, framework.name),
        Join(Sharing.TENSOR_PARALLEL, plan.tensor_parallel_size, splits),
        Join(Sharing.PIPELINE_PARALLEL, plan.pipeline_parallel_size, splits),
        Join(Sharing.CONTEXT_PARALLEL, plan.context_parallel_size, splits),
    )
    return tuple(join for join in found if join.size > 1)
