"""Models, GPUs and modules as tools name them."""

import re
from typing import Any, Final

from bot.language import words
from bot.language.kinds import squash
from bot.language.tools.argument import Arguments, Facet, Fields, Written
from bot.language.values import SIZE
from bot.language.vocabulary import Vocabulary

_HUB_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_MODEL_SIZE: Final = re.compile(
    r"(?<![A-Za-z0-9.])(\d{1,2}x)?(\d{1,4}(?:\.\d{1,2})?)[ _-]?([bBmM])(?![A-Za-z0-9])"
)
_ENDINGS: Final = re.compile(
    r"[-_.](?:unsloth|bnb|4bit|8bit|awq|gptq|int[48]|fp8|bf16|fp16|gguf|hf|sft|dpo|lora|qlora|full|merged|v\d+|it|instruct"
    r"|chat|base|finetuned?|ckpt|checkpoints?|adapter|mcore|nemo|pth?|bin|safetensors|\d{4})$",
    re.IGNORECASE,
)
_POINT: Final = re.compile(r"(?<=[A-Za-z]\d)_(?=\d)")
"""`qwen2_5`, as ms-swift and torchtune write it; `qwen1half` is of ms-swift's first releases."""
_OWN_FOLDER: Final = re.compile(
    r"(?:models?|saves?|outputs?|out|ckpts?|checkpoints?|data|results?|exp|experiments?|work_dirs?|weights?|\.{0,2})/",
    re.IGNORECASE,
)
"""What a path begins with that looks like a name of the hub: `models/llama3-8b-pro`."""
_PATH: Final = "path/to/"
_YOURS: Final = "your-{}-model"


def model_key(named: object, vocabulary: Vocabulary) -> str | None:
    """The catalogue's key of a hub name or a path, by its last part; else as typed, or by its size."""
    if not isinstance(named, str) or not (
        parts := [part for part in re.split(r"[/\\]", named.strip()) if part]
    ):
        return None
    for part in (named, *reversed(parts[-3:])):
        if key := _known(part, vocabulary):
            return key
    if _HUB_NAME.fullmatch(named) and not _OWN_FOLDER.match(named):
        return named
    for part in reversed(parts[-2:]):
        if size := _MODEL_SIZE.search(part):
            return f"{size[1] or ''}{size[2]}{size[3]}".lower()
    return None


def _known(name: str, vocabulary: Vocabulary) -> str | None:
    """`qwen2_5` with its point, `llama3_8b` as it is."""
    pointed = _POINT.sub(".", name.replace("1half", "1.5"))
    return _ended(pointed, vocabulary) or (_ended(name, vocabulary) if pointed != name else None)


def _ended(name: str, vocabulary: Vocabulary) -> str | None:
    """Without the endings of quantised and tuned copies, one after the other."""
    while name:
        spelled = name.lower()
        if key := vocabulary.model_named(squash(spelled), spelled):
            return key
        shorter = _ENDINGS.sub("", name)
        if shorter == name:
            return None
        name = shorter
    return None


def hub_name(model: str, vocabulary: Vocabulary) -> str:
    """What a tool loads: the hub's name of a key; for a bare size a place that tells the size."""
    named = next((name for name in vocabulary.models.get(model, ()) if "/" in name), None)
    if named is not None and model_key(named, vocabulary) == model:
        return named
    if "/" in model:
        return model
    return _YOURS.format(model) if SIZE.fullmatch(model) else f"{_PATH}{model}"


def model_notes(fields: Fields, vocabulary: Vocabulary) -> list[str]:
    """What a recipe says of the name that it loads, where it may not be the one that was asked for.

    A copy that no catalogue lists is estimated as the model in its shape, and a size has no name at all.
    """
    model = fields.get("model")
    if not model or model in vocabulary.copies or "/" in model:
        return []
    name = hub_name(model, vocabulary)
    if name.startswith((_YOURS.partition("{")[0], _PATH)):
        return [f"Put the name or the path of your own model in the place of {name}"]
    if any(squash(each).endswith(words.MODEL_VARIANTS) for each in (model, name)):
        return []
    return [f"For a copy of {name} (chat, instruct, your own) put its name there: the estimate is the same"]


def model_argument(*names: str) -> Facet:
    """The argument that names the model."""

    def read(arguments: Arguments) -> Fields:
        for name in names:
            key = model_key(arguments.peek(name), arguments.vocabulary)
            if key is not None:
                arguments.mark(name)
                return {"model": key}
        return {}

    def write(fields: Fields, vocabulary: Vocabulary) -> Written:
        model = fields.get("model")
        return {names[0]: hub_name(model, vocabulary)} if model else {}

    return Facet(read, write)


_ALL: Final = ("all", "all-linear", "all_linear", ".*")
_EVERY_LINEAR: Final = frozenset(
    {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
)


def targets_of(raw: object) -> Any:
    """`all-linear`, or module names in their order; the seven of a Llama are all of its linear layers."""
    if isinstance(raw, str):
        if raw.lower() in _ALL:
            return words.ALL_LINEAR
        raw = _of_pattern(raw) or [part for part in re.split(r"[,\s+]+", raw.strip("[]()")) if part]
    if not isinstance(raw, list | tuple | set):
        return None
    modules = [str(each).strip("\"' ") for each in raw]
    if any(each.lower() in _ALL for each in modules) or set(modules) == _EVERY_LINEAR:
        return words.ALL_LINEAR
    plain = all(re.fullmatch(r"[\w.]{1,64}", each) for each in modules)
    return list(modules) if modules and plain and len(modules) <= 32 else None


_ALTERNATIVES: Final = re.compile(r"\(((?:[a-z]{1,8}\|){1,8}[a-z]{1,8})\)_proj")


def _of_pattern(raw: str) -> list[str]:
    """The modules of a pattern: `layers.*.(mlp|self_attn).(up|down|gate|q|k|v|o)_proj`."""
    found = [name for each in _ALTERNATIVES.findall(raw) for name in each.split("|")]
    return [f"{name}_proj" for name in dict.fromkeys(found)]


def gpu_key(named: object, vocabulary: Vocabulary) -> str | None:
    """The key of a GPU as a tool or a driver prints it: `NVIDIA GeForce RTX 4090`, `H100`."""
    if not isinstance(named, str):
        return None
    plain = re.sub(r"(?i)\b(?:nvidia|geforce|tesla|quadro|amd|instinct|generation)\b", " ", named).strip(" -")
    for spelled in _spellings(" ".join(plain.split())):
        if (key := vocabulary.gpu_keys.get(squash(spelled.lower()))) is not None:
            return key
    return None


def _spellings(name: str) -> tuple[str, ...]:
    without_form = re.sub(r"(?i)[- ]?(?:sxm\d?|pcie|hbm\d\w?)\b", "", name)
    return (
        name,
        without_form,
        re.sub(r"(?i)[- ]?\d+ ?gb\b", "", without_form),
        f"rtx-{without_form}",
        re.sub(r"(?i)\bada\b", "", without_form).strip(),
    )
