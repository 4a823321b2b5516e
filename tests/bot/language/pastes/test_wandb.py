"""Summaries of Weights & Biases, and what only looks like one."""

import json
from pathlib import Path

import pytest

from bot.language.pastes.wandb import read_wandb

EXAMPLE = (Path(__file__).parent / "examples" / "wandb.json").read_text(encoding="utf-8")


def test_a_summary_says_what_the_trainer_measured_before_what_the_client_did() -> None:
    facts = read_wandb(EXAMPLE)
    assert facts
    assert facts.run_seconds == 7284.9321
    assert facts.num_steps == 939
    assert facts.loss == 1.0342
    assert facts.reserved_bytes == round(66.5 * 2**30)
    assert facts.as_actual() == "2.0236h 66.5gib"


def test_the_clients_own_clock_where_the_trainer_says_nothing() -> None:
    facts = read_wandb('{"_runtime": 4.5, "_step": 4, "_timestamp": 1644345412, "_wandb": {"runtime": 3600}}')
    assert facts
    assert facts.as_actual() == "1h"


def test_memory_of_the_fullest_card() -> None:
    said = {f"system.gpu.{n}.memoryAllocatedBytes": n * 2**30 for n in range(1, 4)}
    facts = read_wandb(json.dumps({"_runtime": 60, "_timestamp": 1, **said}))
    assert facts
    assert facts.process_bytes == 3 * 2**30


def test_an_export_of_the_api() -> None:
    facts = read_wandb(json.dumps({"name": "run", "summaryMetrics": json.loads(EXAMPLE)}))
    assert facts
    assert facts.num_steps == 939


@pytest.mark.parametrize(
    "text",
    [
        "",
        "_runtime",
        "{_runtime",
        '{"_runtime": 5}',
        '{"_runtime": "5", "_step": 4}',
        '{"_runtime": NaN, "_step": 4}',
        '{"_runtime": -5, "_step": 4}',
        '{"_runtime": true, "_step": 4}',
        '["_runtime", "_wandb"]',
        '{"_wandb": {"runtime": {}}, "_step": 1}',
        "{" * 5000 + '"_runtime"' + "}" * 5000,
    ],
)
def test_what_is_no_summary(text: str) -> None:
    assert read_wandb(text) is None
