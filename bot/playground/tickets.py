"""What Slack hands out for a short while: trigger ids and response addresses."""

import secrets
import threading
from dataclasses import dataclass

from bot.playground.wire import SlackError
from bot.playground.workspace import Clock

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """Leave to post into a channel five times, bound to the message that was clicked, if any."""

    user: str
    channel: str
    issued_at: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


@dataclass(slots=True, kw_only=True)
class Trigger:
    """Leave to open one modal, for a person who looks at `channel`."""

    user: str
    issued_at: float
    channel: str
    spent: bool = False


class Permits:
    """Issues and takes back what expires: triggers live 3 s and serve once, addresses 30 min and 5 times."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}

    def trigger(self, user: str, *, channel: str = "") -> str:
        """A fresh trigger id for `user`, who looks at `channel`, if at any."""
        name = f"{secrets.randbelow(10**12)}.{secrets.token_hex(8)}"
        self._triggers[name] = Trigger(user=user, issued_at=self._clock(), channel=channel)
        return name

    def spend_trigger(self, name: str) -> Trigger:
        """What a trigger id stands for; it is then worth nothing."""
        with self._lock:
            trigger = self._triggers.get(name)
            if trigger is None:
                raise SlackError("invalid_trigger_id")
            if trigger.spent:
                raise SlackError("exchanged_trigger_id")
            if self._clock() - trigger.issued_at > TRIGGER_SECONDS:
                raise SlackError("expired_trigger_id")
            trigger.spent = True
        return trigger

    def response_url(
        self, user: str, channel: str, *, message_ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        """The last part of a fresh response address."""
        name = secrets.token_urlsafe(12)
        self._response_urls[name] = ResponseUrl(
            user=user, channel=channel, issued_at=self._clock(), message_ts=message_ts, thread_ts=thread_ts
        )
        return name

    def spend_response_url(self, name: str) -> ResponseUrl:
        """One use of a response address."""
        with self._lock:
            found = self._response_urls.get(name)
            if found is None or self._clock() - found.issued_at > RESPONSE_SECONDS:
                raise SlackError("expired_url")
            if found.uses >= RESPONSE_USES:
                raise SlackError("used_url")
            found.uses += 1
        return found
