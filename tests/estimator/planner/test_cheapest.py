"""`cheapest` is what it says: nothing that has a price, runs the job and is sold as asked costs less."""

from collections.abc import Iterator

import pytest
from draws import IS_THOROUGH
from prices_on_a_day import BUNDLED_ON, book_on
from shipped import shipped_names

from bot.files import load_catalog
from bot.language import read
from estimator.memory.result import Verdict
from estimator.planner.evaluate import PHYSICS, PlanEvaluator
from estimator.planner.on_sale import bounded
from estimator.planner.planner import search
from estimator.planner.search import Search
from estimator.planner.shortlist import MAX_OPTIONS
from estimator.result import Option, Tag
from estimator.spec import TrainingSpec

CATALOG = load_catalog()
BOOK = book_on(BUNDLED_ON)
SAID_BY_HAND = (1, 2, 4, 8)
JOBS = (
    "8b lora n=50k seq=2k",
    "7b qlora",
    "7b full fp16",
    "13b full n=50k",
    "llama-3.1-70b qlora n=20k seq=2k",
    "qwen3-30b-a3b lora",
    "1.5b freeze n=200k",
)
CONSTRAINTS = ("", "cur=cny", "aws", "no-runpod region=europe", "deadline=1h", "80gb", "bs=7", "spot")


def spec_of(text: str) -> TrainingSpec:
    spec = read(text, shipped_names()).spec
    assert spec is not None, text
    return spec


def options_of(spec: TrainingSpec) -> tuple[Option, ...]:
    return search(spec, CATALOG, BOOK, currency=spec.currency or "USD").options


def said_by_hand(spec: TrainingSpec) -> Iterator[Option]:
    """What each GPU and count that makes the batch comes to, typed one by one."""
    gpus = [CATALOG.gpus[key] for key in sorted(BOOK.gpus & CATALOG.gpus.keys())]
    wanted = spec.gpu_memory_gb
    for gpu in gpus:
        if wanted is not None and round(gpu.memory_gb) != wanted:
            continue
        for count in SAID_BY_HAND:
            if (spec.global_batch_size or CATALOG.defaults.global_batch_size) % count == 0:
                said = {"gpu": gpu.key, "num_gpus": count, "gpu_memory_gb": None}
                yield from options_of(spec.model_copy(update=said))[:1]


def counts_against(option: Option) -> bool:
    """Whether it surely fits, is sold as it was asked for and keeps the limits."""
    as_asked = option.quotes and not {"market", "region"} & set(option.quotes[0].instead)
    late = {"past_deadline", "over_budget"} & {warning.code for warning in option.warnings}
    return option.memory.verdict is Verdict.FITS and bool(as_asked) and not late


def cost(option: Option) -> float:
    assert option.cost is not None
    return float(option.cost.amount)


@pytest.mark.parametrize("constraint", CONSTRAINTS if IS_THOROUGH else CONSTRAINTS[:5])
@pytest.mark.parametrize("job", JOBS if IS_THOROUGH else JOBS[:4])
def test_nothing_that_can_be_said_by_hand_is_cheaper(job: str, constraint: str) -> None:
    spec = spec_of(f"{job} {constraint} cheapest")
    first, *others = options_of(spec)
    assert Tag.CHEAPEST in first.tags
    assert len(others) < MAX_OPTIONS
    rivals = [each for each in said_by_hand(spec) if counts_against(each)]
    assert bool(rivals) <= counts_against(first)
    for each in rivals:
        assert cost(first) <= cost(each) * (1 + 1e-9), (first.plan, each.plan)


@pytest.mark.parametrize("job", [*JOBS, "13b full offload", "70b full", "mixtral-8x7b full"])
def test_a_pair_takes_no_less_than_its_bound(job: str) -> None:
    """What is not asked for its bound would be asked for its time: of a pair, and of who runs it."""
    evaluator = PlanEvaluator(spec_of(job), CATALOG, BOOK, currency="USD", physics=PHYSICS)
    gpus = ("l4", "a100-80gb", "mi300x", "gb300", "gh200-96gb")
    work = Search(evaluator, tuple(CATALOG.gpus[key] for key in gpus))
    pairs = bounded(work, [pair for pair in work.pairs() if pair.missing_bytes <= 0])
    timed = [
        (seconds, work.evaluator.run_seconds(pair.gpu, plan).total, plan)
        for pair in pairs
        for seconds, alike in work.fastest_first(pair.gpu, pair.layouts)
        for plan in work.ways.worth_timing(pair.gpu, alike, tight=True)
    ]
    assert timed
    for least_seconds, seconds, plan in timed:
        assert seconds >= least_seconds * (1 - 1e-9), plan
