"""Mentions, direct messages, replies: what people say where the bot hears it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from slack_bolt import App

from bot.listeners.desk import Desk
from bot.listeners.places import place_of_event

_MENTION: Final = re.compile(r"<@[A-Z0-9]+(?:\|[^<>]*)?>")


def register(app: App, desk: Desk) -> None:
    """Wire the events of both manifests."""

    @app.event("app_mention")
    def handle_mention(body: dict[str, Any]) -> None:
        _hear(desk, body)

    @app.event("message")
    def handle_message(body: dict[str, Any]) -> None:
        event = body.get("event", {})
        if event.get("channel_type") == "im" or not _names_somebody(event):
            _hear(desk, body)  # a mention in a channel arrives as an event of its own


def _hear(desk: Desk, body: Mapping[str, Any]) -> None:
    if is_from_a_person(body.get("event", {})):
        place = place_of_event(body)
        desk.later(place, lambda: _answer_once(desk, body))


def _answer_once(desk: Desk, body: Mapping[str, Any]) -> None:
    """Answer what is new; in a channel only what is said to us."""
    event, place = body["event"], place_of_event(body)
    if event["type"] == "message" and event.get("channel_type") != "im":
        return
    if desk.seen.is_new(body):
        desk.answer(desk.answers.read(str(event.get("text", ""))), place)


def is_from_a_person(event: Mapping[str, Any]) -> bool:
    """No bot, no edit, no deletion, no joining: somebody's own words."""
    spoken = event.get("subtype") in (None, "thread_broadcast", "file_share")
    return spoken and bool(event.get("user")) and not event.get("bot_id") and not event.get("edited")


def _names_somebody(event: Mapping[str, Any]) -> bool:
    return _MENTION.search(str(event.get("text", ""))) is not None
