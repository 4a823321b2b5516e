import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import button_values
from bot.cards.block import Card, cell, clipped, code_span, escape, section


@pytest.mark.parametrize(
    "hostile", ["<!channel>", "<@U123>", "<!subteam^S1>", "<https://a.b|c>", "a & b", "&lt;!here&gt;"]
)
def test_text_of_a_user_loses_what_slack_acts_upon(hostile: str) -> None:
    for shown in (escape(hostile), code_span(hostile)):
        assert "<" not in shown
        assert ">" not in shown


def test_text_that_looks_escaped_is_escaped_again() -> None:
    assert escape("&lt;!channel&gt;") == "&amp;lt;!channel&amp;gt;"


def test_a_code_span_has_no_way_out_of_itself() -> None:
    assert code_span("`x` *y*\n`z`") == "`x *y* z`"
    assert code_span("```") == "` `"


def test_hidden_characters_are_gone() -> None:
    assert escape("a\u202eb\u200bc\x00d") == "abcd"


@given(st.text(max_size=300))
def test_no_text_of_a_user_is_live(text: str) -> None:
    shown = code_span(text)
    assert shown.count("`") == 2
    assert not set("<>\n\r") & set(shown)


def test_a_card_is_a_message_with_its_sentence() -> None:
    card = Card("said", (section("*x*", block_id="s"),))
    assert card.as_message() == {"text": "said", "blocks": [section("*x*", block_id="s")]}


def test_what_is_cut_shows_it() -> None:
    assert clipped("abcdef", 4) == "abc…"
    assert clipped("abc", 3) == "abc"


def test_a_cell_is_never_empty() -> None:
    assert cell("")["text"] == "–"


def test_values_of_somebody_else_hold_nothing() -> None:
    assert button_values.state_of('["c"]') == {}
    assert button_values.state_of('{"c": 1}') == {}


def test_a_command_that_is_too_long_for_a_value_is_not_carried() -> None:
    assert button_values.state("x" * 2001) == ""


def test_state_holds_what_goes_with_the_command() -> None:
    assert button_values.state_of(button_values.state("7b bs=16", b="7b bs=32")) == {
        "v": "2",
        "c": "7b bs=16",
        "b": "7b bs=32",
    }
