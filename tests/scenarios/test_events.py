"""Mentions and direct messages, however often they arrive."""

import pytest
from said import SEED, answer_to, at_rest, reply_to, whispered, words

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.faults import redelivered
from bot.playground.people import ALEX, ALEX_DM, BOT_USER, MEI, ML_TRAINING, OTHER_BOT_ID, TEAM_ID

pytestmark = pytest.mark.usefixtures("shell")
POST = "chat.postMessage"


def settled(slack: SlackDouble, shell: Shell) -> list[str]:
    """The commands of all cards that were posted, once nothing is left to come."""
    at_rest(shell)
    return [call["metadata"]["event_payload"]["command"] for call in slack.calls(POST)]


def test_a_mention_is_answered_in_a_thread_under_it(slack: SlackDouble, shell: Shell) -> None:
    asked = slack.mention(SEED)
    answer = reply_to(slack, asked["ts"])
    assert "939 steps" in words(answer)
    assert len(settled(slack, shell)) == 1


def test_a_mention_delivered_again_is_one_card(slack: SlackDouble, shell: Shell) -> None:
    slack.inject(redelivered())
    slack.mention(SEED)
    assert len(settled(slack, shell)) == 1


def test_the_twin_of_a_mention_as_a_message_is_one_card(slack: SlackDouble, shell: Shell) -> None:
    asked = slack.mention(SEED)
    reply_to(slack, asked["ts"])
    assert len(settled(slack, shell)) == 1


def test_a_direct_message_needs_no_mention(slack: SlackDouble) -> None:
    asked = slack.say(SEED, channel=ALEX_DM)
    assert "939 steps" in words(answer_to(slack, asked))


def test_a_mention_with_a_mistake_is_answered_to_its_author_where_they_see_it(slack: SlackDouble) -> None:
    slack.mention("7b bs=0", user=MEI)
    told = whispered(slack, MEI)
    assert "thread_ts" not in told  # the thread under the mention has no reply yet
    assert "bs=0" in words(told)


def test_a_bare_mention_is_a_call_for_help(slack: SlackDouble) -> None:
    slack.mention()
    assert "n=10k" in words(whispered(slack))


def test_what_people_say_to_each_other_is_left_alone(slack: SlackDouble, shell: Shell) -> None:
    slack.say("what would 7b lora cost?")
    slack.say("7b lora bs=16")
    assert settled(slack, shell) == []
    assert slack.ephemerals(ALEX) == ()


def test_of_what_people_say_to_each_other_nothing_is_kept(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command(SEED)
    root = slack.wait_for(lambda: next((each for each in slack.messages() if each.get("metadata")), None))
    said = slack.say("looks good to me", thread_ts=root["ts"])
    at_rest(shell)
    assert shell.store.get(f"seen:message:{TEAM_ID}:{ML_TRAINING}:{said['ts']}") is None


def test_a_mention_that_was_edited_is_ignored(slack: SlackDouble, shell: Shell) -> None:
    told = {"type": "app_mention", "user": ALEX, "text": f"<@{BOT_USER}> {SEED}", "channel": ML_TRAINING}
    times = {"ts": "1700000000.000100", "event_ts": "1700000000.000200"}
    edited = {"edited": {"user": ALEX, "ts": "1700000000.000200"}}
    assert slack.http.event(slack.event_body({**told, **times, **edited}), None).ok
    assert settled(slack, shell) == []
    assert slack.http.event(slack.event_body({**told, **times}), None).ok
    assert len(settled(slack, shell)) == 1


def test_edits_and_deletions_are_ignored(slack: SlackDouble, shell: Shell) -> None:
    asked = slack.mention(SEED)
    reply_to(slack, asked["ts"])
    slack.edit(asked["ts"], f"{asked['text']} bs=64")
    slack.delete(asked["ts"])
    assert len(settled(slack, shell)) == 1


def test_other_bots_are_ignored(slack: SlackDouble, shell: Shell) -> None:
    body = slack.event_body(
        {
            "type": "app_mention",
            "bot_id": OTHER_BOT_ID,
            "user": "U0OTHERBOT",
            "text": f"<@U0FTCOST01> {SEED}",
            "channel": ML_TRAINING,
            "ts": "1700000000.000100",
            "event_ts": "1700000000.000100",
        }
    )
    assert slack.http.event(body, None).ok
    assert settled(slack, shell) == []
