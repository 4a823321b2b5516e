"""How many processes a job is started with: torchrun, accelerate, DeepSpeed's launcher."""

import re
from typing import Any, Final

from bot.language.tools.argument import Arguments, Fields, reads
from bot.language.tools.kinds import COUNT
from bot.language.tools.names import gpu_key

PREFIX: Final = "launch."
_PER_NODE: Final = ("nproc_per_node", "NPROC_PER_NODE", "num_gpus", "gpus")
_DEVICES: Final = (
    "gpu_ids", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
    "ASCEND_RT_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES",
)  # fmt: skip
_LISTED: Final = re.compile(r"(?:\d{1,2}|GPU-[\w-]{1,40})(?:,(?:\d{1,2}|GPU-[\w-]{1,40})){0,63}")
_NODES: Final = ("nnodes", "NNODES", "num_nodes", "num_machines", "slurm_nodes")


_OF_A_CONTAINER: Final = ("slurm_gpus_per_node", "container_gpus")
"""What is asked for around the job: counts where the job itself says nothing."""


def launched(arguments: Arguments) -> Fields:
    """The GPUs and machines that a launch line names."""
    included = _included(arguments)
    nodes = _first(arguments, _NODES) or (len(included) if len(included) > 1 else None)
    total = _first(arguments, ("num_processes",)) or (sum(included) if len(included) > 1 else None)
    per_node = None if total else _first(arguments, _PER_NODE) or sum(included) or _visible(arguments)
    per_node = per_node or (None if total else _first(arguments, _OF_A_CONTAINER))
    gpu = gpu_key(arguments.take(f"{PREFIX}slurm_gpu"), arguments.vocabulary)
    fields: dict[str, Any] = {"gpu": gpu} if gpu else {}
    if nodes is not None:
        fields["num_nodes"] = nodes
    if total or per_node:
        fields["num_gpus"] = total or (per_node or 1) * (nodes or 1)
    return fields


def _first(arguments: Arguments, names: tuple[str, ...]) -> int | None:
    found = (arguments.take(f"{PREFIX}{name}", kind=COUNT) for name in names)
    return next((each for each in found if each is not None), None)


def _included(arguments: Arguments) -> list[int]:
    """The GPUs of each machine of DeepSpeed's `--include worker-0:0,1@worker-1:0,1`, where it lists them."""
    said = str(arguments.peek(f"{PREFIX}include") or "")
    found = [_counted(host.partition(":")[2]) for host in said.split("@")]
    if not all(found):
        return []
    arguments.mark(f"{PREFIX}include")
    return found


def _visible(arguments: Arguments) -> int | None:
    """`CUDA_VISIBLE_DEVICES=0,1,2,3`, and what it is called on other devices than NVIDIA's."""
    for name in _DEVICES:
        said = arguments.peek(f"{PREFIX}{name}")
        if said is not None and not isinstance(said, bool) and (count := _counted(str(said))):
            arguments.mark(f"{PREFIX}{name}")
            return count
    return None


def _counted(listed: str) -> int:
    """How many devices a list names, by number or by id; 0: it is none."""
    return listed.count(",") + 1 if _LISTED.fullmatch(listed) else 0


LAUNCH: Final = reads(launched)
"""Read from a launch line; each tool writes its own."""


def per_node(fields: Fields) -> int:
    """Processes of one machine."""
    return int(fields.get("num_gpus") or 1) // int(fields.get("num_nodes") or 1)


def torchrun_environment(fields: Fields) -> str:
    """`NNODES=2 NPROC_PER_NODE=8 `, as LLaMA-Factory and ms-swift hand on to torchrun."""
    if fields.get("num_gpus") is None:
        return ""
    nodes = f"NNODES={fields['num_nodes']} " if fields.get("num_nodes") is not None else ""
    return f"{nodes}NPROC_PER_NODE={per_node(fields)} "
