"""What could be asked instead of what nobody runs: changes of one thing, each held to the same rules."""

import math
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final

from estimator.catalog import Catalog
from estimator.defaults import resolve_model
from estimator.errors import Impossible
from estimator.planner.feasibility import check
from estimator.said import is_pure, offloads
from estimator.spec import SPLITS, Engine, Method, Quantization, TrainingSpec

MAX_CHANGES: Final = 3
_OF_THE_FRAMEWORK: Final = ("no_split", "no_method", "one_gpu_method", "no_packed_base")
"""Problems that another framework has not, whatever its engine."""
Replacement = Mapping[str, Any]
"""Fields of a spec, and what they become."""

_SHARINGS: Final[tuple[Replacement, ...]] = (
    {"engine": Engine.FSDP, "zero_stage": 3},
    {"engine": None, "zero_stage": 3},
    {"engine": None, "zero_stage": 2},
    {"engine": None, "zero_stage": 1},
    {"engine": None, "zero_stage": 0},
)
"""Ways to share the states, the most shared first: who asks for one wants memory."""


def instead(spec: TrainingSpec, catalog: Catalog, problem: Impossible) -> tuple[Replacement, ...]:
    """Changes of `spec` with which it has no such problem nor another, nearest first, one a kind.

    Two things change at once where no single one helps.
    """
    if problem.change:
        change = _with_the_next(spec, problem.change, catalog)
        return (change,) if change else ()
    kinds = [kind for kind in _kinds(spec, catalog, problem) if kind]
    found = [change for kind in kinds if (change := _first(spec, kind, catalog)) is not None]
    if not found:
        pairs: Iterator[list[Replacement]] = (
            [{**one, **two} for one in first for two in second] for first, second in combinations(kinds, 2)
        )
        found = [change for pair in pairs if (change := _first(spec, pair, catalog)) is not None]
    return tuple(found[:MAX_CHANGES])


def _kinds(spec: TrainingSpec, catalog: Catalog, problem: Impossible) -> Iterator[list[Replacement]]:
    """The changes of each kind that `spec` gives room for, that of the problem first."""
    frameworks: list[Replacement] = [
        {"stack": key, "stack_release": None} for key in (catalog.defaults.stack, *catalog.frameworks)
    ]
    if problem.code in ("no_packed_base", "no_shards_of_packed"):
        yield [{"quantization": Quantization.NF4}]
    if problem.code in _OF_THE_FRAMEWORK:
        yield frameworks
    yield from _of_the_method(spec, problem)
    splits: dict[str, int] = {name: 1 for name in SPLITS if (getattr(spec, name) or 1) > 1}
    alone: list[Replacement] = [{name: 1} for name in splits]
    yield [*alone, splits] if len(splits) > 1 else alone
    pure = is_pure(spec, catalog.defaults.method_of(spec))
    if spec.engine is not None or spec.zero_stage is not None:
        yield list(_SHARINGS)
    elif pure:
        yield list(_SHARINGS[:1])
    if pure:
        yield [{"mixed_precision": True}]
    if offloads(spec):
        yield [{"offload": False, "offload_params": None}]
    if spec.stack is not None and problem.code not in _OF_THE_FRAMEWORK:
        yield frameworks


def _of_the_method(spec: TrainingSpec, problem: Impossible) -> Iterator[list[Replacement]]:
    if problem.code == "one_gpu_method":
        yield [{"num_gpus": 1, "num_nodes": None}]
    if problem.code == "no_method":
        yield [{"method": Method.LORA, **({"quantization": None} if spec.quantization else {})}]


def _with_the_next(spec: TrainingSpec, change: Replacement, catalog: Catalog) -> Replacement | None:
    """`change` with those of the problems that it leaves, where each of them has one."""
    for _ in range(MAX_CHANGES):
        problem = _problem(spec, change, catalog)
        if problem is None:
            return change
        if not problem.change:
            return None
        change = {**change, **problem.change}
    return None


def _first(spec: TrainingSpec, changes: list[Replacement], catalog: Catalog) -> Replacement | None:
    return next((change for change in changes if _runs(spec, change, catalog)), None)


def _runs(spec: TrainingSpec, change: Replacement, catalog: Catalog) -> bool:
    return _problem(spec, change, catalog) is None


def _problem(spec: TrainingSpec, change: Replacement, catalog: Catalog) -> Impossible | None:
    """What is still wrong with the changed spec: a pair that nobody wrote, sizes that do not divide."""
    changed = spec.model_copy(update=dict(change))
    if (changed.num_gpus or 0) % math.prod(getattr(changed, name) or 1 for name in SPLITS):
        return Impossible("split_does_not_divide")
    gpu = catalog.gpu(changed.gpu) if changed.gpu else None
    try:
        check(changed, resolve_model(changed.model or "", catalog)[0], gpu, catalog)
    except Impossible as problem:
        return problem
    return None
