"""Every live source x everything that can go wrong: the card still comes, marked, and the log says so once.

A source that is registered is in this matrix; without an answer in `recorded` the first test fails.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from fake_web import FakeWeb, Fault
from fakes import NoHub
from patience import PATIENCE_SECONDS, until
from recorded import RECORDED, Wrong, short_list
from shipped import shipped_names
from structlog.testing import capture_logs

import bot.prices.sources.http as http_of_sources
from bot.answers.answers import Answerer
from bot.answers.estimates import EstimateService
from bot.answers.reply import Asker
from bot.files import load_catalog, read_config
from bot.http.deadline import Deadline
from bot.language import Reading, read
from bot.prices.live import SOURCES
from bot.prices.open import SNAPSHOT_FILE, open_prices
from bot.prices.port import SourceDown, TimeLeft
from bot.prices.refresh import live_sources
from bot.store.memory import MemoryStore

GIVEN_UP_SECONDS = 0.1
RETRY_AFTER_SECONDS = 1234
HANGING = {"silent", "dripping"}
"""What a deadline ends; a busy machine has time for all others."""
CATALOG = load_catalog()
RATE_URLS = ("ecb_url", "frankfurter_url")


def _answered(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def silent(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    time.sleep(2 * GIVEN_UP_SECONDS)
    handler.close_connection = True


def refused(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    handler.close_connection = True
    handler.connection.close()


def busy(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    _answered(handler, b"slow down", 429, Retry_After=str(RETRY_AFTER_SECONDS))


def broken(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    _answered(handler, b"oops", 500)


def cut(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """As a proxy hands it on: a whole answer by its headers."""
    _answered(handler, body[: len(body) // 2])


def torn(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """The connection ends before the body does."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def web_page(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    _answered(handler, b"<!doctype html><html><body>Maintenance</body></html>")


def empty(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    _answered(handler, b"")


def endless(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """Ten times as long as anything that is read."""
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    piece = (body or b"x") * 20
    try:
        for _ in range(10_000):
            handler.wfile.write(piece)
    except OSError:
        return


def dripping(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.close_connection = True
    try:
        for at in range(len(body)):
            handler.wfile.write(body[at : at + 1])
            handler.wfile.flush()
            time.sleep(GIVEN_UP_SECONDS / 4)
    except OSError:
        return


FAULTS: dict[str, tuple[Fault | None, Wrong]] = {
    **{
        fault.__name__: (fault, Wrong())
        for fault in (silent, refused, busy, broken, cut, torn, web_page, empty, endless, dripping)
    },
    "renamed field": (None, Wrong(is_renamed=True)),
    "ten times larger": (None, Wrong(times=Decimal(10))),
    "ten times smaller": (None, Wrong(times=Decimal("0.1"))),
    "wrong currency": (None, Wrong(is_foreign=True)),
}


@cache
def asked() -> Reading:
    """What every card is asked for."""
    return read("7b lora 8xh100 cur=usd", shipped_names())


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        yield running


def have_patience(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """So much of it has whoever asks a source, however long it would wait elsewhere."""
    monkeypatch.setattr(http_of_sources, "Deadline", lambda _seconds: Deadline(seconds))


class World:
    """The bundled prices, and one source that is asked in a web of ours."""

    def __init__(self, name: str, wrong: Wrong, web: FakeWeb, directory: Path) -> None:
        self.name, self._directory, self._store = name, directory, MemoryStore()
        answer = RECORDED[name](web.url, wrong, datetime.now(UTC).date())
        web.answers |= {path: (200, body) for path, body in answer.answers.items()}
        nobody = f"{web.url}/nobody"
        own: dict[str, object] = {"vast": {"url": nobody}, "rates": dict.fromkeys(RATE_URLS, nobody)}
        own |= {answer.section or name: answer.config}
        (directory / "price_sources.yaml").write_text(json.dumps(own), encoding="utf-8")  # which YAML is
        (directory / SNAPSHOT_FILE).write_text(short_list(), encoding="utf-8")
        (self.source,) = live_sources([name], self._store, state_dir=directory, override_dir=directory)

    def card(self) -> tuple[str, bool]:
        """What a card says now, and whether its price is of the source."""
        named = "vast" if self.name == "ecb" else self.name
        prices = open_prices(
            sources=("snapshot", named),
            store=self._store,
            state_dir=self._directory,
            override_dir=self._directory,
            known_gpus=tuple(CATALOG.gpus),
        )
        answers = Answerer(EstimateService(CATALOG, prices, NoHub()))
        try:
            reply = answers.reply(asked(), Asker(language="en", user_id="U1"))
        finally:
            prices.close()
        assert reply.outcome == "fits"
        assert reply.estimate is not None
        assert reply.estimate.headline is not None
        sources = {quote.source.partition(":")[0] for quote in reply.estimate.headline.quotes}
        assert sources
        return str(reply.card.blocks), self.name in sources


def test_every_registered_source_has_its_answer_recorded() -> None:
    assert set(RECORDED) == set(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_a_right_answer_is_taken(
    name: str, web: FakeWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_patience(monkeypatch, PATIENCE_SECONDS)
    world = World(name, Wrong(), web, tmp_path)
    world.source.ask_now()
    assert world.source.down is None
    reading = world.source.reading
    assert reading is not None
    assert reading.rates if name == "ecb" else reading.offers
    assert all(offer.provider in read_config("sellers") for offer in reading.offers)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_whose_time_is_over_asks_no_more(name: str, web: FakeWeb, tmp_path: Path) -> None:
    world = World(name, Wrong(), web, tmp_path)
    with pytest.raises(SourceDown, match="in time"):
        world.source._source.read(TimeLeft(0))
    assert web.asked == []


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", SOURCES)
def test_whatever_a_source_does_the_card_still_comes_and_says_so(
    name: str, fault: str, web: FakeWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_patience(monkeypatch, GIVEN_UP_SECONDS if fault in HANGING else PATIENCE_SECONDS)
    web.fault, wrong = FAULTS[fault]
    world = World(name, wrong, web, tmp_path)
    with capture_logs() as logs:
        began = time.monotonic()
        world.source.ask_now()
        until(lambda: web.asked)  # on a busy machine it is given up before it is heard
        first = len(web.asked)
        world.source.ask_now()
        took = time.monotonic() - began
    until(lambda: len(web.asked) > first)
    assert world.source.reading is None
    assert world.source.down is not None
    said = [each for each in logs if each["event"] == "price source down"]
    assert [each["source"] for each in said] == [name]
    assert took < PATIENCE_SECONDS
    pause = world.source.refresh()
    assert pause >= (RETRY_AFTER_SECONDS if fault == "busy" else 60)
    shown, is_of_source = world.card()
    assert not is_of_source
    if name != "ecb":
        assert "gives no prices now" in shown or "No prices now from" in shown
