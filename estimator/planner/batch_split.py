"""The passes that make the batch of one optimizer step."""

import math
from functools import lru_cache
from typing import NamedTuple

from estimator.spec import TrainingSpec


class BatchSplit(NamedTuple):
    """How one optimizer step is cut on each data-parallel rank."""

    micro_batch_size: int
    gradient_accumulation_steps: int


def batch_splits(
    spec: TrainingSpec, data_parallel_size: int, global_batch_size: int
) -> tuple[BatchSplit, ...]:
    """Ways to cut the batch of one rank, smallest micro batch first; what is pinned stays.

    A batch that the ranks do not share evenly is rounded up, never down.
    """
    micro, accumulation = spec.micro_batch_size, spec.gradient_accumulation_steps
    if micro is not None and (accumulation is not None or spec.global_batch_size is None):
        return (BatchSplit(micro, accumulation or 1),)
    per_rank = math.ceil(global_batch_size / data_parallel_size)
    if micro is not None:
        return (BatchSplit(micro, math.ceil(per_rank / micro)),)
    if accumulation is not None:
        return (BatchSplit(math.ceil(per_rank / accumulation), accumulation),)
    return _divisions(per_rank)


def made_batch(spec: TrainingSpec, data_parallel_size: int, global_batch_size: int) -> int:
    """Sequences of a step, rounded up to what the ranks and the passes that were said share evenly."""
    smallest = batch_splits(spec, data_parallel_size, global_batch_size)[0]
    return smallest.micro_batch_size * smallest.gradient_accumulation_steps * data_parallel_size


@lru_cache(maxsize=512)
def _divisions(per_rank: int) -> tuple[BatchSplit, ...]:
    small = (size for size in range(1, math.isqrt(per_rank) + 1) if per_rank % size == 0)
    sizes = sorted({divisor for size in small for divisor in (size, per_rank // size)})
    return tuple(BatchSplit(size, per_rank // size) for size in sizes)
