"""First questions that name no model: a price an hour, how large a model may be; lists by language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.i18n import Language, language_named
from bot.language import sentences, words
from bot.language.canonical import format_request
from bot.language.grammar import KEY_OF_FIELD
from bot.language.kinds import AUTO, squash
from bot.language.request import Request
from bot.language.rules.match import Match, TokenStream, phrase_set, phrase_size
from bot.language.understood import Understood

_PER_HOUR: Final = phrase_set(sentences.PER_HOUR_ASKED)
_PRICE: Final = phrase_set(sentences.NAMES_OF_CARDS["cost"])
_LARGEST_MODEL: Final = phrase_set(sentences.LARGEST_MODEL)
_LARGEST: Final = phrase_set(sentences.LARGEST)
_ENOUGH: Final = phrase_set(sentences.ENOUGH)
_COUNTS: Final = frozenset(("num_gpus", "num_nodes"))
_ONE_GPU: Final = frozenset(("gpu", "gpu_memory_gb"))
_SEVERAL: Final = frozenset(("cards", "gpus"))
_OF_SELLERS: Final = frozenset(("providers", "excluded_providers", "market", "region"))
_OF_PRICES: Final = _OF_SELLERS | {"gpu", "num_gpus", "currency", "rank_by"}
USUAL_SIZES: Final = ("3b", "7b", "13b", "34b", "70b")
"""What people train, from what one GPU holds to what eight do."""

LISTS: Final = ("models", "gpus", "prices", "help")
"""Commands that set nothing, in whatever language they answer."""
_KEY: Final = KEY_OF_FIELD["language"]
_SPOKEN: Final[Mapping[str, Language]] = {
    squash(spelling): language
    for word in words.LANGUAGES
    for spelling in word.spellings
    if (language := language_named(word.spellings[0]))
}
_LANGUAGE: Final = re.compile(
    r"(?<!\S)(?:{names})\s*[=:]\s*(?P<value>{values})(?!\S)".format(
        names="|".join(map(re.escape, (_KEY.name, *_KEY.aliases, *_KEY.more))),
        values="|".join(map(re.escape, _SPOKEN)),
    ),
    re.IGNORECASE,
)


def language_asked(clean: str) -> tuple[str, Language] | None:
    """A text less the language that it asks for, and that language: `gpus 4090 lang=zh`."""
    said = _LANGUAGE.search(clean)
    if said is None:
        return None
    rest = f"{clean[: said.start()].rstrip()} {clean[said.end() :].lstrip()}"
    return rest.strip(), _SPOKEN[squash(said["value"])]


def gpu_priced(found: Understood) -> str:
    """The GPU whose price is asked for, with whose: `8xh100-80gb lambda`; empty where none is.

    `how much is an h100 per hour`, `h100多少钱`; a GPU and a seller or a place, and nothing to train.
    """
    said = found.said
    if not set(said) <= _OF_PRICES or not isinstance(said.get("gpu"), str):
        return ""
    if not (set(said) & _OF_SELLERS or _has(found.text, _PER_HOUR | _PRICE)):
        return ""
    kept = {name: value for name, value in said.items() if value is not AUTO and name != "rank_by"}
    if kept.get("num_gpus") == 1:
        del kept["num_gpus"]
    return format_request(Request.of_fields(kept), found.text.names)


def sizes_asked(found: Understood, base: Request | None) -> Sequence[Understood]:
    """`what can I train with 24 GB?`: the same question with each of the usual sizes."""
    if "model" in found.said or base is not None or not _has(found.text, _LARGEST_MODEL):
        return ()
    said = {"method": "qlora", **_counted(found)}
    asked = replace(found, matches=[(at, _as_asked(found.text, at, match)) for at, match in found.matches])
    return [replace(asked, said={"model": size, **said}) for size in USUAL_SIZES]


def _as_asked(text: TokenStream, at: int, match: Match) -> Match:
    """`最大` before the question for the model, which is the question itself."""
    is_asked = match.role == "aside" and phrase_size(text, at, _LARGEST) == match.size
    return Match(size=match.size, role="filler") if is_asked else match


def as_one_gpu(found: Understood) -> Understood:
    """`is 24gb enough?`, `24G够吗`: of one GPU, where no number is said; on four of them anything fits."""
    if "gpu_memory_gb" not in found.said or not _has(found.text, _ENOUGH):
        return found
    return replace(found, said=_counted(found))


def _counted(found: Understood) -> dict[str, object]:
    """What was said, of one GPU where one is named, no number is and nothing speaks of several."""
    said = found.said
    if said.keys().isdisjoint(_ONE_GPU) or not said.keys().isdisjoint(_COUNTS):
        return said
    if any(atom.squashed in _SEVERAL for atom in found.text.atoms):
        return said
    return {**said, "num_gpus": 1}


def _has(text: TokenStream, phrases: frozenset[str]) -> bool:
    return any(phrase_size(text, at, phrases) for at in range(len(text.atoms)))
