"""One answer for one act, however often Slack tells of it; one thread, whoever tells of it."""

import json
import time
from typing import Any

import pytest
from patience import PATIENCE_SECONDS
from said import SEED, at_rest, card

from bot.answers.reply import Reply
from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.listeners import actions
from bot.playground import SlackDouble
from bot.playground.people import ALEX, BOT_USER, ML_TRAINING, OTHER_BOT_ID
from bot.playground.wire import Json
from bot.slack.seen import REMEMBERED_SECONDS, UNSURE_AFTER_SECONDS

pytestmark = pytest.mark.usefixtures("shell")


def cards(slack: SlackDouble, root: Json | None = None) -> list[Json]:
    found = slack.thread(root["ts"]) if root else slack.messages()
    return [each for each in found if each.get("metadata")]


def test_a_command_that_is_delivered_twice(twice: SlackDouble, shell: Shell) -> None:
    twice.slash_command(SEED)
    at_rest(shell)
    assert len(cards(twice)) == 1


def test_a_press_that_is_delivered_twice_and_a_double_click(
    twice: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "DOUBLE_CLICK_SECONDS", float(PATIENCE_SECONDS))
    twice.slash_command(SEED)
    root = card(twice)
    twice.click(root["ts"], action_ids.LORA)
    twice.click(root["ts"], action_ids.LORA)
    at_rest(shell)
    assert len(cards(twice, root)) == 2


def test_a_form_that_is_sent_twice(twice: SlackDouble, shell: Shell) -> None:
    twice.slash_command(SEED)
    root = card(twice)
    twice.click(root["ts"], action_ids.EDIT)
    view = twice.wait_for(lambda: twice.view(ALEX))
    twice.submit_view(view["id"], {"bs": "16"})
    at_rest(shell)
    assert len(cards(twice, root)) == 2


def test_a_thread_of_a_shared_channel_is_one_whoever_speaks(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command(SEED)
    root = card(slack)
    event = {"type": "message", "channel": ML_TRAINING, "channel_type": "channel", "user": "U0STRANGER"}
    said = {"text": "bs=16", "ts": "1900000000.000100", "thread_ts": root["ts"], "team": "T0OTHER"}
    body = slack.event_body({**event, **said, "parent_user_id": BOT_USER})
    at_rest(shell)
    asked = len(slack.calls("conversations.replies"))
    slack.http.event({**body, "team_id": "T0OTHER"}, None)
    at_rest(shell)
    assert len(cards(slack, root)) == 2
    assert len(slack.calls("conversations.replies")) == asked  # known already: the same thread


def test_metadata_of_another_app_is_no_card_of_ours(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command(SEED)
    root = card(slack)
    forged = json.loads(json.dumps(root)) | {"bot_id": OTHER_BOT_ID, "thread_ts": root["ts"]}
    forged["metadata"]["event_payload"]["command"] = "70b full fp16"
    del forged["ts"]
    slack.slack.workspace.add(ML_TRAINING, forged)
    at_rest(shell)
    shell.responder.store.delete(f"thread:{ML_TRAINING}:{root['ts']}")
    slack.say("bs=16", thread_ts=root["ts"])
    at_rest(shell)
    assert cards(slack, root)[-1]["metadata"]["event_payload"]["command"].startswith("7b")


HOSTILE = [b"", b"null", b"[]", b"7", b'"x"', b"{", b"\xff", b'{"v":2}', b"[[1]]", b'[{"command":3}]']


@pytest.mark.parametrize("value", HOSTILE)
def test_values_of_another_shape_are_absent(slack: SlackDouble, shell: Shell, value: bytes) -> None:
    store = shell.responder.store
    keys = ("recent:{0}", "locale:{0}", "cached:settings:user:{0}", "cached:settings:workspace:all")
    for key in keys:
        store.set(key.format(ALEX), value, ttl_seconds=60)
    store.append(f"settings:user:{ALEX}", value)
    slack.slash_command(SEED)
    root = card(slack)
    at_rest(shell)
    store.set(f"thread:{ML_TRAINING}:{root['ts']}", value, ttl_seconds=60)
    slack.say("bs=16", thread_ts=root["ts"])
    slack.open_home()
    slack.slash_command("settings")
    at_rest(shell)
    assert len(cards(slack, root)) == 2
    assert shell.metrics.registry.get_sample_value("ftcost_failures_total") == 0


def test_a_process_that_stood_still_leaves_alone_what_another_took_over(
    slack: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, store, reply = shell.responder.seen, shell.responder.store, shell.responder.answers.reply
    theirs, taken = b"at it: elsewhere/7/1/abc 1", list[str]()

    def stood_still(*asked: Any) -> Reply:
        taken.extend(seen._at.names)
        for name in taken:
            store.set(name, theirs, ttl_seconds=REMEMBERED_SECONDS)
        monkeypatch.setattr(seen, "_clock", lambda: time.monotonic() + UNSURE_AFTER_SECONDS)
        return reply(*asked)

    monkeypatch.setattr(shell.responder.answers, "reply", stood_still)
    slack.slash_command(SEED)
    at_rest(shell)
    assert cards(slack) == []
    assert store.get_many(taken) == (theirs,)
