"""What a search reads is what a card shows: the light functions equal the full ones to the bit."""

import pytest
from draws import draws
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from prices_on_a_day import prices_as_of
from shipped import shipped_names

from bot.files import load_catalog
from bot.language import read
from estimator.errors import EstimatorError
from estimator.planner import job, shortlist
from estimator.planner.candidate import Candidate
from estimator.planner.evaluate import PHYSICS, Physics, PlanEvaluator
from estimator.planner.pinned import pinned_plan
from estimator.planner.planner import search
from estimator.planner.search import GpuCount, Search
from estimator.planner.shortlist import MAX_OPTIONS
from estimator.planner.ways import Ways, ways_of
from estimator.prices.book import PriceBook
from estimator.spec import TrainingSpec

CATALOG = load_catalog()
VOCABULARY = shipped_names()
GPUS = tuple(CATALOG.gpus[key] for key in ("a100-80gb", "h100-80gb"))
NOTHING_ON_SALE = PriceBook((), ())
FULL_ONLY = Physics(memory=PHYSICS.memory, time=PHYSICS.time)
"""Asks a whole estimate for every number."""

SAID = st.tuples(
    st.sampled_from(
        ["7b", "llama-3.1-8b", "qwen2.5-14b", "mixtral-8x7b", "gemma-2-9b", "70b", "gpt2", "qwen3-30b-a3b"]
    ),
    st.sampled_from(["full", "lora r=8", "qlora", "dora r=64", "freeze", "lora 8bit", "full amp", ""]),
    st.sampled_from(["fp16", "bf16", "fp32", "", ""]),
    st.sampled_from(["1xa100-80gb", "8xh100 zero3", "4x4090 zero2", "8xa100-40gb ddp", "2xv100-32gb zero1"]),
    st.sampled_from(["mbs=1", "mbs=4 ga=3", "mbs=16"]),
    st.sampled_from(["seq=512", "seq=4k", "seq=32k", "seq=777"]),
    st.sampled_from(["ckpt", "no-ckpt", "selective", ""]),
    st.sampled_from(
        ["offload", "eager", "padded", "compile", "liger", "opt=adafactor", "opt=muon", "", "", ""]
    ),
    st.sampled_from(["stack=unsloth", "stack=torchtune", "stack=deepspeed", "stack=megatron", "", "", ""]),
    st.sampled_from(["n=777", "steps=12", "step=1.5s", "mfu=40%", "tokens=3m packing", "epochs=2.5"]),
)


def spec_of(text: str) -> TrainingSpec:
    spec = read(text, VOCABULARY).spec
    assert spec is not None, text
    return spec


def evaluator_of(spec: TrainingSpec, physics: Physics = PHYSICS) -> PlanEvaluator:
    return PlanEvaluator(spec, CATALOG, NOTHING_ON_SALE, currency="USD", physics=physics)


@pytest.mark.untraced
@settings(max_examples=draws(50, 150))
@given(SAID)
def test_light_equals_full_to_the_bit(said: tuple[str, ...]) -> None:
    text = " ".join(said)
    reading = read(text, VOCABULARY)
    assume(reading.spec is not None)
    spec = spec_of(text)
    gpu = CATALOG.gpu(spec.gpu or "")
    light, full = evaluator_of(spec), evaluator_of(spec, FULL_ONLY)
    try:
        plan = pinned_plan(light.resolved(gpu, light.runner), gpu)
    except EstimatorError:
        return
    for cut in (plan, plan._replace(micro_batch_size=3, gradient_accumulation_steps=1)):
        for _ in range(2):  # worked out, then remembered
            assert light.process_bytes(gpu, cut) == full.memory(gpu, cut).process_bytes
            assert light.memory(gpu, cut) == full.memory(gpu, cut)
            least, needed = (
                light.least_bytes(gpu, plan._replace(micro_batch_size=1)),
                light.process_bytes(gpu, cut),
            )
            assert least.likely <= needed.likely
            assert least.high <= needed.high
            assert light.resting_bytes(gpu, cut) <= least.likely
            time = full.time(gpu, cut)
            assert light.run_seconds(gpu, cut).total == time.run_seconds.likely
            shared = time.num_steps * time.step_seconds.likely
            assert shared <= light.run_seconds(gpu, cut).of_steps <= light.run_seconds(gpu, cut).total


def test_a_stage_that_reserves_more_than_the_fullest_one_is_no_bound() -> None:
    """Of two stages one has the most tensors and the other takes more segments: the former is judged."""
    plans = evaluator_of(spec_of("gpt2 full amp bf16 2xh100 pp=2 opt=muon no-ckpt seq=64 mbs=1"))
    gpu = CATALOG.gpu("h100-80gb")
    plan = pinned_plan(plans.resolved(gpu, plans.runner), gpu)._replace(gradient_accumulation_steps=1)
    assert plans.least_bytes(gpu, plan).high <= plans.process_bytes(gpu, plan).high


@pytest.mark.untraced
@pytest.mark.parametrize(
    "text",
    [
        "7b fp16 n=10000 bs=32",
        "llama-3.1-8b qlora r=16 n=50k seq=2k",
        "70b full bf16 deadline=24h",
        "qwen2.5-14b lora seq=32k bs=60",
        "mixtral-8x7b lora mfu=30%",
        "7b full gpu=v100",
        "7b full gpus=1 gpu=4090",
        "7b step=2s rank_by=time",
    ],
)
def test_a_search_finds_what_one_that_asks_whole_estimates_finds(text: str) -> None:
    gathered = prices_as_of().gather(tuple(CATALOG.gpus))
    book = PriceBook(gathered.offers, gathered.rates)
    spec = spec_of(text)
    expected = search(spec, CATALOG, book, currency="USD", physics=FULL_ONLY)
    for _ in range(2):
        assert search(spec, CATALOG, book, currency="USD") == expected


@pytest.mark.untraced
@pytest.mark.parametrize(
    "text",
    [
        "70b full bf16",
        "70b full bf16 deadline=24h",
        "70b full rank_by=time",
        "mixtral-8x7b full bf16 deadline=10m budget=1",
        "30b full rank_by=value",
        "13b full cur=cny",
        "llama-3.1-8b qlora 24gb",
        "7b full bf16 pp=2 seq=4096 mbs=4 cur=cny tokens=1b",  # the fastest is one of two counts of its GPU
    ],
)
def test_what_is_not_asked_could_not_have_been_shown(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered = prices_as_of().gather(tuple(CATALOG.gpus))
    book = PriceBook(gathered.offers, gathered.rates)
    found = search(spec_of(text), CATALOG, book, currency="USD").options
    monkeypatch.setattr(shortlist, "_shown_before", lambda pair: pair.is_usual)
    assert search(spec_of(text), CATALOG, book, currency="USD").options == found


def test_of_a_large_job_few_pairs_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    gathered = prices_as_of().gather(tuple(CATALOG.gpus))
    book = PriceBook(gathered.offers, gathered.rates)
    asked: list[GpuCount] = []
    best = Search.best

    def counted(work: Search, pair: GpuCount) -> Candidate | None:
        asked.append(pair)
        return best(work, pair)

    monkeypatch.setattr(Search, "best", counted)
    assert len(search(spec_of("70b full bf16"), CATALOG, book, currency="USD").options) == MAX_OPTIONS
    assert len(asked) < 30


def test_a_job_is_remembered_whatever_else_is_asked_about_it() -> None:
    first = evaluator_of(spec_of("7b lora n=100 1x4090 mbs=1"))
    other = evaluator_of(spec_of("7b lora n=777 retry=2 1x4090 mbs=1 cur=eur"))
    assert job_of(first) is job_of(other)
    for text in ("7b lora r=4 1x4090 mbs=1", "7b lora 1x4090 mbs=1 seq=99", "8b lora 1x4090 mbs=1"):
        assert job_of(evaluator_of(spec_of(text))) is not job_of(first)


def test_ways_are_remembered_whatever_else_is_asked_about_the_job() -> None:
    first = ways_for("7b lora n=100")
    assert (
        ways_for("7b lora n=777 epochs=2 retry=2 cur=eur budget=90 deadline=9h spot step=2s mfu=30%") is first
    )
    for text in (
        "7b lora r=4",
        "7b lora bs=64",
        "7b lora gpus=4",
        "8b lora",
        "7b lora seq=99",
        "7b lora ckpt",
    ):
        assert ways_for(text) is not first
    whole = PlanEvaluator(spec_of("7b lora"), CATALOG, NOTHING_ON_SALE, currency="USD", physics=FULL_ONLY)
    assert ways_of(whole, GPUS) is not ways_of(whole, GPUS)


def ways_for(text: str) -> Ways:
    return ways_of(evaluator_of(spec_of(text)), GPUS)


def test_a_model_of_the_same_name_and_another_shape_is_another_job() -> None:
    spec = spec_of("llama-3.1-8b lora 1x4090 mbs=1")
    known = CATALOG.model("llama-3.1-8b")
    catalog = CATALOG.with_models((known.model_copy(update={"num_layers": 1}),))
    changed = PlanEvaluator(spec, catalog, NOTHING_ON_SALE, currency="USD", physics=PHYSICS)
    assert job_of(changed) is not job_of(evaluator_of(spec))


def job_of(evaluator: PlanEvaluator) -> job.Job:
    resolved = evaluator.resolved(None, evaluator.runner)
    return job.job_of(resolved.workload, resolved.framework, evaluator.catalog)


def test_what_is_remembered_of_a_job_is_bounded() -> None:
    plans = evaluator_of(spec_of("7b lora 1x4090 mbs=1"))
    gpu = CATALOG.gpu("rtx-4090")
    plan = pinned_plan(plans.resolved(gpu, plans.runner), gpu)
    known = job.ByPlan[int]()
    for size in range(3 * job.MOST_PLANS):
        assert known.ask(plan._replace(micro_batch_size=size + 1), lambda size=size: size) == size  # type: ignore[misc]
    assert len(known) <= job.MOST_PLANS
