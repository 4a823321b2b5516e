"""The parts of the double together: what its Web API, its page and its people all work on."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bot.playground.faults import Faults
from bot.playground.tickets import Permits
from bot.playground.views import Views
from bot.playground.wire import Json, SlackError
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
    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    workspace: Workspace = field(init=False)
    permits: Permits = field(init=False)
    views: Views = field(init=False)
    faults: Faults = field(init=False, default_factory=Faults)
    closing: threading.Event = field(init=False, default_factory=threading.Event)
    _calls: list[Call] = field(init=False, default_factory=list)
    _files: dict[str, bytes] = field(init=False, default_factory=dict)
    may_read_files: bool = True
    """Whether the app was given `files:read`."""
    may_write_files: bool = True
    """Whether it was given `files:write`."""
    _shown: dict[str, Json] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.workspace = Workspace(self.clock)
        self.permits = Permits(self.clock)
        self.views = Views(self.workspace)

    def upload(self, content: bytes, name: str) -> Json:
        """Keep a file; what a message says of it."""
        file_id = f"F{len(self._files) + 1:010d}"
        self._files[file_id] = content
        address = f"{self.url}/files-pri/{file_id}/{name}"
        kind = name.rpartition(".")[2]
        shown: Json = {"id": file_id, "name": name, "title": name, "filetype": kind, "mode": "snippet"}
        shown |= {"mimetype": "text/plain", "size": len(content), "user": ""}
        shown |= {"url_private": address, "url_private_download": address}
        self._shown[file_id] = shown
        return dict(shown)

    def receive(self, file_id: str, content: bytes) -> bool:
        """Keep what was sent to the address of a file; whether there is such an address."""
        if file_id not in self._files:
            return False
        self._files[file_id] = content
        self._shown[file_id]["size"] = len(content)
        return True

    def uploaded(self, file_id: str) -> Json:
        """What a message says of a file."""
        if file_id not in self._shown:
            raise SlackError("file_not_found")
        return dict(self._shown[file_id])

    def file_content(self, file_id: str) -> bytes:
        """What is in a file, for whoever sees its message.

        Raises:
            LookupError: there is none.
        """
        return self._files[file_id]

    def file(self, path: str, token: str) -> tuple[str, bytes]:
        """A file for a token that may have it; everybody else gets Slack's own page, as Slack does."""
        content = self._files.get(path.strip("/").partition("/")[0])
        if content is None or token != self.bot_token or not self.may_read_files:
            return "text/html", b"<!DOCTYPE html><html><title>Slack</title></html>"
        return "text/plain", content

    def record(self, call: Call) -> None:
        """Keep a call for whoever asks later."""
        with self.workspace.lock:
            self._calls.append(call)
            self.workspace.announce("call", {"method": call.method}, user="")

    def calls(self, method: str | None = None) -> tuple[Call, ...]:
        """Calls so far, of one method or of all."""
        with self.workspace.lock:
            return tuple(call for call in self._calls if method in (None, call.method))
