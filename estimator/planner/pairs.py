"""Pairs of framework and engine that do not exist, each with those that do."""

from collections.abc import Iterator
from typing import Final

from estimator.catalog import Catalog
from estimator.defaults import is_pure, offloads, said_runner, stack_of
from estimator.errors import Impossible
from estimator.framework.engine import SHARINGS
from estimator.framework.stack import TrainingStack
from estimator.spec import Engine, Precision, TrainingSpec

_WHOLE: Final = (Precision.FP32, Precision.TF32)
"""Formats of which nothing is kept in 16 bit."""


def missing_pairs(spec: TrainingSpec, catalog: Catalog) -> Iterator[Impossible]:
    """What `spec` asks of its framework and engine that nobody wrote.

    Raises:
        UnknownStack: the catalog has no such framework.
    """
    stack = stack_of(spec, catalog, said_runner(spec, catalog))
    if spec.stack_release is not None and not stack.may_have(spec.stack_release):
        yield _no_release(stack, spec.stack_release)
    if stack.engine not in stack.engines:
        yield _refused("no_engine", catalog, stack, field=str(stack.engine))
        return
    if spec.zero_stage and spec.zero_stage not in SHARINGS[stack.engine]:
        yield _refused("no_stage", catalog, stack, field=f"zero{spec.zero_stage}")
    if spec.mixed_precision is not None and spec.precision in _WHOLE:
        said = "amp" if spec.mixed_precision else "pure"
        parameters = {"precision": str(spec.precision)}
        yield Impossible("no_short_format", parameters, field=said, change={"precision": Precision.BF16})
    elif is_pure(spec) and stack.master_copy:
        yield _refused("no_pure_states", catalog, stack, field="pure")
    if offloads(spec) and stack.copies_only:
        yield _refused("no_offload", catalog, stack, field="offload")
    elif offloads(spec) and (spec.zero_stage == 0 or spec.engine is Engine.DDP):
        yield _refused("no_offload_of_copies", catalog, stack, field="offload")
    yield from _splits(spec, catalog, stack)


def _no_release(stack: TrainingStack, said: str) -> Impossible:
    """A version where releases are months, one before the first, one that is years away."""
    field, change = f"{stack.key}@{said}", {"stack": stack.key, "stack_release": stack.newest or None}
    parameters = {"framework": stack.name, "said": said, "oldest": stack.oldest, "newest": stack.newest}
    if not stack.newest:
        return Impossible("no_releases", parameters, field=field, change=change)
    return Impossible("no_release", parameters, field=field, change=change)


def _splits(spec: TrainingSpec, catalog: Catalog, stack: TrainingStack) -> Iterator[Impossible]:
    """Tensor, pipeline and context parallelism, which few frameworks bring."""
    for name, size in (("tp", spec.tensor_parallel_size), ("pp", spec.pipeline_parallel_size)):
        if (size or 1) > 1 and not stack.splits_matrices:
            having = [each for each in catalog.stacks.values() if each.splits_matrices]
            yield _refused("no_split", catalog, stack, field=f"{name}={size}", having=having)
    cp = spec.context_parallel_size or 1
    if cp > 1 and not stack.splits_sequences:
        having = [each for each in catalog.stacks.values() if each.splits_sequences]
        yield _refused("no_split", catalog, stack, field=f"cp={cp}", having=having)


def _refused(
    code: str,
    catalog: Catalog,
    stack: TrainingStack,
    *,
    field: str,
    having: list[TrainingStack] | None = None,
) -> Impossible:
    engines = [catalog.engines[each].name for each in stack.engines]
    parameters = {
        "framework": stack.name,
        "engine": catalog.engines[stack.engine].name,
        "engines": ", ".join(engines),
        "said": field,
        "having": ", ".join(each.name for each in having or ()),
    }
    return Impossible(code, parameters, field=field)
