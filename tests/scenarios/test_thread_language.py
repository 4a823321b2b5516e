"""A thread has one language and one currency, its first card's, until a reply changes them for everybody."""

import re
from typing import Final

import pytest
from said import SEED, at_rest, card, reply_to, words

from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.conversation.threads import ThreadKey
from bot.playground import SlackDouble
from bot.playground.faults import failing
from bot.playground.people import ALEX, MEI, ML_TRAINING, SAM
from bot.playground.wire import Json

pytestmark = pytest.mark.usefixtures("shell")
CHINESE: Final = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture
def root(slack: SlackDouble) -> Json:
    """A card that Alex asked for: English, in dollars."""
    slack.slash_command(SEED)
    return card(slack)


def said_then(slack: SlackDouble, root: Json, text: str, user: str) -> Json:
    number = len(slack.thread(root["ts"]))
    slack.say(text, user=user, thread_ts=root["ts"])
    return reply_to(slack, root["ts"], number=number + 1)


def everything(message: Json) -> str:
    return f"{message['text']} {words(message)}"


def is_english(message: Json) -> bool:
    return not CHINESE.search(everything(message))


def test_a_second_reader_is_answered_in_the_language_and_money_of_the_thread(
    slack: SlackDouble, root: Json
) -> None:
    answer = said_then(slack, root, "bs=16", MEI)
    assert is_english(answer)
    assert "$" in answer["text"]
    assert "¥" not in answer["text"]


def test_a_followup_begins_at_the_number_above_it(slack: SlackDouble, root: Json) -> None:
    above = re.search(r"\$[\d.,]+", words(root))
    answer = said_then(slack, root, "epochs=5", MEI)
    assert above
    assert f"{above[0]} → " in words(answer).replace("*", "")


def test_a_reply_changes_it_from_there_for_everybody(slack: SlackDouble, root: Json) -> None:
    chinese = said_then(slack, root, "lang=zh", MEI)
    assert not is_english(chinese)
    assert "$" in chinese["text"]
    assert not is_english(said_then(slack, root, "bs=16", ALEX))
    in_yuan = said_then(slack, root, "cur=cny", SAM)
    assert "¥" in in_yuan["text"]
    assert "¥" in said_then(slack, root, "bs=8", ALEX)["text"]
    again = said_then(slack, root, "reset", ALEX)
    assert not is_english(again)
    assert "¥" in again["text"]
    assert is_english(said_then(slack, root, "lang=en", MEI))


def test_what_is_pressed_speaks_as_the_card_does(slack: SlackDouble, root: Json) -> None:
    slack.click(root["ts"], action_ids.COMPARE, user=MEI)
    assert is_english(reply_to(slack, root["ts"]))
    slack.select(root["ts"], action_ids.MORE, action_ids.MATHS, user=MEI)
    view = slack.wait_for(lambda: next(iter(slack.calls("views.open")), None))["view"]
    assert not CHINESE.search(str(view))


def test_money_is_booked_as_the_card_shows_it(slack: SlackDouble, root: Json) -> None:
    slack.slash_command("budget set 500 usd total")
    slack.say("budget add", user=MEI, thread_ts=root["ts"])
    booked = reply_to(slack, root["ts"])
    assert is_english(booked)
    assert "¥" not in words(booked)


def test_a_flushed_store_knows_it_from_the_message(slack: SlackDouble, shell: Shell, root: Json) -> None:
    at_rest(shell)
    shell.responder.store.delete(str(ThreadKey(channel_id=ML_TRAINING, thread_ts=root["ts"])))
    assert is_english(said_then(slack, root, "bs=16", MEI))


def test_a_button_carries_it_where_no_message_may_be_read(
    slack: SlackDouble, shell: Shell, root: Json
) -> None:
    at_rest(shell)
    shell.responder.store.delete(str(ThreadKey(channel_id=ML_TRAINING, thread_ts=root["ts"])))
    slack.inject(failing("conversations.replies", "missing_scope"))
    slack.click(root["ts"], action_ids.LORA, user=MEI)
    assert is_english(reply_to(slack, root["ts"]))


def test_what_is_wrong_is_told_to_the_one_who_typed_it_in_their_own_language(
    slack: SlackDouble, root: Json
) -> None:
    slack.mention("seq=banana", user=MEI, thread_ts=root["ts"])
    whispered = slack.wait_for(lambda: next(iter(slack.ephemerals(MEI)), None))
    assert not is_english(whispered)
