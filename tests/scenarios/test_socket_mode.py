"""Everything that Slack sends, over a web socket: the same answers as over HTTP."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from said import SEED, answer_to, reply_to, whispered, words
from shells import shell_of

from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.playground import SlackDouble
from bot.playground.faults import redelivered
from bot.playground.people import ALEX_DM
from bot.playground.state import APP_TOKEN
from bot.playground.wire import Json
from bot.store.memory import MemoryStore


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackDouble]:
    """One connection for all of these: closing one takes the client three seconds."""
    state_dir: Path = tmp_path_factory.mktemp("state")
    with SlackDouble(retry_delays_seconds=(0.0,)) as slack:
        shell = shell_of(slack, state_dir, MemoryStore(), app_token=APP_TOKEN)
        socket = shell.socket_mode()
        assert socket.keep_connecting(threading.Event()) == ""
        assert slack.hub.wait_for_connections(1)
        yield slack
        _close(shell, socket, slack)


def _close(shell: Shell, socket: object, slack: SlackDouble) -> None:
    closing = threading.Thread(target=socket.close)  # type: ignore[attr-defined]  # Bolt has no types here
    closing.start()
    while closing.is_alive():
        slack.hub.ping()  # the client closes only when its read of three seconds returns
        closing.join(0.02)
    assert shell.close(PATIENCE_SECONDS)


@pytest.fixture
def root(connected: SlackDouble) -> Json:
    """A card in the channel."""
    before = len(connected.messages())
    connected.slash_command(SEED)
    return connected.wait_for(
        lambda: next((m for m in connected.messages()[before:] if m.get("metadata")), None)
    )


def command_of(message: Json) -> str:
    return str(message["metadata"]["event_payload"]["command"])


def test_a_command_and_a_whole_conversation(connected: SlackDouble, root: Json) -> None:
    connected.say("bs=16", thread_ts=root["ts"])
    tweak = reply_to(connected, root["ts"], number=2)
    assert command_of(tweak) == "7b fp16 n=10000 bs=16"
    connected.click(tweak["ts"], action_ids.COMPARE)
    compared = reply_to(connected, root["ts"], number=3)
    menu = next(e for b in compared["blocks"] if b["type"] == "actions" for e in b["elements"])
    connected.select(compared["ts"], action_ids.USE, menu["options"][0]["value"])
    taken = reply_to(connected, root["ts"], number=4)
    assert taken["metadata"]["event_payload"]["before"] == "7b fp16 n=10000 bs=16"
    connected.click(taken["ts"], action_ids.UNDO)
    assert command_of(reply_to(connected, root["ts"], number=5)) == "7b fp16 n=10000 bs=16"


def test_a_mistake_is_in_the_acknowledgement(connected: SlackDouble) -> None:
    connected.slash_command("7b bs=0")
    assert "bs=0" in words(whispered(connected))


def test_a_mention_and_its_twin_are_one_card(connected: SlackDouble) -> None:
    connected.inject(redelivered())
    asked = connected.mention("7b lora")
    assert command_of(reply_to(connected, asked["ts"])) == "7b lora"
    connected.say("undo me", thread_ts=asked["ts"])
    connected.say("r=8", thread_ts=asked["ts"])
    assert command_of(reply_to(connected, asked["ts"], number=4)) == "7b lora r=8"


def test_a_direct_message(connected: SlackDouble) -> None:
    asked = connected.say("7b lora", channel=ALEX_DM)
    assert command_of(answer_to(connected, asked)) == "7b lora"


def test_the_form_its_menus_and_its_mistakes(connected: SlackDouble, root: Json) -> None:
    connected.click(root["ts"], action_ids.EDIT)
    view = connected.wait_for(connected.view)
    assert "h100-80gb" in [each["value"] for each in connected.suggest(action_ids.GPU_OPTIONS, "h100")]
    answer = connected.submit_view(view["id"], {"bs": "0"})
    assert "bs" in answer.payload()["errors"]
    connected.submit_view(view["id"], {"bs": "16"})
    assert command_of(reply_to(connected, root["ts"])) == "7b fp16 n=10000 bs=16"


def test_the_shortcut_and_home(connected: SlackDouble) -> None:
    connected.shortcut()
    view = connected.wait_for(connected.view)
    connected.close_view(view["id"])
    connected.open_home()
    home = connected.wait_for(connected.home)
    connected.use_view(home["id"], action_ids.HOME_NEW)
    assert connected.wait_for(connected.view)["id"] != view["id"]
