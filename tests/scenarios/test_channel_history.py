"""What runs of a channel made of their estimates, and who may see it."""

from dataclasses import replace

import pytest
from booked import booked, cards, last_whispered, measured
from said import at_rest, words

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.faults import RESPONSE_URL, failing
from bot.playground.people import ALEX, MEI, ML_TRAINING

pytestmark = pytest.mark.usefixtures("shell")


def test_the_channels_own_correction_is_offered_marked_and_taken_back(
    slack: SlackDouble, shell: Shell
) -> None:
    for hours in ("0.4h", "0.8h"):
        measured(slack, shell, hours)
    slack.slash_command("history")
    at_rest(shell)
    assert "accessory" not in last_whispered(slack)["blocks"][0]  # two runs are no rule
    plain = measured(slack, shell, "0.6h")
    assert "By this channel" not in words(plain)  # nor is anything applied in silence
    slack.slash_command("history")
    at_rest(shell)
    shown = last_whispered(slack)
    assert "n=3" in words(shown)
    slack.click(shown["ts"], "error_run_correct")
    at_rest(shell)
    (chosen,) = booked(shell, "correction")
    assert chosen.factors
    assert chosen.factors["time"][3] == 3
    slack.slash_command("7b lora n=10000 bs=32")
    at_rest(shell)
    marked = words(cards(slack)[-1])
    assert "By this channel's own runs" in marked
    assert "n=3" in marked
    slack.slash_command("history uncorrect")
    at_rest(shell)
    slack.slash_command("7b qlora n=10000 bs=32")
    at_rest(shell)
    assert "By this channel" not in words(cards(slack)[-1])


def test_history_by_number_person_and_model(slack: SlackDouble, shell: Shell) -> None:
    measured(slack, shell, "0.4h")
    measured(slack, shell, "0.6h", "llama-3.1-8b lora n=10000")

    def rows(text: str, user: str = ALEX) -> list[str]:
        slack.slash_command(text, user=user)
        at_rest(shell)
        blocks = slack.ephemerals(user)[-1]["blocks"]
        tables = [each["rows"][1:] for each in blocks if each["type"] == "table"]
        return [str(row[0]["text"]) for rows in tables for row in rows]

    assert len(rows("history")) == 2
    assert ["llama-3.1-8b" in each for each in rows("history 1")] == [True]
    assert [" 7b " in each for each in rows("history 7b")] == [True]
    assert len(rows("history me")) == 2
    assert rows("历史 我", MEI) == []
    assert rows("history mistral") == []


def test_a_workspace_that_draws_no_charts_gets_the_table(slack: SlackDouble, shell: Shell) -> None:
    measured(slack, shell, "0.4h")
    slack.inject(failing(RESPONSE_URL, "invalid_blocks"))
    slack.slash_command("history")
    at_rest(shell)
    kinds = [each["type"] for each in last_whispered(slack)["blocks"]]
    assert "table" in kinds
    assert "data_visualization" not in kinds


def test_home_and_the_form_show_the_budgets_that_somebody_may_see(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd per month")
    at_rest(shell)
    slack.open_home()
    at_rest(shell)
    home = slack.home()
    assert home
    assert "Budgets of your channels" in words(home)
    assert f"<#{ML_TRAINING}>" in words(home)
    assert "$300" in words(home)
    slack.slash_command("")
    at_rest(shell)
    view = slack.view(ALEX)
    assert view
    assert "$300" in words(view)


def test_nobody_sees_the_budget_of_a_channel_that_they_are_not_in(
    slack: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.slash_command("budget set 300 usd per month")
    at_rest(shell)
    channel = slack.slack.workspace.channels[ML_TRAINING]
    members = {each for each in channel.members if each != MEI}
    slack.slack.workspace.channels[ML_TRAINING] = replace(channel, members=members)
    slack.open_home(user=MEI)
    at_rest(shell)
    home = slack.home(MEI)
    assert home
    assert "$300" not in words(home)
