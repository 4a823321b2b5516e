"""Where an answer goes, read from what Slack sent."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.cards import button_values
from bot.cards.state import carried_by_press
from bot.conversation.card_state import CardState
from bot.conversation.preferences import UserInChannel
from bot.conversation.threads import FLAT, ThreadKey

_DIRECT = "D"
"""With this the ids of direct messages begin; a press does not tell otherwise what it stands in."""


_SPOKEN = "message:"
"""With this begin the names of acts that are messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an answer goes; what is not for everybody goes to `user_id` there."""

    team_id: str
    """The company of whoever speaks, as far as the payload tells; threads and settings are under our own."""
    channel_id: str
    user_id: str
    thread_ts: str = ""
    response_url: str = ""
    is_flat: bool = False
    """In a direct message outside of any thread: answers stand flat, and the whole of it is one thread."""
    is_unanswered: bool = False
    """Whether the thread has no reply yet: no ephemeral message is seen in a closed one."""
    act: str = ""
    """Names what was done there, by the payload's own stamps: delivered twice, it bears the same name."""

    def as_record(self) -> dict[str, str]:
        """What is kept of it for the next start, in words."""
        return {name: str(value or "") for name, value in asdict(self).items()}

    @property
    def is_continued(self) -> bool:
        """Whether what was said there before counts: in a thread, or flat in a direct message."""
        return self.is_flat or bool(self.thread_ts)

    @property
    def is_direct(self) -> bool:
        """Whether it is a direct message, flat or in a thread of it."""
        return self.channel_id.startswith(_DIRECT)

    @property
    def is_between_us(self) -> bool:
        """Whether nobody else reads there: it was spoken where we hear it.

        A command or a form may come from the direct messages of two people, who would both read an answer.
        """
        return self.is_direct and self.act.startswith(_SPOKEN)

    @property
    def open_thread_ts(self) -> str:
        """The thread, where an ephemeral message in it is seen."""
        return "" if self.is_unanswered else self.thread_ts


def destination_of_record(kept: Mapping[str, str]) -> Destination:
    """The destination that was kept; a field that another version did not know is empty."""
    said: dict[str, Any] = {each.name: each.type(kept.get(each.name, "")) for each in fields(Destination)}  # type: ignore[operator]  # str and bool
    return Destination(**said)


Payload = Mapping[str, Any]


def destination_of_command(command: Payload) -> Destination:
    """Where a slash command was typed."""
    return Destination(
        team_id=str(command.get("team_id") or ""),
        channel_id=str(command.get("channel_id", "")),
        user_id=str(command.get("user_id", "")),
        is_flat=str(command.get("channel_id", "")).startswith(_DIRECT),
        response_url=str(command.get("response_url", "")),
        act=act_of_command(command),
    )


def act_of_command(command: Payload) -> str:
    """Slack numbers no slash command; what it made for this one alone comes again with each delivery.

    The address to answer at is a secret, so that its digest stands for it.
    """
    if trigger_id := command.get("trigger_id"):
        return f"command:{trigger_id}"
    address = str(command.get("response_url") or "")
    return f"command:{hashlib.sha256(address.encode()).hexdigest()[:32]}" if address else ""


def destination_of_event(body: Payload) -> Destination:
    """Where somebody spoke: their thread, or the one that an answer under their message begins.

    A direct message is answered flat, as people answer each other there.
    """
    event = body.get("event", {})
    is_flat = event.get("channel_type") == "im" and not event.get("thread_ts")
    return Destination(
        team_id=str(event.get("user_team") or event.get("team") or ""),
        channel_id=str(event.get("channel", "")),
        user_id=str(event.get("user", "")),
        thread_ts="" if is_flat else str(event.get("thread_ts") or event.get("ts") or ""),
        is_flat=is_flat,
        is_unanswered=not event.get("thread_ts"),
        act=act_of_message(event),
    )


def destination_of_interaction(body: Payload) -> Destination:
    """Where a button was pressed: the thread of its card, so that what follows stands there.

    A card that only one person sees has no thread; what it leads to stands in the channel. So does what a
    card in a direct message leads to, where nobody began a thread.
    """
    container, channel, message = (body.get(name) or {} for name in ("container", "channel", "message"))
    user, team = (body.get(name) or {} for name in ("user", "team"))
    thread_ts = str(message.get("thread_ts") or container.get("thread_ts") or "")
    channel_id = str(channel.get("id") or container.get("channel_id") or user.get("id") or "")
    is_flat = channel_id.startswith(_DIRECT) and not thread_ts
    return Destination(
        team_id=str(user.get("team_id") or team.get("id") or ""),
        channel_id=channel_id,
        user_id=str(user.get("id", "")),
        thread_ts="" if is_flat else thread_ts or str(message.get("ts") or ""),
        is_flat=is_flat,
        response_url=str(body.get("response_url", "")),
        is_unanswered=not thread_ts,
        act=next(iter(acts_of_press(body, next(iter(body.get("actions") or ()), {}))), ""),
    )


def act_of_message(event: Payload) -> str:
    """What tells a message from all others; empty where it has no stamp or no channel."""
    ts, channel = event.get("ts"), event.get("channel")
    return f"{_SPOKEN}{channel}:{ts}" if ts and channel else ""


def acts_of_press(body: Payload, action: Payload) -> tuple[str, ...]:
    """What tells a press from all others; nothing where the payload has no stamp of its own."""
    when, trigger_id = action.get("action_ts"), str(body.get("trigger_id", ""))
    return (f"press:{trigger_id}:{when}",) if trigger_id or when else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPress:
    """What was pressed, where, and the command of the card that it stands on."""

    body: Mapping[str, Any]
    action: Mapping[str, Any]
    destination: Destination

    @property
    def carried(self) -> CardState | None:
        """The card that it stands on, as far as the payload tells."""
        return carried_by_press(self.body)

    @property
    def message_ts(self) -> str:
        """The message that it stands on."""
        return str((self.body.get("container") or {}).get("message_ts", ""))

    @property
    def acts(self) -> tuple[str, ...]:
        """What tells this press from all others, and from the second half of a double click."""
        return acts_of_press(self.body, self.action)

    @property
    def place(self) -> str:
        """Who pressed what, and what it said: twice within a moment is a double click."""
        named = (self.destination.user_id, self.message_ts, self.action.get("action_id"), self.value)
        return ":".join(("click", *map(str, named), str(self.action.get("value", ""))[:200]))

    @property
    def is_at_home(self) -> bool:
        """Whether it stands on somebody's Home, which no message changes."""
        return str((self.body.get("view") or {}).get("type", "")) == "home"

    @property
    def is_of_another_version(self) -> bool:
        """Whether another version of us made the button."""
        return button_values.is_of_another_version(str(self.action.get("value", "")))

    @property
    def value(self) -> str:
        """The line that was chosen in a menu."""
        return str((self.action.get("selected_option") or {}).get("value", ""))

    @property
    def state(self) -> Mapping[str, str]:
        """What the button carries."""
        return button_values.state_of(str(self.action.get("value", "")))

    @property
    def trigger_id(self) -> str:
        """Leave to open a form, for three seconds."""
        return str(self.body.get("trigger_id", ""))


def whose_at(destination: Destination) -> UserInChannel:
    """Whose settings count there."""
    return UserInChannel(user_id=destination.user_id, channel_id=destination.channel_id)


def thread_of(destination: Destination, ts: str = "") -> ThreadKey:
    """The thread that an answer stands in, or, if it stands in none, the one that it begins."""
    thread_ts = FLAT if destination.is_flat else destination.thread_ts or ts
    return ThreadKey(channel_id=destination.channel_id, thread_ts=thread_ts)
