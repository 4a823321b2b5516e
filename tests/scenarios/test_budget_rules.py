"""Who may change a channel's budget, from which day it counts, and what is said where nothing was booked."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from said import SEED, at_rest, card, words

from bot.bootstrap import Shell
from bot.ledger import ChannelKey, Entry
from bot.ledger.entries import as_line
from bot.playground import SlackDouble
from bot.playground.people import ALEX, MEI, ML_TRAINING, TEAM_ID
from bot.slack.channel_money import MOST_BUDGETS
from bot.slack.channels import ChannelFacts
from bot.store import Store

pytestmark = pytest.mark.usefixtures("shell")

KEY: Final = ChannelKey(team_id=TEAM_ID, channel_id=ML_TRAINING)


def booked(shell: Shell, kind: str) -> list[Entry]:
    return [each for each in shell.responder.money.books.entries(KEY) if each.kind == kind]


def typed(slack: SlackDouble, shell: Shell, line: str, user: str = ALEX) -> str:
    """What everybody and the asker is told to a slash command."""
    before = len(slack.messages()), len(slack.ephemerals(user))
    slack.slash_command(line, user=user)
    at_rest(shell)
    return " ".join(map(words, [*slack.messages()[before[0] :], *slack.ephemerals(user)[before[1] :]]))


def test_whoever_sets_the_first_limit_keeps_it(slack: SlackDouble, shell: Shell) -> None:
    """Where Slack names nobody who made the channel."""
    assert "由谁设置，就由谁修改" in typed(slack, shell, "预算", MEI)
    typed(slack, shell, "budget add 20 usd", MEI)
    typed(slack, shell, "budget set 300 usd")
    for line in ("budget set 3 usd", "budget add 5 usd", "settings forget channel now", "history correct"):
        said = typed(slack, shell, line, MEI)
        assert f"<@{ALEX}>" in said
        assert "只有本频道的预算管理者" in said
    assert len(booked(shell, "limit")) == 1
    assert f"May be changed by: <@{ALEX}>" in typed(slack, shell, "budget")
    assert "$4" in typed(slack, shell, "budget set 4 usd")


def test_what_is_nobodys_yet_is_deleted_by_whoever_booked_it(slack: SlackDouble, shell: Shell) -> None:
    typed(slack, shell, "budget add 20 usd", MEI)
    assert "Only those" in typed(slack, shell, "settings forget channel now")
    assert "已删除" in typed(slack, shell, "settings forget channel now", MEI)


def test_whoever_made_the_channel_may(
    slack: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = ChannelFacts(is_shared=False, creator=MEI)
    object.__setattr__(shell.responder.money.channels, "facts", lambda _: facts)
    assert f"<@{MEI}>" in typed(slack, shell, "budget set 300 usd")
    assert booked(shell, "limit") == []


def test_a_channel_that_slack_does_not_tell_of(slack: SlackDouble, shell: Shell) -> None:
    facts = ChannelFacts(is_shared=True, is_unknown=True)
    object.__setattr__(shell.responder.money.channels, "facts", lambda _: facts)
    said = typed(slack, shell, "budget set 300 usd")
    assert "/invite" in said
    assert "shared with" not in said


def test_a_limit_says_from_when_it_counts_and_what_does_not(slack: SlackDouble, shell: Shell) -> None:
    later = (datetime.now(UTC) + timedelta(days=40)).date()
    shown = f"{later:%b} {later.day}, {later.year}"
    typed(slack, shell, "budget add 20 usd")
    said = typed(slack, shell, f"budget set 300 usd total from {later}")
    assert f"Budget $300.00 in total from {shown}" in said
    assert f"limit · $300.00 in total from {shown}" in said
    assert f"It counts from {shown} on" in said
    assert f"1 entry before {shown} does not count" in said
    assert f"2 entries before {shown} do not count" in typed(slack, shell, "budget add 30 usd")
    assert "committed $0" in typed(slack, shell, "budget")
    line = typed(slack, shell, SEED)
    assert f"It counts from {shown} on" in line
    assert "It leaves" not in line
    assert "起计" in typed(slack, shell, "budget", MEI)


def test_what_counts_no_longer_is_listed_as_that(slack: SlackDouble, shell: Shell) -> None:
    """¥300 and ¥433 stood beside "spent $65", and beside "spent $0" when both were taken back."""
    slack.slash_command(SEED)
    at_rest(shell)
    root = card(slack)

    def say(*lines: str) -> str:
        for line in lines:
            slack.say(line, thread_ts=root["ts"])
            at_rest(shell)
        return typed(slack, shell, "budget")

    said = say("budget set 800 usd per month", "actual 4h 300元", "actual +20元")
    assert "limit · $800.00 a month · <@U0ALEX" in said
    assert "measured · 4.0 h · replaced: ¥300.00 · `" in said
    assert "measured · ¥320.00 · `" in said
    assert "limit · replaced: $800.00 a month · <@" in say(
        "budget set 900 usd", "budget add 50", "actual drop"
    )
    said = say("budget add", "budget drop")
    assert "measured · taken back: ¥300.00 · 4.0 h · `" in said
    assert "measured · taken back: ¥320.00 · `" in said
    assert "committed · $50.00 · <@" in said
    assert "committed · released: $" in said
    chinese = typed(slack, shell, "预算", MEI)
    for each in ("上限 · 已被取代：$800.00", "实测 · 已撤回：¥320.00", "预留 · 已释放：$"):
        assert each in chinese


@pytest.mark.parametrize(
    "line",
    ["budget add -20 usd", "budget add 20 usd for storage", "budget add $20 disks", "budget add 0 usd"],
)
def test_what_is_no_amount_is_not_taken_for_a_run(slack: SlackDouble, shell: Shell, line: str) -> None:
    assert "as an amount" in typed(slack, shell, line)
    assert booked(shell, "add") == []


@pytest.mark.parametrize("line", ["预算 追加 90元", "预算 增加 90 元", "预算增加90元"])
def test_more_is_committed_in_chinese(slack: SlackDouble, shell: Shell, line: str) -> None:
    typed(slack, shell, line, MEI)
    assert [(each.amount, each.currency) for each in booked(shell, "add")] == [("90", "CNY")]


def test_a_limit_is_raised_in_chinese(slack: SlackDouble, shell: Shell) -> None:
    typed(slack, shell, "预算增加到90元", MEI)
    assert [each.amount for each in booked(shell, "limit")] == ["90"]


def test_an_amount_alone_is_in_the_money_of_the_limit(slack: SlackDouble, shell: Shell) -> None:
    typed(slack, shell, "budget set 5000 cny")
    typed(slack, shell, "budget add 90")
    typed(slack, shell, "budget set 6000")
    assert [each.currency for each in (*booked(shell, "add"), *booked(shell, "limit"))] == ["CNY"] * 3


def test_a_run_that_does_not_fit_is_not_booked_and_that_is_said(slack: SlackDouble, shell: Shell) -> None:
    typed(slack, shell, "budget set 300 usd")
    typed(slack, shell, "budget add 70b full 1x4090")
    assert booked(shell, "add") == []
    said = [words(each) for each in slack.ephemerals(ALEX)]
    assert any("Not booked" in each and "does not fit" in each for each in said), said


@pytest.mark.parametrize("command", ["llama-7b lora n=10000", "model=llama-7b lora n=10000"])
def test_history_finds_a_model_by_the_name_on_its_card(
    slack: SlackDouble, shell: Shell, store: Store, command: str
) -> None:
    run = Entry(
        entry_id="a", kind="actual", user_id=ALEX, at="2026-11-29T08:00:00Z", thread_ts="1.1", command=command
    )
    measured = run._replace(hours=2.0, estimated_hours=1.0)
    assert store.append(str(KEY), as_line(measured)).kept
    for name in ("llama-7b", "llama", "model=llama-7b"):
        assert "1 run" in typed(slack, shell, f"history me {name}")
    assert "No measured run" in typed(slack, shell, "history me lora-7b")


def test_a_home_reads_so_many_ledgers_and_counts_the_rest(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    money, read = shell.responder.money, list[str]()
    channels = [f"C{number}" for number in range(MOST_BUDGETS + 3)]

    def sums(key: ChannelKey, _language: str) -> str:
        read.append(key.channel_id)
        return "sums"

    monkeypatch.setattr(money.books, "channels", lambda _team: tuple(channels))
    monkeypatch.setattr(money.books, "sums", sums)
    monkeypatch.setattr(money.channels, "of_user", lambda _user: frozenset(channels))
    monkeypatch.setattr(money.channels, "facts", lambda _channel: ChannelFacts(is_shared=False))
    *_, last = money.budgets_of(ALEX, "en")
    assert len(read) == MOST_BUDGETS
    assert "3 more channels" in last
    monkeypatch.setattr(money.books, "channels", lambda _team: tuple(channels[:MOST_BUDGETS]))
    assert all("more" not in line for line in money.budgets_of(ALEX, "en"))
