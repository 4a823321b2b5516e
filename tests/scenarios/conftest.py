"""The real app behind the real server, with a double of Slack in front of it."""

import logging
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog
from serving import Serve, Served, stores_below
from shells import served, shell_of

from bot.bootstrap import Shell
from bot.conversation.preferences import UserInChannel
from bot.files import config_dir
from bot.language import Vocabulary, warm_up
from bot.playground import SlackDouble
from bot.playground.people import ALEX, MEI, ML_TRAINING
from bot.playground.state import BOT_TOKEN
from bot.prices import open as open_of_prices
from bot.prices.config import ListedPrice
from bot.prices.listed import Snapshot, read_snapshot
from bot.store import Store
from bot.store.memory import MemoryStore


@pytest.fixture(autouse=True, scope="module")
def _short_logs() -> Iterator[None]:
    """Traces without the values of variables; only what is wrong. Other tests listen to more."""
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
    yield
    structlog.configure(**before)


READ: dict[tuple[object, ...], Snapshot] = {}
"""The bundled prices, by what was asked of them."""


@pytest.fixture(autouse=True, scope="module")
def _prices_read_once() -> Iterator[None]:
    """The thousand bundled prices are the same to every shell, and to read them costs more than its rest."""

    def read(path: Path, *, gpus: Collection[str], reference: Sequence[ListedPrice], **more: Any) -> Snapshot:
        if path.parent != config_dir():
            return read_snapshot(path, gpus=gpus, reference=reference, **more)
        key = (tuple(gpus), tuple(reference))
        if key not in READ:
            READ[key] = read_snapshot(path, gpus=gpus, reference=reference, **more)
        return READ[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(open_of_prices, "read_snapshot", read)
        yield


@pytest.fixture(autouse=True, scope="session")
def _warmed_up_once() -> Iterator[None]:
    """What a shell reads before it listens is half of its start, and the second learns nothing from it."""
    warmed: dict[int, Vocabulary] = {}

    def once(names: Vocabulary) -> None:
        if id(names) not in warmed:
            warmed[id(names)] = names
            warm_up(names)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.bootstrap.warm_up", once)
        yield


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    """Nobody has retried yet: Slack asks again at once only."""
    with SlackDouble(retry_delays_seconds=(0.0,)) as double:
        yield double


@pytest.fixture
def store() -> Store:
    """Where the app keeps what it knows; a test that looks at it has one of its own."""
    return MemoryStore()


@pytest.fixture
def shell(slack: SlackDouble, tmp_path: Path, store: Store) -> Iterator[Shell]:
    shell = shell_of(slack, tmp_path, store)
    with served(slack, shell):
        yield shell


@pytest.fixture
def serve(slack: SlackDouble, tmp_path: Path) -> Iterator[Serve]:
    """Starts processes; afterwards none of them is left, nor a store of theirs."""
    running: list[Served] = []

    def started(**environ: str) -> Served:
        settings = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "FTCOST_STATE_DIR": str(tmp_path),
            "FTCOST_PRICE_SOURCES": "snapshot",
            "FTCOST_LOG": "json:info",
            "HF_HUB_OFFLINE": "1",
            "PORT": "0",
        }
        running.append(Served(settings | environ))
        return running[-1]

    yield started
    for each in running:
        each.end()
    assert stores_below(tmp_path) == []


@pytest.fixture
def known(shell: Shell, slack: SlackDouble) -> SlackDouble:
    """The app knows already in which language Alex and Mei read."""
    for user in (ALEX, MEI):
        shell.responder.readers.language(UserInChannel(user_id=user, channel_id=ML_TRAINING))
    return slack


@pytest.fixture
def twice(slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> SlackDouble:
    """Slack delivers everything two times."""
    post = slack.http.post

    def posted_again(*arguments: Any) -> Any:
        post(*arguments)
        return post(*arguments)

    monkeypatch.setattr(slack.http, "post", posted_again)
    return slack
