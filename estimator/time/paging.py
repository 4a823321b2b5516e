"""States of a paged optimizer that find no room on the GPU."""

from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.memory.host import paged_bytes
from estimator.memory.peak import allocated_peak_bytes
from estimator.memory.shard import shards
from estimator.plan import Plan
from estimator.spec import PAGED
from estimator.workload import Workload


def paged_out_bytes(workload: Workload, plan: Plan, gpu: GPU, framework: Framework) -> float:
    """What of a rank's paged states the tensors drive out of the GPU, every step.

    What fits beside them stays there and costs nothing; the step reads and writes all of it.
    Source: bitsandbytes-foundation/bitsandbytes bitsandbytes/optim/optimizer.py @ 06029dd, `prefetch_state`
    before each parameter's update; meta-pytorch/torchtune#990: 6 s a step and more where they do not fit.
    """
    if workload.optimizer not in PAGED or gpu.unified_memory or plan.offload:
        return 0.0
    held = max(paged_bytes(workload, plan, shard) for shard in shards(workload, plan, framework))
    free = gpu.usable_memory_bytes - allocated_peak_bytes(workload, plan, framework=framework)
    return max(0.0, held - max(0.0, free))
