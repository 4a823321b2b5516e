"""What the double remembers: people, channels, messages, and every change in the order it happened."""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar

from bot.playground.people import BOT_USER, Channel, Person, channels, colleagues
from bot.playground.wire import Json, SlackError

T = TypeVar("T")
Clock = Callable[[], float]
CHANGES_KEPT = 2000
WAIT_SECONDS = 60.0
"""How long a test waits by default: as long as it may take on a busy machine; what comes is seen at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened; `user` is the only person who may see it, None for everybody."""

    revision: int
    kind: str
    data: Json
    user: str | None = None


class Workspace:
    """State of one workspace. Stored messages are never mutated, only replaced, so readers need no copies."""

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self.people: dict[str, Person] = {person.id: person for person in colleagues()}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in channels()}
        self._messages: dict[str, dict[str, Json]] = {name: {} for name in self.channels}
        self._replies: dict[tuple[str, str], list[str]] = {}
        self._ephemerals: dict[str, Json] = {}
        self._last_microseconds = 0
        self._counter = itertools.count(1)
        self.revision = 0
        self.changes: deque[Change] = deque(maxlen=CHANGES_KEPT)

    # -- identity and time ---------------------------------------------------------------------------------

    def new_id(self, letter: str) -> str:
        """An identifier of Slack's look, never given twice: `V0000000001`."""
        return f"{letter}{next(self._counter):010d}"

    def new_ts(self) -> str:
        """A message timestamp later than every one before it."""
        with self.lock:
            self._last_microseconds = max(self._last_microseconds + 1, int(self.clock() * 1e6))
            seconds, microseconds = divmod(self._last_microseconds, 1_000_000)
        return f"{seconds}.{microseconds:06d}"

    # -- changes -------------------------------------------------------------------------------------------

    def announce(self, kind: str, data: Json, *, user: str | None = None) -> None:
        """Record a change and wake whoever waits for one."""
        with self.lock:
            self.revision += 1
            self.changes.append(Change(revision=self.revision, kind=kind, data=data, user=user))
            self._changed.notify_all()

    def wait_for(self, predicate: Callable[[], T | None], timeout_seconds: float = WAIT_SECONDS) -> T:
        """The first true value of `predicate`, asked again after each change.

        Raises:
            TimeoutError: nothing true came in time.
        """
        deadline = time.monotonic() + timeout_seconds
        with self.lock:
            while not (found := predicate()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"nothing of the kind within {timeout_seconds:g} s")
                self._changed.wait(left)
        return found

    def changes_after(self, revision: int, timeout_seconds: float) -> tuple[Change, ...]:
        """What happened after `revision`; waits for it, and is empty when nothing did in time."""
        with self.lock:
            if self.revision <= revision:
                self._changed.wait(timeout_seconds)
            newer = itertools.takewhile(lambda change: change.revision > revision, reversed(self.changes))
            return tuple(newer)[::-1]

    # -- places and people ---------------------------------------------------------------------------------

    def channel(self, channel_id: str) -> Channel:
        """The channel, if the app may know of it."""
        channel = self.channels.get(channel_id)
        hidden = channel is not None and channel.kind != "public" and BOT_USER not in channel.members
        if channel is None or hidden:
            raise SlackError("channel_not_found")
        return channel

    def person(self, user_id: str) -> Person:
        """The person of this id."""
        if (person := self.people.get(user_id)) is None:
            raise SlackError("user_not_found")
        return person

    def direct_channel(self, user_id: str) -> Channel:
        """The direct messages between `user_id` and the app."""
        wanted = {self.person(user_id).id, BOT_USER}
        return next(
            channel
            for channel in self.channels.values()
            if channel.kind == "im" and channel.members == wanted
        )

    def invite_app(self, channel_id: str) -> None:
        """Make the app a member of the channel."""
        self.channels[channel_id].members.add(BOT_USER)
        self.announce("channel", {"id": channel_id, "has_app": True})

    # -- messages ------------------------------------------------------------------------------------------

    def add(self, channel_id: str, message: Json) -> Json:
        """Store a new message (or reply, with `thread_ts`) and say so."""
        with self.lock:
            stored = {"type": "message", "ts": self.new_ts()} | message
            self._messages[channel_id][stored["ts"]] = stored
            if root := stored.get("thread_ts"):
                self._replies.setdefault((channel_id, root), []).append(stored["ts"])
                self._count_replies(channel_id, root)
            self.announce("message", {"channel": channel_id, "message": stored})
        return stored

    def replace(self, channel_id: str, ts: str, changed: Json) -> Json:
        """Put `changed` fields into a stored message."""
        with self.lock:
            stored = self.message(channel_id, ts) | changed
            self._messages[channel_id][ts] = stored
            self.announce("message", {"channel": channel_id, "message": stored})
        return stored

    def remove(self, channel_id: str, ts: str) -> None:
        """Delete a message; one with replies leaves a tombstone, as Slack does."""
        with self.lock:
            message = self.message(channel_id, ts)
            if self._replies.get((channel_id, ts)):
                self.replace(
                    channel_id, ts, {"subtype": "tombstone", "text": "", "blocks": [], "metadata": None}
                )
                return
            del self._messages[channel_id][ts]
            if root := message.get("thread_ts"):
                self._replies[channel_id, root].remove(ts)
                self._count_replies(channel_id, root)
            self.announce("gone", {"channel": channel_id, "ts": ts})

    def message(self, channel_id: str, ts: str) -> Json:
        """The message of this timestamp."""
        if (message := self._messages.get(channel_id, {}).get(ts)) is None:
            raise SlackError("message_not_found")
        return message

    def history(self, channel_id: str) -> tuple[Json, ...]:
        """Messages of a channel without replies, oldest first."""
        with self.lock:
            roots = [m for m in self._messages[channel_id].values() if m.get("thread_ts", m["ts"]) == m["ts"]]
            return tuple(sorted(roots, key=itemgetter("ts")))

    def thread(self, channel_id: str, root_ts: str) -> tuple[Json, ...]:
        """The root and its replies, oldest first."""
        with self.lock:
            root = self._messages[channel_id].get(root_ts)
            replies = [self._messages[channel_id][ts] for ts in self._replies.get((channel_id, root_ts), ())]
            return tuple(replies) if root is None else (root, *replies)

    def find(self, ts: str) -> tuple[str, Json]:
        """The channel and the message of a timestamp, ephemeral ones included."""
        with self.lock:
            if ts in self._ephemerals:
                return self._ephemerals[ts]["channel"], self._ephemerals[ts]
            for channel_id, messages in self._messages.items():
                if ts in messages:
                    return channel_id, messages[ts]
        raise SlackError("message_not_found")

    def _count_replies(self, channel_id: str, root_ts: str) -> None:
        """Write on the root how many replies it has and who wrote them."""
        if (root := self._messages[channel_id].get(root_ts)) is None:
            return
        replies = [self._messages[channel_id][ts] for ts in self._replies[channel_id, root_ts]]
        users = list(dict.fromkeys(reply["user"] for reply in replies))
        counted: Json = {"thread_ts": root_ts, "reply_count": len(replies), "reply_users": users}
        latest = {"latest_reply": replies[-1]["ts"]} if replies else {}
        self._messages[channel_id][root_ts] = root | counted | latest
        self.announce("message", {"channel": channel_id, "message": self._messages[channel_id][root_ts]})

    # -- ephemeral messages --------------------------------------------------------------------------------

    def post_ephemeral(self, user_id: str, channel_id: str, message: Json) -> Json:
        """A message that `user_id` alone sees, until dismissed; nobody does in a thread without a reply."""
        with self.lock:
            stored = {"type": "message", "ts": self.new_ts(), "channel": channel_id} | message
            stored |= Json(is_ephemeral=True, visible_to=user_id)
            if (root_ts := message.get("thread_ts")) and len(self.thread(channel_id, root_ts)) < 2:
                return stored
            self._ephemerals[stored["ts"]] = stored
            self.announce("ephemeral", {"channel": channel_id, "message": stored}, user=user_id)
        return stored

    def repost_ephemeral(self, ts: str, changed: Json) -> Json:
        """Put `changed` fields into an ephemeral message."""
        with self.lock:
            stored = self._ephemerals[ts] | changed
            self._ephemerals[ts] = stored
            self.announce(
                "ephemeral", {"channel": stored["channel"], "message": stored}, user=stored["visible_to"]
            )
        return stored

    def dismiss(self, ts: str) -> None:
        """Forget an ephemeral message."""
        with self.lock:
            if (message := self._ephemerals.pop(ts, None)) is not None:
                self.announce("gone", {"channel": message["channel"], "ts": ts}, user=message["visible_to"])

    def ephemerals(self, user_id: str) -> Sequence[Json]:
        """What `user_id` alone sees, oldest first."""
        with self.lock:
            return tuple(m for m in self._ephemerals.values() if m["visible_to"] == user_id)
