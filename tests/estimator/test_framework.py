"""What a framework does is said in `config/frameworks.yaml` alone, and so is the name of what joins GPUs."""

from pathlib import Path
from typing import Any

import pytest

from bot.files import load_catalog
from estimator import framework
from estimator.framework import Join, Sharing, joins
from estimator.parallel import Plan

CATALOG = load_catalog()
ESTIMATOR = Path(framework.__file__).parent


def test_no_other_room_knows_a_framework_by_name() -> None:
    rooms = [path for path in ESTIMATOR.rglob("*.py") if path.name != "framework.py"]
    named = [
        (path.name, key)
        for path in rooms
        for key in CATALOG.stacks
        if any(f"{quote}{key}{quote}" in path.read_text(encoding="utf-8") for quote in "\"'")
    ]
    assert len(rooms) > 50
    assert named == []


def plan(stack: str, **sizes: Any) -> Plan:
    return Plan(gpu="a100-80gb", stack=stack, **sizes)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (plan("hf"), {}),
        (plan("hf", data_parallel_size=8), {"ddp": 8}),
        (plan("hf", data_parallel_size=8, zero_stage=2), {"deepspeed_zero_2": 8}),
        (plan("hf", data_parallel_size=8, zero_stage=3), {"fsdp": 8}),
        (plan("deepspeed", data_parallel_size=8, zero_stage=3), {"deepspeed_zero_3": 8}),
        (
            plan("deepspeed", context_parallel_size=4, zero_stage=3),
            {"deepspeed_zero_3": 4, "context_parallel": 4},
        ),
        (plan("megatron", tensor_parallel_size=8), {"tensor_parallel": 8}),
        (
            plan(
                "megatron",
                data_parallel_size=2,
                tensor_parallel_size=8,
                pipeline_parallel_size=4,
                zero_stage=1,
            ),
            {"distributed_optimizer": 2, "tensor_parallel": 8, "pipeline_parallel": 4},
        ),
        (plan("megatron", data_parallel_size=8, zero_stage=2), {"distributed_optimizer": 8}),
        (plan("megatron", data_parallel_size=8, zero_stage=3), {"fsdp": 8}),
    ],
)
def test_what_joins_gpus_has_one_name(asked: Plan, said: dict[str, int]) -> None:
    assert {join.by: join.size for join in joins(asked, CATALOG.stack(asked.stack))} == said


def test_model_parallelism_is_that_of_its_framework() -> None:
    titan = plan("torchtitan", tensor_parallel_size=8)
    assert joins(titan, CATALOG.stack("torchtitan")) == (Join(Sharing.TENSOR_PARALLEL, 8, "TorchTitan"),)
    trainer = plan("hf", tensor_parallel_size=8)
    assert joins(trainer, CATALOG.stack("hf")) == (Join(Sharing.TENSOR_PARALLEL, 8, "Megatron-LM"),)


@pytest.mark.parametrize("key", CATALOG.stacks)
def test_no_stage_shares_less_than_the_one_before(key: str) -> None:
    stack = CATALOG.stack(key)
    assert [stack.sharing(stage) for stage in range(4)] == [Sharing.DDP, *stack.shardings]
    assert Sharing.DDP not in stack.shardings
