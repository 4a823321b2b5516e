"""Where an answer goes, read from what Slack sent."""

from collections.abc import Mapping
from typing import Any

from bot.listeners.delivery import Place

Payload = Mapping[str, Any]


def place_of_command(command: Payload) -> Place:
    """Where a slash command was typed."""
    return Place(
        team_id=str(command.get("enterprise_id") or command.get("team_id") or ""),
        channel_id=str(command.get("channel_id", "")),
        user_id=str(command.get("user_id", "")),
        response_url=str(command.get("response_url", "")),
    )


def place_of_event(body: Payload) -> Place:
    """Where somebody spoke: their thread, or the one that an answer under their message begins."""
    event = body.get("event", {})
    return Place(
        team_id=str(body.get("enterprise_id") or body.get("team_id") or ""),
        channel_id=str(event.get("channel", "")),
        user_id=str(event.get("user", "")),
        thread_ts=str(event.get("thread_ts") or event.get("ts") or ""),
        is_unanswered=not event.get("thread_ts"),
    )


def place_of_interaction(body: Payload) -> Place:
    """Where a button was pressed: the thread of its card, so that what follows stands there.

    A card that only one person sees has no thread; what it leads to stands in the channel.
    """
    container, channel, message = (body.get(name) or {} for name in ("container", "channel", "message"))
    user, team = (body.get(name) or {} for name in ("user", "team"))
    thread_ts = str(message.get("thread_ts") or container.get("thread_ts") or "")
    return Place(
        team_id=str((body.get("enterprise") or {}).get("id") or team.get("id") or ""),
        channel_id=str(channel.get("id") or container.get("channel_id") or user.get("id") or ""),
        user_id=str(user.get("id", "")),
        thread_ts=thread_ts or str(message.get("ts") or ""),
        response_url=str(body.get("response_url", "")),
        is_unanswered=not thread_ts,
    )
