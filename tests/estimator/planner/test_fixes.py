"""Fixes: the smallest change of each kind, and each fits when it is tried."""

from pathlib import Path

import pytest
from fake_physics import MARKET, SIMPLE, book, offer
from shipped import shipped_names

from bot.files import load_catalog
from bot.language import Request, change_text, read
from estimator.estimate import estimate
from estimator.memory.result import Verdict
from estimator.planner.evaluate import PHYSICS, Physics
from estimator.planner.fixes import MAX_FIXES, changes_between, fixes_for
from estimator.planner.planner import search
from estimator.result import Fix
from estimator.spec import Method, TrainingSpec

CATALOG = load_catalog()
VOCABULARY = shipped_names()

FAILING = (
    "7b full gpus=1 gpu=4090",
    "7b full 1xl40s mbs=8",
    "7b full 1xa100-80gb mbs=64 no-ckpt",
    "70b lora 2xl40s mbs=1 ddp",
    "70b qlora 1x4090 mbs=1",
    "13b full gpu=4090",
    "70b full bf16 1x4090",
)


def spec_of(text: str) -> TrainingSpec:
    spec = read(text, VOCABULARY).spec
    assert spec is not None
    return spec


def fixes(text: str, physics: Physics = SIMPLE) -> tuple[Fix, ...]:
    return fixes_for(spec_of(text), CATALOG, book(), currency="USD", physics=physics)


def said(text: str) -> list[str]:
    """The changes_between as they are typed."""
    return [change_text(fix.changes) for fix in fixes(text)]


@pytest.mark.parametrize("physics", [SIMPLE, PHYSICS], ids=["simple", "calibrated"])
@pytest.mark.parametrize("text", FAILING)
def test_every_fix_fits_when_it_is_tried(text: str, physics: Physics) -> None:
    found = fixes(text, physics)
    assert 1 <= len(found) <= MAX_FIXES
    for fix in found:
        tried = search(fix.spec, CATALOG, book(), currency="USD", physics=physics).options
        assert fix.option in tried
        assert fix.option.memory.verdict is Verdict.FITS


def test_who_offloads_the_states_is_told_to_offload_the_weights_first() -> None:
    """The same training on the same GPUs: a T4 holds one layer of 13B at a time."""
    text = "llama-2-13b full zero3 offload 1xt4 n=10k seq=512"
    found = fixes(text, PHYSICS)
    assert change_text(found[0].changes) == "offload=params"
    assert found[0].option.plan.gpu == "t4"
    assert "offload=params" not in [
        change_text(each.changes)
        for each in fixes(text.replace("offload", "offload=params").replace("13b", "70b"), PHYSICS)
    ]
    assert "offload=params" not in said("70b full zero2 offload 1xt4 n=10k seq=512")


def test_a_fix_proposes_the_rank_that_is_assumed_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "defaults.yaml").write_text("lora_rank: 64", encoding="utf-8")
    found = fixes_for(
        spec_of("7b 1xl40s mbs=8"), load_catalog(tmp_path), book(), currency="USD", physics=SIMPLE
    )
    assert change_text(found[0].changes) == "lora r=64"


def test_what_keeps_the_deadline_is_before_what_does_not() -> None:
    found = fixes("7b full 1xa100-80gb mbs=1 deadline=1h", PHYSICS)
    late = ["past_deadline" in {each.code for each in fix.option.warnings} for fix in found]
    assert late == sorted(late)
    assert set(late) == {False, True}


def test_what_nobody_said_of_training_is_the_first_change() -> None:
    """Every other change breaks a word, whatever it costs."""
    assert said("7b full 1xl40s mbs=8")[0] != "lora r=16"
    assert said("7b 1xl40s mbs=8")[0] == "lora r=16"


@pytest.mark.parametrize("text", FAILING)
def test_the_change_is_a_reply_that_makes_the_fixed_spec(text: str) -> None:
    spec = spec_of(text)
    for fix in fixes(text):
        assert read(change_text(fix.changes), VOCABULARY, Request(spec=spec)).spec == fix.spec


@pytest.mark.parametrize("text", FAILING)
def test_no_two_fixes_say_the_same(text: str) -> None:
    told = said(text)
    assert len(set(told)) == len(told)


def test_one_change_is_enough_where_one_is() -> None:
    assert "ckpt" in said("7b full 1xa100-80gb mbs=32 no-ckpt bs=32")


def test_the_largest_micro_batch_that_fits_is_proposed() -> None:
    told = said("7b full 1xa100-80gb mbs=256 ckpt")
    assert "mbs=64 ga=4" in told or "mbs=128 ga=2" in told


def test_a_small_card_gets_adapters_more_cards_and_a_larger_card() -> None:
    first, second, third = said("7b full gpus=1 gpu=4090")
    assert {first.split("=")[0], second.split("=")[0], third.split("=")[0]} == {"lora r", "gpus", "gpu"}


def test_more_cards_are_joined_by_a_sharding() -> None:
    more = next(fix for fix in fixes("7b full gpus=1 gpu=4090") if next(iter(fix.changes)) == "num_gpus")
    assert more.option.plan.num_gpus > 1
    assert more.option.plan.zero_stage == 3
    assert "fsdp" in change_text(more.changes)


def test_far_from_fitting_the_cards_that_a_planner_would_take_are_offered() -> None:
    found = fixes("70b full bf16 1x4090", PHYSICS)
    assert found
    assert {fix.spec.gpu for fix in found}.isdisjoint({"rtx-4090"})
    assert all((fix.spec.num_gpus or 1) > 1 for fix in found)


def test_a_change_back_to_nothing_is_not_said() -> None:
    before, after = TrainingSpec(model="7b", micro_batch_size=4), TrainingSpec(model="7b", gpu="l40s")
    assert changes_between(before, after) == {"gpu": "l40s"}


def test_cheaper_comes_first_among_equally_small_changes() -> None:
    found = fixes("7b full gpus=1 gpu=4090")
    costs = [fix.option.quotes[0].run_cost.likely.amount for fix in found]
    assert costs == sorted(costs)


def test_another_gpu_is_the_cheapest_run_of_what_many_sell() -> None:
    """A planner takes the H100, a sixth dearer and three times as fast; a rented 4090 becomes an A100."""
    sellers = ("aws", "azure", "gcp", "lambda", "nebius")
    offers = tuple(
        offer(gpu, price, provider=provider).model_copy(update={"tier": "A"})
        for gpu, price in (
            ("rtx-4090", "0.40"),
            ("a100-80gb", "1.50"),
            ("h100-80gb", "5.50"),
            ("h200", "9.00"),
        )
        for provider in sellers
    )
    free = search(spec_of("13b lora mbs=4 gpus=1"), CATALOG, book(offers), currency="USD", physics=SIMPLE)
    found = fixes_for(spec_of("13b lora mbs=4 1x4090"), CATALOG, book(offers), currency="USD", physics=SIMPLE)
    assert free.options[0].plan.gpu == "h100-80gb"
    assert [fix.spec.gpu for fix in found if fix.spec.gpu != "rtx-4090"] == ["a100-80gb"]


def test_where_nothing_helps_there_is_no_fix() -> None:
    prices = book((*MARKET[:1], offer("rtx-4090", "3.20", num_gpus=8)))
    spec = spec_of("llama-3.1-405b full gpus=1 gpu=4090")
    assert fixes_for(spec, CATALOG, prices, currency="USD", physics=SIMPLE) == ()


@pytest.mark.parametrize(
    ("text", "is_offered"), [("7b full 1xa100", True), ("7b full bf16 deepspeed 1xa100", False)]
)
def test_all_in_16_bit_is_a_change_where_its_engine_runs_it(text: str, *, is_offered: bool) -> None:
    changed = [change_text(fix.changes) for fix in fixes(text, PHYSICS)]
    assert ("pure" in changed) == is_offered


@pytest.mark.parametrize("text", ["7b seq=max 1xa100", "7b full bs=max 1xa100", "7b full mbs=max 1xa100"])
def test_a_fix_of_a_largest_size_finds_the_largest_again(text: str) -> None:
    """No fix has a length or a batch that nobody asked for."""
    spec = spec_of(text)
    found = estimate(spec, CATALOG, book())
    assert not found.fits
    assert found.fixes
    for fix in found.fixes:
        assert fix.spec.largest == spec.largest
        assert read(change_text(fix.changes), VOCABULARY, Request(spec=spec)).spec == fix.spec
        again = estimate(fix.spec, CATALOG, book())
        assert fix.option.plan == again.options[0].plan
        assert fix.option.workload.sequence_length == again.options[0].workload.sequence_length
        assert fix.option.memory.verdict is Verdict.FITS


@pytest.mark.parametrize(("tokens", "offered"), [("1b", True), ("300b", False)])
def test_adapters_are_no_way_to_make_a_model(tokens: str, offered: bool) -> None:  # noqa: FBT001
    """20 tokens a parameter of 13 billion are 260 billion."""
    spec = spec_of(f"llama-13b full 1xa100-40gb tokens={tokens}")
    methods = {fix.changes.get("method") for fix in fixes_for(spec, CATALOG, book(), currency="USD")}
    assert (methods & {Method.LORA, Method.QLORA} != set()) is offered


def test_a_fix_asks_of_a_framework_what_it_can_train() -> None:
    spec = spec_of("llama-2-70b full torchtitan 1xh100 n=10k mbs=1 ga=4 seq=512")
    found = fixes_for(spec, CATALOG, book(), currency="USD")
    assert Method.QLORA not in {fix.spec.method for fix in found}


def test_copies_that_do_not_fit_are_shared_by_the_same_gpus_first() -> None:
    assert change_text(fixes("13b full 8xa100 ddp", PHYSICS)[0].changes) == "zero3"


def test_a_frozen_base_goes_to_the_host_with_the_states() -> None:
    """70B on two GPUs of 24 GB, as AnswerDotAI/fsdp_qlora runs it."""
    assert "fsdp offload" in [change_text(fix.changes) for fix in fixes("70b qlora 2x4090", PHYSICS)]


def test_passes_between_which_fsdp_keeps_whole_gradients_are_made_one() -> None:
    (first, *_) = fixes("13b full 8xl40s mbs=2 bs=32 fsdp", PHYSICS)
    assert (change_text(first.changes), first.option.plan.gradient_accumulation_steps) == ("mbs=4 ga=1", 1)
