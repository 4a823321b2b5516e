"""The parts of the double together: what its Web API, its page and its people all work on."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bot.playground.faults import Faults
from bot.playground.tickets import Permits
from bot.playground.views import Views
from bot.playground.wire import Json
from bot.playground.workspace import Clock, Workspace

BOT_TOKEN = "xoxb-playground-bot"  # noqa: S105  -- opens nothing but the double
APP_TOKEN = "xapp-playground-app"  # noqa: S105  -- likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the Web API: what was asked, what was answered, when."""

    method: str
    arguments: Json
    answer: Json
    status: int
    at: float

    def __getitem__(self, name: str) -> Any:
        """One argument of the call."""
        return self.arguments[name]


@dataclass(slots=True)
class Slack:
    """State of the double; `url` is known once its server listens."""

    clock: Clock = time.time
    url: str = ""
    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    workspace: Workspace = field(init=False)
    permits: Permits = field(init=False)
    views: Views = field(init=False)
    faults: Faults = field(init=False, default_factory=Faults)
    closing: threading.Event = field(init=False, default_factory=threading.Event)
    _calls: list[Call] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.workspace = Workspace(self.clock)
        self.permits = Permits(self.clock)
        self.views = Views(self.workspace)

    def record(self, call: Call) -> None:
        """Keep a call for whoever asks later."""
        with self.workspace.lock:
            self._calls.append(call)
            self.workspace.announce("call", {"method": call.method}, user="")

    def calls(self, method: str | None = None) -> tuple[Call, ...]:
        """Calls so far, of one method or of all."""
        with self.workspace.lock:
            return tuple(call for call in self._calls if method in (None, call.method))
