"""What of a request makes no sense together: numbers that do not multiply out, fields without a use."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import NamedTuple

from bot.language.kinds import AUTO
from estimator.spec import ADAPTER_FIELDS, SPLITS

Said = Mapping[str, object]
BATCH = ("global_batch_size", "micro_batch_size", "gradient_accumulation_steps")


class Conflict(NamedTuple):
    """The fields that do not go together, the one to blame first."""

    code: str
    fields: tuple[str, ...]
    parameters: Mapping[str, str]
    suggestions: tuple[str, ...] = ()
    """What could stand in the place of the first field."""


def clashes(said: Mapping[str, object], fields: Mapping[str, object]) -> Iterator[Conflict]:
    """What makes no sense: `said` is what the text sets, `fields` the whole result."""
    if _both(said, "num_examples", "num_tokens"):
        yield Conflict("n_and_tokens", ("num_tokens", "num_examples"), {})
    method = fields.get("method")
    if method in {"full", "freeze"}:
        for name in (*ADAPTER_FIELDS, "quantization"):
            if fields.get(name) is not None:
                code = "no_quantization" if name == "quantization" else "no_adapters"
                yield Conflict(code, (name, "method"), {"method": str(method)})
        if fields.get("prepare_kbit"):
            yield Conflict("no_quantization", ("prepare_kbit", "method"), {"method": str(method)})
    yield from _indivisible(fields)
    yield from unequal_batch(fields)


def _both(said: Mapping[str, object], *names: str) -> bool:
    return all(said.get(name) not in {None, AUTO} for name in names)


def split_of(fields: Said) -> tuple[int, tuple[str, ...]]:
    """GPUs that share one sequence, and the fields that say so."""
    sizes = {name: size for name in SPLITS if isinstance(size := fields.get(name), int) and size > 1}
    return prod(sizes.values()), tuple(sizes)


def unequal_batch(fields: Said) -> Iterator[Conflict]:
    """Batch, micro batch and accumulation are all said, and their product is another batch."""
    batch, micro, passes = (fields.get(name) for name in BATCH)
    if not (isinstance(batch, int) and isinstance(micro, int) and isinstance(passes, int)):
        return
    num_gpus, (split, named) = fields.get("num_gpus"), split_of(fields)
    parameters = {"batch": str(batch), "micro": str(micro), "passes": str(passes)}
    if isinstance(num_gpus, int) and not num_gpus % split:
        ranks = num_gpus // split
        made = micro * passes * ranks
        if made != batch:
            parameters |= {"made": str(made), "ranks": str(ranks)}
            yield Conflict("batch_is_no_product", (*BATCH, *named, "num_gpus"), parameters, (f"bs={made}",))
    elif batch % (micro * passes):
        near = max(1, round(batch / (micro * passes))) * micro * passes
        parameters |= {"made": str(micro * passes)}
        yield Conflict("batch_is_no_multiple", BATCH, parameters, (f"bs={near}",))


def is_less_than_its_passes(fields: Said) -> bool:
    """Whether the batch of a step has fewer sequences than passes, as far as the GPUs are known."""
    batch, _, passes = (fields.get(name) for name in BATCH)
    if not isinstance(batch, int) or not isinstance(passes, int):
        return False
    num_gpus = fields.get("num_gpus")
    ranks = max(1, num_gpus // split_of(fields)[0]) if isinstance(num_gpus, int) else 1
    return batch < passes * ranks


def _indivisible(fields: Said) -> Iterator[Conflict]:
    num_gpus = fields.get("num_gpus")
    if not isinstance(num_gpus, int):
        return
    split, named = split_of(fields)
    if num_gpus % split:
        parameters = {"split": str(split), "gpus": str(num_gpus)}
        yield Conflict("split_does_not_divide", (*named, "num_gpus"), parameters)
    num_nodes = fields.get("num_nodes")
    if isinstance(num_nodes, int) and num_gpus % num_nodes:
        parameters = {"nodes": str(num_nodes), "gpus": str(num_gpus)}
        yield Conflict("nodes_do_not_divide", ("num_nodes", "num_gpus"), parameters)
