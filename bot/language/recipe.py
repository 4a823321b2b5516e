"""A spec -> the configuration that says it, and what its tool cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.language.pastes.paste import recognised
from bot.language.tools import family
from bot.language.tools.argument import Tool
from bot.language.vocabulary import Vocabulary
from estimator.spec import ADAPTER_FIELDS, TrainingSpec

_IMPLIED: Final = frozenset({"stack"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A configuration as a file."""

    tool: Tool
    text: str
    said: Mapping[str, Any]
    """The fields that reading it gives back."""
    unsaid: tuple[str, ...]
    """Fields that the tool cannot say."""

    @property
    def file_name(self) -> str:
        """As the launch line inside names it."""
        return self.tool.file_name


def recipe_of(spec: TrainingSpec, tool: Tool, vocabulary: Vocabulary) -> Recipe:
    """The recipe of `spec`; what reading it back does not give is what the tool cannot say."""
    fields = completed(spec, tool)
    text, said = _written(tool, fields, vocabulary)
    if said.get("method") not in (None, fields.get("method")):
        text, said = _written(tool, _without_adapters(fields), vocabulary)
    unsaid = tuple(name for name, value in fields.items() if name not in _IMPLIED and said.get(name) != value)
    return Recipe(tool=tool, text=text, said=said, unsaid=unsaid)


def _written(tool: Tool, fields: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[str, Mapping[str, Any]]:
    text = tool.render(tool, fields, vocabulary)
    paste = recognised(text, vocabulary)
    return text, paste.fields if paste else {}


def _without_adapters(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Where the tool would make another method of it, it is told none."""
    dropped = ("method", "quantization", *ADAPTER_FIELDS)
    return {name: value for name, value in fields.items() if name not in dropped}


def completed(spec: TrainingSpec, tool: Tool) -> dict[str, Any]:
    """The fields of `spec` with what they imply: whose sharding it is, how a QLoRA base is stored."""
    fields = family.with_engine(spec.said(), tool.engine)
    if fields.get("method") == "qlora" and "quantization" not in fields:
        fields["quantization"] = "nf4"
    return {**tool.settles(fields)}
