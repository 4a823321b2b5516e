"""Mentions, direct messages, replies: what people say where the bot hears it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from slack_bolt import App

from bot.listeners.followups import Said, converse
from bot.slack.payloads import place_of_event
from bot.slack.responder import Desk

_MENTION: Final = re.compile(r"<@[A-Z0-9]+(?:\|[^<>]*)?>")


def register(app: App, desk: Desk) -> None:
    """Wire the events of both manifests."""

    @app.event("app_mention")
    def handle_mention(body: dict[str, Any]) -> None:
        _hear(desk, body)

    @app.event("message")
    def handle_message(body: dict[str, Any]) -> None:
        event = body.get("event", {})
        direct, reply = event.get("channel_type") == "im", bool(event.get("thread_ts"))
        if direct or (reply and not _names_somebody(event)):
            _hear(desk, body)  # a mention in a channel arrives as an event of its own


def _hear(desk: Desk, body: Mapping[str, Any]) -> None:
    if is_from_a_person(body.get("event", {})):
        desk.in_thread(place_of_event(body), lambda: _answer_once(desk, body))


def _answer_once(desk: Desk, body: Mapping[str, Any]) -> None:
    """Answer what is new and meant for us; of the rest nothing is kept, not even that it was there."""
    event, place = body["event"], place_of_event(body)
    said = _said(desk, event)
    if not said.to_us and desk.answers.read_plain(said.text).outcome == "conversation":
        return
    if not desk.seen.is_new(body):
        return
    if event.get("thread_ts"):
        converse(desk, place, said)
    else:
        desk.answer(desk.answers.read(said.text), place, answers=said.ts)


def _said(desk: Desk, event: Mapping[str, Any]) -> Said:
    return Said(
        text=str(event.get("text", "")),
        ts=str(event.get("ts", "")),
        to_us=event["type"] == "app_mention" or event.get("channel_type") == "im",
        under_our_card=bool(event.get("parent_user_id")) and event["parent_user_id"] == desk.identity.user_id,
    )


def is_from_a_person(event: Mapping[str, Any]) -> bool:
    """No bot, no edit, no deletion, no joining: somebody's own words."""
    spoken = event.get("subtype") in (None, "thread_broadcast", "file_share")
    return spoken and bool(event.get("user")) and not event.get("bot_id") and not event.get("edited")


def _names_somebody(event: Mapping[str, Any]) -> bool:
    return _MENTION.search(str(event.get("text", ""))) is not None
