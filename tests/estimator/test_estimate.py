"""The composition and its document: the shape that every surface reads."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.files import load_catalog
from estimator import Money, Offer, PriceBook, TrainingSpec, estimate, estimate_document
from estimator.plan import Plan
from estimator.result import Rejected, RejectedCode
from estimator.spec import Method, Precision, SaidMoney

CATALOG = load_catalog()


def offer(gpu: str, amount: str, num_gpus: int = 1) -> Offer:
    return Offer(
        provider="test",
        gpu=gpu,
        num_gpus=num_gpus,
        price_per_hour=Money(amount=Decimal(amount), currency="USD"),
        source="a test",
        as_of=date(2026, 11, 1),
    )


BOOK = PriceBook(
    [
        offer("a100-80gb", "1.8"),
        offer("a100-80gb", "14.4", 8),
        offer("h100-80gb", "3"),
        offer("rtx-4090", "0.4"),
    ],
    (),
)
REFERENCE = (
    offer("a100-80gb", "27.08").model_copy(
        update={"price_per_hour": Money(amount=Decimal("27.08"), currency="CNY")}
    ),
)
EXAMPLE = TrainingSpec(model="7b", precision=Precision.FP16, num_examples=10_000, global_batch_size=32)


def document(spec: TrainingSpec) -> dict[str, Any]:
    found = estimate_document(estimate(spec, CATALOG, BOOK, reference=REFERENCE))
    parsed: dict[str, Any] = json.loads(json.dumps(found))
    return parsed


def test_the_worked_example_carries_both_methods() -> None:
    found = document(EXAMPLE)
    assert found["schema_version"] == 2
    assert found["rule_of_thumb"]["total_gb"] == 64.59
    assert found["rule_of_thumb"]["cost"] == {"amount": "81.24", "currency": "CNY"}
    best = found["options"][0]
    assert best["memory"]["verdict"] in {"fits", "tight"}
    assert best["time"]["num_steps"] == 939
    assert best["quotes"][0]["price_per_hour"]["currency"] == "USD"


def test_parts_sum_to_the_likely_process_peak() -> None:
    for option in document(EXAMPLE)["options"]:
        memory = option["memory"]
        assert sum(memory["parts"].values()) == pytest.approx(memory["process_bytes"]["likely"], abs=16)


def test_a_pinned_plan_is_the_first_option_even_if_it_does_not_fit() -> None:
    pinned = EXAMPLE.model_copy(update={"gpu": "rtx-4090", "num_gpus": 1, "micro_batch_size": 32})
    found = document(pinned)
    first = found["options"][0]
    assert first["plan"]["gpu"] == "rtx-4090"
    assert first["plan"]["micro_batch_size"] == 32
    assert first["memory"]["verdict"] == "does_not_fit"
    assert first["quotes"] == []
    assert found["nearest"]["missing_bytes"] > 0
    assert 1 <= len(found["fixes"]) <= 3


def test_every_fix_fits_when_it_is_tried() -> None:
    spec = EXAMPLE.model_copy(update={"gpu": "rtx-4090", "num_gpus": 1})
    answer = estimate(spec, CATALOG, BOOK)
    assert answer.fixes
    for fix in answer.fixes:
        assert estimate(fix.spec, CATALOG, BOOK).fits, fix.changes


def test_a_pinned_price_is_used_for_every_plan() -> None:
    spec = EXAMPLE.model_copy(
        update={"method": Method.LORA, "price_per_gpu_hour": SaidMoney(amount=Decimal(5), currency="USD")}
    )
    for option in document(spec)["options"]:
        assert Decimal(option["quotes"][0]["price_per_hour"]["amount"]) == 5 * option["plan"]["num_gpus"]


def test_money_is_decimal_text_and_bytes_are_integers() -> None:
    found = document(EXAMPLE)
    assert isinstance(found["options"][0]["memory"]["usable_bytes"], int)
    assert isinstance(found["options"][0]["quotes"][0]["run_cost"]["likely"]["amount"], str)


def test_what_the_plan_takes_is_the_one_word_on_a_field() -> None:
    rounded = document(TrainingSpec(model="7b", method=Method.LORA, gpu="a100-80gb", num_gpus=64))
    split = document(TrainingSpec(model="70b", gpu="a100-80gb", num_gpus=64, tensor_parallel_size=8))
    for found, what, value in ((rounded, "global_batch_size", "64"), (split, "stack", "megatron")):
        assert [each["value"] for each in found["assumptions"] if each["what"] == what] == [value]


def test_what_is_assumed_is_what_the_offered_plan_runs_with() -> None:
    """Megatron runs the 70B of somebody who named no stack: with its kernel and its master copy."""
    book = PriceBook([offer("h100-80gb", "24", 8)], ())
    asked = TrainingSpec(model="70b", precision=Precision.BF16, tensor_parallel_size=8)
    found = estimate(asked, CATALOG, book)
    assumed = {each.what: each.value for each in found.assumptions}
    plan = found.options[0].plan
    assert plan.stack == "megatron"
    assert (assumed["stack"], assumed["attention"]) == (plan.stack, plan.attention)
    assert assumed["mixed_precision"] == "yes"


def test_what_was_rejected_says_why_in_figures() -> None:
    found = document(EXAMPLE)
    best = found["options"][0]["plan"]
    winner = f"{best['num_gpus']} x {CATALOG.gpu(best['gpu']).name}"
    measure = r"\d+\.\d\d x the (cost|time)"
    usual = r"few rent it out|\d+ machines where \d+ will do"
    reason = (
        rf"(not weighed: at best )?{measure}( and {measure})? of {winner}|over memory by \d+\.\d GiB|{usual}"
    )
    assert found["rejected"]
    assert all(re.fullmatch(reason, each["why"]) for each in found["rejected"])


@pytest.mark.parametrize(
    ("code", "ratios", "why"),
    [
        ("beaten", {"cost_ratio": 1.2, "time_ratio": 0.5}, "1.20 x the cost of 1 x A100"),
        (
            "beaten",
            {"cost_ratio": 0.99, "time_ratio": 1.0},
            "0.99 x the cost and 1.00 x the time of 1 x A100",
        ),
        ("not_weighed", {"time_ratio": 0.4}, "not weighed: at best 0.40 x the time of 1 x A100"),
    ],
)
def test_a_ratio_below_one_is_not_called_no_better(
    code: RejectedCode, ratios: dict[str, float], why: str
) -> None:
    figures = {**ratios, "num_gpus": 1, "gpu": "A100"}
    rejected = Rejected(plan=Plan(gpu="a100-80gb", stack="hf"), code=code, figures=figures)
    best = estimate(EXAMPLE, CATALOG)
    written = estimate_document(replace(best, rejected=(rejected,)))
    assert written["rejected"][0]["why"] == why


def test_a_card_that_was_named_and_is_too_small_is_rejected_by_what_it_lacks() -> None:
    found = document(EXAMPLE.model_copy(update={"gpu": "rtx-4090", "num_gpus": 2}))
    assert [each["why"] for each in found["rejected"]] == [
        f"over memory by {found['nearest']['missing_bytes'] / 2**30:,.1f} GiB"
    ]
