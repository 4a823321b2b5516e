"""SkyPilot: a task's YAML for `sky launch`: the machine, the seller, and TRL's command.

skypilot 0.14.1: sky/utils/schemas.py (get_task_schema, get_resources_schema).
"""

from typing import Any, Final

from bot.language.tools import family, machines
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, name_set
from bot.language.tools.kinds import switched
from bot.language.tools.launch import per_node
from bot.language.tools.names import gpu_key, model_notes
from bot.language.tools.render import yaml_text
from bot.language.vocabulary import Vocabulary

FILE: Final = "sky.yaml"
_GPUS: Final = {
    "A100": "a100-40gb", "A100-80GB": "a100-80gb", "H100": "h100-80gb", "H200": "h200", "B200": "b200",
    "V100": "v100-16gb", "V100-32GB": "v100-32gb", "P100": "p100", "T4": "t4", "L4": "l4", "L40": "l40",
    "L40S": "l40s",
    "A10": "a10", "A10G": "a10g", "A40": "a40", "RTX3090": "rtx-3090", "RTX4090": "rtx-4090",
    "RTX5090": "rtx-5090",
    "RTXA6000": "rtx-a6000", "A6000": "rtx-a6000", "RTX6000-Ada": "rtx-6000-ada",
    "RTXPRO6000": "rtx-pro-6000",
    "MI300X": "mi300x", "GH200": "gh200-96gb",
}  # fmt: skip
"""Sky's name -> ours: its bare A100 has 40 GB."""
_GPUS_BACK: Final = {key: name for name, key in reversed(_GPUS.items())}
_CLOUDS: Final = name_set(
    "aws azure gcp lambda runpod vast nebius fluidstack paperspace primeintellect cudo digitalocean"
)
_RANK: Final = (
    '--machine_rank $SKYPILOT_NODE_RANK --main_process_ip "$(head -n1 <<< $SKYPILOT_NODE_IPS)"'
    " --main_process_port 29500"
)


def _read(arguments: Arguments) -> Fields:
    name, count = _accelerator(arguments)
    fields = machines.hardware(
        _GPUS.get(name) or gpu_key(name, arguments.vocabulary),
        count,
        machines.nodes_of(arguments, "num_nodes"),
    )
    cloud = str(arguments.take("resources.cloud", "resources.infra") or "").lower().partition("/")[0]
    if cloud:
        fields["providers"] = [{"do": "digitalocean"}.get(cloud, cloud)]
    spot = switched(arguments.take("resources.use_spot"))
    if spot is not None:
        fields["market"] = "spot" if spot else "on_demand"
    if region := arguments.take("resources.region"):
        fields["region"] = str(region)
    limit = arguments.take("resources.max_hourly_cost")
    price = machines.price_of_a_gpu(limit, count) if limit is not None and count else None
    return {**fields, "price_per_gpu_hour": price} if price else fields


def _accelerator(arguments: Arguments) -> tuple[str, int | None]:
    """`H100:8`, or `{H100: 8}`."""
    said = arguments.take("resources.accelerators")
    if said is None:
        prefix = "resources.accelerators."
        name = next((each for each in arguments.values if each.startswith(prefix)), "")
        if not name:
            return "", None
        said = f"{name.removeprefix(prefix)}:{arguments.take(name)}"
    first = str(said[0] if isinstance(said, list) and said else said)
    name, _, count = first.partition(":")
    return name.strip(), machines.counted(count or 1)


def _write(fields: Fields, _: Vocabulary) -> Written:
    written: Written = {}
    gpu = _GPUS_BACK.get(fields.get("gpu") or "")
    if gpu and fields.get("num_gpus") is not None:
        written["resources.accelerators"] = f"{gpu}:{per_node(fields)}"
    providers = list(fields.get("providers") or [])
    if len(providers) == 1 and providers[0] in _CLOUDS:
        written["resources.cloud"] = {"digitalocean": "do"}.get(providers[0], providers[0])
    if fields.get("market"):
        written["resources.use_spot"] = fields["market"] == "spot"
    if fields.get("region") and "resources.cloud" in written:
        written["resources.region"] = fields["region"]
    if (price := machines.price_per_machine(fields)) is not None and "resources.accelerators" in written:
        written["resources.max_hourly_cost"] = float(price)
    return {**written, "num_nodes": fields["num_nodes"]} if fields.get("num_nodes") is not None else written


FACETS: Final = (*machines.READ_ONLY, Facet(_read, _write))


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    values: dict[str, Any] = {"name": "ftcost", **tool.write(fields, vocabulary)}
    values["setup"] = 'pip install "trl[peft,quantization]"\n'
    values["run"] = machines.command(fields, vocabulary, _RANK)
    return yaml_text(values, [f"Launch: sky launch {FILE}", *model_notes(fields, vocabulary)])


TOOL: Final = Tool(
    key="sky",
    name="SkyPilot",
    stack="trl",
    facets=FACETS,
    signs=name_set(
        "resources.accelerators resources.use_spot resources.cloud resources.infra "
        "resources.disk_size file_mounts resources.region resources.max_hourly_cost setup run "
        "num_nodes"
    ),
    programs=frozenset({"sky"}),
    rents=True,
    on_several_gpus=family.REPLICAS,
    file_name=FILE,
    render=_render,
)
