"""Mentions, direct messages, replies: what people say where the bot hears it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from slack_bolt import App

from bot.language.tools.registry import READABLE
from bot.listeners.dropped import dropped
from bot.listeners.followups import ThreadMessage, converse
from bot.slack.payloads import Destination, destination_of_event
from bot.slack.responder import Responder
from bot.slack.seen import acts_of_event

_MENTION: Final = re.compile(r"<@[A-Z0-9]+(?:\|[^<>]*)?>")


def register(app: App, responder: Responder) -> None:
    """Wire the events of both manifests."""

    @app.event("app_mention")
    def handle_mention(body: dict[str, Any]) -> None:
        _hear(responder, body)

    @app.event("message")
    def handle_message(body: dict[str, Any]) -> None:
        event = body.get("event", {})
        direct, reply = event.get("channel_type") == "im", bool(event.get("thread_ts"))
        if direct or (reply and not _names_somebody(event)):
            _hear(responder, body)  # a mention in a channel arrives as an event of its own


def _hear(responder: Responder, body: Mapping[str, Any]) -> None:
    event = body.get("event", {})
    if is_from_a_person(event) and _may_be_for_us(responder, event):
        ours = responder.identity.known_user_id
        awaited = _is_to_us(event) or (bool(ours) and event.get("parent_user_id") == ours)
        responder.in_thread(
            destination_of_event(body), lambda: _answer_once(responder, body), is_awaited=awaited
        )


def _is_to_us(event: Mapping[str, Any]) -> bool:
    return bool(event["type"] == "app_mention" or event.get("channel_type") == "im")


def _may_be_for_us(responder: Responder, event: Mapping[str, Any]) -> bool:
    """Whether it is worth a place in the queue: most of what people say to each other is not."""
    if _is_to_us(event) or _has_file(event):
        return True
    return responder.answers.may_follow(str(event.get("text", "")))


def _answer_once(responder: Responder, body: Mapping[str, Any]) -> None:
    """Answer what is new and meant for us; of the rest nothing is kept, not even that it was there."""
    event, destination = body["event"], destination_of_event(body)
    said = _said(responder, event)
    with_file = _has_file(event) and (said.to_us or said.under_our_card)
    if not (said.to_us or with_file or responder.answers.may_follow(said.text)):
        return
    with responder.new_act(destination, acts_of_event(body)) as is_new:
        if is_new:
            _answer(responder, destination, said, event if with_file else None)


def _answer(
    responder: Responder, destination: Destination, said: ThreadMessage, with_file: Mapping[str, Any] | None
) -> None:
    if with_file is not None:
        found = dropped(responder, with_file)
        if found.table:
            responder.take_table(found.table, destination)
            return
        if found.notice and said.to_us and responder.answers.read(said.text).request is None:
            responder.askers.notify(destination, found.notice, tools=READABLE)
            return
        said = replace(said, text=found.text or said.text)
    if destination.is_continued:
        converse(responder, destination, said)
    else:
        responder.answer(responder.answers.read(said.text), destination, answers=said.ts)


def _said(responder: Responder, event: Mapping[str, Any]) -> ThreadMessage:
    return ThreadMessage(
        text=str(event.get("text", "")),
        ts=str(event.get("ts", "")),
        to_us=_is_to_us(event),
        under_our_card=bool(event.get("parent_user_id"))
        and event["parent_user_id"] == responder.identity.user_id,
    )


def _has_file(event: Mapping[str, Any]) -> bool:
    return bool(event.get("files"))


def is_from_a_person(event: Mapping[str, Any]) -> bool:
    """No bot, no edit, no deletion, no joining: somebody's own words."""
    spoken = event.get("subtype") in (None, "thread_broadcast", "file_share")
    return spoken and bool(event.get("user")) and not event.get("bot_id") and not event.get("edited")


def _names_somebody(event: Mapping[str, Any]) -> bool:
    return _MENTION.search(str(event.get("text", ""))) is not None
