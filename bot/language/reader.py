"""TokenStream -> Reading: the whole of the command language, as a pure function."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from bot.i18n import Language
from bot.language import words
from bot.language.diagnose import problems_of, too_long, too_many
from bot.language.index import COMMANDS, EVERYDAY
from bot.language.kinds import AUTO
from bot.language.merge import Overlaid, Reading, clashes, overlaid
from bot.language.normalize import undone
from bot.language.problems import Problem
from bot.language.request import Request
from bot.language.rules.match import Match, TokenStream
from bot.language.rules.rules import matches_of
from bot.language.tokens import Atom, atoms_of
from bot.language.vocabulary import Vocabulary

_ACTUAL: Final = re.compile(r"actual(\s+[¥$€£]?\d\S*)+", re.IGNORECASE)
"""What was measured, and no other word: prose that begins with it is left alone."""


def plain_command(atoms: Sequence[Atom]) -> str | None:
    """`undo`, `reset` or `vs root` as the whole message."""
    message = " ".join(atom.text.lower() for atom in atoms if not atom.binds)
    return message if message in words.PLAIN_COMMANDS else None


def is_follow_up(text: TokenStream, matches: Sequence[tuple[int, Match]]) -> bool:
    """Whether every word is a token, a filler or `key=value`, and not only everyday words set something."""
    if not all(_belongs(text, at, match) for at, match in matches):
        return False
    return any(match.role != "filler" and not _is_everyday(text, at, match) for at, match in matches)


def _belongs(text: TokenStream, at: int, match: Match) -> bool:
    if match.role == "unknown":
        return _is_everyday(text, at, match)
    return match.casual if match.role != "wrong" else match.key_shaped


def _is_everyday(text: TokenStream, at: int, match: Match) -> bool:
    return all(atom.squashed in EVERYDAY for atom in text.atoms[at : at + match.size])


@dataclass(frozen=True, slots=True)
class Understood:
    """The matches of a text, what they set, and by which of them."""

    text: TokenStream
    matches: Sequence[tuple[int, Match]]
    said: dict[str, object]
    said_at: dict[str, int]
    """Field -> index of the match that set it."""
    twice: tuple[tuple[str, int, int], ...]
    """Field, and the two matches that set it to different values."""


def read(text: str, vocabulary: Vocabulary, base: Request | None = None) -> Reading:
    """What `text` asks for: a run, or one changed from `base`; everything wrong with it at once."""
    if problem := too_long(text):
        return Reading(outcome="problems", problems=(problem,))
    clean = undone(text)
    if problem := too_long(clean) or too_many(atoms := atoms_of(clean)):
        return Reading(outcome="problems", text=clean, problems=(problem,))
    understood = _understood(TokenStream(clean, tuple(atoms), vocabulary))
    if all(match.role == "filler" for _, match in understood.matches):
        return Reading(outcome="help", text=clean)
    reading = _as_spec(understood, base)
    if reading.outcome == "spec":
        return reading
    return _command(clean) or reading


def read_plain(text: str, vocabulary: Vocabulary, base: Request | None = None) -> Reading:
    """A plain reply in a card's thread: a follow-up, a follow-up with problems, or conversation."""
    conversation = Reading(outcome="conversation")
    if too_long(text):
        return conversation
    clean = undone(text)
    if too_long(clean):
        return conversation
    atoms = atoms_of(clean)
    if _ACTUAL.fullmatch(clean.strip()) or plain_command(atoms):
        return _command(" ".join(clean.split())) or conversation
    if too_many(atoms):
        return conversation
    understood = _understood(TokenStream(clean, tuple(atoms), vocabulary))
    if not is_follow_up(understood.text, understood.matches):
        return conversation
    reading = _as_spec(understood, base)
    takes_back = atoms[0].squashed == "undo" and reading.request is None
    return (_command(clean) if takes_back else None) or reading


def _understood(text: TokenStream) -> Understood:
    matches = matches_of(text)
    said: dict[str, object] = {}
    said_at: dict[str, int] = {}
    twice: list[tuple[str, int, int]] = []
    for index, (_, match) in enumerate(matches):
        for name, value in match.sets:
            if name in said and not _agree(name, said[name], value):
                twice.append((name, said_at[name], index))
                continue
            said[name] = _merged(name, said.get(name), value)
            said_at.setdefault(name, index)
    return Understood(text, matches, said, said_at, tuple(twice))


def _agree(name: str, one: object, other: object) -> bool:
    if name == "method" and "sft" in {one, other}:
        return True
    if name == "providers":
        return (one is AUTO) == (other is AUTO)
    return one == other


def _merged(name: str, before: object, value: object) -> object:
    if name == "method":
        return before if value == "sft" and before else value
    if name == "providers" and isinstance(before, tuple) and isinstance(value, tuple):
        return tuple(dict.fromkeys((*before, *value)))
    return value if before is None else before


def _as_spec(understood: Understood, base: Request | None) -> Reading:
    before = base.fields() if base else {}
    laid = overlaid(understood.said, before)
    found = tuple(_problems(understood, laid))
    language = _language(understood.said, base)
    if found:
        return Reading(outcome="problems", text=understood.text.clean, problems=found, language=language)
    return Reading(
        outcome="spec",
        text=understood.text.clean,
        request=Request.of_fields(laid.fields),
        changes=tuple(understood.said),
        dropped=tuple(laid.dropped),
        language=language,
    )


def _language(said: dict[str, object], base: Request | None) -> Language | None:
    language = said.get("language", base.language if base else None)
    return None if language is AUTO else cast("Language | None", language)


def _problems(understood: Understood, laid: Overlaid) -> Iterator[Problem]:
    return problems_of(
        understood.text,
        understood.matches,
        twice=understood.twice,
        said_at=understood.said_at,
        clashes=tuple(clashes(understood.said, laid.fields)),
        fields=laid.fields,
    )


def _command(clean: str) -> Reading | None:
    """The command that the first word names."""
    first, *after = clean.split(None, 1)
    rest = after[0] if after else ""
    name = COMMANDS.get(first.strip("`*_~\"'?.!:").lower())
    if name is None:
        return None
    if name == "help":
        return Reading(outcome="help", text=clean, arguments=rest.strip())
    return Reading(outcome="command", text=clean, command=name, arguments=rest.strip())
