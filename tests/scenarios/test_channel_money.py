"""A channel's money from the first limit to the history."""

import pytest
from said import SEED, card, reply_to, whispered, words

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.people import MEI, ML_TRAINING
from bot.slack.channels import ChannelFacts

pytestmark = pytest.mark.usefixtures("shell")


def _last(slack: SlackDouble, said: str) -> str:
    return slack.wait_for(
        lambda: next((text for each in slack.messages(ML_TRAINING) if said in (text := words(each))), None)
    )


def test_from_the_limit_to_the_history(slack: SlackDouble) -> None:
    slack.slash_command("budget set 3 usd total")
    assert "3" in _last(slack, "Budget")
    slack.slash_command(SEED)
    posted = card(slack)
    shown = words(posted)
    assert "This run with its retries" in shown
    assert "would pass the limit" in shown
    slack.click(posted["ts"], "error_run_budget")
    added = reply_to(slack, posted["ts"])
    assert "committed" in words(added)
    slack.say("actual 4.2h 71gb $3", thread_ts=posted["ts"])
    measured = reply_to(slack, posted["ts"], number=3)
    assert "× the estimate" in words(measured)
    assert "$3" in words(measured)
    slack.slash_command("history")
    assert "▇" in words(whispered(slack))


def test_a_channel_shared_with_another_company_has_no_budget(slack: SlackDouble, shell: Shell) -> None:
    object.__setattr__(shell.responder.channels, "facts", lambda _: ChannelFacts(is_shared=True))
    slack.slash_command("budget set 10 usd")
    assert "another company" in words(whispered(slack))


def test_whoever_does_not_manage_may_read(slack: SlackDouble, shell: Shell) -> None:
    object.__setattr__(shell.responder, "budget_managers", ("U0SOMEBODY",))
    slack.slash_command("budget set 10 usd")
    assert "Only those" in words(whispered(slack))


def test_chinese(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget", user=MEI)
    assert "预算" in words(whispered(slack, MEI))
