"""What one person's page is told: everything at first, then each change as a server-sent event."""

import json
from collections.abc import Iterator

from bot.playground.people import BOT_USER, SLACKBOT, Channel
from bot.playground.state import Slack
from bot.playground.wire import Json
from bot.playground.workspace import CHANGES_KEPT, Change

HEARTBEAT_SECONDS = 10.0
MESSAGES_SHOWN = 200


def snapshot(slack: Slack, user: str) -> Json:
    """Everything `user` sees, as of one revision."""
    workspace = slack.workspace
    with workspace.lock:
        shown = [channel for channel in workspace.channels.values() if user in channel.members]
        people = [p for p in workspace.people.values() if p.id != SLACKBOT]
        return {
            "epoch": slack.epoch,
            "revision": workspace.revision,
            "me": user,
            "app": BOT_USER,
            "people": [p.as_user(with_locale=True) for p in people],
            "channels": [_channel(slack, channel, user) for channel in shown],
            "messages": {channel.id: _messages(slack, channel) for channel in shown},
            "ephemerals": list(workspace.ephemerals(user)),
            "view": slack.views.top(user),
            "home": slack.views.home(user),
        }


def _channel(slack: Slack, channel: Channel, user: str) -> Json:
    """A channel as the sidebar names it; direct messages are named after the other person."""
    name = channel.name
    if channel.kind == "im":
        other = next(member for member in channel.members if member != user)
        name = slack.workspace.people[other].real_name
    has_app = BOT_USER in channel.members
    return {"id": channel.id, "name": name, "kind": channel.kind, "topic": channel.topic, "has_app": has_app}


def _messages(slack: Slack, channel: Channel) -> list[Json]:
    """The latest messages of a channel, each followed by its replies."""
    roots = slack.workspace.history(channel.id)[-MESSAGES_SHOWN:]
    return [message for root in roots for message in slack.workspace.thread(channel.id, root["ts"])]


def page_events(slack: Slack, user: str, *, epoch: str, after: int) -> Iterator[bytes]:
    """Server-sent events for `user`, from revision `after` on, until the double closes.

    A page of another `epoch` (the double was restarted) or too far behind is told to begin anew.
    """
    if epoch != slack.epoch or not 0 <= slack.workspace.revision - after <= CHANGES_KEPT:
        yield _event("reset", slack.workspace.revision, {})
        return
    yield _event("hello", after, {})
    while not slack.closing.is_set():
        changes = slack.workspace.changes_after(after, HEARTBEAT_SECONDS)
        if not changes:
            yield b": still here\n\n"
            continue
        after = changes[-1].revision
        yield b"".join(_event(c.kind, c.revision, c.data) for c in changes if _may_see(slack, c, user))


def _may_see(slack: Slack, change: Change, user: str) -> bool:
    """Whether a change concerns `user`: it is theirs, or it happened in a channel of theirs."""
    if change.user is not None:
        return change.user == user
    channel = slack.workspace.channels.get(change.data.get("channel", ""))
    return channel is None or user in channel.members


def _event(kind: str, revision: int, data: Json) -> bytes:
    return f"id: {revision}\nevent: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
