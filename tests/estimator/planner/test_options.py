"""What a reader must know of an option besides its figures."""

import pytest
from fake_physics import book, offer

from bot.files import load_catalog
from estimator.estimate import estimate
from estimator.framework.states import States
from estimator.memory.result import Verdict
from estimator.planner.options import ONE_OF_THE_SIZE
from estimator.spec import Engine, Method, Optimizer, Precision, TrainingSpec

CATALOG = load_catalog()
ONE_A100 = TrainingSpec(
    model="llama-2-7b", gpu="a100-80gb", num_gpus=1, micro_batch_size=1, precision=Precision.BF16
)


def remarked(**changes: object) -> set[str]:
    spec = ONE_A100.model_copy(update=changes)
    (option, *_) = estimate(spec, CATALOG, book()).options
    return {warning.code for warning in option.warnings}


def test_pure_16_bit_says_what_fp32_copies_would_need() -> None:
    assert "amp_does_not_fit" in remarked(stack="hf")
    assert "amp_fits" in remarked(stack="hf", model="llama-3.2-1b")


def test_fp32_states_that_nobody_asked_for_say_what_16_bit_would_need() -> None:
    assert "pure_fits" in remarked()
    assert "pure_does_not_fit" in remarked(model="llama-2-13b")
    (option, *_) = estimate(ONE_A100, CATALOG, book()).options
    assert (option.states, option.memory.verdict) == (States.FP32, Verdict.DOES_NOT_FIT)
    assert option.memory.other_reading is not None
    assert option.memory.other_reading.states == States.HALF


@pytest.mark.parametrize(
    "changes", [{"method": Method.LORA}, {"mixed_precision": True, "model": "llama-3.2-1b"}]
)
def test_where_copies_are_kept_or_not_needed_nothing_is_said_of_them(changes: dict[str, object]) -> None:
    assert not {"amp_fits", "amp_does_not_fit", "pure_fits", "pure_does_not_fit"} & remarked(**changes)


def test_a_sequence_beyond_the_models_context_is_remarked() -> None:
    lora = {"method": Method.LORA, "sequence_length": 8192}
    assert "beyond_context" in remarked(**lora)
    assert "beyond_context" not in remarked(**lora, model="llama-3.1-8b")
    assert "beyond_context" not in remarked(**lora, model="7b")


def test_an_optimizer_that_deepspeed_does_not_step_on_the_host_is_remarked() -> None:
    away = {"zero_stage": 3, "offload": True, "engine": Engine.DEEPSPEED, "num_gpus": 2}
    for said in (Optimizer.ADAMW_8BIT, Optimizer.SGD):
        assert "stepped_by_the_engine" in remarked(**away, optimizer=said)
        assert "stepped_by_the_engine" not in remarked(**away | {"offload": None}, optimizer=said)
        assert "stepped_by_the_engine" not in remarked(**away | {"engine": Engine.FSDP}, optimizer=said)
    assert "stepped_by_the_engine" not in remarked(**away, optimizer=Optimizer.ADAMW)


def test_a_fused_loss_that_the_framework_has_not_is_remarked() -> None:
    asked = {"fused_loss": True, "model": "gpt2-xl", "stack": "hf"}
    assert "loss_not_fused" in remarked(**asked)
    assert "loss_not_fused" not in remarked(**asked | {"stack": "axolotl"})
    assert "loss_not_fused" not in remarked(**asked | {"model": "llama-3.2-1b"})
    assert "loss_not_fused" not in remarked(**asked | {"fused_loss": None})


def test_a_recipe_that_steps_in_the_backward_pass_is_an_assumption() -> None:
    paged = TrainingSpec.model_validate(
        {"model": "llama-2-7b", "stack": "torchtune", "optimizer": "paged_adamw8bit", "gpu": "rtx-4090"}
        | {"num_gpus": 1, "micro_batch_size": 1, "gradient_accumulation_steps": 1, "sequence_length": 512}
    )
    for spec, said in ((paged, True), (paged.model_copy(update={"gradient_accumulation_steps": 2}), False)):
        found = estimate(spec, CATALOG, book())
        assert ("steps_in_backward" in {each.code for each in found.assumptions}) is said


def test_many_experts_one_by_one_are_remarked() -> None:
    lora = {"method": Method.LORA, "num_gpus": 4, "zero_stage": 3, "stack": "hf"}
    old = lora | {"stack_release": "4.57"}
    assert "experts_not_measured" in remarked(**old, model="qwen3-30b-a3b")
    assert "experts_not_measured" not in remarked(**old, model="mixtral-8x7b")
    new = remarked(**lora, model="qwen3-30b-a3b")
    assert "grouped_experts_not_measured" in new
    assert "experts_not_measured" not in new
    for stack in ("megatron", "torchtitan"):
        grouped = {"stack": stack, "gpu": "h100-80gb", "num_gpus": 64, "micro_batch_size": None}
        assert "grouped_experts_not_measured" in remarked(**grouped, model="mixtral-8x7b")
        assert "grouped_experts_not_measured" not in remarked(**grouped, model="llama-2-7b")


def test_experts_of_megatron_have_the_range_of_what_nobody_published() -> None:
    of_experts, dense = (
        estimate(
            TrainingSpec(model=model, stack="megatron", gpu="h100-80gb", num_gpus=gpus), CATALOG, book()
        ).options[0]
        for model, gpus in (("deepseek-v3", 512), ("llama-2-7b", 8))
    )
    assert not of_experts.memory.is_published
    assert not of_experts.time.is_published
    wide, narrow = (each.memory.process_bytes for each in (of_experts, dense))
    assert wide.high / wide.likely > narrow.high / narrow.likely


def test_experts_that_a_packed_base_leaves_in_16_bit_are_remarked() -> None:
    qlora = {"method": Method.QLORA, "model": "qwen3-30b-a3b"}
    assert "experts_not_packed" in remarked(**qlora, stack="hf")
    assert "experts_not_packed" not in remarked(**qlora, stack="hf", stack_release="4.57")
    assert "experts_not_packed" not in remarked(**qlora, stack="unsloth")
    assert {"experts_packed_by"} == remarked(**qlora, stack="axolotl") & {
        "experts_packed_by",
        "experts_not_packed",
    }
    assert "experts_not_packed" not in remarked(**qlora | {"method": Method.LORA}, stack="hf")


def test_experts_in_16_bit_are_told_where_they_are_why_nothing_fits() -> None:
    said = {"method": Method.QLORA, "model": "mixtral-8x7b", "gpu": "rtx-a6000", "stack": "hf"}
    found = estimate(ONE_A100.model_copy(update=said), CATALOG, book())
    assert found.nearest is not None
    assert [each.parameters["bits"] for each in found.nearest.warnings] == [16]


def test_steps_beside_epochs_win_and_the_card_says_so() -> None:
    assert "steps_win" in remarked(num_steps=10, num_epochs=2)
    assert "steps_win" not in remarked(num_steps=10)


def test_where_nothing_fits_the_other_reading_is_told_too() -> None:
    for pinned in ({}, {"micro_batch_size": None}):
        found = estimate(ONE_A100.model_copy(update=pinned), CATALOG, book())
        assert found.nearest is not None
        assert found.nearest.other_reading is not None
        assert found.nearest.other_reading.verdict is not Verdict.DOES_NOT_FIT


@pytest.mark.parametrize(("passes", "virtual"), [(8, "4"), (33, "4"), (7, None)])
def test_a_pipeline_that_is_counted_with_virtual_stages_says_so(passes: int, virtual: str | None) -> None:
    split = {"pipeline_parallel_size": 8, "micro_batch_size": 1, "gradient_accumulation_steps": passes}
    spec = TrainingSpec.model_validate({"model": "8b", "gpu": "h100-80gb", "num_gpus": 8, **split})
    said = [each.value for each in estimate(spec, CATALOG, book()).assumptions if each.code == "interleaved"]
    assert said == ([virtual] if virtual else [])


def test_an_offload_that_is_not_needed_says_what_the_run_takes_without_it() -> None:
    """A thread that came from a small GPU to a large one keeps what was said there."""
    away = {"offload": True, "num_gpus": 2, "micro_batch_size": None}
    assert "offload_not_needed" in remarked(**away, gpu="h200")
    assert "offload_not_needed" not in remarked(**away, gpu="l40s")


def test_a_size_of_memory_says_which_gpu_was_taken_and_what_else_it_may_mean() -> None:
    prices = book((offer("l4", "0.7"), offer("a10", "0.2"), offer("l4", "0.8", provider="other")))
    found = estimate(TrainingSpec(model="7b", method=Method.LORA, gpu_memory_gb=24), CATALOG, prices)
    (said,) = [each for each in found.assumptions if each.what == "gpu"]
    assert (said.code, said.value) == (ONE_OF_THE_SIZE, found.options[0].plan.gpu)
    assert "l4" in {said.value, str(said.parameters["other_gpus"]).split(", ")[0]}
    named = estimate(TrainingSpec(model="7b", gpu="l4"), CATALOG, prices)
    assert ONE_OF_THE_SIZE not in {each.code for each in named.assumptions}
