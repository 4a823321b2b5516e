"""The frameworks and the memory calibration: plausible, sourced, and every one of them usable."""

import pytest

from bot.files import load_catalog
from estimator.framework.framework import Framework
from estimator.memory.calibration import Residuals

CATALOG = load_catalog()
FRAMEWORKS = {key: CATALOG.frameworks[key] for key in CATALOG.frameworks}
GROUPS = CATALOG.memory_calibration.residuals


def test_the_frameworks_people_name_are_there() -> None:
    assert set(FRAMEWORKS) == {
        "hf",
        "unsloth",
        "torchtune",
        "litgpt",
        "torchtitan",
        "llm-foundry",
        "megatron",
        "trl",
        "llama-factory",
        "axolotl",
        "swift",
        "xtuner",
        "fsdp-qlora",
        "internevo",
    }


@pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=FRAMEWORKS)
def test_every_default_of_a_stack_has_its_evidence(framework: Framework) -> None:
    assert "/" in framework.source
    assert framework.name


@pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=FRAMEWORKS)
def test_a_loss_never_keeps_more_than_it_peaks_at(framework: Framework) -> None:
    assert framework.logits_alive_bytes_per_entry <= framework.logits_bytes_per_entry <= 18


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_ranges_are_no_wider_than_a_factor_of_two(group: Residuals) -> None:
    for width in (group.allocated, group.reserved, group.process):
        assert 0.03 < width < 0.7


def test_a_release_says_what_its_loss_kept() -> None:
    trainer, titan, tune = (FRAMEWORKS[key] for key in ("hf", "torchtitan", "torchtune"))
    said = {"compiled": True, "whole": False}
    assert [
        trainer.at_release(each).logits_bytes("llama", **said) for each in ("4.45.2", "4.46", "4.48.1")
    ] == [
        12,
        14,
        14,
    ]
    assert trainer.at_release("5.2") is trainer
    assert [titan.at_release(each).logits_bytes("llama", **said) for each in ("2024-12", "2025-06")] == [
        12,
        4,
    ]
    assert titan.logits_bytes("llama", compiled=False, whole=True) == 16
    assert tune.at_release("0.2").logits_bytes("llama", compiled=False, whole=False) == 12
    assert FRAMEWORKS["llm-foundry"].logits_bytes("mpt_foundry", compiled=False, whole=True) == 4


def test_some_group_takes_whatever_no_other_does() -> None:
    assert "all" in GROUPS
