"""Settings that are each fine and make no sense together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.language.kinds import AUTO
from bot.language.overlay import ADAPTER_FIELDS

_SPLITS = ("tensor_parallel_size", "pipeline_parallel_size", "context_parallel_size")


@dataclass(frozen=True, slots=True)
class Clash:
    """The fields that do not go together, the one to blame first."""

    code: str
    fields: tuple[str, ...]
    params: Mapping[str, str]


def clashes(said: Mapping[str, object], fields: Mapping[str, object]) -> Iterator[Clash]:
    """What makes no sense: `said` is what the text sets, `fields` the whole result."""
    if _both(said, "num_examples", "num_tokens"):
        yield Clash("n_and_tokens", ("num_tokens", "num_examples"), {})
    method = fields.get("method")
    if method in {"full", "freeze"}:
        for name in (*ADAPTER_FIELDS, "quantization"):
            if fields.get(name) is not None:
                code = "no_quantization" if name == "quantization" else "no_adapters"
                yield Clash(code, (name, "method"), {"method": str(method)})
        if fields.get("prepare_kbit"):
            yield Clash("no_quantization", ("prepare_kbit", "method"), {"method": str(method)})
    yield from _indivisible(fields)


def _both(said: Mapping[str, object], *names: str) -> bool:
    return all(said.get(name) not in {None, AUTO} for name in names)


def _indivisible(fields: Mapping[str, object]) -> Iterator[Clash]:
    num_gpus = fields.get("num_gpus")
    if not isinstance(num_gpus, int):
        return
    split, named = 1, []
    for name in _SPLITS:
        size = fields.get(name)
        if isinstance(size, int) and size > 1:
            split *= size
            named.append(name)
    if num_gpus % split:
        params = {"split": str(split), "gpus": str(num_gpus)}
        yield Clash("split_does_not_divide", (*named, "num_gpus"), params)
    num_nodes = fields.get("num_nodes")
    if isinstance(num_nodes, int) and num_gpus % num_nodes:
        params = {"nodes": str(num_nodes), "gpus": str(num_gpus)}
        yield Clash("nodes_do_not_divide", ("num_nodes", "num_gpus"), params)
