"""`ms-swift megatron`: frameworks with a second loop, on Megatron Core."""

from typing import Final

from bot.language.rules.match import Matches

_MEGATRON: Final = "megatron"
_NAMED: Final = ("stack", _MEGATRON)
_AS_ENGINE: Final = ("engine", _MEGATRON)
_ON_MEGATRON: Final = frozenset(("swift", "llama-factory"))
"""Frameworks with a second loop, on Megatron Core, beside that of their own.

Source: modelscope/ms-swift@76e77348a8 examples/megatron/sft.sh; hiyouga/LLaMA-Factory@2a4c946a42
src/llamafactory/train/mca/workflow.py.
"""


def on_megatron(matches: Matches) -> Matches:
    """`ms-swift megatron`, `llama-factory engine=megatron`: counted as Megatron's own loop."""
    if not [at for at, match in matches if _NAMED in match.sets or _AS_ENGINE in match.sets]:
        return matches
    said = [dict(match.sets) if match.role == "sets" else {} for _, match in matches]
    found = list(matches)
    for index, fields in enumerate(said):
        if fields.get("stack") in _ON_MEGATRON:
            at, match = found[index]
            sets = tuple((name, value) for name, value in match.sets if not name.startswith("stack"))
            is_named = any(each.get("stack") == _MEGATRON for each in said)
            sets = sets if is_named else (*sets, ("stack", _MEGATRON))
            found[index] = (at, match._replace(sets=sets, not_done="on_megatron"))
    return found
