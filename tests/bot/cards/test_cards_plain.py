"""Output that is piped: the lines of rich to the letter, without rich."""

import io

import pytest
from card_examples import WORKED, cards
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot.cards import block as kit
from bot.cards.block import Card
from bot.cards.estimate import estimate_card
from bot.cli.plain import drawn_lines
from bot.cli.render import render
from bot.i18n import load_texts

WIDTHS = (100, 61, 24)


def drawn_by_rich(card: Card, width: int) -> list[str]:
    out = io.StringIO()
    render(card, Console(file=out, width=width, highlight=False))
    return out.getvalue().split("\n")[:-1]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_card_has_the_lines_of_rich(language: str, width: int) -> None:
    for name, (card, _) in cards(load_texts(language)).items():
        if isinstance(card, Card) and (found := drawn_lines(card, width)) is not None:
            assert found == drawn_by_rich(card, width), name


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_people_see_most_is_not_left_to_rich(language: str) -> None:
    texts = load_texts(language)
    assert drawn_lines(estimate_card(WORKED, texts=texts, surface="terminal"), 100) is not None
    assert drawn_lines(kit.Card("x", (kit.section("a\tb", block_id="s"),)), 100) is None


WORDS = st.sampled_from(
    ["a", "bb", "ccc", "seven77", "·", "×", "不", "显存，不够", "é", "e\u0301", "`x y`", "*b*"]
)
GAPS = st.sampled_from([" ", " ", "  ", "\n", "", "\u3000", "。 "])


@pytest.mark.untraced
@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(WORDS, GAPS), max_size=30), st.integers(4, 40))
def test_lines_break_where_rich_breaks_them(said: list[tuple[str, str]], width: int) -> None:
    text = "".join(word + gap for word, gap in said)
    card = Card("x", (kit.section(text, block_id="s"), kit.context(text)))
    assert drawn_lines(card, width) == drawn_by_rich(card, width)
