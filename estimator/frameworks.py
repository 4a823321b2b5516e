"""What makes several cards one, by the name that people know it by."""

from estimator.parallel import Plan


def framework(plan: Plan) -> str:
    """What makes several cards one, in the words of its users; empty where they are not joined.

    Cards do not pool their memory by themselves: DDP keeps a whole copy on each.
    """
    joined = []
    if plan.tensor_parallel_size > 1 or plan.pipeline_parallel_size > 1:
        name = "torchtitan" if plan.stack == "torchtitan" else "Megatron"
        joined.append(f"{name} {_model_parallelism(plan)}")
    if plan.context_parallel_size > 1:
        joined.append(f"context parallelism {plan.context_parallel_size}")
    if plan.shard_size > 1:
        joined.append(_sharding(plan))
    return " + ".join(joined)


def _model_parallelism(plan: Plan) -> str:
    sizes = (("TP", plan.tensor_parallel_size), ("PP", plan.pipeline_parallel_size))
    return " ".join(f"{name} {size}" for name, size in sizes if size > 1)


def _sharding(plan: Plan) -> str:
    if plan.zero_stage == 0:
        return "DDP (a copy on each card)"
    if plan.stack == "megatron":
        return "distributed optimizer"
    if plan.zero_stage == 3 and plan.stack != "deepspeed":
        return "FSDP"
    return f"DeepSpeed ZeRO-{plan.zero_stage}"
