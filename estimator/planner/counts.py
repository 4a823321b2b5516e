"""How many GPUs and machines are worth trying."""

import math
from collections.abc import Iterator
from typing import Final

from estimator.hardware import GPU
from estimator.said import gpus_of_batch
from estimator.spec import TrainingSpec

NODE_COUNTS: Final = (2, 4, 8, 16)
"""Machines tried beyond one."""
LARGEST_SINGLE_NODE_SEARCH: Final = 8


def fewest_nodes(num_gpus: int, max_gpus_per_node: int) -> int:
    """The fewest machines that hold `num_gpus` evenly."""
    least = math.ceil(num_gpus / max_gpus_per_node)
    return next(nodes for nodes in range(least, num_gpus + 1) if num_gpus % nodes == 0)


def is_networked(gpu: GPU) -> bool:
    """Whether its machines are rented with a fabric between them: those of GPUs with links of their own."""
    return not gpu.interconnect.startswith("pcie")


def counts(spec: TrainingSpec, gpu: GPU) -> Iterator[tuple[int, int]]:
    """(GPUs, nodes) worth trying: 1 to 8 in a machine, then 2, 4, 8 and 16 whole machines."""
    whole = gpu.max_gpus_per_node
    said = spec.num_gpus or gpus_of_batch(spec)
    if said is not None:
        yield said, spec.num_nodes or fewest_nodes(said, whole)
        return
    if spec.num_nodes is not None:
        yield spec.num_nodes * whole, spec.num_nodes
        return
    for num_gpus in range(1, min(whole, LARGEST_SINGLE_NODE_SEARCH) + 1):
        yield num_gpus, 1
    if whole > LARGEST_SINGLE_NODE_SEARCH:
        yield whole, 1
    if is_networked(gpu):
        for nodes in NODE_COUNTS:
            yield nodes * whole, nodes
