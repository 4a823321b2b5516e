"""`unsloth/llama-3-8b-bnb-4bit lora`: a copy of the hub by the number format in its name."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.language.understood import Understood

_STORED: Final = (
    (re.compile(r"[-_.](?:gptq|awq)[-_.]?(?:int8|8bit)(?:$|[-_.])", re.IGNORECASE), "int8"),
    (re.compile(r"[-_.](?:gptq|awq)(?:$|[-_.])", re.IGNORECASE), "gptq"),
    (re.compile(r"[-_.](?:bnb-)?4bit(?:$|[-_.])", re.IGNORECASE), "nf4"),
    (re.compile(r"[-_.](?:bnb-)?8bit(?:$|[-_.])", re.IGNORECASE), "int8"),
    (re.compile(r"[-_.]int4(?:$|[-_.])", re.IGNORECASE), "gptq"),
    (re.compile(r"[-_.]int8(?:$|[-_.])", re.IGNORECASE), "int8"),
)
"""Endings of copies whose weights are stored in few bits, the longer before their parts."""
_ADAPTED: Final = {"": "qlora", "lora": "qlora", "qlora": "qlora", "dora": "dora"}
"""Method -> what it is on a base of few bits."""


def stored_as(named: object) -> str | None:
    """How the weights of a copy are stored, where its name tells: `…-AWQ`, `…-GPTQ-Int4`, `…-bnb-4bit`."""
    return next((kind for sign, kind in _STORED if sign.search(str(named))), None)


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
