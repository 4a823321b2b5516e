"""dstack: a task's YAML for `dstack apply`: the machine, the sellers, the price limit, and TRL's command.

dstack 0.22.5: dstack/_internal/core/models/{configurations,profiles,resources}.py.
"""

import re
from typing import Any, Final

from bot.language.tools import family, machines
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, name_set
from bot.language.tools.kinds import choice
from bot.language.tools.launch import per_node
from bot.language.tools.names import gpu_key, model_notes
from bot.language.tools.render import yaml_text
from bot.language.vocabulary import Vocabulary

FILE: Final = "task.dstack.yml"
_BACKENDS: Final = {
    "aws": "aws", "azure": "azure", "gcp": "gcp", "lambda": "lambda", "runpod": "runpod", "vastai": "vast",
    "cudo": "cudo",
    "oci": "oci", "nebius": "nebius", "vultr": "vultr", "verda": "verda", "digitalocean": "digitalocean",
    "crusoe": "crusoe", "hotaisle": "hotaisle", "jarvislabs": "jarvislabs",
}  # fmt: skip
_BACKENDS_BACK: Final = {ours: theirs for theirs, ours in _BACKENDS.items()}
_POLICIES: Final = choice({"spot": "spot", "on-demand": "on_demand"})
_MEMORY: Final = re.compile(r"-(\d+)gb\b")
_FORM: Final = re.compile(r"-(?:pcie|nvl)\b")
_RANK: Final = (
    "--machine_rank $DSTACK_NODE_RANK --main_process_ip $DSTACK_MASTER_NODE_IP --main_process_port 29500"
)


def _read(arguments: Arguments) -> Fields:
    name, memory, count = _gpu(arguments)
    key = gpu_key(f"{name}-{memory}", arguments.vocabulary) if memory else None
    fields = machines.hardware(
        key or gpu_key(name, arguments.vocabulary), count, machines.nodes_of(arguments, "nodes")
    )
    backends = arguments.take("backends")
    known = [_BACKENDS.get(str(each), str(each)) for each in (backends if isinstance(backends, list) else [])]
    regions = arguments.take("regions")
    found = {
        "providers": known or None,
        "market": arguments.take("spot_policy", kind=_POLICIES),
        "region": str(regions[0]) if isinstance(regions, list) and len(regions) == 1 else None,
        "price_per_gpu_hour": _limit(arguments, count),
    }
    return {**fields, **{field: value for field, value in found.items() if value is not None}}


def _limit(arguments: Arguments, count: int | None) -> dict[str, Any] | None:
    limit = arguments.take("max_price")
    return machines.price_of_a_gpu(limit, count) if limit is not None and count else None


def _gpu(arguments: Arguments) -> tuple[str, str, int | None]:
    """`{name: A100, memory: 80GB, count: 8}`, or `A100:80GB:8`."""
    name = arguments.take("resources.gpu.name")
    if name is not None:
        memory = str(arguments.take("resources.gpu.memory") or "").partition("..")[0]
        return str(name), memory, machines.counted(arguments.take("resources.gpu.count"))
    said = arguments.take("resources.gpu")
    if said is None:
        return "", "", None
    name, *parts = str(said).split(":")
    memory = next((part for part in parts if part.upper().endswith("GB")), "")
    return name, memory, machines.counted(next((part for part in parts if part.isdigit()), 1))


def _write(fields: Fields, vocabulary: Vocabulary) -> Written:
    written: Written = {**_gpu_written(fields, vocabulary)}
    providers = [_BACKENDS_BACK.get(each) for each in fields.get("providers") or ()]
    if providers and None not in providers:
        written["backends"] = providers
    if fields.get("market"):
        written["spot_policy"] = _POLICIES.write(fields["market"])
    if fields.get("region"):
        written["regions"] = [fields["region"]]
    if (price := machines.price_per_machine(fields)) is not None and "resources.gpu.name" in written:
        written["max_price"] = float(price)
    return {**written, "nodes": fields["num_nodes"]} if fields.get("num_nodes") is not None else written


def _gpu_written(fields: Fields, vocabulary: Vocabulary) -> Written:
    key, count = fields.get("gpu"), fields.get("num_gpus")
    if not key or count is None:
        return {}
    memory = _MEMORY.search(key)
    size = memory[1] if memory else f"{(vocabulary.gpu_memory_gb or {}).get(key, 0):.0f}"
    name = _FORM.sub("", _MEMORY.sub("", key)).replace("-", "").upper()
    if gpu_key(f"{name}-{size}GB", vocabulary) != key:
        return {}
    return {
        "resources.gpu.name": name,
        "resources.gpu.memory": f"{size}GB",
        "resources.gpu.count": per_node(fields),
    }


FACETS: Final = (*machines.READ_ONLY, Facet(_read, _write))


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    values: dict[str, Any] = {
        "type": "task",
        "name": "ftcost",
        "python": "3.12",
        **tool.write(fields, vocabulary),
    }
    command = machines.command(fields, vocabulary, _RANK).strip().replace(" \\\n   ", "")
    values["commands"] = ['pip install "trl[peft,quantization]"', command]
    return yaml_text(values, [f"Launch: dstack apply -f {FILE}", *model_notes(fields, vocabulary)])


TOOL: Final = Tool(
    key="dstack",
    name="dstack",
    stack="trl",
    facets=FACETS,
    signs=name_set(
        "resources.gpu resources.gpu.name resources.gpu.count spot_policy max_price backends "
        "commands resources.disk max_duration type python nodes"
    ),
    programs=frozenset({"dstack"}),
    rents=True,
    on_several_gpus=family.REPLICAS,
    file_name=FILE,
    render=_render,
)
