"""What a page is told: a snapshot, then changes, and only those its visitor may see."""

import json
from typing import Any

import pytest

from bot.playground import SlackDouble
from bot.playground.people import ALEX, ALEX_DM, LEADS, MEI, SAM
from bot.playground.stream import page_events, snapshot
from bot.playground.workspace import CHANGES_KEPT


def told(double: SlackDouble, user: str, after: int) -> list[tuple[str, Any]]:
    """Kinds and data of the events that are waiting for `user`."""
    stream = page_events(double.slack, user, epoch=double.slack.epoch, after=after)
    lines = (next(stream) + next(stream)).decode().split("\n\n")
    parts = (dict(line.split(": ", 1) for line in event.split("\n")) for event in lines if event)
    return [(part["event"], json.loads(part["data"])) for part in parts]


def test_changes_after_the_snapshot_are_told_in_order(double: SlackDouble) -> None:
    before = snapshot(double.slack, ALEX)["revision"]
    double.say("one")
    double.say("two")
    hello, *changes = told(double, ALEX, before)
    assert hello[0] == "hello"
    assert [data["message"]["text"] for _, data in changes] == ["one", "two"]


def test_nobody_is_told_of_a_channel_or_a_whisper_that_is_not_theirs(double: SlackDouble) -> None:
    before = snapshot(double.slack, SAM)["revision"]
    double.say("for the leads", user=MEI, channel=LEADS)
    double.say("to the app", user=ALEX, channel=ALEX_DM)
    double.slack.workspace.post_ephemeral(ALEX, LEADS, {"user": MEI, "text": "psst"})
    double.say("for all", user=ALEX)
    assert [data["message"]["text"] for _, data in told(double, SAM, before)[1:]] == ["for all"]
    assert LEADS not in snapshot(double.slack, SAM)["messages"]


@pytest.mark.parametrize(("epoch", "after"), [("another", 0), ("", 10**9)])
def test_a_page_that_lost_the_thread_begins_anew(double: SlackDouble, epoch: str, after: int) -> None:
    (only,) = page_events(double.slack, ALEX, epoch=epoch or double.slack.epoch, after=after)
    assert b"event: reset" in only


def test_a_page_too_far_behind_begins_anew(double: SlackDouble) -> None:
    for _ in range(CHANGES_KEPT + 1):
        double.slack.workspace.announce("call", {}, user="")
    (only,) = page_events(double.slack, ALEX, epoch=double.slack.epoch, after=0)
    assert b"event: reset" in only


def test_a_snapshot_has_names_languages_and_replies_beside_their_roots(double: SlackDouble) -> None:
    root = double.say("root")
    double.say("reply", thread_ts=root["ts"])
    seen = snapshot(double.slack, MEI)
    assert [m["text"] for m in seen["messages"]["C0MLTRAIN1"]] == ["root", "reply"]
    assert {c["name"] for c in seen["channels"] if c["kind"] == "im"} == {"FT Cost", "Alex Rivera"}
    assert next(p["locale"] for p in seen["people"] if p["id"] == MEI) == "zh-CN"
