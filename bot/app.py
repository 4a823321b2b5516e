"""The Bolt app: built once, with every listener; and its two roads to Slack."""

import logging
import threading
from functools import partial
from itertools import chain, repeat
from typing import Any, Final

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from typing_extensions import override

from bot.answers.answers import Answerer
from bot.answers.forget import Forgetting
from bot.answers.ledger import Bookkeeper
from bot.answers.ledger_tables import LedgerTables
from bot.conversation.preferences import Preferences
from bot.conversation.recent import RecentEstimates
from bot.conversation.threads import ThreadStore
from bot.http.routes import SLACK_PATH
from bot.http.server import WsgiApp
from bot.ledger import Ledger
from bot.listeners import actions, commands, events, home, options, shortcuts, views
from bot.observe import Metrics, get_log
from bot.settings import Settings
from bot.slack.askers import Askers
from bot.slack.background import BackgroundPool
from bot.slack.channel_money import ChannelMoney
from bot.slack.channels import Channels
from bot.slack.delivery import Delivery, slack_client
from bot.slack.lookups import Identity, ThreadHistory, UserLocales
from bot.slack.refusals import INVALID
from bot.slack.responder import Responder
from bot.slack.seen import Deduplicator
from bot.store import Store
from bot.store.ahead import ReadAhead
from bot.store.scoped import ScopedStore

LISTENERS: Final[tuple[Any, ...]] = (commands, actions, events, views, options, shortcuts, home)
"""The slash command first: Bolt tries listeners in order."""
FIRST_PAUSES_SECONDS: Final = (1, 2, 4, 8, 16)
LATER_PAUSE_SECONDS: Final = 30
HANG_UP_SECONDS: Final = 0.5
PING_SECONDS: Final = 5.0
"""Between two pings; the SDK hangs up and connects anew where four of them have no pong."""
SOCKET_CONCURRENCY: Final = 10
"""Payloads acknowledged at once; the work after the acknowledgement has threads of its own."""
_LOG: Final = get_log(__name__)


class TimedSocket(SocketModeHandler):
    """Bolt's own handler of the builtin client, measured."""

    def __init__(self, app: App, metrics: Metrics, app_token: str) -> None:
        client = WebClient(base_url=app.client.base_url, ssl=app.client.ssl)
        super().__init__(
            app, app_token, web_client=client, ping_interval=PING_SECONDS, concurrency=SOCKET_CONCURRENCY
        )
        self._metrics = metrics

    @override
    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        self._metrics.last_envelope.set_to_current_time()
        with self._metrics.timed(self._metrics.acknowledged, "socket"):
            super().handle(client, req)  # type: ignore[arg-type]  # Bolt narrows the client, the SDK passes its base

    def hang_up(self) -> None:
        """Take nothing new; the SDK's own close begins with that, then waits for threads of no use."""
        closing = threading.Thread(target=self.close, name="hang-up", daemon=True)
        closing.start()
        closing.join(HANG_UP_SECONDS)

    def keep_connecting(self, stop: threading.Event) -> str:
        """Connect, trying again until `stop`; the refusal that means a bad token, or nothing.

        Once connected, the SDK's client renews the connection itself.
        """
        for pause_seconds in chain(FIRST_PAUSES_SECONDS, repeat(LATER_PAUSE_SECONDS)):
            try:
                self.connect()  # type: ignore[no-untyped-call]  # Bolt's has no annotations
            except SlackApiError as error:
                if (code := str(error.response.get("error"))) in INVALID:
                    return code
                _LOG.warning("no web socket yet", error=code)
            except Exception as error:  # noqa: BLE001  -- whatever a network can do, trying again is the answer
                _LOG.warning("no web socket yet", error=type(error).__name__)
            else:
                return ""
            if stop.wait(pause_seconds):
                break
        return ""


def open_desk(
    settings: Settings, answers: Answerer, store: Store, workers: BackgroundPool, metrics: Metrics
) -> Responder:
    """What the listeners work with."""
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    delivery = Delivery(
        slack_client(token, settings.slack_api_url), metrics, pause=workers.pause, holds=workers.holds
    )
    identity = Identity(delivery)
    ledger = Ledger(reading := ReadAhead(store))
    ours = ScopedStore(reading, lambda: identity.workspace_id)
    preferences, recent = Preferences(ours), RecentEstimates(ours)
    readers = UserLocales(delivery, ours, preferences, locale_seconds=settings.locale_seconds)
    threads, channels = ThreadStore(ours, ThreadHistory(delivery, identity)), Channels(delivery, store)
    return Responder(
        answers=answers,
        delivery=delivery,
        identity=identity,
        readers=readers,
        seen=Deduplicator(ours, metrics),
        recent=recent,
        threads=threads,
        store=ours,
        reading=reading,
        money=ChannelMoney(
            answers=answers,
            books=Bookkeeper(ledger, answers),
            tables=LedgerTables(ledger, answers),
            forgetting=Forgetting(ledger, answers, preferences, recent),
            delivery=delivery,
            identity=identity,
            channels=channels,
            threads=threads,
            managers=settings.budget_managers,
        ),
        askers=Askers(answers=answers, delivery=delivery, readers=readers, channels=channels),
        work=workers,
        metrics=metrics,
    )


def build_app(responder: Responder, settings: Settings) -> App:
    """The Bolt app with every listener; listeners answer before the response (docs/adr/0008)."""
    secret = settings.signing_secret
    logger = logging.getLogger("slack_bolt")
    logger.setLevel(logging.ERROR)  # below it, Bolt prints what people typed
    app = App(
        name="ftcost",
        logger=logger,
        client=WebClient(base_url=settings.slack_api_url, retry_handlers=[]),
        signing_secret=secret.get_secret_value() if secret else "",
        authorize=responder.identity,
        process_before_response=True,
    )
    for kind in LISTENERS:
        kind.register(app, responder)
    return app


def slack_wsgi(app: App) -> WsgiApp:
    """Bolt's own WSGI adapter."""
    handler: Any = SlackRequestHandler(app, path=SLACK_PATH)
    return partial(handler)
