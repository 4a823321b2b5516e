"""Price sources down, slow, lying, malformed, oversize: the last known prices or the snapshot, in time."""

import io
import json
import socket
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from fake_web import FakeWeb
from patience import PATIENCE_SECONDS, patient

from bot.files import read_config
from bot.prices import Prices
from bot.prices.config import sources_config
from bot.prices.open import open_prices
from bot.prices.port import SourceDown, TimeLeft
from bot.prices.sources.ecb import rates_of
from bot.prices.sources.gpuhunt_catalogue import unzipped
from bot.prices.sources.http import READ_SECONDS, fetched_bytes
from bot.prices.sources.rates import Rates
from bot.settings import PriceSourceName
from bot.store import Store, open_store
from bot.store.memory import MemoryStore
from estimator.result import NoteCode

ALL = get_args(PriceSourceName)
LIVE = {*ALL} - {"snapshot"}


URLS = {
    "vast": "/bundles/",
    "runpod": "/graphql",
    "gpurentalprices": "/latest.json",
    "azure": "/prices",
}


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        yield running


@pytest.fixture
def silent_url() -> Iterator[str]:
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def prices_from(
    url: str, tmp_path: Path, *, budget_seconds: float = PATIENCE_SECONDS, store: Store | None = None
) -> Prices:
    """All sources, each of them asked at `url`."""
    raw = dict(read_config("price_sources"))
    raw["rates"] = raw["rates"] | {"ecb_url": f"{url}/daily.xml", "frankfurter_url": f"{url}/latest"}
    raw["alibaba"] = raw["alibaba"] | {"page_url": f"{url}/page"}
    raw["gpuhunt"] = raw["gpuhunt"] | {"catalog_url": f"{url}/gpuhunt"}
    for name, path in URLS.items():
        raw[name] = raw[name] | {"url": f"{url}{path}"}
    (tmp_path / "price_sources.yaml").write_text(json.dumps(raw), encoding="utf-8")  # which YAML is
    return open_prices(
        sources=ALL,
        store=store or MemoryStore(),
        state_dir=tmp_path / "state",
        override_dir=tmp_path,
        budget_seconds=budget_seconds,
    )


def down_notes(prices: Prices) -> dict[str, str]:
    notes = prices.gather(["h100-80gb"]).notes
    return {
        str(note.parameters["source"]): str(note.parameters["why"])
        for note in notes
        if note.code is NoteCode.SOURCE_DOWN
    }


def test_with_every_source_down_the_snapshot_answers(web: FakeWeb, tmp_path: Path) -> None:
    prices = prices_from(web.url, tmp_path)
    gathered = prices.gather(["h100-80gb", "a100-80gb"])
    assert {offer.source.split(":")[0] for offer in gathered.offers} == {"snapshot"}
    assert gathered.rates
    assert set(down_notes(prices)) == LIVE
    prices.close()


def test_sources_that_never_answer_cost_the_budget_once(
    silent_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = prices_from(silent_url, tmp_path, budget_seconds=0.2)
    began = time.monotonic()
    assert prices.gather(["h100-80gb"]).offers
    assert 0.15 < time.monotonic() - began < READ_SECONDS  # which each of them would take
    for refresher in prices._refreshers():
        monkeypatch.delattr(refresher.source, "settled")  # nobody waits for them again
    notes = prices.gather(["h100-80gb"]).notes
    monkeypatch.undo()
    assert {note.parameters["source"] for note in notes if note.code is NoteCode.REFRESHING} == LIVE
    prices.close()


def test_without_redis_and_without_sources_there_is_still_an_answer(web: FakeWeb, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    store = open_store(f"redis://127.0.0.1:{port}/0", tmp_path)
    prices = open_prices(
        sources=("vast",), store=store, state_dir=tmp_path, override_dir=None, budget_seconds=0
    )
    assert prices.gather(["h100-80gb"]).offers
    prices.close()
    store.close()


BUNDLES = "/bundles/"
RATES = sources_config(read_config("price_sources")).rates


@pytest.mark.parametrize("price", ["0", "-1.5", "NaN", "1e9", '"free"', "null", "true", "1e-9", "[]"])
def test_a_price_that_cannot_be_is_never_shown(price: str, web: FakeWeb, tmp_path: Path) -> None:
    machine = '"gpu_name": "H100 SXM", "num_gpus": 1, "gpu_ram": 81559'
    listed = f'{{{machine}, "dph_base": {price}, "min_bid": {price}}}'
    web.answers[BUNDLES] = (200, f'{{"offers": [{listed}, {listed}, {listed}]}}'.encode())
    prices = prices_from(web.url, tmp_path)
    gathered = prices.gather(["h100-80gb"], providers=["vast"])
    assert all(offer.source.startswith("snapshot") for offer in gathered.offers)
    assert all(Decimal("0.1") < offer.price_per_hour.amount < 50 for offer in gathered.offers)
    prices.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b"[]",
        b"null",
        b'{"offers": 3}',
        b'{"offers": [1, {}]}',
        b"\xff\xfe",
        b'{"offers": [',
    ],
    ids=["empty", "html", "object", "list", "null", "number", "junk", "bytes", "cut"],
)
def test_a_malformed_answer_is_a_source_that_is_down_or_sells_nothing(
    body: bytes, web: FakeWeb, tmp_path: Path
) -> None:
    for path in (BUNDLES, "/page", "/daily.xml", *(f"/gpuhunt/{name}/version" for name in ("aws", "gcp"))):
        web.answers[path] = (200, body)
    prices = prices_from(web.url, tmp_path)
    gathered = prices.gather(["h100-80gb"])
    assert {offer.source.split(":")[0] for offer in gathered.offers} == {"snapshot"}
    assert gathered.rates
    prices.close()


@pytest.mark.parametrize(
    "sheet",
    [
        b"",
        b"not xml",
        b"<Envelope/>",
        b"<E><Cube time='2026-11-23'><Cube currency='USD' rate='1.1'/></Cube></E>",
        b"<E><Cube time='soon'>" + b"<Cube currency='USD' rate='1.1'/>" * 9 + b"</Cube></E>",
        b"<E><Cube time='2026-11-23'>" + b"<Cube currency='USD' rate='-1'/>" * 9 + b"</Cube></E>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><E>&b;</E>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><E>&a;</E>',
    ],
    ids=["empty", "text", "no-rates", "few-rates", "no-day", "negative", "bomb", "external"],
)
def test_a_sheet_of_rates_that_is_none_is_refused(sheet: bytes) -> None:
    source = Rates(RATES, (), lambda: datetime.now(UTC))
    with pytest.raises(SourceDown):
        source._checked(rates_of(sheet))


def test_an_archive_that_is_none_is_refused() -> None:
    with pytest.raises(SourceDown, match="not a catalogue"):
        unzipped(b"PK but not really", "aws.csv", max_bytes=100)


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("aws.csv", b"0" * 1_000_000)
    with pytest.raises(SourceDown, match="larger than 1000 bytes"):
        unzipped(packed.getvalue(), "aws.csv", max_bytes=1000)


def test_a_damaged_archive_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("aws.csv", bytes(range(256)) * 50)
    body = bytearray(packed.getvalue())
    body[60:90] = b"\x00" * 30
    with pytest.raises(SourceDown, match="not a catalogue"):
        unzipped(bytes(body), "aws.csv", max_bytes=100_000)


def test_an_answer_that_is_too_large_is_not_read_to_its_end(web: FakeWeb) -> None:
    web.answers["/big"] = (200, b"x" * 1_000_000)
    with pytest.raises(SourceDown, match="larger than 100000 bytes"):
        fetched_bytes(f"{web.url}/big", patient(), max_bytes=100_000)


def test_an_answer_that_does_not_come_is_given_up(silent_url: str) -> None:
    began = time.monotonic()
    with pytest.raises(SourceDown, match=r"timed out|did not end in time"):
        fetched_bytes(silent_url, TimeLeft(0.1), max_bytes=100)
    assert time.monotonic() - began < READ_SECONDS
