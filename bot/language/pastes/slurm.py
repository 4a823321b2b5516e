"""What a Slurm job asks for, in its `#SBATCH` lines and behind `srun`: machines, and GPUs of each.

Names: slurm.schedmd.com/sbatch.html (`--nodes`, `--gres`, `--gpus-per-node`, `--gpus`, `--gpus-per-task`,
`--ntasks-per-node`), read 2026-11-29.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from bot.language.documents import Values

SLURM: Final = ("srun", "sbatch", "salloc")
_ASKED: Final = re.compile(r"^#SBATCH[ \t]+(.{1,200})", re.MULTILINE)
_OPTION: Final = re.compile(r"(?<![\w-])(--[a-z-]{2,30}(?![a-z-])|-[A-Za-z])(?:=|[ \t]{0,8})(?!-)(\S{1,80})")
"""An option with its value; a switch (`--exclusive`) has none, and takes none from the next."""
_GPUS: Final = re.compile(r"(?:([A-Za-z][\w.-]{0,30}):)?(\d{1,4})(?:\(.*)?")
_NODES: Final = ("--nodes", "-N")
_EACH: Final = (("--gres", 1), ("--gpus-per-node", 1))
_ALL: Final = ("--gpus", "-G")


def slurm_directives(text: str) -> Values:
    """Of the `#SBATCH` lines of a script."""
    if "#SBATCH" not in text:
        return {}
    lines = (line.partition(" #")[0] for line in _ASKED.findall(text))
    return _said(found.groups() for line in lines for found in _OPTION.finditer(line))


def slurm_values(words: Sequence[str]) -> Values:
    """Of the words behind `srun`."""
    line = " ".join(words)
    return _said(found.groups() for found in _OPTION.finditer(line))


def _said(pairs: Iterable[Sequence[str | Any]]) -> Values:
    options = {str(name): str(value) for name, value in pairs}
    nodes = next((int(options[name]) for name in _NODES if options.get(name, "").isdigit()), None)
    gpus = _gpus(options, nodes or 1)
    found: Values = {} if nodes is None else {"slurm_nodes": nodes}
    if gpus is not None:
        found["slurm_gpus_per_node"] = gpus[1]
        found |= {"slurm_gpu": gpus[0]} if gpus[0] else {}
    return found


def _gpus(options: dict[str, str], nodes: int) -> tuple[str, int] | None:
    """The kind of GPUs, and how many of them a machine gives."""
    tasks = options.get("--ntasks-per-node", "1")
    of_task = int(tasks) if tasks.isdigit() else 1
    for name, times in (*_EACH, ("--gpus-per-task", of_task), *((name, 1 / nodes) for name in _ALL)):
        found = _GPUS.fullmatch(options.get(name, "").removeprefix("gpu:"))
        if found is not None and int(found[2]):
            return found[1] or "", round(int(found[2]) * times) or 1
    return None
