"""What was measured of a run, held against the card of its thread and nothing else."""

import json
from typing import Final

import pytest
from said import SEED, at_rest, card, words

from bot.bootstrap import Shell
from bot.ledger import ChannelKey, Entry
from bot.playground import SlackDouble
from bot.playground.people import ALEX, MEI, ML_TRAINING, TEAM_ID
from bot.playground.wire import Json

pytestmark = pytest.mark.usefixtures("shell")

KEY: Final = ChannelKey(team_id=TEAM_ID, channel_id=ML_TRAINING)


def booked(shell: Shell, kind: str = "actual") -> list[Entry]:
    return [each for each in shell.responder.money.books.entries(KEY) or () if each.kind == kind]


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
