"""Pairs of framework and engine that do not exist, each with those that do."""

from collections.abc import Iterator

from estimator.catalog import Catalog
from estimator.defaults import is_pure, offloads, said_runner, stack_of
from estimator.errors import Impossible
from estimator.framework.engine import SHARINGS
from estimator.framework.stack import TrainingStack
from estimator.spec import Precision, TrainingSpec


def missing_pairs(spec: TrainingSpec, catalog: Catalog) -> Iterator[Impossible]:
    """What `spec` asks of its framework and engine that nobody wrote.

    Raises:
        UnknownStack: the catalog has no such framework.
    """
    stack = stack_of(spec, catalog, said_runner(spec, catalog))
    if stack.engine not in stack.engines:
        yield _refused("no_engine", catalog, stack, field=str(stack.engine))
        return
    if spec.zero_stage and spec.zero_stage not in SHARINGS[stack.engine]:
        yield _refused("no_stage", catalog, stack, field=f"zero{spec.zero_stage}")
    if is_pure(spec) and stack.master_copy and spec.precision not in (Precision.FP32, Precision.TF32):
        yield _refused("no_pure_states", catalog, stack, field="pure")
    if offloads(spec) and stack.copies_only:
        yield _refused("no_offload", catalog, stack, field="offload")
    yield from _splits(spec, catalog, stack)


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
