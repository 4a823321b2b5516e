"""Each call of the Web API refused, put off, broken, cut once: whoever asked sees something, and one card."""

from collections.abc import Callable
from typing import Final

import pytest
from said import SEED, at_rest, card, reply_to

from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.conversation.threads import ThreadKey
from bot.playground import Fault, SlackDouble
from bot.playground.faults import broken, failing, rate_limited
from bot.playground.people import ALEX, ALEX_DM, BOT_USER, ML_TRAINING
from bot.playground.wire import Json

pytestmark = pytest.mark.usefixtures("shell")

Gesture = Callable[[SlackDouble, Json, Shell], object]
POST: Final = "chat.postMessage"
WHISPER: Final = "chat.postEphemeral"


def forget(shell: Shell, root: Json) -> None:
    shell.responder.store.delete(str(ThreadKey(channel_id=ML_TRAINING, thread_ts=root["ts"])))


def flushed_reply(slack: SlackDouble, root: Json, shell: Shell) -> None:
    forget(shell, root)
    slack.say("bs=16", thread_ts=root["ts"])


def opened(slack: SlackDouble, root: Json) -> Json:
    slack.click(root["ts"], action_ids.EDIT)
    return slack.wait_for(slack.view)


def submitted(slack: SlackDouble, root: Json, _shell: Shell) -> None:
    slack.submit_view(opened(slack, root)["id"], {"bs": "16"})


def redrawn(slack: SlackDouble, root: Json, _shell: Shell) -> None:
    slack.use_view(opened(slack, root)["id"], action_ids.METHOD_CHOICE, "lora")


GESTURES: Final[dict[str, tuple[Gesture, tuple[str, ...]]]] = {
    "command": (lambda slack, _root, _shell: slack.slash_command("7b lora"), (POST, "users.info")),
    "settings": (lambda slack, _root, _shell: slack.slash_command("settings"), ("response_url",)),
    "list": (lambda slack, _root, _shell: slack.slash_command("models qwen"), ("response_url",)),
    "bare": (lambda slack, _root, _shell: slack.slash_command(""), ("views.open",)),
    "mention": (lambda slack, _root, _shell: slack.mention("7b lora"), (POST,)),
    "direct": (lambda slack, _root, _shell: slack.say("7b lora", channel=ALEX_DM), (POST,)),
    "reply": (lambda slack, root, _shell: slack.say("bs=16", thread_ts=root["ts"]), (POST,)),
    "flushed": (flushed_reply, ("conversations.replies",)),
    "wrong reply": (lambda slack, root, _shell: slack.say("bs=0", thread_ts=root["ts"]), (WHISPER,)),
    "compare": (lambda slack, root, _shell: slack.click(root["ts"], action_ids.COMPARE), (POST,)),
    "lora": (lambda slack, root, _shell: slack.click(root["ts"], action_ids.LORA), (POST,)),
    "maths": (
        lambda slack, root, _shell: slack.click(root["ts"], action_ids.MORE, value=action_ids.MATHS),
        ("views.open",),
    ),
    "edit": (lambda slack, root, _shell: slack.click(root["ts"], action_ids.EDIT), ("views.open",)),
    "redraw": (redrawn, ("views.update",)),
    "form": (submitted, (POST,)),
    "shortcut": (lambda slack, _root, _shell: slack.shortcut(), ("views.open",)),
    "home": (lambda slack, _root, _shell: slack.open_home(), ("views.publish",)),
}
TROUBLES: Final[dict[str, Callable[[str], Fault]]] = {
    "refused": lambda method: failing(method, "fatal_error"),
    "put off": lambda method: rate_limited(method, 0),
    "put off for long": lambda method: rate_limited(method, 600),
    "broken": lambda method: broken(method, 500),
    "done, then cut": lambda method: broken(method, 0, applied=True),
}
CASES: Final = [
    pytest.param(gesture, method, trouble, id=f"{name}-{method}-{what}")
    for name, (gesture, methods) in GESTURES.items()
    for method in methods
    for what, trouble in TROUBLES.items()
]


def seen_by_alex(slack: SlackDouble) -> int:
    """How much the bot has shown to Alex, wherever."""
    messages = [m for channel in (ML_TRAINING, ALEX_DM) for m in all_messages(slack, channel)]
    shown = [m for m in messages if m.get("user") == BOT_USER]
    return len([*shown, *slack.ephemerals(ALEX), *filter(None, (slack.view(), slack.home()))])


def all_messages(slack: SlackDouble, channel: str) -> list[Json]:
    return [each for root in slack.messages(channel) for each in slack.thread(root["ts"], channel)]


@pytest.mark.parametrize(("gesture", "method", "trouble"), CASES)
def test_whoever_asked_sees_something(
    slack: SlackDouble, shell: Shell, gesture: Gesture, method: str, trouble: Callable[[str], Fault]
) -> None:
    slack.slash_command(SEED)
    root = card(slack)
    at_rest(shell)
    if method == "users.info":
        shell.responder.store.delete(f"locale:{ALEX}")
    before, cards_before = seen_by_alex(slack), cards(slack)
    slack.inject(trouble(method))
    gesture(slack, root, shell)
    at_rest(shell)
    assert seen_by_alex(slack) > before
    assert cards(slack) <= cards_before + 1
    assert not slack.slack.faults.take(method)


def cards(slack: SlackDouble) -> int:
    messages = [m for channel in (ML_TRAINING, ALEX_DM) for m in all_messages(slack, channel)]
    return sum(bool(m.get("metadata")) for m in messages)


def test_the_answer_under_a_card_outlives_a_slack_that_is_gone_for_a_moment(slack: SlackDouble) -> None:
    slack.slash_command(SEED)
    root = card(slack)
    slack.inject(failing(POST, "fatal_error"))
    slack.say("bs=16", thread_ts=root["ts"])
    slack.wait_for(lambda: slack.ephemerals(ALEX))
    slack.say("seq=2k", thread_ts=root["ts"])
    answer = reply_to(slack, root["ts"], number=3)
    assert answer["metadata"]["event_payload"]["before"] == SEED
