"""The road from Slack to the app: signed HTTP requests, and the rule by which events come again."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from bot.playground.wire import Json
from bot.playground.workspace import Clock

PATIENCE_SECONDS = 3.0
RETRY_DELAYS_SECONDS = (0.0, 60.0, 300.0)
"""Slack asks again at once, after a minute and after five."""

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
Retry = tuple[int, str]
"""How many times it was tried before, and what went wrong the last time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the app answered; status 0 when it did not, and `reason` says why."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether Slack counts it as acknowledged."""
        return 200 <= self.status < 300

    def payload(self) -> Any:
        """The JSON in the body; plain text counts as `{"text": …}`, nothing as nothing."""
        if not (text := self.body.decode().strip()):
            return {}
        if "json" in self.headers.get("content-type", "") or text.startswith("{"):
            return json.loads(text)
        return {"text": text}


class Transport(Protocol):
    """One way to reach the app: HTTP, or a socket that it opened."""

    def command(self, form: Json) -> Answer:
        """Deliver a slash command."""
        ...

    def interactive(self, payload: Json) -> Answer:
        """Deliver a click, a form, a shortcut, a question for options."""
        ...

    def event(self, body: Json, retry: Retry | None) -> Answer:
        """Deliver an event."""
        ...


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's `v0` signature of one request."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpTransport:
    """Signed POSTs to the app's one address."""

    def __init__(self, app_url: str, signing_secret: str, clock: Clock = time.time) -> None:
        self.app_url = app_url
        self._secret, self._clock = signing_secret, clock

    def command(self, form: Json) -> Answer:
        """A slash command is a form."""
        return self.post(urlencode(form).encode(), FORM)

    def interactive(self, payload: Json) -> Answer:
        """An interaction is JSON in the field `payload` of a form."""
        return self.post(urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    def event(self, body: Json, retry: Retry | None) -> Answer:
        """An event is JSON; a repeated one says so in its headers."""
        number, reason = retry or (0, "")
        again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason} if retry else {}
        return self.post(json.dumps(body).encode(), JSON, again)

    def post(self, body: bytes, content_type: str, extra: Mapping[str, str] | None = None) -> Answer:
        """One signed request; headers in `extra` win, so that a test may sign wrongly."""
        timestamp = str(int(self._clock()))
        signed = {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        slack = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        return _post(self.app_url, body, slack | signed | dict(extra or {}))


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """POST with Slack's patience."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
    started = time.monotonic()
    try:
        connection.request("POST", parts.path or "/", body, dict(headers))
        response = connection.getresponse()
        lowered = {name.lower(): value for name, value in response.getheaders()}
        body = response.read()
        return Answer(status=response.status, body=body, headers=lowered, seconds=time.monotonic() - started)
    except TimeoutError:
        return Answer(status=0, reason="http_timeout", seconds=time.monotonic() - started)
    except (OSError, http.client.HTTPException):
        return Answer(status=0, reason="connection_failed", seconds=time.monotonic() - started)
    finally:
        connection.close()


class Retries:
    """Delivers events until the app acknowledges them, by Slack's rule."""

    def __init__(self, delays_seconds: Sequence[float] = RETRY_DELAYS_SECONDS) -> None:
        self.delays_seconds = tuple(delays_seconds)
        self._timers: set[threading.Timer] = set()
        self._lock = threading.Lock()
        self._closed = False

    def deliver(self, transport: Transport, body: Json, *, attempt: int = 0, reason: str = "") -> Answer:
        """Deliver now; on failure again at once, and later by timer. Answerer the last immediate try."""
        answer = transport.event(body, (attempt, reason) if attempt else None)
        if answer.ok or attempt >= len(self.delays_seconds) or answer.headers.get("x-slack-no-retry") == "1":
            return answer
        why, delay_seconds = answer.reason or "http_error", self.delays_seconds[attempt]
        if not delay_seconds:
            return self.deliver(transport, body, attempt=attempt + 1, reason=why)
        self._later(delay_seconds, transport, body, attempt + 1, why)
        return answer

    def close(self) -> None:
        """Forget what was to be tried later."""
        with self._lock:
            self._closed = True
            timers, self._timers = self._timers, set()
        for timer in timers:
            timer.cancel()

    def _later(
        self, delay_seconds: float, transport: Transport, body: Json, attempt: int, reason: str
    ) -> None:
        timer = threading.Timer(
            delay_seconds, self.deliver, (transport, body), {"attempt": attempt, "reason": reason}
        )
        timer.daemon = True
        with self._lock:
            if self._closed:
                return
            self._timers.add(timer)
        timer.start()
