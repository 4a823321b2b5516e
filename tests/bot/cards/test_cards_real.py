"""Cards of what the core really answers, at the prices of the bundled snapshot."""

import re
from functools import cache

import pytest
from card_setups import gpu_setups
from prices_on_a_day import prices_as_of
from shipped import shipped_names

from bot.cards import phrases
from bot.cards.assumptions import assumed_as_typed
from bot.cards.compare import compare_card
from bot.cards.delta import delta_card
from bot.cards.estimate import estimate_card
from bot.cards.maths import assumptions_card, maths_card
from bot.cards.requested import RequestedEstimate
from bot.cards.slack_limits import violations
from bot.files import load_catalog
from bot.i18n import Texts
from bot.language import read
from bot.prices import GatheredPrices
from estimator import PriceBook, TrainingSpec, estimate
from estimator.framework.engine import Sharing

WORKED = "7b fp16 n=10000 bs=32"
ASKED = (
    WORKED,
    "7b fp16 n=10000 bs=32 method=rule",
    "llama-3.1-8b qlora r=64 targets=qkvo on 4090 bs=128 seq=4k opt=paged_adamw8bit",
    "mixtral-8x7b lora 8xh100 zero3 ckpt budget=5usd deadline=1h",
    "llama-3.1-70b full on 4090 gpus=1 mbs=1",
    "qwen2.5-7b full on 2x v100 amp",
    "13b full bs=7 on 4x a100 spot aws,gcp tokens=30m epochs=2.5",
    "7b full steps=100 step=1ms on a100 gpus=1 mbs=1 bs=4 price=27.08cny",
    "405b full tp=8 pp=8 on 128xh100 megatron",
    "7b full 1xa100 mbs=1 deadline=1h",
    "7b 2xh100 ddp",
    "1b freeze n=5 steps=100 seq=64k budget=1usd",
    "tinyllama-1.1b full seq=4k 1xa100 mbs=1 ckpt liger",
)


@cache
def gathered() -> GatheredPrices:
    catalog = load_catalog()
    return prices_as_of().gather(tuple(catalog.gpus))


@cache
def book() -> PriceBook:
    return PriceBook(gathered().offers, gathered().rates)


@cache
def answered(text: str) -> RequestedEstimate:
    catalog = load_catalog()
    request = read(text, shipped_names()).request
    assert request is not None, text
    return RequestedEstimate.of(request, estimate(request.spec, catalog, book(), currency="CNY"))


@pytest.mark.parametrize("text", ASKED)
def test_every_card_of_a_real_estimate_is_within_the_limits(text: str, texts: Texts) -> None:
    found = answered(text)
    assert violations(estimate_card(found, texts=texts, asker="U123"), "card") == ()
    assert violations(delta_card(answered(WORKED), found, texts=texts), "card") == ()
    for explained in (maths_card(found, texts=texts), assumptions_card(found, texts=texts)):
        assert violations(explained) == ()


@pytest.mark.parametrize("text", ASKED)
def test_what_the_core_says_has_a_sentence_in_both_languages(text: str, texts: Texts) -> None:
    found = answered(text).estimate
    assumed = {f"assumption.{each.code}" for each in (*found.assumptions, *found.rule_of_thumb.notes)}
    warned = {f"warning.{each.code}" for option in found.options for each in option.warnings}
    assert {key for key in assumed | warned if key not in texts} == set()


@pytest.mark.parametrize("text", ASKED)
def test_what_was_assumed_is_named_as_it_would_be_typed(text: str, texts: Texts) -> None:
    named = {f"key.{each.what}" for each in answered(text).estimate.assumptions}
    assert {key for key in named if key not in texts} == set()


def test_every_field_of_a_spec_is_named_as_it_is_typed(texts: Texts) -> None:
    assert {name for name in TrainingSpec.model_fields if f"key.{name}" not in texts} == set()


def test_real_setups_are_compared(texts: Texts) -> None:
    card = compare_card(gpu_setups([answered(each) for each in ASKED], texts), texts=texts, command=WORKED)
    assert violations(card, "card") == ()


def test_what_joins_gpus_has_one_name_on_plan_and_assumptions(texts: Texts) -> None:
    found = answered("70b full bf16 64xh100 tp=8 pp=2 mbs=1 ga=8 megatron zero2").estimate
    (assumed,) = (each for each in found.assumptions if each.what == "sharding")
    planned, named = phrases.sharding(found.options[0], texts), assumed_as_typed(assumed, texts)
    for code, size in (("distributed_optimizer", 4), ("tensor_parallel", 8), ("pipeline_parallel", 2)):
        name = texts(f"sharding.{code}", size=size, framework="Megatron-LM")
        assert name in planned
        assert name in named
    if texts.language == "zh":
        assert set(re.findall(r"[A-Za-z][A-Za-z-]+", planned + named)) == {"Megatron-LM"}


@pytest.mark.parametrize("code", Sharing)
def test_every_sharding_has_a_name(code: Sharing, texts: Texts) -> None:
    assert "8" in texts(f"sharding.{code}", size=8, framework="TorchTitan")
