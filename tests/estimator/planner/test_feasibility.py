"""What no framework runs is refused, with the nearest that runs."""

import pytest
from fake_physics import book

from bot.files import load_catalog
from estimator.errors import Impossible
from estimator.planner.feasibility import check, impossibilities
from estimator.planner.largest import with_largest
from estimator.spec import TrainingSpec

CATALOG = load_catalog()
LLAMA = CATALOG.model("llama-3.1-8b")


@pytest.mark.parametrize(
    ("pins", "gpu", "code", "nearest"),
    [
        ({"precision": "fp8"}, "a100-80gb", "no_precision", {"precision": "bf16"}),
        ({"precision": "bf16"}, "v100-32gb", "no_precision", {"precision": "fp16"}),
        ({"attention": "flash"}, "t4", "no_flash", {"attention": "sdpa"}),
        ({"attention": "flash", "precision": "fp32"}, "a100-80gb", "no_flash_in_fp32", {"attention": "sdpa"}),
        ({"attention": "flash", "precision": "tf32"}, None, "no_flash_in_fp32", {"attention": "sdpa"}),
        ({"tensor_parallel_size": 3}, "h100-80gb", "heads_do_not_divide", {"tensor_parallel_size": 2}),
        ({"tensor_parallel_size": 6}, None, "heads_do_not_divide", {"tensor_parallel_size": 4}),
        (
            {"tensor_parallel_size": 6, "num_gpus": 6},
            None,
            "heads_do_not_divide",
            {"tensor_parallel_size": 2},
        ),
        ({"pipeline_parallel_size": 64}, None, "too_many_stages", {"pipeline_parallel_size": 32}),
        ({"lora_targets": ("c_attn",)}, None, "no_such_module", {"lora_targets": "all-linear"}),
        ({"lora_targets": ("q_proj", "lm_head")}, None, "no_such_module", {"lora_targets": "all-linear"}),
    ],
)
def test_what_cannot_run_is_refused_with_what_can(
    pins: dict[str, object], gpu: str | None, code: str, nearest: dict[str, object]
) -> None:
    spec = TrainingSpec.model_validate(pins)
    with pytest.raises(Impossible) as refused:
        check(spec, LLAMA, CATALOG.gpu(gpu) if gpu else None, CATALOG)
    assert refused.value.code == code
    assert refused.value.change == nearest
    assert all(value in str(refused.value) for value in (code, *refused.value.parameters.values()))


@pytest.mark.parametrize(
    ("pins", "gpu"),
    [
        ({"precision": "fp8"}, "h100-80gb"),
        ({"precision": "fp16"}, "v100-32gb"),
        ({"attention": "flash"}, "a100-80gb"),
        ({"tensor_parallel_size": 8, "pipeline_parallel_size": 4}, "h100-80gb"),
        ({}, "t4"),
        ({"lora_targets": ("q_proj", "down_proj")}, "t4"),
        ({"lora_targets": ("all",)}, "t4"),
        ({"lora_targets": "all-linear"}, "t4"),
    ],
)
def test_what_runs_is_let_through(pins: dict[str, object], gpu: str) -> None:
    assert list(impossibilities(TrainingSpec.model_validate(pins), LLAMA, CATALOG.gpu(gpu))) == []


def test_the_modules_that_are_offered_are_the_models_own() -> None:
    wrong, megatrons = (TrainingSpec(model=LLAMA.key, lora_targets=(name,)) for name in ("foo", "linear_qkv"))
    (problem,) = impossibilities(wrong, LLAMA, None)
    assert "q_proj" in problem.parameters["modules"]
    assert "linear_qkv" not in problem.parameters["modules"]
    assert not tuple(impossibilities(megatrons, LLAMA, None))


@pytest.mark.parametrize(
    ("model", "pins", "refused"),
    [
        ("gpt2-xl", {"sequence_length": 1025}, True),
        ("gpt2-xl", {"mean_length": 2000}, True),
        ("gpt2-xl", {"sequence_length": 1024}, False),
        ("opt-6.7b", {"sequence_length": 4096}, True),
        ("llama-2-7b", {"sequence_length": 16_384}, False),
        ("gpt3-175b", {"sequence_length": 4096}, False),
    ],
)
def test_no_token_stands_behind_the_last_position_of_a_checkpoint(
    model: str,
    pins: dict[str, int],
    refused: bool,  # noqa: FBT001
) -> None:
    spec, arch = TrainingSpec(model=model, **pins), CATALOG.model(model)
    found = [problem for problem in impossibilities(spec, arch, None) if problem.code == "no_such_position"]
    assert bool(found) is refused
    if refused:
        assert found[0].change["sequence_length"] == arch.max_position_embeddings


def test_the_largest_sequence_ends_at_the_last_position() -> None:
    spec = TrainingSpec(model="gpt2-xl", gpu="h200", largest=("sequence_length",))
    sized = with_largest(spec, CATALOG, book(), currency="USD").spec
    assert sized.sequence_length == CATALOG.model("gpt2-xl").max_position_embeddings
