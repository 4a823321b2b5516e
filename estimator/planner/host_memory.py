"""Memory of the machines beside their GPUs: what a plan takes of it against what its seller says there is."""

from collections.abc import Iterator

from estimator.hardware import GPU
from estimator.memory.result import MemoryEstimate
from estimator.plan import Plan
from estimator.result import Option
from estimator.spec import PAGED
from estimator.units import GIGA
from estimator.workload import Assumption, Parameter, Workload


def rests_on_host(workload: Workload, plan: Plan) -> bool:
    """Whether states live in host memory: more than loading the weights takes decides the machine then.

    Paged states of adapters are less than that.
    """
    pages = workload.optimizer in PAGED and not workload.has_adapters
    return plan.offload or plan.offload_params or pages


def host_remarks(option: Option, gpu: GPU) -> Iterator[Assumption]:
    """Too little host memory at the first price; not known how much, where states rest there.

    Where nobody sells the plan the machine is the asker's own; where CPU and GPU share their memory, the
    estimate has all of it.
    """
    if gpu.unified_memory:
        yield from pooled_remarks(option.workload, option.plan, gpu, option.memory)
        return
    rests = rests_on_host(option.workload, option.plan)
    if not option.quotes:
        if rests and option.fits:
            yield _remark(option.memory, "host_memory_of_own")
        return
    offered = option.quotes[0].host_memory_bytes
    if offered is None and rests:
        yield _remark(option.memory, "host_memory_unknown")
    elif offered is not None and offered < option.memory.host_bytes:
        yield _remark(option.memory, "host_memory_too_small", offered_bytes=offered)


def pooled_remarks(workload: Workload, plan: Plan, gpu: GPU, memory: MemoryEstimate) -> Iterator[Assumption]:
    """That what rests on the host is in the estimate, where that is the GPU's own memory."""
    if gpu.unified_memory and rests_on_host(workload, plan):
        yield _remark(memory, "unified_memory", gpu=gpu.key)


def _remark(memory: MemoryEstimate, code: str, **more: Parameter) -> Assumption:
    return Assumption(
        what="host_memory",
        value=f"{memory.host_bytes / GIGA:.0f} GB",
        code=code,
        parameters={"needed_bytes": float(memory.host_bytes), **more},
    )
