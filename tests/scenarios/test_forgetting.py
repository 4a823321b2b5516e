"""What is stored of a channel and of a person is deleted on their word."""

import pytest
from booked import booked, last_whispered
from said import SEED, at_rest, words

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.people import ALEX

pytestmark = pytest.mark.usefixtures("shell")


def test_what_is_stored_of_a_channel_is_deleted_after_a_question(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    slack.slash_command("settings forget channel")
    at_rest(shell)
    asked = last_whispered(slack)
    assert "(1 entry:" in words(asked)
    assert len(booked(shell, "limit")) == 1
    slack.click(asked["ts"], "error_run_forget")
    at_rest(shell)
    assert booked(shell, "limit") == []
    slack.slash_command("budget")
    at_rest(shell)
    assert "no budget" in words(last_whispered(slack))


def test_what_is_stored_of_a_person_is_deleted(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("settings cur=eur")
    slack.slash_command(SEED)
    at_rest(shell)
    assert shell.responder.recent.of(ALEX)
    slack.slash_command("settings forget")
    at_rest(shell)
    assert "Deleted" in words(last_whispered(slack))
    assert shell.responder.recent.of(ALEX) == ()
    slack.slash_command("settings")
    at_rest(shell)
    assert "EUR" not in words(last_whispered(slack))


def test_whoever_does_not_manage_forgets_no_channel(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    object.__setattr__(shell.responder.money, "managers", ("U0SOMEBODY",))
    slack.slash_command("settings forget channel now")
    at_rest(shell)
    assert "Only those" in words(last_whispered(slack))
    assert len(booked(shell, "limit")) == 1
