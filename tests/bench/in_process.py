"""How long a parse, a memory estimate, a search and a whole estimate take: `make bench`.

CPU time of one core, so that a busy machine does not blur it. Prices are the bundled snapshot's, some 1 000
offers. No call is like the one before: a new job has a sequence length that nobody asked about, a known one
another number of examples.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Final

from bot.files import load_catalog
from bot.language import read, vocabulary_of
from bot.prices.open import open_prices
from estimator.catalog import Catalog
from estimator.document import estimate_document
from estimator.estimate import estimate
from estimator.planner.evaluate import PHYSICS, PlanEvaluator
from estimator.planner.fixes import fixes_for
from estimator.planner.pinned import pinned_plan
from estimator.planner.planner import search
from estimator.prices.book import PriceBook
from estimator.spec import TrainingSpec

PINNED: Final = "llama-3.1-8b lora r=16 bf16 mbs=2 seq=2048 1xa100-80gb"
SEARCHED: Final = (
    "7b fp16 n=10000 bs=32",
    "llama-3.1-8b qlora r=16 n=50k seq=2k",
    "70b full bf16",
    "qwen2.5-14b lora seq=32k bs=64",
)
HOSTILE: Final = (
    *("用两张" * 660, "n=1 " * 99, "h100 x " * 49, "1," * 990, "= epochs <@U1> tokens " * 90),
    *("1.5h " * 99, "4bits " * 99, "v " * 99, "不用 " * 99, "４０９０ " * 99),
)
"""Texts of up to 2 000 characters that make the reader work hardest."""
NOT_FITTING: Final = "7b full gpus=1 gpu=4090"
CALLS: Final = 40
WARM_UP: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that is timed, and what was promised for its median."""

    name: str
    run: Callable[[], object]
    promised_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Milliseconds of one case."""

    case: Case
    median_ms: float
    p95_ms: float

    @property
    def is_kept(self) -> bool:
        """Whether the promise holds."""
        return self.case.promised_ms is None or self.median_ms <= self.case.promised_ms


def cases() -> tuple[Case, ...]:
    """Everything that is timed."""
    catalog = load_catalog()
    book = _book(catalog)
    vocabulary = vocabulary_of(catalog)

    def spec_of(text: str) -> TrainingSpec:
        spec = read(text, vocabulary).spec
        assert spec is not None
        return spec

    def searching(text: str, field: str) -> Callable[[], object]:
        spec, sizes = spec_of(text), count(1001)
        return lambda: search(spec.model_copy(update={field: next(sizes)}), catalog, book, currency="USD")

    def answering(text: str) -> Callable[[], object]:
        spec = spec_of(text)
        return lambda: estimate_document(estimate(spec, catalog, book))

    failing = spec_of(NOT_FITTING)
    return (
        Case(name=f"parse {SEARCHED[1]}", run=lambda: read(SEARCHED[1], vocabulary), promised_ms=5),
        *(
            Case(
                name=f"parse hostile {text[:18]!r} ...",
                run=partial(read, text, vocabulary),
                promised_ms=5,
            )
            for text in HOSTILE
        ),
        *_physics(spec_of(PINNED), catalog, book),
        Case(name=f"search pinned {PINNED}", run=searching(PINNED, "sequence_length"), promised_ms=2),
        *(
            Case(name=f"search, {kind} {text}", run=searching(text, field), promised_ms=promised)
            for kind, field, promised in (
                ("new job", "sequence_length", 30),
                ("known job", "num_examples", 10),
            )
            for text in SEARCHED
        ),
        Case(
            name=f"fixes {NOT_FITTING}",
            run=lambda: fixes_for(failing, catalog, book, currency="USD"),
        ),
        Case(name=f"estimate to JSON {PINNED}", run=answering(PINNED), promised_ms=5),
        Case(name=f"estimate to JSON {SEARCHED[0]}", run=answering(SEARCHED[0])),
    )


def _book(catalog: Catalog) -> PriceBook:
    gathered = open_prices(known_gpus=catalog.gpus).gather(tuple(catalog.gpus))
    return PriceBook(gathered.offers, gathered.rates)


def _physics(spec: TrainingSpec, catalog: Catalog, book: PriceBook) -> tuple[Case, Case]:
    evaluator = PlanEvaluator(spec, catalog, book, currency="USD", physics=PHYSICS)
    gpu = catalog.gpu(spec.gpu or "")
    plan = pinned_plan(evaluator.resolved(gpu, evaluator.runner), gpu)
    return (
        Case(
            name="memory of a plan",
            run=lambda: PHYSICS.memory(evaluator.resolved(gpu, plan.runner), plan, gpu, catalog),
            promised_ms=0.15,
        ),
        Case(name="time of a plan", run=lambda: evaluator.time(gpu, plan)),
    )


def timed(case: Case, calls: int = CALLS) -> Timing:
    """CPU time of `calls` calls after a few to warm up."""
    for _ in range(WARM_UP):
        case.run()
    took = sorted(_milliseconds(case.run) for _ in range(calls))
    return Timing(case=case, median_ms=statistics.median(took), p95_ms=took[int(0.95 * (calls - 1))])


def _milliseconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return 1000 * (time.process_time() - start)


def main() -> None:
    """Print a line a case."""
    print(f"{'median':>10} {'p95':>10} {'promised':>9}")
    for case in cases():
        timing = timed(case)
        promised = "" if case.promised_ms is None else f"{case.promised_ms:g} ms"
        mark = "" if timing.is_kept else "  MISSED"
        print(f"{timing.median_ms:7.3f} ms {timing.p95_ms:7.3f} ms {promised:>9}  {case.name}{mark}")


if __name__ == "__main__":
    main()
