"""`cheaper than an a100`: a GPU that others are held to, and none that is chosen."""

from typing import Final

from bot.language import limit_words, sentences
from bot.language.kinds import squash
from bot.language.rules.match import Match, Matches, TokenStream, phrase_set, phrase_size

_COMPARATIVES: Final = phrase_set((*sentences.CHEAPER, *sentences.FASTER, *limit_words.COMPARATIVES))
_THAN: Final = ("than", "比")
_TO_OPEN: Final = frozenset(("a", "an", "the", "one", "single", "我们的"))


def yardsticks(text: TokenStream, matches: Matches) -> Matches:
    """`7b lora on something cheaper than an a100`: its one GPU is no choice."""
    if not [at for at, match in matches if match.role == "choice"]:
        return matches
    named = [index for index, (_, match) in enumerate(matches) if _sets(match, "gpu") and not match.weak]
    if len(named) != 1 or not any(_sets(match, "model") for _, match in matches):
        return matches
    last = named[0]
    than = last - 1
    while than > 0 and text.squashed(matches[than][0]) in _TO_OPEN:
        than -= 1
    if than < 0 or matches[than][1].role != "choice":
        return matches
    first = _first_of_comparison(text, matches, than, last)
    if first is None:
        return matches
    begin, end = matches[first[0]][0], matches[first[1]][0] + matches[first[1]][1].size
    aside = (begin, Match(size=end - begin, role="aside", casual=False))
    return [*matches[: first[0]], aside, *matches[first[1] + 1 :]]


def _first_of_comparison(text: TokenStream, matches: Matches, than: int, gpu: int) -> tuple[int, int] | None:
    """The first and the last match of `cheaper than an a100`, `比a100便宜的`."""
    at, match = matches[than]
    said = squash(text.typed(at, match.size))
    after = matches[gpu][0] + matches[gpu][1].size
    if said == _THAN[1] and phrase_size(text, after, _COMPARATIVES):
        return than, gpu + 1
    if not said.endswith(_THAN[0]):
        return None
    if said != _THAN[0]:
        return than, gpu  # `better than`
    return (than - 1, gpu) if than and phrase_size(text, matches[than - 1][0], _COMPARATIVES) else None


def _sets(match: Match, name: str) -> bool:
    return match.role == "sets" and any(each == name for each, _ in match.sets)
