"""Only the rules that the word at a place may open are tried there, and nothing is lost by it."""

import random
from pathlib import Path

import pytest
from draws import draws
from test_hostile import HAND_MADE, PIECES

from bot.language import Vocabulary
from bot.language.normalize import normalized
from bot.language.rules.match import Match, TokenStream
from bot.language.rules.matching import matches_of, place
from bot.language.rules.rules import RULES
from bot.language.rules.unread import unknown
from bot.language.tokens import atoms_of

FOLDER = Path(__file__).parent
LINES = [
    line
    for name in ("specs.txt", "tweaks.txt", "chat.txt", "about_cards.txt", "first_questions.csv")
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()
]


def _every_rule_tried(text: TokenStream) -> list[tuple[int, Match]]:
    found, at = list[tuple[int, Match]](), 0
    while at < len(text.atoms):
        rules = () if text.atoms[at].binds else RULES.get(place(text, at)[0], ())
        match = next(filter(None, (rule(text, at) for rule in rules)), None) or unknown(text, at)
        found.append((at, match))
        at += match.size
    return found


def _stream(line: str, names: Vocabulary) -> TokenStream:
    clean = normalized(line)
    return TokenStream(clean, tuple(atoms_of(clean)), names)


@pytest.mark.untraced
def test_a_rule_that_is_left_out_would_have_found_nothing(names: Vocabulary) -> None:
    dice = random.Random(31)
    words = [word for line in LINES for word in line.split()]
    mixed = (" ".join(dice.choices((*words, *PIECES), k=20)) for _ in range(draws(200, 3000)))
    for line in (*LINES, *HAND_MADE, *mixed):
        found = matches_of(_stream(line, names))
        assert found == _every_rule_tried(_stream(line, names)), line
