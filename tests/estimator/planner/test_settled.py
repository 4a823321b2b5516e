"""Which plan of one GPU and count is taken: the same however it is said, tight where that is far faster."""

import pytest
from fake_physics import book
from shipped import shipped_names

from bot.files import load_catalog
from bot.language import read
from estimator.memory.result import Verdict
from estimator.planner.planner import search
from estimator.planner.settled import RISK_PAYS, worth
from estimator.result import Option
from estimator.spec import Checkpointing, Engine

CATALOG = load_catalog()


def first(text: str) -> Option:
    spec = read(text, shipped_names()).spec
    assert spec is not None
    return search(spec, CATALOG, book(), currency="USD").options[0]


def hours(option: Option) -> float:
    return option.time.run_seconds.likely / 3600


def test_two_gpus_are_not_slower_than_one_because_they_hold_more_of_each_other() -> None:
    """Copies on two hold what NCCL needs besides: tight, where one alone fits."""
    job = "8b lora n=10k seq=2k bs=64"
    one, two = first(f"{job} 1x4090"), first(f"{job} 2x4090")
    assert (one.memory.verdict, two.memory.verdict) == (Verdict.FITS, Verdict.TIGHT)
    assert hours(two) < 0.6 * hours(one)


def test_a_tight_plan_that_is_preferred_names_what_surely_fits() -> None:
    option = first("8b lora n=10k seq=2k bs=64 2x4090")
    (surer,) = [each for each in option.warnings if each.code == "surer_plan"]
    seconds = surer.parameters["sure_seconds"]
    assert isinstance(seconds, float)
    assert seconds > RISK_PAYS * option.time.run_seconds.likely
    assert surer.parameters["deepspeed_zero_3"] == 2


@pytest.mark.parametrize("job", ["8b lora seq=2k 1x4090", "7b full 4xa100", "8b full 1xb300"])
def test_what_fits_is_kept_where_what_is_tight_gains_little(job: str) -> None:
    option = first(job)
    assert option.memory.verdict is Verdict.FITS
    assert "surer_plan" not in {each.code for each in option.warnings}


@pytest.mark.parametrize(
    ("job", "again"),
    [
        ("8b lora seq=2k bs=64 2x4090", "zero2"),
        ("8b lora seq=2k bs=64 2x4090", "zero2 mbs=1"),
        ("7b lora 1xa100 bs=32", "mbs=4"),
        ("7b lora 1xa100 bs=32", "mbs=4 no-ckpt"),
        ("7b lora 1xa100 bs=32", "ga=8"),
        ("qwen2.5-7b full 8x4090 bs=32", "mbs=4 fsdp"),
    ],
)
def test_what_was_chosen_is_chosen_again_where_it_is_said(job: str, again: str) -> None:
    assert first(f"{job} {again}").plan == first(job).plan


def test_adapters_are_no_slower_than_a_full_fine_tune_on_the_same_gpus() -> None:
    lora, full = first("8b lora 8xh100"), first("8b full 8xh100")
    assert lora.time.step_seconds.likely < full.time.step_seconds.likely
    assert (lora.plan.engine, lora.plan.zero_stage) == (Engine.DEEPSPEED, 2)


def test_a_framework_that_can_leave_layers_out_recomputes_as_few_as_must() -> None:
    plan = first("llama-3.1-70b full megatron 64xh100 seq=4096 bs=64 tp=8 pp=2").plan
    assert plan.activation_checkpointing is Checkpointing.FULL
    assert 0 < plan.recomputed_share < 1


def test_a_larger_micro_batch_pays_for_the_room_it_takes() -> None:
    plan = first("7b lora 1xa100 bs=32").plan
    sizes = [plan._replace(micro_batch_size=size) for size in (1, 2, 8)]
    assert [worth(each, 100.0) for each in sizes] == pytest.approx([100.0, 101.0, 100.0 * 1.01**3])
