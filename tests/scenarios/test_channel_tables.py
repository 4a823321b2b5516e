"""A channel's ledger leaves as a file and comes back as one."""

import pytest
from said import answer_to, at_rest, whispered, words

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.people import ALEX, ALEX_DM, ML_TRAINING
from bot.playground.state import BOT_TOKEN
from bot.playground.wire import Json

pytestmark = pytest.mark.usefixtures("shell")


def exported(slack: SlackDouble) -> Json:
    """The message that a file stands in."""
    return slack.wait_for(
        lambda: next((each for each in slack.messages(ML_TRAINING) if each.get("files")), None)
    )


def test_the_ledger_leaves_as_a_file_and_comes_back_as_one(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd per month")
    at_rest(shell)
    slack.slash_command("budget add 90 usd")
    at_rest(shell)
    slack.slash_command("budget export")
    (file,) = exported(slack)["files"]
    content = slack.slack.file(f"{file['id']}/x", BOT_TOKEN)[1]
    assert content.decode().count("\n") == 3
    asked = slack.say("budget import", channel=ALEX_DM, files=(slack.file(content.decode(), "ledger.csv"),))
    assert "Imported 2 entries" in words(answer_to(slack, asked))
    again = slack.say("budget import", channel=ALEX_DM, files=(slack.file(content.decode(), "ledger.csv"),))
    at_rest(shell)
    assert "2 stood here already" in words(slack.ephemerals(ALEX)[-1]), again


def test_a_table_with_mistakes_is_not_imported(slack: SlackDouble, shell: Shell) -> None:
    table = "kind,amount,currency\nadd,much,CNY\n"
    slack.say("budget import", channel=ALEX_DM, files=(slack.file(table, "ledger.csv"),))
    assert "line 2: `much` is no `amount`" in words(whispered(slack))


def test_without_the_scope_the_newest_lines_are_told(slack: SlackDouble, shell: Shell) -> None:
    slack.slack.may_write_files = False
    slack.slash_command("budget add 90 usd")
    at_rest(shell)
    slack.slash_command("budget export")
    said = words(whispered(slack))
    assert "missing_scope" in said
    assert "entry_id,kind" in said


def test_budget_import_without_a_file_says_how(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget import")
    assert "CSV" in words(whispered(slack))
