"""A spec -> the configuration that says it, and what its tool cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.language.pastes.paste import recognised
from bot.language.tools import family
from bot.language.tools.argument import Tool
from bot.language.vocabulary import Vocabulary
from estimator.spec import ADAPTER_FIELDS, SPLITS, Attention, Engine, TrainingSpec

_IMPLIED: Final = frozenset({"stack"})
SPREAD: Final = frozenset({"engine", "zero_stage", "offload", "offload_params", *SPLITS})
"""How a job lies on its GPUs: all that a launcher of other programs has to say."""
DECIDES: Final = SPREAD | {
    *("model", "method", "quantization", "precision", "mixed_precision", "autocast"),
    *("optimizer", "activation_checkpointing", "fused_loss", "packing", "sequence_length"),
    *("micro_batch_size", "gradient_accumulation_steps", "num_epochs", "num_steps"),
    *("num_gpus", "num_nodes", *ADAPTER_FIELDS),
}
"""Whether a run fits, or which run it is: a recipe without one of these is another run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A configuration as a file."""

    tool: Tool
    text: str
    said: Mapping[str, Any]
    """The fields that reading it gives back."""
    done: Mapping[str, Any]
    """Likewise with what the tool does where its configuration says nothing."""
    unsaid: tuple[str, ...]
    """Fields that the tool cannot say."""
    lost: tuple[str, ...]
    """Those of them that decide whether it fits, or which run it is."""

    @property
    def file_name(self) -> str:
        """As the launch line inside names it."""
        return self.tool.file_name


def recipe_of(spec: TrainingSpec, tool: Tool, vocabulary: Vocabulary) -> Recipe:
    """The recipe of `spec`; what reading it back does not give is what the tool cannot say."""
    fields = completed(spec, tool)
    text, said, done = _written(tool, fields, vocabulary)
    if said.get("method") not in (None, fields.get("method")):
        text, said, done = _written(tool, _without_adapters(fields), vocabulary)
    unsaid = tuple(name for name, value in fields.items() if name not in _IMPLIED and said.get(name) != value)
    lost = tuple(name for name in unsaid if done.get(name) != fields[name] and _decides(name, fields, tool))
    return Recipe(tool=tool, text=text, said=said, done=done, unsaid=unsaid, lost=lost)


def _decides(name: str, fields: Mapping[str, Any], tool: Tool) -> bool:
    """Of a launcher it is how the job is spread alone: what trains stands in the program that it starts."""
    if tool.stack is None:
        return name in SPREAD
    if name == "gpu":
        return tool.rents
    if name == "attention":  # of the others none keeps the scores
        return Attention.EAGER in (fields[name], tool.defaults.get(name))
    return name in DECIDES


def _written(
    tool: Tool, fields: Mapping[str, Any], vocabulary: Vocabulary
) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
    text = tool.render(tool, fields, vocabulary)
    paste = recognised(text, vocabulary)
    return (text, paste.fields, {**paste.defaults, **paste.fields}) if paste else (text, {}, {})


def _without_adapters(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Where the tool would make another method of it, it is told none."""
    dropped = ("method", "quantization", *ADAPTER_FIELDS)
    return {name: value for name, value in fields.items() if name not in dropped}


def completed(spec: TrainingSpec, tool: Tool) -> dict[str, Any]:
    """The fields of `spec` with what they imply: whose sharding it is, how a QLoRA base is stored."""
    fields = family.with_engine(spec.said(), tool.engine)
    if fields.get("method") == "qlora" and "quantization" not in fields:
        fields["quantization"] = "nf4"
    if fields.get("engine") == Engine.FSDP and (fields.get("offload") or fields.get("offload_params")):
        fields |= {"offload": True, "offload_params": True}  # it moves all that it shards, or nothing
    return {**tool.settles(fields)}
