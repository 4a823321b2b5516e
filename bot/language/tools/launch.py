"""How many processes a job is started with: torchrun, accelerate, DeepSpeed's launcher."""

import re
from typing import Any, Final

from bot.language.tools.argument import Arguments, Fields, reads
from bot.language.tools.kinds import COUNT
from bot.language.tools.names import gpu_key

PREFIX: Final = "launch."
_PER_NODE: Final = ("nproc_per_node", "NPROC_PER_NODE", "num_gpus", "gpus")
_NODES: Final = ("nnodes", "NNODES", "num_nodes", "num_machines", "slurm_nodes")


def launched(arguments: Arguments) -> Fields:
    """The GPUs and machines that a launch line names."""
    nodes = _first(arguments, _NODES)
    total = _first(arguments, ("num_processes",))
    per_node = None if total else _first(arguments, _PER_NODE) or _visible(arguments)
    per_node = per_node or (None if total else _first(arguments, ("slurm_gpus_per_node",)))
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


def _visible(arguments: Arguments) -> int | None:
    """`CUDA_VISIBLE_DEVICES=0,1,2,3` and DeepSpeed's `--include localhost:0,1`."""
    for name in ("CUDA_VISIBLE_DEVICES", "include"):
        said = arguments.peek(f"{PREFIX}{name}")
        if said is None or isinstance(said, bool):
            continue
        listed = str(said).rpartition(":")[2]
        if re.fullmatch(r"\d{1,2}(?:,\d{1,2}){0,63}", listed):
            arguments.mark(f"{PREFIX}{name}")
            return listed.count(",") + 1
    return None


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
