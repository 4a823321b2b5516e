"""What is private stays with who asked: through every button, undo, comparison, mistake and the log."""

from itertools import chain

import pytest
from said import SEED, at_rest, card
from structlog.testing import capture_logs

from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.playground import SlackDouble
from bot.playground.people import ALEX, BOT_USER, ML_TRAINING
from bot.playground.wire import Json

PRIVATE = f"{SEED} private"


def public(slack: SlackDouble) -> list[Json]:
    """What the bot said in the channel for everybody."""
    return [each for each in slack.messages() if each.get("user") == BOT_USER]


def newest(slack: SlackDouble, shell: Shell) -> Json:
    at_rest(shell)
    return slack.ephemerals(ALEX)[-1]


def menu_of(message: Json) -> list[str]:
    elements = chain.from_iterable(b["elements"] for b in message["blocks"] if b["type"] == "actions")
    menu = next(each for each in elements if each.get("action_id") == action_ids.USE)
    return [each["value"] for each in menu["options"]]


def buttons(message: Json) -> list[Json]:
    """The buttons of a message that answer at once; forms have their own test."""
    elements = chain.from_iterable(b["elements"] for b in message["blocks"] if b["type"] == "actions")
    return [each for each in elements if each["type"] == "button" and each["action_id"] != action_ids.EDIT]


def test_no_button_of_a_private_card_and_of_what_follows_publishes_anything(
    slack: SlackDouble, shell: Shell
) -> None:
    slack.slash_command(PRIVATE)
    first = newest(slack, shell)
    before = len(public(slack))
    for button in buttons(first):
        slack.click(first["ts"], button["action_id"])
        following = newest(slack, shell)
        for other in buttons(following):
            slack.click(following["ts"], other["action_id"])
            at_rest(shell)
    assert len(public(slack)) == before


def test_no_line_of_a_private_comparison_publishes_anything(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command(PRIVATE)
    slack.click(newest(slack, shell)["ts"], action_ids.COMPARE)
    compared = newest(slack, shell)
    for value in menu_of(compared):  # one of them is the card's own setup: nothing changes
        slack.select(compared["ts"], action_ids.USE, value)
    at_rest(shell)
    assert public(slack) == []


@pytest.mark.parametrize("line", ["compare private 7b lora | 7b full", "compare 7b lora | 7b full private"])
def test_the_other_half_of_a_private_comparison_is_private_too(
    slack: SlackDouble, shell: Shell, line: str
) -> None:
    slack.slash_command(line)
    compared = newest(slack, shell)
    for value in menu_of(compared):
        assert "private" in value
        slack.select(compared["ts"], action_ids.USE, value)
    at_rest(shell)
    assert public(slack) == []


def test_a_ninth_run_of_a_comparison_is_refused_to_the_asker_alone(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("compare " + " | ".join(["7b lora"] * 8 + ["7b full private"]))
    assert "9" in newest(slack, shell)["text"]
    assert public(slack) == []


@pytest.mark.parametrize("back", ["undo", "reset", "vs"])
def test_the_way_back_from_a_private_card_is_private(slack: SlackDouble, shell: Shell, back: str) -> None:
    slack.slash_command(SEED)
    root = card(slack)
    slack.say("private bs=16", thread_ts=root["ts"])
    at_rest(shell)
    shown = len(public(slack))
    private = newest(slack, shell)
    slack.click(private["ts"], action_ids.UNDO)
    newest(slack, shell)
    assert len(public(slack)) == shown


def test_a_private_command_is_not_in_the_log(slack: SlackDouble, shell: Shell) -> None:
    with capture_logs() as logs:
        slack.slash_command(PRIVATE)
        newest(slack, shell)
        slack.say(PRIVATE, channel=ML_TRAINING)
        at_rest(shell)
    assert "7b" not in str(logs)


def test_a_new_public_command_ends_privacy(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command(PRIVATE)
    newest(slack, shell)
    slack.slash_command(SEED)
    at_rest(shell)
    assert len(public(slack)) == 1
