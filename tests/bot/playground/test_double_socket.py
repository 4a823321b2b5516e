"""Socket Mode: slack_sdk's own client against the double."""

import io
import threading
from collections.abc import Iterator

import pytest
from patience import until
from slack_bolt.adapter.socket_mode import SocketModeHandler
from tiny_app import tiny_app

from bot.playground import SlackDouble
from bot.playground.state import APP_TOKEN, BOT_TOKEN
from bot.playground.websocket import PING, TEXT, Frame, accept_key, encoded, read_frame


@pytest.fixture
def socket_slack(double: SlackDouble) -> Iterator[SlackDouble]:
    handler = SocketModeHandler(tiny_app(double.api_url, "unused", BOT_TOKEN), APP_TOKEN, ping_interval=1)
    handler.connect()  # type: ignore[no-untyped-call]  # Bolt has no types here
    assert double.hub.wait_for_connections(1)
    yield double
    closing = threading.Thread(target=handler.close)
    closing.start()
    while closing.is_alive():
        double.hub.ping()  # the client closes only when its read of three seconds returns
        closing.join(0.02)


def test_commands_events_and_buttons_arrive_by_socket_and_are_acknowledged(socket_slack: SlackDouble) -> None:
    assert socket_slack.slash_command("7b").ok
    card = socket_slack.wait_for(lambda: [m for m in socket_slack.messages() if m.get("bot_id")])[0]
    socket_slack.say("bs=16", thread_ts=card["ts"])
    socket_slack.wait_for(lambda: len(socket_slack.thread(card["ts"])) == 3)
    assert socket_slack.click(card["ts"], "compare").ok
    socket_slack.wait_for(lambda: len(socket_slack.thread(card["ts"])) == 4)


def test_an_acknowledgement_may_carry_a_message_and_options(socket_slack: SlackDouble) -> None:
    socket_slack.slash_command("help")
    assert len(socket_slack.ephemerals()) == 1
    socket_slack.shortcut()
    socket_slack.wait_for(socket_slack.view)
    assert [option["value"] for option in socket_slack.suggest("model", "13")] == ["13b"]


def test_the_client_comes_back_after_it_was_asked_to_refresh(socket_slack: SlackDouble) -> None:
    (before,) = socket_slack.hub._open
    socket_slack.hub.disconnect("refresh_requested")
    until(lambda: [line for line in socket_slack.hub._open if line is not before])
    assert socket_slack.slash_command("7b").ok


def test_frames_of_every_length_are_read_back_as_written() -> None:
    for size in (0, 125, 126, 65_535, 65_536):
        frame = Frame(TEXT, b"x" * size)
        assert read_frame(io.BytesIO(encoded(frame))) == frame
    assert read_frame(io.BytesIO(b"\x89")) is None
    assert read_frame(io.BytesIO(bytes([0x80 | PING, 0x82, 1, 2, 3, 4, 1 ^ 7, 2 ^ 9]))) == Frame(
        PING, b"\x07\x09"
    )


def test_the_accept_key_is_that_of_the_standard() -> None:
    """RFC 6455, section 1.3."""
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
