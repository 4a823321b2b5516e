"""What a tool's parser once refused is not written again: see tests/data/tools/parsed.yaml."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from written_yaml import loaded

from bot.language import Vocabulary
from bot.language.recipe import recipe_of
from bot.language.tools.argument import name_set
from bot.language.tools.registry import RECIPES
from estimator.spec import TrainingSpec

PARSED: dict[str, Any] = loaded(
    (Path(__file__).parents[3] / "data" / "tools" / "parsed.yaml").read_text(encoding="utf-8")
)


def written(names: Vocabulary, tool: str, **said: object) -> dict[str, Any]:
    spec = TrainingSpec.model_validate({"model": "llama-3.1-8b", **said})
    document: dict[str, Any] = loaded(recipe_of(spec, RECIPES[tool], names).text)
    return document


def test_every_recipe_was_read_by_its_tool() -> None:
    assert isinstance(PARSED["checked"], date)
    assert set(PARSED["tools"]) == set(RECIPES)
    assert {each["read"] for each in PARSED["tools"].values()} == {PARSED["recipes"]}


@pytest.mark.parametrize(("method", "rate"), [("lora", 0.0002), ("full", 0.00002)])
def test_axolotl_is_told_a_learning_rate(names: Vocabulary, method: str, rate: float) -> None:
    document = written(names, "axolotl", method=method)
    assert float(document["learning_rate"]) == rate
    assert document.get("adapter") == (None if method == "full" else "lora")


SCALED = {
    "axolotl": ("lora_alpha: 32", "path: your/dataset", "output_dir:"),
    "llama-factory": ("lora_alpha: 32", "dataset: your_dataset", "template:", "output_dir:"),
    "trl": ("lora_alpha: 32", "dataset_name: your/dataset", "output_dir:"),
    "swift": ("--lora_alpha 32", "--dataset your/dataset", "--output_dir"),
    "xtuner": ("lora_alpha=32", "path='tatsu-lab/alpaca'"),
    "torchtune": ("lora_alpha: 32", "dataset:"),
    "sky": ("--lora_alpha 32", "--dataset_name your/dataset"),
    "dstack": ("--lora_alpha 32", "--dataset_name your/dataset"),
}
"""What a tool asks for and no estimate does: the scale of adapters, the data, where the result goes."""


@pytest.mark.parametrize("tool", SCALED)
@pytest.mark.parametrize("method", ["lora", "qlora"])
def test_a_recipe_of_adapters_has_what_its_tool_asks_for(names: Vocabulary, tool: str, method: str) -> None:
    """Axolotl hands `lora_alpha` to PEFT as it is: a TypeError where the file has none."""
    said = {"model": "llama-3.1-8b", "method": method, "lora_rank": 16}
    text = recipe_of(TrainingSpec.model_validate(said), RECIPES[tool], names).text
    assert [each for each in SCALED[tool] if each not in text] == []
    assert (
        "lora_alpha"
        not in recipe_of(TrainingSpec(model="llama-3.1-8b", method="full"), RECIPES[tool], names).text
    )


def test_axolotl_is_told_what_goes_together(names: Vocabulary) -> None:
    ring = {"context_parallel_size": 2}
    assert "context_parallel_size" not in written(names, "axolotl", attention="sdpa", **ring)
    shards = {"engine": "fsdp", "zero_stage": 3, "num_gpus": 8}
    assert written(names, "axolotl", attention="flash", **shards, **ring)["context_parallel_size"] == 2
    zero = {**shards, "engine": "deepspeed"}
    assert "context_parallel_size" not in written(names, "axolotl", attention="flash", **zero, **ring)
    sharded = {"method": "full", "zero_stage": 3, "num_gpus": 8}
    assert "optimizer" not in written(names, "axolotl", engine="deepspeed", optimizer="muon", **sharded)
    eight_bit = written(names, "axolotl", engine="fsdp", optimizer="adamw8bit", **sharded)
    assert eight_bit["optimizer"] == "adamw_torch_8bit"


def test_no_flat_pieces_are_projected(names: Vocabulary) -> None:
    said = {"method": "full", "optimizer": "galore", "num_gpus": 8, "zero_stage": 3, "engine": "deepspeed"}
    for tool in ("axolotl", "trl", "swift", "llama-factory"):
        recipe = recipe_of(
            TrainingSpec.model_validate({"model": "llama-3.1-8b", **said}), RECIPES[tool], names
        )
        assert "optimizer" in recipe.lost
        assert "galore" not in recipe.text
    copies = {**said, "zero_stage": 0, "engine": "ddp"}
    assert written(names, "axolotl", **copies)["optim_target_modules"] == "all_linear"


def test_accelerate_splits_with_what_its_engine_has(names: Vocabulary) -> None:
    said = {"num_gpus": 8, "zero_stage": 3, "context_parallel_size": 4}
    sizes = {
        engine: written(names, "accelerate", engine=engine, **said)["parallelism_config"]
        for engine in ("fsdp", "deepspeed")
    }
    assert sizes["fsdp"] == {"parallelism_config_dp_shard_size": 2, "parallelism_config_cp_size": 4}
    assert sizes["deepspeed"]["parallelism_config_sp_size"] == 4


def test_llama_factory_is_told_no_galore_on_adapters(names: Vocabulary) -> None:
    assert "use_galore" not in written(names, "llama-factory", method="lora", optimizer="galore")
    assert written(names, "llama-factory", method="full", optimizer="galore")["use_galore"] is True


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, "NO"),
        ({"num_gpus": 8}, "NO"),
        ({"num_gpus": 8, "zero_stage": 0, "engine": "ddp"}, "MULTI_GPU"),
        ({"num_gpus": 8, "zero_stage": 3, "engine": "fsdp"}, "FSDP"),
    ],
)
def test_accelerate_is_always_told_how_it_is_spread(
    names: Vocabulary, said: dict[str, object], kind: str
) -> None:
    assert written(names, "accelerate", **said)["distributed_type"] == kind


def test_accelerate_asks_for_several_gpus_where_nothing_spreads_them(names: Vocabulary) -> None:
    spec = TrainingSpec(model="llama-3.1-8b", num_gpus=8)
    assert "accelerate launch --multi_gpu " in recipe_of(spec, RECIPES["accelerate"], names).text


def test_xtuner_splits_sequences_with_what_splits_them(names: Vocabulary) -> None:
    said = {"model": "llama-3.1-8b", "method": "full", "num_gpus": 8, "context_parallel_size": 2}
    bare, whole = (
        recipe_of(TrainingSpec.model_validate({**said, **more}), RECIPES["xtuner"], names)
        for more in ({}, {"zero_stage": 3, "engine": "deepspeed"})
    )
    assert "context_parallel_size" in bare.unsaid
    assert "sampler=dict(\n        type=DefaultSampler" in bare.text
    assert whole.said["context_parallel_size"] == 2
    assert "type=SequenceParallelSampler" in whole.text
    assert "from xtuner.parallel.sequence import SequenceParallelSampler" in whole.text


def test_torchtune_is_told_a_loss_that_its_releases_have(names: Vocabulary) -> None:
    loss = written(names, "torchtune", method="full", fused_loss=True)["loss"]["_component_"]
    assert loss == "torchtune.modules.loss.CEWithChunkedOutputLoss"


WHOLE = name_set(
    "tokenizer model checkpointer dataset optimizer loss metric_logger lr_scheduler output_dir seed shuffle "
    "resume_from_checkpoint batch_size epochs max_steps_per_epoch gradient_accumulation_steps compile device "
    "dtype enable_activation_checkpointing log_level"
)
"""What recipes/lora_finetune_*.py of torchtune read without a default of their own, of v0.6.1 and later."""


@pytest.mark.parametrize(
    ("said", "launch"),
    [
        ({"method": "lora", "num_gpus": 8}, "tune run --nproc_per_node 8 lora_finetune_distributed"),
        ({"method": "lora", "num_gpus": 1}, "tune run lora_finetune_single_device"),
        ({"method": "full", "num_gpus": 1}, "tune run full_finetune_single_device"),
        (
            {"method": "full", "num_gpus": 16, "num_nodes": 2},
            "tune run --nnodes 2 --nproc_per_node 8 full_finetune_distributed",
        ),
    ],
)
def test_torchtune_is_told_all_that_its_recipe_reads(
    names: Vocabulary, said: dict[str, Any], launch: str
) -> None:
    run = {
        "model": "llama-3.1-8b",
        "precision": "bf16",
        "optimizer": "adamw",
        "num_epochs": 1,
        "micro_batch_size": 1,
        "gradient_accumulation_steps": 4,
        "activation_checkpointing": "none",
    }
    text = recipe_of(TrainingSpec.model_validate({**run, **said}), RECIPES["torchtune"], names).text
    assert text.startswith(f"# Launch: {launch} --config torchtune.yaml\n")
    document = loaded(text)
    extra = {"lr_scheduler"} if said["method"] == "full" else set()
    assert WHOLE - extra <= set(document)
    assert document["tokenizer"]["_component_"] == "torchtune.models.llama3.llama3_tokenizer"
    assert document["checkpointer"]["checkpoint_files"]["max_filename"] == "00004"
    assert document["checkpointer"]["model_type"] == "LLAMA3"
    assert ("optimizer_in_bwd" in document) == (said["method"] == "full")


@pytest.mark.untraced
def test_torchtune_has_weights_and_a_tokenizer_for_each_builder(names: Vocabulary) -> None:
    known = 0
    for model in names.models:
        text = recipe_of(TrainingSpec(model=model, method="lora"), RECIPES["torchtune"], names).text
        document = loaded(text)
        built = "_component_" in document.get("model", {})
        known += built
        assert built == ("checkpoint_files" in document["checkpointer"]) == ("has no builder" not in text)
    assert known > 20
