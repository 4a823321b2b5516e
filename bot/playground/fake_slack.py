"""A Slack of one's own: what tests and the playground talk to, and the real app is connected with."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self, TypeVar

from bot.playground.clicks import Gestures
from bot.playground.composer import LISTEN_PROFILE
from bot.playground.faults import Fault
from bot.playground.gate import KEY_NAME, Gate
from bot.playground.page_api import PageApi
from bot.playground.people import ALEX, ML_TRAINING
from bot.playground.server import SlackServer
from bot.playground.socket_mode import SocketHub
from bot.playground.state import Call, Slack
from bot.playground.transport import RETRY_DELAYS_SECONDS, HttpTransport, Retries, Transport
from bot.playground.wire import Json
from bot.playground.workspace import WAIT_SECONDS, Clock

T = TypeVar("T")


class SlackDouble(Gestures):
    """Slack on a loopback port: people act through its methods, the app hears of it by HTTP or socket.

    Use it as a context manager. `api_url` is the app's `SLACK_API_URL`; `connect()` says where it listens.
    """

    def __init__(
        self,
        app_url: str = "",
        signing_secret: str = "playground-secret",  # noqa: S107  -- opens nothing but the double
        *,
        address: tuple[str, int] = ("127.0.0.1", 0),
        subscriptions: frozenset[str] = LISTEN_PROFILE,
        retry_delays_seconds: Sequence[float] = RETRY_DELAYS_SECONDS,
        clock: Clock = time.time,
    ) -> None:
        slack = Slack(clock)
        self.http = HttpTransport(app_url, signing_secret, clock)
        self.signing_secret, self._clock = signing_secret, clock
        self._replicas: Iterator[HttpTransport] = itertools.repeat(self.http)
        self.hub = SocketHub()
        super().__init__(slack, self._transport, Retries(retry_delays_seconds), subscriptions)
        self._server = SlackServer(address, slack, self.hub, PageApi(self))

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.retries.close()
        self._server.close()

    @property
    def url(self) -> str:
        """Where the double is."""
        return self.slack.url

    @property
    def page_url(self) -> str:
        """Where a browser gets the page, and the key to it."""
        return f"{self.slack.url}/?{KEY_NAME}={self.gate.key}"

    @property
    def gate(self) -> Gate:
        """Who may look."""
        return self._server.gate

    @property
    def api_url(self) -> str:
        """Base address of the Web API, with the slash slack_sdk wants at its end."""
        return f"{self.slack.url}/api/"

    def connect(self, *app_urls: str) -> None:
        """Say where the app listens, `/slack/events` included; several replicas are asked in turn."""
        self.http.app_url = app_urls[0]
        others = (HttpTransport(url, self.signing_secret, self._clock) for url in app_urls[1:])
        self._replicas = itertools.cycle((self.http, *others))

    def inject(self, fault: Fault) -> None:
        """Order a trouble."""
        self.slack.faults.inject(fault)

    def calls(self, method: str | None = None) -> tuple[Call, ...]:
        """Calls of the Web API so far; `response_url` names posts to a response address."""
        return self.slack.calls(method)

    def messages(self, channel: str = ML_TRAINING) -> tuple[Json, ...]:
        """Messages of a channel without replies, oldest first."""
        return self.slack.workspace.history(channel)

    def thread(self, root_ts: str, channel: str = ML_TRAINING) -> tuple[Json, ...]:
        """Root and replies, oldest first."""
        return self.slack.workspace.thread(channel, root_ts)

    def ephemerals(self, user: str = ALEX) -> tuple[Json, ...]:
        """What `user` alone sees."""
        return tuple(self.slack.workspace.ephemerals(user))

    def view(self, user: str = ALEX) -> Json | None:
        """The modal in front of `user`."""
        return self.slack.views.top(user)

    def home(self, user: str = ALEX) -> Json | None:
        """The home tab of `user`."""
        return self.slack.views.home(user)

    def wait_for(self, predicate: Callable[[], T | None], timeout_seconds: float = WAIT_SECONDS) -> T:
        """The first true value of `predicate`, asked again whenever something changes."""
        return self.slack.workspace.wait_for(predicate, timeout_seconds)

    def _transport(self) -> Transport:
        """The app's socket if it has one open, else HTTP."""
        return self.hub if self.hub.connections else next(self._replicas)
