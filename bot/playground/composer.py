"""What people do with words: commands, messages, edits, invitations; and the events that follow from it."""

import re
import uuid
from collections.abc import Callable

from bot.playground import events
from bot.playground.faults import EVENT
from bot.playground.people import ALEX, BOT_USER, ML_TRAINING, SLACKBOT, TEAM_ID, Channel
from bot.playground.response_urls import respond
from bot.playground.slackbot import error_of, slackbot_says, slackbot_text
from bot.playground.state import Slack
from bot.playground.transport import Answer, Retries, Transport
from bot.playground.wire import Json, SlackError, escaped, rich_text

LISTEN_PROFILE = frozenset(
    {"app_home_opened", "app_mention", "message.channels", "message.groups", "message.im", "message.mpim"}
)
"""Bot events of an app that may read its channels."""

"""Bot events of an app that hears its name only."""


class Speech:
    """Everything a person says, and how the app hears of it."""

    def __init__(
        self,
        slack: Slack,
        transport: Callable[[], Transport],
        retries: Retries,
        subscriptions: frozenset[str],
    ) -> None:
        self.slack = slack
        self.transport = transport
        self.retries = retries
        self.subscriptions = subscriptions

    def slash_command(
        self, text: str = "", *, user: str = ALEX, channel: str = ML_TRAINING, command: str = "/ftcost"
    ) -> Answer:
        """Type a slash command; what the app acknowledges with is shown as Slack shows it."""
        place, typed_ts = self.slack.workspace.channels[channel], self.slack.workspace.new_ts()
        response_url = f"{self.slack.url}/response/{self.slack.permits.response_url(user, channel)}"
        form = events.slash_command(
            command,
            text,
            person=self.slack.workspace.person(user),
            channel=place,
            trigger_id=self.slack.permits.trigger(user, channel=channel),
            response_url=response_url,
        )
        answer = self.transport().command(form)
        if not answer.ok:
            error = error_of(answer.status, answer.reason)
            slackbot_says(self.slack, user, channel, "failed", command=command, error=error)
        elif body := answer.payload():
            echo = {"ts": typed_ts, "user": user, "text": escaped(f"{command} {text}".strip()), "blocks": []}
            self._show_acknowledgement(channel, echo, body)
        return answer

    def say(
        self,
        text: str,
        *,
        user: str = ALEX,
        channel: str = ML_TRAINING,
        thread_ts: str | None = None,
        files: tuple[Json, ...] = (),
    ) -> Json:
        """Write a message as typed: `@FT Cost` becomes a mention, `& < >` are escaped."""
        typed = self._with_mentions(escaped(text))
        message: Json = {"user": user, "text": typed, "blocks": [rich_text(typed)], "team": TEAM_ID}
        message |= {"client_msg_id": str(uuid.uuid4())}
        if files:
            message |= {"subtype": "file_share", "upload": True, "files": list(files)}
        if thread_ts:
            parent = self.slack.workspace.message(channel, thread_ts)
            message |= {"thread_ts": thread_ts, "parent_user_id": parent["user"]}
        stored = self.slack.workspace.add(channel, message)
        self._tell_of_message(stored, self.slack.workspace.channels[channel])
        return stored

    def mention(
        self, text: str = "", *, user: str = ALEX, channel: str = ML_TRAINING, thread_ts: str | None = None
    ) -> Json:
        """Write `@FT Cost text`."""
        return self.say(f"@FT Cost {text}".strip(), user=user, channel=channel, thread_ts=thread_ts)

    def file(self, content: str, name: str = "train.yaml") -> Json:
        """Upload a text, as the clients do before the message that it is dropped with."""
        return self.slack.upload(content.encode(), name)

    def edit(self, ts: str, text: str) -> Json:
        """Edit a message that somebody wrote."""
        channel, before = self.slack.workspace.find(ts)
        event_ts = self.slack.workspace.new_ts()
        edited = {"edited": {"user": before["user"], "ts": event_ts}}
        after = self.slack.workspace.replace(
            channel, ts, {"text": text, "blocks": [rich_text(text)]} | edited
        )
        place = self.slack.workspace.channels[channel]
        self.tell(place.subscription, events.changed_event(before, after, place, event_ts), place)
        return after

    def delete(self, ts: str) -> None:
        """Take a message back."""
        channel, before = self.slack.workspace.find(ts)
        self.slack.workspace.remove(channel, ts)
        place = self.slack.workspace.channels[channel]
        event = events.deleted_event(before, place, self.slack.workspace.new_ts())
        self.tell(place.subscription, event, place)

    def invite(self, *, user: str = ALEX, channel: str = ML_TRAINING) -> None:
        """Bring the app into a channel."""
        self.slack.workspace.invite_app(channel)
        joined = slackbot_text(self.slack, user, "joined")
        self.slack.workspace.add(
            channel, {"user": BOT_USER, "text": joined, "blocks": [], "subtype": "channel_join"}
        )

    def type_line(self, text: str, *, user: str, channel: str, thread_ts: str | None = None) -> None:
        """What the composer does with a line: a command, an invitation, or a message."""
        command, _, rest = text.strip().partition(" ")
        if not command.startswith("/"):
            self.say(text, user=user, channel=channel, thread_ts=thread_ts)
        elif thread_ts:
            slackbot_says(self.slack, user, channel, "in_thread", thread_ts=thread_ts, command=command)
        elif command == "/ftcost":
            self.slash_command(rest.strip(), user=user, channel=channel)
        elif command == "/invite":
            self.invite(user=user, channel=channel)
        else:
            slackbot_says(self.slack, user, channel, "unknown_command", command=command)

    def tell(self, subscription: str, event: Json, channel: Channel | None = None) -> Answer | None:
        """Deliver an event, if the app is subscribed and, for a channel's, a member."""
        if subscription not in self.subscriptions or (channel and BOT_USER not in channel.members):
            return None
        body = self.event_body(event)
        answer = self.retries.deliver(self.transport(), body)
        fault = self.slack.faults.take(EVENT)
        for number in range(fault.redeliver if fault else 0):
            self.transport().event(body, (number + 1, "http_timeout"))
        return answer

    def event_body(self, event: Json) -> Json:
        """An event in a fresh envelope, to be delivered by hand as often as a test likes."""
        event_id = self.slack.workspace.new_id("Ev")
        return events.event_callback(event, event_id=event_id, event_time=int(self.slack.clock()))

    def _tell_of_message(self, message: Json, channel: Channel) -> None:
        """Both events of a message; one that names the app in a channel arrives twice."""
        named = f"<@{BOT_USER}>" in message["text"]
        if named and channel.kind != "im" and BOT_USER not in channel.members:
            slackbot_says(self.slack, message["user"], channel.id, "not_here", app=BOT_USER)
        if named and channel.kind != "im":
            self.tell("app_mention", events.mention_event(message, channel), channel)
        self.tell(channel.subscription, events.message_event(message, channel), channel)

    def _show_acknowledgement(self, channel: str, echo: Json, body: Json) -> None:
        """Echo the command where the app wants it seen, and show what it acknowledged with."""
        if body.get("response_type") == "in_channel":
            self.slack.workspace.add(channel, echo | {"subtype": "slash_command"})
        if not body.get("text") and not body.get("blocks"):
            return
        try:
            respond(self.slack, echo["user"], channel, body)
        except SlackError as refusal:
            command = echo["text"].split(maxsplit=1)[0]
            slackbot_says(self.slack, echo["user"], channel, "failed", command=command, error=refusal.code)

    def _with_mentions(self, text: str) -> str:
        """`@name` of everybody here as mentions; longer names first, so that none hides in another."""
        names = {
            name.lower(): p.id for p in self.slack.workspace.people.values() for name in (p.name, p.real_name)
        }
        names = {name: user for name, user in names.items() if user != SLACKBOT}
        known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        return re.sub(
            rf"@({known})\b", lambda found: f"<@{names[found[1].lower()]}>", text, flags=re.IGNORECASE
        )
