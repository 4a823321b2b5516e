"""A channel's money from the first limit to the history."""

import pytest
from booked import booked, cards
from said import SEED, at_rest, card, reply_to, whispered, words

from bot.bootstrap import Shell
from bot.cards.action_ids import RUN_PREFIX
from bot.playground import SlackDouble
from bot.playground.people import ALEX, MEI, ML_TRAINING
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
    told = whispered(slack)
    assert "×)" in words(told)
    assert "data_visualization" in [each["type"] for each in told["blocks"]]


def test_a_channel_shared_with_another_company_has_no_budget(slack: SlackDouble, shell: Shell) -> None:
    object.__setattr__(shell.responder.money.channels, "facts", lambda _: ChannelFacts(is_shared=True))
    slack.slash_command("budget set 10 usd")
    assert "another company" in words(whispered(slack))


def test_whoever_does_not_manage_may_read(slack: SlackDouble, shell: Shell) -> None:
    object.__setattr__(shell.responder.money, "managers", ("U0SOMEBODY",))
    slack.slash_command("budget set 10 usd")
    assert "Only those" in words(whispered(slack))


def test_chinese(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget", user=MEI)
    assert "预算" in words(whispered(slack, MEI))


def test_what_slack_delivers_twice_is_booked_once(twice: SlackDouble, shell: Shell) -> None:
    twice.slash_command("budget set 300 usd")
    at_rest(shell)
    twice.slash_command("budget add 90 usd")
    at_rest(shell)
    assert [len(booked(shell, kind)) for kind in ("limit", "add")] == [1, 1]


def test_nor_is_it_booked_again_where_nobody_remembers_the_first(
    twice: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marks of de-duplication are a cache; the ledger itself knows what it was told."""
    monkeypatch.setattr(shell.responder.seen, "is_first", lambda *_acts, **_more: True)
    twice.slash_command("budget set 300 usd")
    at_rest(shell)
    twice.slash_command("budget add 90 usd")
    twice.slash_command("budget add 90 usd")
    at_rest(shell)
    assert [len(booked(shell, kind)) for kind in ("limit", "add")] == [1, 2]


def test_a_card_that_is_added_twice_is_one_entry_and_says_so(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    slack.slash_command(SEED)
    posted = card(slack)
    for _ in range(2):
        slack.say("budget add", thread_ts=posted["ts"])
        at_rest(shell)
    assert len(booked(shell, "add")) == 1
    assert "stays one entry" in words(whispered(slack))
    slack.say("bs=16", thread_ts=posted["ts"])
    at_rest(shell)
    assert "take the place of the" in words(slack.thread(posted["ts"])[-1])
    slack.say("budget add", thread_ts=posted["ts"])
    at_rest(shell)
    assert "It took the place of" in words(slack.thread(posted["ts"])[-1])


def test_the_button_of_a_card_adds_that_card_whatever_came_after_it(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)  # the card has the line of a budget that is there
    slack.slash_command(SEED)
    root = card(slack)
    at_rest(shell)
    slack.say("bs=16", thread_ts=root["ts"])
    at_rest(shell)
    slack.click(root["ts"], f"{RUN_PREFIX}budget")
    at_rest(shell)
    (entry,) = booked(shell, "add")
    assert entry.command == root["metadata"]["event_payload"]["command"]
    assert entry.thread_ts == root["ts"]


def test_a_card_whose_ledger_was_deleted_meanwhile_is_booked_without_a_limit(
    slack: SlackDouble, shell: Shell
) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)  # the card has the line of a budget that is there
    slack.slash_command(SEED)
    root = card(slack)
    at_rest(shell)
    slack.slash_command("settings forget channel now")
    at_rest(shell)
    slack.click(root["ts"], f"{RUN_PREFIX}budget")
    at_rest(shell)
    assert "This channel has no limit yet" in words(slack.thread(root["ts"])[-1])
    assert [len(booked(shell, kind)) for kind in ("limit", "add")] == [0, 1]


def test_a_run_that_is_added_outside_a_thread_is_posted_and_booked(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd per month")
    at_rest(shell)
    slack.slash_command(f"budget add {SEED}")
    at_rest(shell)
    posted = card(slack)
    assert len(slack.thread(posted["ts"])) == 2
    (added,) = booked(shell, "add")
    assert added.thread_ts == posted["ts"]
    assert added.command.startswith("7b")
    slack.say("budget add", thread_ts=posted["ts"])
    at_rest(shell)
    assert "stays one entry" in words(whispered(slack))
    slack.say("budget add bs=16", thread_ts=posted["ts"])
    at_rest(shell)
    assert "bs=16" in booked(shell, "add")[-1].command
    slack.say("budget drop", thread_ts=posted["ts"])
    at_rest(shell)
    assert len(booked(shell, "drop")) == 1


def test_a_private_run_is_not_booked(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    slack.slash_command(f"budget add {SEED} private")
    at_rest(shell)
    assert booked(shell, "add") == []
    assert "private estimate" in words(slack.ephemerals(ALEX)[-1])
    assert not [each for each in slack.messages(ML_TRAINING) if each.get("metadata")]


@pytest.mark.parametrize("spec", ["7b full n=many", "lots"])
def test_what_is_no_run_is_not_booked(slack: SlackDouble, shell: Shell, spec: str) -> None:
    slack.slash_command(f"budget add {spec}")
    at_rest(shell)
    assert words(whispered(slack))
    assert booked(shell, "add") == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("预算设为每月5000元", "预算 ¥5,000"),
        ("预算", "本频道没有预算"),
        ("预算 加入 90元", "已记账"),
        ("历史", "还没有实测"),
        ("budget note 新机器", "已记账"),
        ("预算 import", "CSV"),
    ],
)
def test_chinese_commands_and_answers(slack: SlackDouble, shell: Shell, typed: str, said: str) -> None:
    slack.slash_command(typed, user=MEI)
    at_rest(shell)
    told = [words(each) for each in (*slack.messages(), *slack.ephemerals(MEI))]
    assert any(said in each for each in told), told


def test_a_chinese_thread_from_the_card_to_the_history(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("预算设为总计300美元", user=MEI)
    at_rest(shell)
    slack.slash_command(SEED, user=MEI)
    at_rest(shell)
    posted = cards(slack)[-1]
    assert "本次含重试" in words(posted)
    slack.say("预算 加入", thread_ts=posted["ts"], user=MEI)
    at_rest(shell)
    assert "预留" in words(slack.thread(posted["ts"])[-1])
    slack.say("实测 0.5小时 60gb $2", thread_ts=posted["ts"], user=MEI)
    at_rest(shell)
    told = words(slack.thread(posted["ts"])[-1])
    assert "为估算的" in told
    assert "取代已预留的" in told
    slack.slash_command("历史 我", user=MEI)
    at_rest(shell)
    assert "实测与估算对比，1 次运行" in words(slack.ephemerals(MEI)[-1])


def test_what_is_added_over_the_limit_is_told_what_would_stay_under(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 20 usd")
    at_rest(shell)
    slack.slash_command("budget add 15 usd")
    at_rest(shell)
    slack.slash_command(f"budget add {SEED}")
    at_rest(shell)
    said = words(slack.thread(card(slack)["ts"])[-1])
    assert "The limit is passed by" in said
    assert "stays under it" in said or "Cheapest that stays under" in said
