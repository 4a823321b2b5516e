"""Prices for many at once, with Redis in trouble, and among many offers: `python tests/bench/prices.py`.

Four processes of fifty callers share a Redis of their own; the sources are a web of ours on loopback that
counts who asks. A JSON line a scene. Nothing here asks the real sources. `prices_p99_ms` is of the prices
alone; the rest of a call is what an answer reads of the store beside them. `200 that ask nothing` is what the
bench itself costs.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

import redis
import yaml

HERE: Final = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "faults")]

from fake_web import FakeWeb  # noqa: E402  -- tests are no package
from real_redis import SERVERS, free_port  # noqa: E402
from recorded import RECORDED, Wrong  # noqa: E402

from bot.cli.serve import SWITCH_SECONDS  # noqa: E402
from bot.files import load_catalog, read_config  # noqa: E402
from bot.observe import configure_logging  # noqa: E402
from bot.prices.book import Book, Wanted, newest_of_each  # noqa: E402
from bot.prices.open import open_prices  # noqa: E402
from bot.prices.port import GatheredPrices  # noqa: E402
from bot.store import open_store  # noqa: E402
from estimator.estimate import estimate  # noqa: E402
from estimator.money import Offer  # noqa: E402
from estimator.spec import TrainingSpec  # noqa: E402

SOURCES: Final = ("runpod", "vast", "gpurentalprices")
PATHS: Final = {
    "/graphql": "runpod",
    "/bundles/": "vast",
    "/latest.json": "gpurentalprices",
    "/daily.xml": "ecb",
}
PROCESSES: Final = 4
CALLERS: Final = 50
SOFT_SECONDS: Final = 6.0
TROUBLED_SECONDS: Final = 6.0
TROUBLE_AFTER_SECONDS: Final = 2.0
REFRESHED_SECONDS: Final = 3.0
"""In which what 200 find stale is read anew beside them: what is put off is not left out."""
GPUS: Final = tuple(load_catalog().gpus)
CALLS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Milliseconds of calls, and how many of them had no prices."""

    milliseconds: Sequence[float]
    prices_milliseconds: Sequence[float]
    """Of each, what went by until it had its prices."""
    unanswered: int
    breaks: int = 0
    """How often the processes have lost their Redis so far: then each asks the sources for itself."""

    def document(self) -> dict[str, Any]:
        """Their count and percentiles."""
        return {
            "calls": len(self.milliseconds),
            "unanswered": self.unanswered,
            "breaks": self.breaks,
            "p50_ms": _at(0.5, self.milliseconds),
            "p99_ms": _at(0.99, self.milliseconds),
            "max_ms": _at(1, self.milliseconds),
            "prices_p99_ms": _at(0.99, self.prices_milliseconds),
        }


def _at(share: float, milliseconds: Sequence[float]) -> float:
    ordered = sorted(milliseconds)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


class Called(NamedTuple):
    """One call."""

    milliseconds: float
    prices_milliseconds: float
    is_answered: bool


def worker(redis_url: str, directory: Path) -> None:
    """Answers each line of standard input with the calls that it asks for."""
    configure_logging("console", "error")  # standard output is for figures
    sys.setswitchinterval(SWITCH_SECONDS)  # as in a process that serves
    store = open_store(redis_url, directory)
    prices = open_prices(
        sources=("snapshot", *SOURCES),
        store=store,
        state_dir=directory / str(os.getpid()),
        override_dir=directory,
    )

    def call() -> Called:
        began = time.perf_counter()
        found = prices.gather(GPUS)
        priced = time.perf_counter()
        store.get("settings:channel:C1")
        return Called(
            (time.perf_counter() - began) * 1000,
            (priced - began) * 1000,
            is_answered=bool(found.offers and found.rates),
        )

    for line in sys.stdin:
        said = json.loads(line)
        until = time.monotonic() + said["seconds"]
        asked = _nothing if said["nothing"] else call
        with ThreadPoolExecutor(CALLERS) as pool:
            found: list[list[Called]] = list(pool.map(list, [_calls(asked, until) for _ in range(CALLERS)]))
        live: set[str] = set()
        if not said["nothing"]:
            live = {offer.source.partition(":")[0] for offer in prices.gather(GPUS).offers}
        calls = [each for calls in found for each in calls]
        print(json.dumps({"calls": calls, "sources": sorted(live), "breaks": store.breaks}), flush=True)


def _nothing() -> Called:
    began = time.perf_counter()
    took = (time.perf_counter() - began) * 1000
    return Called(took, took, is_answered=True)


def _calls(call: Callable[[], Called], until: float) -> Iterator[Called]:
    yield call()
    while time.monotonic() < until:
        time.sleep(0.2)
        yield call()


class Workers:
    """The four processes."""

    def __init__(self, redis_url: str, directory: Path) -> None:
        line = [sys.executable, __file__, "--worker", redis_url, "--directory", str(directory)]
        self._processes = [
            subprocess.Popen(
                line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            for _ in range(PROCESSES)
        ]

    def asked(
        self,
        seconds: float = 0.0,
        meanwhile: Callable[[], object] = lambda: None,
        *,
        nothing: bool = False,
    ) -> tuple[Took, list[str]]:
        """All callers of all processes at once."""
        for each in self._processes:
            assert each.stdin is not None
            each.stdin.write(json.dumps({"seconds": seconds, "nothing": nothing}) + "\n")
            each.stdin.flush()
        trouble = threading.Timer(TROUBLE_AFTER_SECONDS, meanwhile)
        if seconds:
            trouble.start()
        said = [json.loads(each.stdout.readline()) for each in self._processes if each.stdout]
        calls = [Called(*call) for each in said for call in each["calls"]]
        took = Took(
            milliseconds=[call.milliseconds for call in calls],
            prices_milliseconds=[call.prices_milliseconds for call in calls],
            unanswered=sum(not call.is_answered for call in calls),
            breaks=sum(each["breaks"] for each in said),
        )
        return took, said[0]["sources"]

    def close(self) -> None:
        """End them."""
        for each in self._processes:
            each.kill()
            each.wait()


def _configured(web: FakeWeb, directory: Path) -> None:
    raw = dict(read_config("price_sources"))
    for name in (*SOURCES, "ecb"):
        answer = RECORDED[name](web.url, Wrong(), datetime.now(UTC).date())
        web.answers |= {path: (200, body) for path, body in answer.answers.items()}
        section = answer.section or name
        raw[section] = raw[section] | answer.config
        raw["terms"] = raw["terms"] | {name: raw["terms"][name] | {"soft_seconds": SOFT_SECONDS}}
    (directory / "price_sources.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")


def _redis(directory: Path) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    line = [SERVERS[0], "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(directory)]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            return process, port


def _say(scene: str, **figures: Any) -> None:
    print(json.dumps({"scene": scene, **figures}), flush=True)


def _asked_of(web: FakeWeb) -> dict[str, int]:
    counted = Counter(PATHS.get(path, path) for path, _ in web.asked)
    web.asked.clear()
    return dict(sorted(counted.items()))


def many_callers() -> None:
    """200 cold, 200 stale, 200 through a refresh, and Redis flushed, frozen, killed in the middle."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        web = stack.enter_context(FakeWeb())
        _configured(web, directory)
        server, port = _redis(directory)
        stack.callback(server.kill)
        workers = Workers(f"redis://127.0.0.1:{port}/0", directory)
        stack.callback(workers.close)
        took, _ = workers.asked(nothing=True)
        _say("200 that ask nothing", **took.document())
        took, sources = workers.asked()
        _say("200 cold", upstream=_asked_of(web), sources=sources, **took.document())
        time.sleep(2.3 * SOFT_SECONDS)  # the first refresh was wanted while it was made
        web.asked.clear()
        took, _ = workers.asked()
        time.sleep(1)
        _say("200 stale", upstream=_asked_of(web), **took.document())
        time.sleep(2.3 * SOFT_SECONDS)
        web.asked.clear()
        took, _ = workers.asked(REFRESHED_SECONDS)
        _say("200 through a refresh", upstream=_asked_of(web), **took.document())
        for name, trouble in (
            ("flushed", lambda: redis.Redis(port=port).flushall()),
            ("frozen", lambda: server.send_signal(signal.SIGSTOP)),
            ("killed", server.kill),
        ):
            took, _ = workers.asked(TROUBLED_SECONDS, trouble)
            _say(f"Redis {name}", upstream=_asked_of(web), **took.document())


def many_offers(most: int = 110_000) -> None:
    """What an answer costs among as many offers, against one among the bundled thousand."""
    catalog = load_catalog()
    found = open_prices(known_gpus=GPUS).gather(GPUS)
    books = {num: Book(newest_of_each([_many(found, num)]), found.rates) for num in (len(found.offers), most)}
    lengths = count(300)

    def answer(book: Book) -> float:
        spec = TrainingSpec(model="llama-3.1-8b", sequence_length=next(lengths), num_examples=10_000)
        began = time.thread_time()
        _, priced = book.find(Wanted(gpus=GPUS))
        estimate(spec, catalog, priced)
        return (time.thread_time() - began) * 1000

    took: dict[int, list[float]] = {num: [] for num in books}
    for at in range(CALLS):
        for num, book in books.items():
            milliseconds = answer(book)
            if at >= 5:  # the first ones build what is kept
                took[num].append(milliseconds)
    few, many = (statistics.median(each) for each in took.values())
    _say(
        "offers",
        few=len(found.offers),
        many=most,
        few_ms=round(few, 2),
        many_ms=round(many, 2),
        ratio=round(many / few, 2),
    )


def _many(found: GatheredPrices, num: int) -> Iterator[Offer]:
    """The bundled offers, over and over, each time in other places and a little dearer."""
    for at in range(num):
        copy, which = divmod(at, len(found.offers))
        offer = found.offers[which]
        if copy:
            factor = 1 + Decimal(copy) / 10_000
            price = offer.price_per_hour.times(factor)
            offer = offer.model_copy(update={"region": f"{offer.region}{copy}", "price_per_hour": price})
        yield offer


def main() -> None:
    """Both."""
    many_callers()
    many_offers()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--directory", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--offers", action="store_true", help="only the many offers")
    said = parser.parse_args()
    if said.worker:
        worker(said.worker, said.directory)
    elif said.offers:
        many_offers()
    else:
        main()
