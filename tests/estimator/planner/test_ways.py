"""What is remembered of a job from one request to the next: its answers alone, and not for ever."""

import gc
import weakref

from bot.files import load_catalog
from estimator.planner import ways
from estimator.planner.evaluate import PHYSICS, PlanEvaluator
from estimator.planner.planner import search
from estimator.planner.ways import Ways
from estimator.prices.book import PriceBook
from estimator.spec import TrainingSpec

CATALOG = load_catalog()
BOOK = PriceBook((), ())
SPEC = TrainingSpec(model="7b", gpu="a100-80gb", sequence_length=1234)


def some_ways() -> Ways:
    evaluator = PlanEvaluator(SPEC, CATALOG, BOOK, currency="USD", physics=PHYSICS)
    return Ways(evaluator, [CATALOG.gpu("a100-80gb")])


def asked(found: Ways) -> object:
    gpu = CATALOG.gpu("a100-80gb")
    weighed = found.weighed(gpu)
    alike = [each for layouts, _ in weighed for each in found.alike(layouts)]
    timed = [found.worth_timing(gpu, each, tight=False) for each in alike]
    return weighed, timed, [found.smallest(gpu, layouts) for layouts, _ in weighed]


def test_what_is_not_remembered_any_more_goes_at_once() -> None:
    """Objects that hold each other wait for the collector, which comes rarely: memory would only grow."""
    found = some_ways()
    asked(found)
    gone = weakref.ref(found)
    gc.disable()
    try:
        del found
        assert gone() is None
    finally:
        gc.enable()


def test_a_search_leaves_its_answers_and_not_what_they_were_made_from() -> None:
    ways._ways_of.cache_clear()
    search(SPEC, CATALOG, BOOK, currency="USD")
    evaluator = PlanEvaluator(SPEC, CATALOG, BOOK, currency="USD", physics=PHYSICS)
    kept = ways.ways_of(evaluator, (CATALOG.gpu("a100-80gb"),))
    assert kept._worth_timing
    assert not kept._scale._needs
    assert not kept._scale._ladders


def test_what_is_asked_after_that_has_the_same_answers() -> None:
    fresh, kept = some_ways(), some_ways()
    first = asked(kept)
    kept.forget_weights()
    assert asked(kept) == first == asked(fresh)
    late = some_ways()
    late.weighed(CATALOG.gpu("a100-80gb"))
    late.forget_weights()
    assert asked(late) == first
