"""What a framework does is said in `config/frameworks.yaml` alone, and so is the name of what joins GPUs."""

from pathlib import Path
from typing import Any

import pytest

import estimator
from bot.cli.validate import reader_of
from bot.files import load_catalog
from estimator.defaults import ResolvedJob, settle
from estimator.framework.engine import SHARINGS, Join, Sharing
from estimator.framework.framework import Framework
from estimator.framework.joins import joins
from estimator.memory import allocated_peak_bytes
from estimator.plan import Plan
from estimator.planner.pinned import pinned_plan
from estimator.spec import Engine, OptimizerImplementation
from estimator.time import StepTime, TimeCalibration, step_time
from estimator.time.calibration import Origin
from estimator.time.run import num_steps

CATALOG = load_catalog()
READ = reader_of(CATALOG)
ESTIMATOR = Path(estimator.__file__).parent


def test_no_other_room_knows_a_framework_by_name() -> None:
    rooms = [path for path in ESTIMATOR.rglob("*.py") if path.parent.name != "framework"]
    engines = ("spec.py", {*Engine})  # two of them are engines too, whose words stand there
    named = [
        (path.name, key)
        for path in rooms
        for key in CATALOG.frameworks.keys() - (engines[1] if path.name == engines[0] else set())
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
        (plan("hf", data_parallel_size=8, zero_stage=2, engine=Engine.DEEPSPEED), {"deepspeed_zero_2": 8}),
        (plan("hf", data_parallel_size=8, zero_stage=3, engine=Engine.FSDP), {"fsdp": 8}),
        (plan("trl", data_parallel_size=8, zero_stage=3, engine=Engine.DEEPSPEED), {"deepspeed_zero_3": 8}),
        (
            plan("hf", context_parallel_size=4, zero_stage=3, engine=Engine.DEEPSPEED),
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
                engine=Engine.MEGATRON,
            ),
            {"distributed_optimizer": 2, "tensor_parallel": 8, "pipeline_parallel": 4},
        ),
        (
            plan("megatron", data_parallel_size=8, zero_stage=2, engine=Engine.MEGATRON),
            {"distributed_optimizer": 8},
        ),
        (plan("megatron", data_parallel_size=8, zero_stage=3, engine=Engine.MEGATRON), {"fsdp": 8}),
    ],
)
def test_what_joins_gpus_has_one_name(asked: Plan, said: dict[str, int]) -> None:
    framework = CATALOG.framework(asked.stack, engine=asked.engine)
    assert {join.by: join.size for join in joins(asked, framework)} == said


def test_model_parallelism_is_that_of_its_framework() -> None:
    titan = plan("torchtitan", tensor_parallel_size=8)
    assert joins(titan, CATALOG.framework("torchtitan")) == (Join(Sharing.TENSOR_PARALLEL, 8, "TorchTitan"),)
    trainer = plan("hf", tensor_parallel_size=8)
    assert joins(trainer, CATALOG.framework("hf")) == (Join(Sharing.TENSOR_PARALLEL, 8, "Megatron-LM"),)


@pytest.mark.parametrize("key", CATALOG.frameworks)
def test_no_stage_shares_less_than_the_one_before(key: str) -> None:
    for engine in CATALOG.framework(key).engines:
        framework = CATALOG.framework(key, engine=engine)
        assert [framework.sharing(stage) for stage in range(4) if stage in {0, *SHARINGS[engine]}] == [
            Sharing.DDP,
            *SHARINGS[engine].values(),
        ]


JOBS = (
    "7b full bf16 mbs=2 ga=2 8xh100 ddp selective",
    "7b full fp16 amp mbs=1 8xh100 zero3 offload",
    "7b lora mbs=1 ga=2 8xh100 zero3 ckpt",
    "7b qlora mbs=4 1xa100-80gb no-ckpt",
    "70b full bf16 mbs=1 ga=8 64xh100 tp=8 pp=2 zero2",
    "mixtral-8x7b lora mbs=1 n=1000 8xh100 zero3",
    "santacoder full amp mbs=1 1xa100-80gb",
)


def renamed(calibration: TimeCalibration, key: str) -> TimeCalibration:
    """Its constants of the framework `key` under another name too."""
    own = {name: each for name, each in calibration.constants.items() if name.endswith(f".{key}")}
    more = {
        f"{name.removesuffix(key)}mine": each.model_copy(update={"origin": Origin.ASSUMED})
        for name, each in own.items()
    }
    return TimeCalibration.model_validate(
        {**calibration.model_dump(), "constants": {**calibration.constants, **more}}
    )


def judged(
    resolved: ResolvedJob, plan: Plan, framework: Framework, calibration: TimeCalibration
) -> tuple[StepTime, int, float]:
    workload, gpu = resolved.workload, CATALOG.gpu(plan.gpu)
    return (
        step_time(workload, plan, gpu=gpu, framework=framework, calibration=calibration),
        num_steps(workload, resolved.schedule, framework),
        allocated_peak_bytes(workload, plan, framework=framework),
    )


@pytest.mark.parametrize("key", CATALOG.frameworks)
def test_a_framework_of_another_name_that_does_the_same_is_judged_the_same(key: str) -> None:
    other = renamed(CATALOG.time_calibration, key)
    for text in JOBS:
        spec = READ(f"{text} {key}")
        gpu = CATALOG.gpu(spec.gpu or "")
        resolved = settle(spec, CATALOG, gpu)
        known, plan = resolved.framework, pinned_plan(resolved, gpu)
        mine = known.model_copy(update={"key": "mine"})
        assert judged(resolved, plan._replace(stack="mine"), mine, other) == judged(
            resolved, plan, known, CATALOG.time_calibration
        ), text


def test_a_release_of_a_framework_holds_the_loss_of_its_day() -> None:
    whole, newest = CATALOG.framework("torchtitan", "2024-12"), CATALOG.framework("torchtitan")
    assert whole.logits_bytes_per_entry == 12 > newest.logits_bytes_per_entry
    assert CATALOG.framework("hf", "4.48").logits_bytes_per_entry == 14
    assert CATALOG.framework("hf", "4.49").logits_bytes_per_entry == 12
    assert CATALOG.framework("hf", "5.2") == CATALOG.framework("hf")


def test_transformers_before_5_trained_fp32_weights() -> None:
    asked = {release: f"7b full bf16 hf@{release} 1xa100" for release in ("4.48", "4.57.3", "5.0", "5.24")}
    mixed = {release: settle(READ(text), CATALOG).workload.mixed_precision for release, text in asked.items()}
    assert mixed == {"4.48": True, "4.57.3": True, "5.0": False, "5.24": False}
    assert not settle(READ("7b lora hf@4.48 1xa100"), CATALOG).workload.mixed_precision
    assert CATALOG.framework("hf", "4.48").optimizer_implementation is OptimizerImplementation.FOREACH


@pytest.mark.parametrize(
    ("release", "expected"),
    [("hf@4.35", "eager"), ("hf@4.36", "sdpa"), ("hf", "sdpa"), ("trl@0.6", "eager"), ("trl@0.7", "sdpa")],
)
def test_transformers_before_4_36_kept_the_scores(release: str, expected: str) -> None:
    """huggingface/transformers PR 26572, of 2023-12."""
    assert settle(READ(f"7b lora {release} 1xa100"), CATALOG).attention == expected
    assert settle(READ(f"7b lora {release} 1xa100 flash"), CATALOG).attention == "flash"


@pytest.mark.parametrize("key", ["xtuner", "torchtitan"])
def test_who_shards_alone_needs_on_one_gpu_what_it_needs_under_fsdp(key: str) -> None:
    """XTuner's train engine and TorchTitan call FSDP2's fully_shard whatever the number of ranks."""
    said = f"7b full 1xa100 {key} mbs=8 ga=1 seq=4096 no-ckpt"
    assert peak(said) == peak(f"{said} fsdp")


def test_adapters_of_xtuner_run_under_its_older_trainer() -> None:
    """Whose base is prepared on one GPU: fp32 between the layers, as no shard has it."""
    said = "7b lora 1xa100 xtuner mbs=1 ga=1"
    assert peak(said) > peak(f"{said} fsdp")


def peak(text: str) -> float:
    gpu = CATALOG.gpu("a100-80gb")
    resolved = settle(READ(text), CATALOG, gpu)
    return allocated_peak_bytes(resolved.workload, pinned_plan(resolved, gpu), framework=resolved.framework)


def test_a_release_that_is_newer_than_what_was_read_is_counted_as_that_and_listed() -> None:
    listed = {each.code: each.value for each in settle(READ("7b lora trl@1.16"), CATALOG).assumptions}
    assert listed["stack_release"] == CATALOG.framework("trl").newest
    said = {each.code for each in settle(READ("7b lora trl@1.6"), CATALOG).assumptions}
    assert "stack_release" not in said


def test_data_parallel_ranks_are_joined_by_their_own_framework() -> None:
    framework = CATALOG.framework("llama-factory", engine=Engine.FSDP)
    sharded = plan("llama-factory", data_parallel_size=8, zero_stage=3, engine=Engine.FSDP)
    assert [join.framework for join in joins(sharded, framework)] == ["LLaMA-Factory"]
