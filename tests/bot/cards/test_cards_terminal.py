"""The same words on a terminal: at 80 columns, without colour, in both languages."""

import io
import re

import pytest
from card_examples import COMMAND, LLAMA, PROBLEMS, TOO_LARGE, TYPED, WORKED, cards
from rich.cells import cell_len
from rich.console import Console

from bot.cards.block import Card
from bot.cards.error import error_card
from bot.cards.estimate import estimate_card
from bot.cards.listings import models_card
from bot.cli.render import render, styled
from bot.i18n import Texts

NAMES = (
    "cost",
    "cost_converted",
    "cost_unpriced",
    "rule",
    "nofit",
    "delta",
    "compare",
    "maths",
    "help",
    "gpus",
)


def printed(card: Card, *, width: int = 80, colour: bool = False) -> str:
    out = io.StringIO()
    render(
        card,
        Console(file=out, width=width, force_terminal=colour, color_system="standard" if colour else None),
    )
    return out.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_the_terminal(name: str, texts: Texts) -> None:
    card, _ = cards(texts)[name]
    assert isinstance(card, Card)
    assert all(cell_len(line.rstrip()) <= 80 for line in printed(card).splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_slacks_markup_is_left(name: str, texts: Texts) -> None:
    card, _ = cards(texts)[name]
    assert isinstance(card, Card)
    shown = printed(card)
    assert not re.search(r":[a-z_]{4,}:|<[@!h]|&lt;|&amp;|`|\*\w", shown)


def test_a_pipe_gets_no_escape_codes_and_a_terminal_does(english: Texts) -> None:
    card = estimate_card(WORKED, texts=english)
    assert "\x1b" not in printed(card)
    assert "\x1b[1m" in printed(card, colour=True)


def test_colour_says_nothing_that_words_do_not(texts: Texts) -> None:
    card = estimate_card(TOO_LARGE, texts=texts)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", printed(card, colour=True))
    assert [line.rstrip() for line in bare.splitlines()] == printed(card).splitlines()
    assert texts("verdict.does_not_fit") in bare


def test_the_terminal_has_the_numbers_of_the_card(texts: Texts) -> None:
    shown = printed(estimate_card(WORKED, texts=texts, surface="terminal"))
    for number in ("¥117.25", "63.9", "79.3", "65 GB", "939", "23 ", "¥81.24", "1× A100 80GB"):
        assert number in shown


def test_the_terminal_names_its_own_program_and_no_thread(english: Texts) -> None:
    shown = printed(estimate_card(WORKED, texts=english, surface="terminal"))
    assert f"ftcost {COMMAND}" in shown
    assert "/ftcost" not in shown
    assert "reply here" not in shown


def test_a_fix_is_shown_as_the_command_that_it_runs(english: Texts) -> None:
    shown = printed(estimate_card(TOO_LARGE, texts=english, surface="terminal"))
    assert f"  ftcost {TOO_LARGE.fixes[0].command}" in shown


def test_a_corrected_line_is_shown_as_a_command(english: Texts) -> None:
    shown = printed(error_card(PROBLEMS, TYPED, texts=english))
    assert "  ftcost 7b fp16 n=10000 bs=32 ep=3 '<!channel>'\n" in shown


def test_a_terminal_shows_a_whole_list(english: Texts) -> None:
    many = [LLAMA] * 120
    assert printed(models_card(many, texts=english, limit=None)).count("llama-7b") == 120
    assert printed(models_card(many, texts=english)).count("llama-7b") == 25


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("*bold* and _italic_ and `code *x*`", "bold and italic and code *x*"),
        ("<https://a.b|a link> <@U123>", "a link @U123"),
        ("<!date^1767571200^{date_short}|2026-01-05>", "2026-01-05"),
        (":large_green_circle: *Fits*", "✓ Fits"),
        (":wave: hello", "hello"),
        ("a&lt;b &amp; c", "a<b & c"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("*`both`*", "both"),
        ("12:30:45", "12:30:45"),
    ],
)
def test_slacks_markup_reads_as_plain_text(markup: str, shown: str) -> None:
    assert styled(markup).plain == shown
