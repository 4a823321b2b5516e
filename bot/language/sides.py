"""What is said of one of two GPUs alone: `2x4090 zero3 vs 1xa100`, `8xa100 vs 4 nodes 8xv100`."""

import operator
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from bot.language.rules.machines import ALL_OF_MACHINES
from bot.language.rules.match import Match, TokenStream
from estimator.spec import SPLITS

_COUNTS: Final = frozenset(("num_gpus", "num_nodes", *ALL_OF_MACHINES))
_SHARDING: Final = frozenset(
    (
        *("zero_stage", "engine", "offload", "offload_params"),
        *SPLITS,
    )
)
_OF_A_GPU: Final = _COUNTS | _SHARDING | {"market", "providers", "region", "price_per_gpu_hour"}
"""What goes with a machine; a length or a batch is that of the whole question."""


def of_the_sides(
    text: TokenStream, matches: Sequence[tuple[int, Match]], gpus: Sequence[int]
) -> list[set[int]]:
    """For each GPU the matches that are said of it alone; nothing where the sides are not clear.

    `gpus`: the match of each side's GPU.
    """
    marks = [index for index, (_, match) in enumerate(matches) if match.role == "choice"]
    sides = [range(begin, end) for begin, end in pairwise((-1, *marks, len(matches)))]
    if len(gpus) < 2 or len(gpus) != len(sides) or not all(map(operator.contains, sides, gpus)):
        return []
    last = len(sides) - 1
    return [
        {at for at in side if at >= 0 and _is_its_own(text, matches, at, (gpu, turn == 0, turn == last))}
        | (_shards_of_several(matches, side, gpus) if turn == last else set())
        for turn, (side, gpu) in enumerate(zip(sides, gpus, strict=True))
    ]


def _is_its_own(
    text: TokenStream,
    matches: Sequence[tuple[int, Match]],
    at: int,
    side: tuple[int, bool, bool],
) -> bool:
    """Between its GPU and the mark after it; before the GPU, the count of its machines."""
    gpu, is_first, is_last = side
    said = {name for name, _ in matches[at][1].sets}
    if at == gpu or matches[at][1].role != "sets" or not said or not said <= _OF_A_GPU:
        return False
    if at > gpu:
        return not is_last
    is_beside = at == gpu - 1 and not text.is_apart(matches[gpu][0])
    counts = said <= _COUNTS and "num_gpus" in dict(matches[gpu][1].sets)
    return is_beside and counts if is_first else True


def _shards_of_several(matches: Sequence[tuple[int, Match]], side: range, gpus: Sequence[int]) -> set[int]:
    """`1xa100 vs 2x4090 zero3`: one GPU shares nothing, so what is said last is the others'."""
    *counts, last = (dict(matches[gpu][1].sets).get("num_gpus") for gpu in gpus)
    if 1 not in counts or last == 1:
        return set()
    found = (at for at in side if at > gpus[-1] and matches[at][1].role == "sets")
    return {at for at in found if {name for name, _ in matches[at][1].sets} <= _SHARDING}
