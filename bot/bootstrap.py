"""The composition root: settings -> adapters -> service -> the Slack app -> one WSGI callable."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from bot.answers.answers import Answerer
from bot.answers.estimates import EstimateService
from bot.files import BadConfig, load_catalog
from bot.language import warm_up
from bot.prices import Prices
from bot.prices.open import open_prices
from bot.settings import PriceSourceName, Settings, SettingsError
from bot.store import Store, open_store
from estimator.catalog import Catalog

if TYPE_CHECKING:
    from slack_bolt import App

    from bot.app import TimedSocket
    from bot.http.routes import Health
    from bot.http.server import WsgiApp
    from bot.model_hub.hub import ModelHub, NoModel
    from bot.observe import Metrics
    from bot.slack.background import BackgroundPool
    from bot.slack.in_flight import InFlight
    from bot.slack.responder import Responder
    from estimator.model.arch import ModelArch

MOST_SAID_CHARS: Final = 300


@dataclass(slots=True, kw_only=True)
class Shell:
    """A running bot without its server."""

    settings: Settings
    app: "App"
    slack: "WsgiApp | None"
    """Slack's address; none where a web socket takes its place."""
    operator: "WsgiApp"
    """Health and metrics."""
    health: "Health"
    responder: "Responder"
    workers: "BackgroundPool"
    in_flight: "InFlight"
    prices: Prices
    store: Store
    metrics: "Metrics"

    @property
    def wsgi(self) -> "WsgiApp":
        """Everything, for one address."""
        from bot.http.routes import on_one_address  # noqa: PLC0415  -- as in `build_shell`

        return on_one_address(self.slack, self.operator) if self.slack else self.operator

    def socket_mode(self) -> "TimedSocket":
        """A web socket to Slack, not connected yet; `/readyz` follows it from now on."""
        from bot.app import TimedSocket  # noqa: PLC0415  -- as in `build_shell`

        token = self.settings.app_token
        socket = TimedSocket(self.app, self.metrics, token.get_secret_value() if token else "")
        self.health.connected = socket.client.is_connected
        return socket

    def close(self, drain_seconds: float) -> bool:
        """Finish what was acknowledged, then let go of everything; whether all of it was finished."""
        finished = self.workers.drain(drain_seconds)
        self.in_flight.close()
        self.prices.close()
        self.store.close()
        return finished


def build_shell(settings: Settings, store: Store | None = None) -> Shell:
    """The whole bot for these settings, over their store or the one given; nothing waits for a network."""
    from bot import app as slack  # noqa: PLC0415  -- the terminal need not pay for Slack and metrics
    from bot.http.routes import Health, operator_routes, slack_route  # noqa: PLC0415  -- likewise
    from bot.observe import Metrics  # noqa: PLC0415  -- likewise
    from bot.slack.background import BackgroundPool  # noqa: PLC0415  -- likewise
    from bot.slack.in_flight import InFlight  # noqa: PLC0415  -- likewise

    store = store or open_store(settings.redis_url, settings.state_dir)
    try:
        prices = prices_for(settings, settings.price_sources, store)
    except SettingsError:
        store.close()
        raise
    prices.start()
    metrics = Metrics()
    workers = BackgroundPool(metrics)
    public = prices.public() if settings.shared_channel_prices == "public" else None
    answers = Answerer(
        service_for(settings, prices),
        public=service_for(settings, public) if public else None,
        override_dir=settings.config_dir,
    )
    warm_up(answers.vocabulary)
    responder = slack.open_desk(settings, answers, store, workers, metrics)
    app = slack.build_app(responder, settings)
    in_flight = InFlight(responder.store, workers.waiting, responder.interrupted, responder.seen.live)
    in_flight.start()
    health = Health(store, refusal=responder.identity.refusal)
    return Shell(
        settings=settings,
        app=app,
        slack=None if settings.uses_socket_mode else slack_route(slack.slack_wsgi(app), metrics),
        operator=operator_routes(health, metrics),
        health=health,
        responder=responder,
        workers=workers,
        in_flight=in_flight,
        prices=prices,
        store=store,
        metrics=metrics,
    )


def service_for(settings: Settings, prices: Prices) -> EstimateService:
    """The service over the catalog, these prices and the model hub.

    Raises:
        SettingsError: a file of FTCOST_CONFIG_DIR cannot be read.
    """
    with _overrides(settings):
        catalog = load_catalog(settings.config_dir)
    return EstimateService(catalog, prices, LateHub(catalog, settings))


class LateHub:
    """The model hub, loaded by the first question: most commands name a model that the catalog has."""

    def __init__(self, catalog: Catalog, settings: Settings) -> None:
        self._catalog, self._settings = catalog, settings

    @cached_property
    def _hub(self) -> "ModelHub":
        from bot.model_hub.fetch import HubSettings  # noqa: PLC0415  -- see above
        from bot.model_hub.hub import open_hub  # noqa: PLC0415  -- likewise

        said = self._settings
        hub = HubSettings(offline=said.hub_offline, endpoint=said.hub_endpoint, token=said.hub_token)
        return open_hub(self._catalog, said.state_dir, hub)

    def model(self, name: str) -> "ModelArch | NoModel":
        """The shape of `name`, or why there is none."""
        return self._hub.model(name)


def prices_for(settings: Settings, sources: tuple[PriceSourceName, ...], store: Store | None) -> Prices:
    """Prices from `sources`; the snapshot alone needs no store.

    Raises:
        SettingsError: a file of FTCOST_CONFIG_DIR cannot be read.
    """
    with _overrides(settings):
        return open_prices(
            sources=sources,
            store=store,
            state_dir=settings.state_dir,
            override_dir=settings.config_dir,
            known_gpus=frozenset(load_catalog(settings.config_dir).gpus),
        )


@contextmanager
def _overrides(settings: Settings) -> Iterator[None]:
    """What is wrong in a file of the installation's own is a malformed setting; in a shipped one, a bug."""
    if settings.config_dir is None:
        yield
        return
    from yaml import YAMLError  # noqa: PLC0415  -- the shipped files come parsed from the cache

    try:
        yield
    except (YAMLError, BadConfig, ValidationError) as error:
        said = " ".join(str(error).split())
        raise SettingsError(f"FTCOST_CONFIG_DIR: {said[:MOST_SAID_CHARS]}") from error


def playground_settings(
    base: Settings, state_dir: Path, *, slack_api_url: str, signing_secret: str, bot_token: str
) -> Settings:
    """`base` pointed at the double of Slack."""
    return Settings.model_validate(
        {
            **base.model_dump(),
            "slack_api_url": slack_api_url,
            "signing_secret": signing_secret,
            "bot_token": bot_token,
            "app_token": None,
            "state_dir": state_dir,
            "locale_seconds": 0,  # the page has a switch
        }
    )
