"""The modules that adapters train on: `targets=qv`, `q_proj+v_proj`, and lists with commas and brackets."""

import re
from typing import Final

from bot.language import words
from bot.language.index import is_known
from bot.language.kinds import ValueFault, squash
from bot.language.rules.match import TokenStream, Value
from estimator.model.module_names import KNOWN_NAMES

_NAME = r"[a-z_][\w.-]{0,63}"
_MODULES = re.compile(rf"{_NAME}(?:\+{_NAME}){{0,31}}", re.IGNORECASE | re.ASCII)
_UNKNOWN_MODULE = re.compile(r"[a-z_.]{1,64}", re.IGNORECASE | re.ASCII)
"""Names with a digit stand in the table, or are a model, a GPU, a number."""
_GLUE = re.compile(r"""["'()\[\]]*[,、]["'()\[\]]*""")
"""What parts two names of one list without a space: `q_proj,v_proj`, `["q_proj","v_proj"]`."""
_LOOSE = re.compile(r"""["'()\[\],、\s]*""")
_KNOWN: Final = frozenset(map(squash, (*KNOWN_NAMES, *words.TARGET_GROUPS, "attn")))
_MOST_NAMES: Final = 32


def targets_at(text: TokenStream, at: int) -> Value:
    """The list that begins at `at`, as far as module names follow, or words that a comma glues to them."""
    size = 1
    while size < _MOST_NAMES and _goes_on(text, at + size):
        size += 1
    said = "+".join(text.atoms[at + index].text for index in range(size))
    name = squash(said)
    if words.TARGET_ALIASES.get(name, name) == squash(words.ALL_LINEAR):
        return Value(size, (("lora_targets", words.ALL_LINEAR),))
    if not _MODULES.fullmatch(said):
        return Value(size, fault=ValueFault("bad_targets"))
    modules = (module for part in said.split("+") for module in _modules(part))
    return Value(size, (("lora_targets", tuple(dict.fromkeys(modules))),))


def _modules(part: str) -> tuple[str, ...]:
    """Those of a group by its name (`qv`, `attn`), else the module itself."""
    name = squash(part)
    return words.TARGET_GROUPS.get(words.TARGET_ALIASES.get(name, name), (part,))


def _goes_on(text: TokenStream, at: int) -> bool:
    """Whether the word at `at` is one more of the list before it."""
    word = text.word(at)
    if word is None or text.binds(at + 1) or is_known(word.squashed) or not _MODULES.fullmatch(word.text):
        return False
    between = text.clean[text.atoms[at - 1].end : word.start]
    if all(squash(part) in _KNOWN for part in word.text.split("+")):
        return bool(_LOOSE.fullmatch(between))
    names = (text.names.model_keys, text.names.gpu_keys, text.names.provider_keys)
    is_free = not any(phrase in known for known in names for phrase in text.phrases(at))
    return is_free and bool(_UNKNOWN_MODULE.fullmatch(word.text) and _GLUE.fullmatch(between))
