"""Fixtures of many tests: the double of Slack, and an app that listens to it."""

import gc
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial

import pytest
import structlog
from draws import load_profile
from measured import choose, measured
from patience import PATIENCE_SECONDS
from tiny_app import make_tiny_app

from bot.http.server import HttpServer, listening
from bot.language import Vocabulary, vocabulary_of
from bot.playground import SlackDouble, socket_mode, tickets, transport
from bot.playground.run import MakeApp
from bot.playground.state import BOT_TOKEN
from estimator import Catalog

load_profile()


LONGEST = (
    "tests/docs/test_dockerfile.py",
    "tests/scenarios/test_killed_worker.py",
    "tests/e2e/",
    "tests/scenarios/test_serve.py",
    "tests/scenarios/test_many_at_once.py",
    "tests/docs/",
    "tests/scenarios/",
    "tests/faults/",
)
"""What takes long comes first: begun last, it would be waited for by an idle core."""
MADE_BEFORE_A_LOOK = 20_000
"""Objects until the garbage collector looks at the young ones; Python's own 700 suits less memory."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    choose(items)
    items.sort(key=lambda item: next((n for n, at in enumerate(LONGEST) if item.nodeid.startswith(at)), 99))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Tests and catalogues stay to the end: looked through for garbage again and again, they have none."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.set_threshold(MADE_BEFORE_A_LOOK)
    gc.enable()
    return collected


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with measured(item):
        return (yield)


@pytest.fixture(autouse=True, scope="session")
def _loggers_are_not_kept() -> Iterator[None]:
    """Kept, a logger goes on with the settings of its first use, and a later test does not hear it."""
    configure = structlog.configure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", partial(_configured_unkept, configure))
        yield


def _configured_unkept(configure: Callable[..., None], **said: object) -> None:
    configure(**{**said, "cache_logger_on_first_use": False})


@pytest.fixture(autouse=True, scope="session")
def _patient_slack() -> Iterator[None]:
    """Slack gives up after three seconds; on a busy machine that would be no fault of ours."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(transport, "PATIENCE_SECONDS", float(PATIENCE_SECONDS))
        patched.setattr(socket_mode, "PATIENCE_SECONDS", float(PATIENCE_SECONDS))
        patched.setattr(tickets, "TRIGGER_SECONDS", float(PATIENCE_SECONDS))
        yield


@pytest.fixture(autouse=True, scope="session")
def _names_sorted_once() -> Iterator[None]:
    """Two thousand names are the same to every answerer, and to sort them costs more than an answer."""
    known: dict[tuple[int, tuple[object, ...]], tuple[Catalog, Vocabulary]] = {}

    def names_of(catalog: Catalog, providers: Mapping[str, tuple[str, ...]]) -> Vocabulary:
        key = id(catalog), tuple(providers.items())
        if key not in known:
            known[key] = catalog, vocabulary_of(catalog, providers)
        return known[key][1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.answers.answers.vocabulary_of", names_of)
        yield


@pytest.fixture
def double() -> Iterator[SlackDouble]:
    """A Slack nobody is connected to yet."""
    with SlackDouble(retry_delays_seconds=(0, 0, 0)) as running:
        yield running


@pytest.fixture
def connect(double: SlackDouble) -> Iterator[Callable[[MakeApp], SlackDouble]]:
    """Starts an app behind a real HTTP server and connects it with `double`."""
    servers: list[HttpServer] = []

    def connected(make_app: MakeApp) -> SlackDouble:
        app = make_app(
            slack_api_url=double.api_url, signing_secret=double.signing_secret, bot_token=BOT_TOKEN
        )
        servers.append(HttpServer(app, listening("127.0.0.1", 0)))
        servers[-1].start()
        double.connect(f"{servers[-1].address}/slack/events")
        return double

    yield connected
    for server in servers:
        server.stop()


@pytest.fixture
def tiny_slack(connect: Callable[[MakeApp], SlackDouble]) -> SlackDouble:
    """The double with the tiny app behind it."""
    return connect(make_tiny_app)
