"""Models as people write them: size first, as a quantised checkpoint, with a slip."""

import re
from typing import Final

from bot.language import sentences, suggestions
from bot.language.kinds import Pairs, ValueFault, squash
from bot.language.rules.match import Match, TokenStream
from bot.language.values import SIZE
from bot.language.words import MODEL_VARIANTS

_QUANTIZED: Final = re.compile(
    r"(?P<name>.+?)[-_](?:(?P<bits4>bnb[-_]4bit|int4|4bit|nf4)|(?P<gptq>(?:gptq|awq)(?:[-_](?:int4|4bit))?)|(?P<bits8>(?:gptq[-_])?int8|8bit|bnb[-_]8bit))",
    re.IGNORECASE,
)
_QUANTIZATIONS: Final = {"bits4": "nf4", "gptq": "gptq", "bits8": "int8"}
_SHORTEST_SLIP: Final = 4
_LONGEST_SLIP: Final = 3
"""Words of a model's name that are read together: `lama 3 8b`."""
_HEAD_AND_SIZE: Final = 2
_LONGEST_NAME: Final = 5
_ALIKE: Final = 78


def size_and_family(text: TokenStream, at: int) -> Match | None:
    """`7b mistral`, `70B llama 3.1`: the family after its size; in `125m opt=sgd` a key is."""
    word = text.word(at)
    if word is None or not SIZE.fullmatch(word.text):
        return None
    phrases = text.phrases(at + 1)
    for size in range(len(phrases), 0, -1):
        model = text.names.model_keys.get(phrases[size - 1] + word.squashed)
        after = text.word(at + 1 + size)
        is_other = text.binds(at + 1 + size) or (after is not None and SIZE.fullmatch(after.text))
        if phrases[size - 1] in text.names.families and model and not is_other:
            return Match(size=1 + size, role="sets", sets=(("model", model),))
    return None


def variant_before_size(text: TokenStream, at: int) -> Match | None:
    """`Qwen2.5-instruct 32B`, `llama 3 chat 8b`: what it is tuned for between its family and its size."""
    name = ""
    for size in range(1, _LONGEST_NAME):
        name += text.squashed(at + size - 1)
        after = text.word(at + size)
        if after is None or name in MODEL_VARIANTS:
            return None
        if not name.endswith(MODEL_VARIANTS):
            continue
        variant = next(each for each in MODEL_VARIANTS if name.endswith(each))
        if SIZE.fullmatch(after.text):
            sized = name.removesuffix(variant) + after.squashed
            model = text.names.model_keys.get(sized + variant)
            return Match(size=size + 1, role="sets", sets=(("model", model),)) if model else None
    return None


def quantized_name(text: TokenStream, at: int) -> Match | None:
    """`qwen2.5-32b-int4`, `llama-3-8b-bnb-4bit`: a checkpoint by the number format in its name."""
    word = text.word(at)
    found = _QUANTIZED.fullmatch(word.text) if word else None
    model = text.names.model_keys.get(squash(found["name"])) if found else None
    if found is None or model is None:
        return None
    sets: Pairs = (("model", model), ("quantization", _QUANTIZATIONS[str(found.lastgroup)]))
    return Match(size=1, role="sets", sets=sets, casual=False)


def misspelt(text: TokenStream, at: int) -> Match | None:
    """`mistal 7b`, `lama 3 8b`: what is like the name of a model, up to its size."""
    word = text.word(at)
    name = text.squashed(at)
    if word is None or name in sentences.ORDINARY or len(re.sub(r"[\d.]", "", name)) < _SHORTEST_SLIP:
        return None
    for size in range(2, _LONGEST_SLIP + 1):
        last = text.word(at + size - 1)
        if last is None:
            return None
        if SIZE.fullmatch(last.text):
            return _like_a_model(text, at, size)
        if not last.text.replace(".", "").isdigit():
            return None
    return None


def _like_a_model(text: TokenStream, at: int, size: int) -> Match | None:
    typed = "".join(text.squashed(at + n) for n in range(size))
    last = text.squashed(at + size - 1)
    same = text.names.of_that_size(text.squashed(at), last) if size == _HEAD_AND_SIZE else ()
    if same:
        return Match(size=size, role="unknown", fault=ValueFault("unknown_word", {}, same))
    near = suggestions.for_name(typed, text.names.shown_models, cutoff=_ALIKE)
    fitting = tuple(name for name in near if squash(name).endswith(last) and name[0] == typed[0])
    if not fitting:
        return None
    return Match(size=size, role="unknown", fault=ValueFault("unknown_word", {}, fitting))
