"""What one rule makes of the atoms at one place."""

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, Literal, NamedTuple, TypeVar

from bot.language import numerals, sentences
from bot.language.kinds import CHINESE_SCALES, Pairs, ValueFault, squash
from bot.language.numerals import chinese_number, english_number
from bot.language.rules.openings import NUMERIC, SPOKEN, traits_of
from bot.language.tokens import Atom
from bot.language.values import looks_like_number
from bot.language.vocabulary import Vocabulary

LONGEST_PHRASE = 5
"""Words of the longest name."""

_LONGEST_SPOKEN = 6
"""Words of a number: `two hundred fifty five thousand`."""
_CUTS = frozenset(",;")
_SPACES = re.compile(r"[ \t]*")

Role = Literal["sets", "filler", "wrong", "unknown", "aside", "choice", "unwanted"]
"""`aside`: not used, listed; `choice`: parts what is compared; `unwanted`: its sets are not meant."""


class Match(NamedTuple):
    """`size` atoms and what they mean."""

    size: int
    role: Role
    sets: Pairs = ()
    fault: ValueFault | None = None
    key_shaped: bool = False
    """`key=value`, or a known key with a number: in a plain reply a mistake in it is answered."""
    casual: bool = True
    """False: a spelling that counts only where the bot is spoken to."""
    weak: bool = False
    """What it sets gives way to what the text says elsewhere."""
    alone: bool = False
    """What it sets counts only where the text says nothing else."""
    listed: bool = False
    """One more value of the key before it."""
    not_done: str = ""
    """Names the sentence for what we do not estimate: `not_done.{code}`."""


class Value(NamedTuple):
    """`size` atoms read as a value: what they set, or why not."""

    size: int
    sets: Pairs = ()
    fault: ValueFault | None = None


class Numeral(NamedTuple):
    """A number as `values` reads it, and how many atoms it takes."""

    text: str
    size: int
    is_word: bool = False
    """`two`, `两`: a number only before a count noun or a GPU."""


@dataclass(frozen=True, slots=True)
class TokenStream:
    """The atoms of a text with the names they may hold."""

    clean: str
    atoms: tuple[Atom, ...]
    names: Vocabulary
    kept: dict[str, dict[int, Any]] = field(default_factory=lambda: defaultdict(dict))
    """What was found where, by the name of the finder: see `once`."""
    _words: list[Atom | None] = field(init=False)
    _squashed: list[str] = field(init=False)
    _phrases: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _longest_first: dict[int, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    traits: list[int] = field(init=False)
    """What each word could begin: see `openings`; nothing where something binds."""
    phrases_said: list[tuple[tuple[str, int], ...]] = field(init=False)
    """The phrases of sentences that begin at each place, squashed, with their words: the longest first."""
    words: frozenset[str] = field(init=False)
    """Every word, squashed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_words", [None if atom.binds else atom for atom in self.atoms])
        object.__setattr__(self, "_squashed", ["" if atom.binds else atom.squashed for atom in self.atoms])
        traits = [0 if atom.binds else traits_of(atom.text, atom.squashed, self.names) for atom in self.atoms]
        object.__setattr__(self, "traits", traits)
        said = [self._phrases_said(at) if traits[at] & SPOKEN else () for at in range(len(traits))]
        object.__setattr__(self, "phrases_said", said)
        object.__setattr__(self, "words", frozenset(self._squashed))

    def word(self, at: int) -> Atom | None:
        """The word at `at`; None past the end and where something binds."""
        try:  # rules ask hundreds of times a word, and few of them past the end
            return self._words[at]
        except IndexError:
            return None

    def squashed(self, at: int) -> str:
        """The squashed word at `at`, or nothing."""
        try:
            return self._squashed[at]
        except IndexError:
            return ""

    def phrases(self, at: int) -> tuple[str, ...]:
        """One word from `at`, two, three …, each squashed into one; as far as any name goes on like that."""
        if (known := self._phrases.get(at)) is None:
            known = self._phrases[at] = tuple(self._phrases_from(at))
        return known

    def phrases_longest_first(self, at: int) -> tuple[tuple[int, str], ...]:
        """Number of words and phrase, the longest first."""
        if (known := self._longest_first.get(at)) is None:
            known = self._longest_first[at] = tuple(enumerate(self.phrases(at), 1))[::-1]
        return known

    def _phrases_said(self, at: int) -> tuple[tuple[str, int], ...]:
        found: list[tuple[str, int]] = []
        phrase = ""
        for size, atom in enumerate(self.atoms[at : at + LONGEST_PHRASE], 1):
            if atom.binds or (size > 1 and self._is_cut(atom, at + size - 1)):
                break
            phrase += atom.squashed
            if phrase in sentences.PHRASES:
                found.append((phrase, size))
        return tuple(reversed(found))

    def _is_cut(self, atom: Atom, at: int) -> bool:
        """Whether a comma ends the phrase before `atom`: `不，用阿里云` is no `不用`."""
        end = self.atoms[at - 1].end
        return atom.start > end and not _CUTS.isdisjoint(self.clean[end : atom.start])

    def _phrases_from(self, at: int) -> Iterator[str]:
        phrase = ""
        for atom in self.atoms[at : at + LONGEST_PHRASE]:
            if atom.binds or not self.names.begins_a_name(phrase := phrase + atom.squashed):
                return
            yield phrase

    def phrase(self, at: int, size: int) -> str:
        """`size` words from `at`, squashed into one; nothing where no name is written like that."""
        phrases = self.phrases(at)
        return phrases[size - 1] if size <= len(phrases) else ""

    def binds(self, at: int) -> bool:
        """Whether `=` or `:` stands at `at`."""
        try:
            return self.atoms[at].binds
        except IndexError:
            return False

    def is_apart(self, at: int) -> bool:
        """Whether more than spaces parts the word at `at` from the one before."""
        between = self.clean[self.atoms[at - 1].end : self.atoms[at].start]
        return not _SPACES.fullmatch(between)

    def gap(self, at: int) -> str:
        """The marks between the word at `at` and the one before, without spaces."""
        if not 0 < at < len(self.atoms):
            return ""
        return self.clean[self.atoms[at - 1].end : self.atoms[at].start].strip()

    def typed(self, at: int, size: int) -> str:
        """What was typed from `at` on, over `size` atoms."""
        return self.clean[self.atoms[at].start : self.atoms[at + size - 1].end]


Found = TypeVar("Found")


def once(find: Callable[[TokenStream, int], Found]) -> Callable[[TokenStream, int], Found]:
    """`find`, asked by many rules, works once at each place of a text."""
    name = find.__name__

    @wraps(find)
    def found(text: TokenStream, at: int) -> Found:
        known = text.kept[name]
        try:
            return known[at]  # type: ignore[no-any-return]  # of this finder
        except KeyError:
            result = known[at] = find(text, at)
            return result

    return found


@once
def numeral_at(text: TokenStream, at: int) -> Numeral | None:
    """The number at `at`, if a word there is one."""
    atom = text.word(at)
    if atom is None or not text.traits[at] & NUMERIC:
        return None
    if looks_like_number(atom.text):
        scaled = text.word(at + 1)
        if scaled is not None and scaled.text in CHINESE_SCALES:
            return Numeral(atom.text + scaled.text, 2)
        if (
            scaled is not None
            and scaled.start == atom.end
            and (whole := numerals.scaled(atom.text, scaled.text))
        ):
            return Numeral(str(whole), 2)
        if scaled is not None and scaled.squashed in numerals.ENGLISH_SCALES and atom.text[-1].isdigit():
            return Numeral(atom.text + numerals.ENGLISH_SCALES[scaled.squashed], 2)
        return Numeral(atom.text, 1)
    return _spoken_at(text, at, atom)


def _spoken_at(text: TokenStream, at: int, atom: Atom) -> Numeral | None:
    if atom.squashed in numerals.SCALES_IN_WORDS:  # `a thousand examples`, `a hundred thousand`
        scale, size = 1, 0
        while (more := numerals.SCALES_IN_WORDS.get(text.squashed(at + size))) is not None:
            scale, size = scale * more, size + 1
        return Numeral(str(scale), size, is_word=True)
    if atom.squashed in numerals.ENGLISH:
        spoken = english_number([text.squashed(at + n) for n in range(_LONGEST_SPOKEN)])
        return Numeral(str(spoken[0]), spoken[1], is_word=True) if spoken else None
    if (value := numerals.NUMBER_WORDS.get(atom.squashed)) is None:
        value = chinese_number(atom.text)
    return None if value is None else Numeral(str(value), 1, is_word=True)


Matches = Sequence[tuple[int, Match]]
"""What stands where in a text."""


def phrase_set(phrases: Iterable[str]) -> frozenset[str]:
    """Phrases of sentences as `phrase_size` looks for them.

    Raises:
        LookupError: one of them is in no table of `sentences`, so that no text would be found to say it.
    """
    squashed = frozenset(map(squash, phrases))
    if not squashed <= sentences.PHRASES:
        raise LookupError(squashed - sentences.PHRASES)
    return squashed


def phrase_size(text: TokenStream, at: int, names: Container[str]) -> int:
    """Words of the longest phrase at `at` that `names` has; 0 where there is none."""
    if at < len(text.phrases_said):
        for phrase, size in text.phrases_said[at]:
            if phrase in names:
                return size
    return 0


OPENED_BY: Final[dict[Callable[[TokenStream, int], Match | None], frozenset[str]]] = {}
"""Rule -> the phrases and words by which what it reads may begin."""
_Rule = TypeVar("_Rule", bound=Callable[[TokenStream, int], Match | None])


def opened_by(*tables: Iterable[str]) -> Callable[[_Rule], _Rule]:
    """Notes by which phrases of sentences, or squashed words, a rule's text may begin."""

    def noted(rule: _Rule) -> _Rule:
        OPENED_BY[rule] = frozenset(word for table in tables for word in table)
        return rule

    return noted
