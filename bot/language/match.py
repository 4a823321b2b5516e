"""What one rule makes of the atoms at one place."""

from dataclasses import dataclass
from typing import Literal

from bot.language.kinds import Fault, Pairs
from bot.language.lexer import Atom
from bot.language.vocabulary import Vocabulary

Role = Literal["sets", "filler", "wrong", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`size` atoms and what they mean."""

    size: int
    role: Role
    sets: Pairs = ()
    fault: Fault | None = None
    key_shaped: bool = False
    """`key=value`, or a known key with a number: in a plain reply a mistake in it is answered."""
    casual: bool = True
    """False: a spelling that counts only where the bot is spoken to."""


@dataclass(frozen=True, slots=True)
class Text:
    """The atoms of a text with the names they may hold."""

    clean: str
    atoms: tuple[Atom, ...]
    names: Vocabulary

    def word(self, at: int) -> Atom | None:
        """The word at `at`; None past the end and where something binds."""
        if at >= len(self.atoms) or self.atoms[at].binds:
            return None
        return self.atoms[at]

    def squashed(self, at: int) -> str:
        """The squashed word at `at`, or nothing."""
        atom = self.word(at)
        return atom.squashed if atom else ""

    def phrase(self, at: int, size: int) -> str:
        """`size` words from `at`, squashed into one; nothing where they are not all words."""
        if at + size > len(self.atoms):
            return ""
        atoms = self.atoms[at : at + size]
        return "" if any(atom.binds for atom in atoms) else "".join(atom.squashed for atom in atoms)

    def binds(self, at: int) -> bool:
        """Whether `=` or `:` stands at `at`."""
        return at < len(self.atoms) and self.atoms[at].binds

    def typed(self, at: int, size: int) -> str:
        """What was typed from `at` on, over `size` atoms."""
        return self.clean[self.atoms[at].start : self.atoms[at + size - 1].end]
