"""Every argument that a recipe writes is one of its tool's, as recorded from the tool's own source."""

from pathlib import Path

import pytest
from shipped import shipped_names

from bot.language.documents import flat, read_document
from bot.language.pastes.python_files import assigned
from bot.language.recipe import completed
from bot.language.tools.registry import RECIPES
from estimator.spec import TrainingSpec

ARGUMENTS = Path(__file__).parent / "tools"
NAMES = shipped_names()
WHOLE = {
    "model": "llama-3.1-8b",
    "precision": "bf16",
    "num_examples": 10_000,
    "sequence_length": 2048,
    "micro_batch_size": 2,
    "gradient_accumulation_steps": 8,
    "num_epochs": 3,
    "num_steps": 500,
    "gpu": "h100-80gb",
    "num_gpus": 16,
    "num_nodes": 2,
    "providers": ["aws"],
    "market": "spot",
    "region": "us-east-1",
    "activation_checkpointing": "full",
    "attention": "flash",
    "packing": True,
    "fused_loss": True,
    "compile": True,
    "tensor_parallel_size": 2,
    "context_parallel_size": 2,
    "price_per_gpu_hour": {"amount": "2.5", "currency": "USD"},
}
ADAPTED = {"lora_rank": 16, "lora_targets": "all-linear", "lora_dropout": 0.05, "adapter_precision": "fp32"}
KINDS = (
    {"method": "full", "zero_stage": 3, "engine": "deepspeed", "offload": True, "offload_params": True},
    {"method": "full", "zero_stage": 3, "engine": "fsdp", "mixed_precision": False, "optimizer": "galore"},
    {"method": "full", "zero_stage": 2, "engine": "fsdp", "optimizer": "muon"},
    {"method": "qlora", "quantization": "nf4", **ADAPTED, "zero_stage": 0, "engine": "ddp"},
    {"method": "dora", **ADAPTED, "lora_targets": ["q_proj", "v_proj"], "optimizer": "apollo"},
    {"method": "lora", **ADAPTED, "optimizer": "paged_adamw8bit", "precision": "fp16"},
    {"method": "freeze", "precision": "fp8", "zero_stage": 2, "engine": "deepspeed"},
)


_OF_DEEPSPEED = {"deepspeed", "enabled", "offload_param", "offload_optimizer"}


def known(tool: str) -> frozenset[str]:
    lines = (ARGUMENTS / f"{tool}.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# Arguments of ")
    assert "read 20" in lines[0]
    return frozenset(lines[1:])


def written(tool: str, kind: dict[str, object]) -> set[str]:
    spec = TrainingSpec.model_validate({**WHOLE, **kind})
    made = RECIPES[tool]
    text = made.render(made, completed(spec, made), NAMES)
    if tool == "swift":
        return {word[2:] for line in text.splitlines() for word in line.split() if word.startswith("--")}
    document = assigned(text) if tool == "xtuner" else read_document(text)
    return set(flat(document)) - {"datasets.path", "datasets.type"}


@pytest.mark.parametrize("tool", RECIPES)
def test_a_recipe_writes_only_arguments_of_its_tool(tool: str) -> None:
    arguments = known(tool)
    names = set().union(*(written(tool, kind) for kind in KINDS))
    assert len(names) > 6
    inner = {name for name in names if name.startswith("deepspeed.")}  # DeepSpeed's own, in its file's place
    assert set().union(*map(_parts, inner)) <= known("deepspeed") | _OF_DEEPSPEED
    strange = {name for name in names - inner if name not in arguments and not _parts(name) <= arguments}
    assert not strange


def _parts(name: str) -> set[str]:
    """Nested names are recorded by their parts where the source has a schema for each."""
    return set(name.split("."))


def test_the_test_would_see_a_strange_argument() -> None:
    assert "per_device_batch" not in known("trl")
