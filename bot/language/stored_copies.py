"""`unsloth/llama-3-8b-bnb-4bit lora`: a copy of the hub by the number format in its name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.language.tools.names import stored_as
from bot.language.understood import Understood

_ADAPTED: Final = {"": "qlora", "lora": "qlora", "qlora": "qlora", "dora": "dora"}
"""Method -> what it is on a base of few bits."""


def as_stored(found: Understood, before: Mapping[str, object]) -> Understood:
    """`found`, with adapters on a copy that is stored in few bits as on a base that is quantized."""
    said, at = found.said, found.said_at.get("model", -1)
    model, method = str(said.get("model", "")), str(said.get("method", before.get("method", "")))
    stored = stored_as(model) if "/" in model and method in _ADAPTED and "quantization" not in said else None
    if stored is None:
        return found
    return replace(
        found,
        said={**said, "method": _ADAPTED[method], "quantization": stored},
        said_at={**found.said_at, "quantization": at},
    )
