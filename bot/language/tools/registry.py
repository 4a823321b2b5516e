"""Every tool, and which of them a paste is of."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bot.language.catalogued import FRAMEWORKS
from bot.language.kinds import squash
from bot.language.tools import (
    accelerate,
    axolotl,
    deepspeed,
    dstack,
    firefly,
    foundry,
    litgpt,
    llama_factory,
    megatron,
    openrlhf,
    sky,
    swift,
    torchtune,
    trl,
    unsloth,
    verl,
    xtuner,
)
from bot.language.tools.argument import Tool
from estimator.spec import TrainingSpec

TOOLS: Final[tuple[Tool, ...]] = (
    llama_factory.TOOL,
    axolotl.TOOL,
    torchtune.TOOL,
    swift.MEGATRON,
    swift.TOOL,
    xtuner.TOOL,
    litgpt.TOOL,
    megatron.TOOL,
    foundry.TOOL,
    openrlhf.TOOL,
    verl.TOOL,
    firefly.TOOL,
    deepspeed.TOOL,
    accelerate.TOOL,
    sky.TOOL,
    dstack.TOOL,
    trl.TOOL,
    unsloth.TOOL,
    trl.HF,
)
"""In the order in which a tie is broken."""
COMMANDS: Final = tuple(tool.command for tool in TOOLS if tool.command)
"""Programs with which their command lines begin."""
MACHINES: Final = (sky.TOOL, dstack.TOOL)
"""They run other tools' commands."""
RECIPES: Final = {tool.key: tool for tool in TOOLS if tool.file_name}
"""Tools that a recipe can be written for."""
DEFAULT_RECIPE: Final = "trl"
"""Where a run names no framework that a recipe can be written for."""
_WITH_COMMANDS: Final = (
    axolotl.TOOL, torchtune.TOOL, swift.TOOL, swift.MEGATRON, xtuner.TOOL, litgpt.TOOL, foundry.TOOL,
)  # fmt: skip
"""Nobody runs them by `python script.py --option`."""
PYTHON_TOOLS: Final = (unsloth.TOOL, trl.TOOL, trl.HF)
"""What Python programs call: what is built on another before that one."""
READABLE: Final = ", ".join(tool.name for tool in TOOLS)
"""What is read, as its makers write it."""
_WITH_OTHER_NAMES: Final = (
    axolotl.TOOL, torchtune.TOOL, xtuner.TOOL, litgpt.TOOL, megatron.TOOL, foundry.TOOL, verl.TOOL,
)  # fmt: skip
_OF_THE_TRAINER: Final = frozenset({"model_name_or_path", "per_device_train_batch_size"})
"""What those call otherwise."""
_FEWEST_SIGNS: Final = 2
"""Of TRL in somebody's own script: one of its names has every other script over the Trainer, too."""
_OF_OTHERS: Final = {
    axolotl.TOOL.key: frozenset({"cutoff_len"}),
    llama_factory.TOOL.key: frozenset(
        {"base_model", "max_seq_length", "model_max_length", "lora_r", "lora_target_modules"}
    ),
    trl.TOOL.key: frozenset({"cutoff_len"}),
    firefly.TOOL.key: frozenset({"use_peft", "finetuning_type", "train_file_dir"}),
    swift.MEGATRON.key: frozenset({"finetuning_type"}),
    swift.TOOL.key: frozenset({"model_name_or_path", "dataset_mixer", "dataset_mixture"}),
}
"""Names of a length, a model, data or an adapter that a tool has not, and others over the Trainer have."""
KNOWN_FIELDS: Final = frozenset(TrainingSpec.model_fields)
_ALIASES: Final = {
    "llamafactory": "llama-factory", "lf": "llama-factory", "ms-swift": "swift", "skypilot": "sky",
    "ds": "deepspeed",
}  # fmt: skip


def recipe_tool(named: str) -> Tool | None:
    """The tool of `recipe NAME`."""
    name = named.strip().lower()
    key = next((key for key in RECIPES if squash(key) == squash(name)), _ALIASES.get(name))
    return RECIPES.get(key or "")


def tool_of_program(programs: Iterable[str]) -> Tool | None:
    """The tool that a command line runs."""
    parts = {part for word in programs for part in (word.rpartition("/")[2], *re.split(r"[/.]", word))}
    return next((tool for tool in TOOLS if tool.programs & parts), None)


def tool_of_command(words: Sequence[str]) -> Tool | None:
    """The tool whose own program a command line begins with."""
    return (
        next((tool for tool in TOOLS if tool.command and tool.command == words[0]), None) if words else None
    )


def tool_of_calls(names: frozenset[str]) -> Tool | None:
    """The tool that a Python program calls."""
    return next((tool for tool in PYTHON_TOOLS if tool.calls & names), None)


def tool_of_log(text: str) -> Tool | None:
    """The tool whose banner stands in a log."""
    return next((tool for tool in TOOLS if tool.banner and tool.banner in text), None)


def best_tool(names: Iterable[str], at_least: int, *, of_script: bool = False) -> Tool | None:
    """The tool most of whose signs stand among these arguments; the Trainer's are everybody's.

    `of_script`: they are options of somebody's own script, which is of no tool that has a command of its own,
    and of no launcher.
    """
    listed = [each for each in names if not each.startswith("deepspeed.")]  # the launcher's, inside another's
    shared = trl.HF.score(listed)
    score, _, tool = max(
        (
            (tool.score(listed), -place, tool)
            for place, tool in enumerate(TOOLS)
            if tool is not trl.HF
            and not (of_script and (tool in (*_WITH_COMMANDS, *MACHINES) or tool.stack is None))
            and not (of_script and tool is trl.TOOL and tool.score(listed) < _FEWEST_SIGNS)
            and not (tool in _WITH_OTHER_NAMES and _OF_THE_TRAINER & {*listed})
            and not _OF_OTHERS.get(tool.key, frozenset()) & {*listed}
        ),
        key=lambda each: each[:2],
    )
    if score and (score >= at_least or shared >= at_least):
        return tool
    return trl.HF if shared >= at_least else None


def framework_key(tool: Tool) -> str | None:
    """The framework of the catalogue that a tool is."""
    for word in FRAMEWORKS:
        if tool.stack in word.spellings:
            return str(dict(word.sets)["stack"])
    return None
