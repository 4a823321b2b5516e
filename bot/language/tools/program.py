"""A configuration that is a program, as mmengine wants it: names without quotes, `dict(…)`, imports."""

from collections.abc import Iterable, Mapping
from typing import Any, Final


class BareName(str):
    """A name of the program's, written without quotes."""

    __slots__ = ()


HOMES: Final = {
    "load_dataset": "datasets",
    "DefaultSampler": "mmengine.dataset",
    "AmpOptimWrapper": "mmengine.optim",
    "OptimWrapper": "mmengine.optim",
    "LoraConfig": "peft",
    "AdamW": "torch.optim",
    "SGD": "torch.optim",
    **dict.fromkeys(
        ("AdamW8bit", "Lion32bit", "PagedAdamW", "PagedAdamW32bit", "PagedAdamW8bit"), "bitsandbytes.optim"
    ),
    "AutoModelForCausalLM": "transformers",
    "AutoTokenizer": "transformers",
    "BitsAndBytesConfig": "transformers",
    "process_hf_dataset": "xtuner.dataset",
    "default_collate_fn": "xtuner.dataset.collate_fns",
    "alpaca_map_fn": "xtuner.dataset.map_fns",
    "template_map_fn_factory": "xtuner.dataset.map_fns",
    "TrainLoop": "xtuner.engine.runner",
    "SupervisedFinetune": "xtuner.model",
    "SequenceParallelSampler": "xtuner.parallel.sequence",
    "PROMPT_TEMPLATE": "xtuner.utils",
}
"""What the file names -> where it is imported from."""


def imports(*parts: Mapping[str, Any]) -> Iterable[str]:
    """The lines that import what these name."""
    used = {word.partition(".")[0] for word in _words_in(list(parts))}
    for home in dict.fromkeys(HOMES.values()):
        names = [name for name, place in HOMES.items() if place == home and name in used]
        if names:
            yield f"from {home} import {', '.join(names)}"


def _words_in(value: Any) -> Iterable[str]:
    if isinstance(value, BareName):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _words_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words_in(each)


def python_text(value: Any, depth: int) -> str:
    """A value as the program writes it; a mapping as `dict(…)`, a line each."""
    if isinstance(value, BareName):
        return str(value)
    if not isinstance(value, dict):
        return repr(value)
    indent = "    " * (depth + 1)
    inside = "".join(f"{indent}{name}={python_text(each, depth + 1)},\n" for name, each in value.items())
    return f"dict(\n{inside}{'    ' * depth})"
