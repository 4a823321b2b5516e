"""`ms-swift megatron`: frameworks with a second loop, on Megatron Core."""

from typing import Final

from bot.language.rules.match import Matches

_MEGATRON: Final = "megatron"
_ON_MEGATRON: Final = frozenset(("swift", "llama-factory"))
"""Frameworks with a second loop, on Megatron Core, beside that of their own.

Source: modelscope/ms-swift@76e77348a8 examples/megatron/sft.sh; hiyouga/LLaMA-Factory@2a4c946a42
src/llamafactory/train/mca/workflow.py.
"""


def on_megatron(matches: Matches) -> Matches:
    """`ms-swift megatron`, `llama-factory engine=megatron`: counted as Megatron's own loop."""
    said = [dict(match.sets) if match.role == "sets" else {} for _, match in matches]
    if not any(_MEGATRON in (each.get("stack"), each.get("engine")) for each in said):
        return matches
    found = list(matches)
    for index, fields in enumerate(said):
        if fields.get("stack") in _ON_MEGATRON:
            at, match = found[index]
            sets = tuple((name, value) for name, value in match.sets if not name.startswith("stack"))
            is_named = any(each.get("stack") == _MEGATRON for each in said)
            sets = sets if is_named else (*sets, ("stack", _MEGATRON))
            found[index] = (at, match._replace(sets=sets, not_done="on_megatron"))
    return found
