"""What was measured of a run, held against the card of its thread and nothing else."""

import json
from typing import Final

import pytest
from said import SEED, at_rest, card, words

from bot.bootstrap import Shell
from bot.ledger import ChannelKey, Entry
from bot.playground import SlackDouble
from bot.playground.people import ALEX, MEI, ML_TRAINING, SAM, TEAM_ID
from bot.playground.wire import Json
from bot.store import Store

pytestmark = pytest.mark.usefixtures("shell")

KEY: Final = ChannelKey(team_id=TEAM_ID, channel_id=ML_TRAINING)


def booked(shell: Shell, kind: str = "actual") -> list[Entry]:
    return [each for each in shell.responder.money.books.entries(KEY) if each.kind == kind]


def say(slack: SlackDouble, shell: Shell, root: Json, text: str, user: str = ALEX) -> str:
    """What everybody or the asker alone is told to `text` in the thread of `root`; nothing is silence."""
    before = len(slack.thread(root["ts"])), len(slack.ephemerals(user))
    slack.say(text, thread_ts=root["ts"], user=user)
    at_rest(shell)
    told = [*slack.thread(root["ts"])[before[0] + 1 :], *slack.ephemerals(user)[before[1] :]]
    return " ".join(map(words, told))


def a_card(slack: SlackDouble, shell: Shell, user: str = ALEX, spec: str = SEED) -> Json:
    slack.slash_command(spec, user=user)
    at_rest(shell)
    return card(slack)


@pytest.mark.parametrize(
    ("reader", "own", "other"), [(ALEX, "$5", "¥36.9"), (MEI, "¥36.9", "$5")], ids=["en", "zh"]
)
def test_money_of_another_country_is_held_against_the_same_card(
    slack: SlackDouble, shell: Shell, reader: str, own: str, other: str
) -> None:
    """The planner picks other GPUs for who pays in yuan: the run took place on those of the card."""
    root = a_card(slack, shell, reader)
    for paid in (own, other):
        say(slack, shell, root, f"actual 24min 120gb {paid}", reader)
    here, abroad = booked(shell)
    assert here.currency != abroad.currency
    assert here.estimated_hours == abroad.estimated_hours
    assert here.estimated_bytes == abroad.estimated_bytes
    ratios = [float(each.amount) / float(each.estimated_amount) for each in (here, abroad)]
    assert ratios[0] == pytest.approx(ratios[1], rel=0.15)  # $5 are about ¥36.9
    slack.slash_command("history", user=reader)
    at_rest(shell)
    assert json.dumps(slack.ephemerals(reader)[-1])


@pytest.fixture
def root(slack: SlackDouble, shell: Shell) -> Json:
    """A card in a channel with a budget."""
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    return a_card(slack, shell)


@pytest.mark.parametrize(
    "measured", ["9" * 400 + "h", "9" * 400 + "gb", "0h", "0gb", "$0", "¥" + "9" * 400, "600weeks"]
)
def test_what_no_run_can_measure_is_refused(
    slack: SlackDouble, shell: Shell, root: Json, measured: str
) -> None:
    assert "no run measures" in say(slack, shell, root, f"actual {measured}")
    assert booked(shell) == []


def test_what_an_earlier_version_booked_beyond_all_bounds_is_left_out_and_said(
    slack: SlackDouble, shell: Shell, store: Store, root: Json
) -> None:
    for number, hours in enumerate(("Infinity", "NaN", "1e400", "0.0")):
        line = f'{{"entry_id":"a{number}","kind":"actual","user_id":"{ALEX}","at":"2026-11-29T08:00:00Z",'
        line += f'"thread_ts":"1.{number}","hours":{hours},"estimated_hours":4.0,"v":2}}'
        assert store.append(str(KEY), line.encode()).kept
    say(slack, shell, root, "actual 0.5h")
    slack.slash_command("history")
    at_rest(shell)
    told = slack.ephemerals(ALEX)[-1]
    assert "1 run" in words(told)
    assert "4 entries say nothing that a run can measure" in words(told)
    assert "Infinity" not in json.dumps(told)
    slack.slash_command("budget")
    at_rest(shell)
    assert "nothing that a run can measure" in words(slack.ephemerals(ALEX)[-1])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("budget", "Budget $300"),
        ("预算", "Budget $300"),
        ("history", "No run of this channel"),
        ("历史 5", "No run of this channel"),
        ("actual", "Say what was measured"),
        ("实测", "Say what was measured"),
        ("actual 90 min", "1.5 h"),
        ("actual 4.2 h 20 GB $ 9", "$9"),
        ("actual 3 eur", "€3"),
        ("实测 2小时30分", "2.5 h"),
        ("actual -3h", "cannot read this as measured"),
    ],
)
def test_commands_alone_are_answered_in_the_thread_of_a_card(
    slack: SlackDouble, shell: Shell, root: Json, typed: str, said: str
) -> None:
    assert said in say(slack, shell, root, typed)


@pytest.mark.parametrize(
    "typed", ["actual 3 of them failed", "history repeats itself", "budget talks tomorrow"]
)
def test_what_people_say_to_each_other_is_not(
    slack: SlackDouble, shell: Shell, root: Json, typed: str
) -> None:
    assert say(slack, shell, root, typed) == ""


def test_the_button_of_a_measured_run_books_once_whoever_presses_it(
    slack: SlackDouble, shell: Shell, root: Json
) -> None:
    say(slack, shell, root, "{'train_runtime': 1800.0, 'train_samples_per_second': 4.1, 'epoch': 3.0}")
    offered = slack.thread(root["ts"])[-1]
    for presser in (ALEX, MEI):
        slack.click(offered["ts"], "error_run_actual", user=presser)
        at_rest(shell)
    assert len(booked(shell)) == 1
    assert "stays one entry" in words(slack.ephemerals(MEI)[-1])
    say(slack, shell, root, "actual drop")
    slack.click(offered["ts"], "error_run_actual", user=SAM)
    at_rest(shell)
    assert len(booked(shell)) == 2


def test_what_is_measured_again_takes_the_place_of_the_first_and_says_how_to_add(
    slack: SlackDouble, shell: Shell, root: Json
) -> None:
    say(slack, shell, root, "actual 2h $4")
    again = say(slack, shell, root, "actual $5")
    assert "takes the place of what was measured before: $4.00." in again
    assert "actual +$5" in again
    more = say(slack, shell, root, "actual +$1.50 +30min")
    assert "Together with" in more
    assert "spent $6.50" in more
    (last,) = booked(shell)[-1:]
    assert (last.amount, last.hours) == ("6.50", 2.5)
    assert "cannot read" in say(slack, shell, root, "actual +20gb")


def test_what_is_added_in_another_currency_is_converted(slack: SlackDouble, shell: Shell, root: Json) -> None:
    say(slack, shell, root, "actual $4")
    say(slack, shell, root, "actual +¥7")
    last = booked(shell)[-1]
    assert last.currency == "USD"
    assert 4.5 < float(last.amount) < 5.5


@pytest.mark.parametrize(
    ("reader", "alone", "money", "of_what"),
    [
        (ALEX, "actual {}", "$5", "`4` of what? Type `actual 4h` · `actual 4usd` · `actual 4gb`"),
        (
            MEI,
            "实测 {}",
            "36元",
            "`4` 是时间、费用还是显存？请输入 `actual 4h` · `actual 4cny` · `actual 4gb`",
        ),
    ],
    ids=["en", "zh"],
)
def test_a_number_alone_is_asked_back(
    slack: SlackDouble, shell: Shell, reader: str, alone: str, money: str, of_what: str
) -> None:
    """It may be hours: it was taken for money, and took the place of what somebody had measured."""
    root = a_card(slack, shell, reader)
    assert of_what in say(slack, shell, root, alone.format("4"), reader)
    say(slack, shell, root, f"actual 4h {money}", ALEX)
    assert of_what in say(slack, shell, root, alone.format("71gb 4"), reader)
    assert len(booked(shell)) == 1


def test_a_number_on_top_is_of_the_money_that_it_comes_on_top_of(
    slack: SlackDouble, shell: Shell, root: Json
) -> None:
    """Not of the limit's, nor of whoever types it: 200 yuan and 20 are 220 yuan."""
    assert "`+20` of what?" in say(slack, shell, root, "actual +20")
    say(slack, shell, root, "actual 4h")
    assert "`+20` of what? Type `actual +20h` · `actual +20usd`" in say(slack, shell, root, "actual +20")
    say(slack, shell, root, "actual 200元")
    assert "¥220.00" in say(slack, shell, root, "actual +20")
    last = booked(shell)[-1]
    assert (last.amount, last.currency) == ("220.00", "CNY")


def test_what_was_measured_is_taken_back(slack: SlackDouble, shell: Shell, root: Json) -> None:
    say(slack, shell, root, "budget add")
    assert "nothing to take back" in say(slack, shell, root, "actual drop")
    say(slack, shell, root, "actual 2h $4")
    object.__setattr__(shell.responder.money, "managers", ("U0SOMEBODY",))
    assert "may take it back" in say(slack, shell, root, "实测 撤回", MEI)
    said = say(slack, shell, root, "actual drop")
    assert "Taken back" in said
    assert "spent $0, committed" in said
    slack.slash_command("history")
    at_rest(shell)
    assert "No run of this channel" in words(slack.ephemerals(ALEX)[-1])


LOG = "{'train_runtime': 1800.0, 'train_samples_per_second': 4.1, 'train_loss': 1.03, 'epoch': 1.0}"
SUMMARY = '{"_wandb": {"runtime": 1800}, "_runtime": 1810, "_step": 939, "train/epoch": 1.0}'


@pytest.mark.parametrize(
    "text",
    [
        f"actual ¥120 {LOG}",
        f"actual ¥120\n{LOG}",
        f"{LOG}\nactual ¥120",
        f"{LOG} actual ¥120",
        f"{SUMMARY}\nactual ¥ 120",
        f"实测 120元\n{SUMMARY}",
        f"actual ¥120\n100%|███| 939/939 [30:00<00:00, 1.92s/it]\n{LOG}",
        f"actual ¥120\n```\n{LOG}\n```",
    ],
)
def test_what_was_paid_is_booked_with_the_log_that_it_stands_beside(
    slack: SlackDouble, shell: Shell, root: Json, text: str
) -> None:
    say(slack, shell, root, text)
    (entry,) = booked(shell)
    assert (entry.hours, entry.amount, entry.currency) == (0.5, "120", "CNY")


def test_likewise_with_a_mention(slack: SlackDouble, shell: Shell, root: Json) -> None:
    say(slack, shell, root, f"<@{shell.responder.identity.user_id}> actual $3 {LOG}")
    (entry,) = booked(shell)
    assert (entry.hours, entry.amount) == (0.5, "3")


@pytest.mark.parametrize(
    ("log", "whole"),
    [
        (LOG.replace("'epoch': 1.0", "'epoch': 0.25"), "all of it comes to 2.0 h"),
        (SUMMARY.replace('"train/epoch": 1.0', '"train/epoch": 0.25'), "all of it comes to 2.0 h"),
        ("27%|██▋  | 250/939 [08:00<22:02, 1.92s/it]", "all of it comes to 30 min"),
        (
            "{'loss': 1.2, 'learning_rate': 1e-4, 'epoch': 0.25}\nPeak reserved memory = 60 GB",
            "25% of the run",
        ),
    ],
)
def test_a_run_that_is_not_over_is_not_offered_as_measured(
    slack: SlackDouble, shell: Shell, log: str, whole: str
) -> None:
    root = a_card(slack, shell, spec=f"{SEED} epochs=1")
    said = say(slack, shell, root, log)
    assert whole in said
    assert "Keep as measured" not in said
    assert "actual" not in said
