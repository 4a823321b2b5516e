"""The stacks and the memory calibration: plausible, sourced, and every one of them usable."""

import pytest

from bot.files import load_catalog
from estimator.framework import TrainingStack
from estimator.memory.calibration import Residuals

CATALOG = load_catalog()
STACKS = {key: CATALOG.stacks[key] for key in CATALOG.stacks}
GROUPS = CATALOG.memory_calibration.residuals


def test_the_frameworks_people_name_are_there() -> None:
    assert set(STACKS) == {
        "hf",
        "unsloth",
        "torchtune",
        "litgpt",
        "torchtitan",
        "llm-foundry",
        "megatron",
        "deepspeed",
        "fsdp-qlora",
    }


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
def test_every_default_of_a_stack_has_its_evidence(stack: TrainingStack) -> None:
    assert "/" in stack.source
    assert stack.name


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
def test_a_loss_never_keeps_more_than_it_peaks_at(stack: TrainingStack) -> None:
    assert stack.logits_alive_bytes_per_entry <= stack.logits_bytes_per_entry <= 18


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_ranges_hold_one_and_are_no_wider_than_a_third(group: Residuals) -> None:
    for low, high in (group.allocated, group.reserved, group.process):
        assert 0.7 < low < 1 < high < 1.35


def test_some_group_takes_whatever_no_other_does() -> None:
    assert "all" in GROUPS
