"""What people paste: configurations of nine tools, logs, driver tables. Sources stand beside the cases."""
# ruff: noqa: E501  -- lines of logs and configurations are as long as they are

from pathlib import Path
from typing import Any

import pytest
from read_pastes import paste_of

from bot.language import Request, Vocabulary, read
from bot.language.pasted import read_paste
from bot.language.pastes.paste import recognised

EXAMPLES = Path(__file__).parent / "examples"
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "llamafactory.yaml": (
        "llama-factory",
        {
            "model": "deepseek-r1-distill-qwen-32b",
            "method": "full",
            "zero_stage": 3,
            "engine": "deepspeed",
            "micro_batch_size": 1,
            "gradient_accumulation_steps": 2,
            "sequence_length": 1024,
            "num_epochs": 3,
            "precision": "bf16",
        },
    ),
    "axolotl.yaml": (
        "axolotl",
        {
            "model": "llama-2-70b",
            "method": "qlora",
            "quantization": "nf4",
            "lora_rank": 32,
            "sequence_length": 512,
            "micro_batch_size": 1,
            "gradient_accumulation_steps": 4,
            "optimizer": "paged_adamw8bit",
            "engine": "fsdp",
            "zero_stage": 3,
            "offload_params": True,
        },
    ),
    "xtuner.txt": (
        "xtuner",
        {
            "model": "qwen1.5-14b-chat",
            "method": "qlora",
            "quantization": "nf4",
            "lora_rank": 64,
            "lora_dropout": 0.1,
            "sequence_length": 4096,
            "packing": True,
            "micro_batch_size": 2,
            "gradient_accumulation_steps": 8,
            "num_epochs": 3,
            "precision": "fp16",
            "optimizer": "adamw",
            "context_parallel_size": 1,
            "stack": "xtuner",
        },
    ),
    "accelerate.yaml": (
        "accelerate",
        {"num_gpus": 8, "zero_stage": 2, "precision": "fp16", "engine": "deepspeed"},
    ),
    "torchrun.txt": (
        "hf",
        {
            "model": "llama-7b",
            "num_gpus": 4,
            "engine": "fsdp",
            "zero_stage": 3,
            "micro_batch_size": 2,
            "gradient_accumulation_steps": 16,
            "sequence_length": 2048,
            "activation_checkpointing": "full",
        },
    ),
    "pyargs.txt": (
        "hf",
        {"micro_batch_size": 2, "precision": "fp16", "optimizer": "adamw8bit", "num_epochs": 1},
    ),
    "unsloth.txt": ("log", {"num_examples": 5939, "num_epochs": 3, "stack": "unsloth", "method": "lora"}),
    "trainable.txt": ("log", {"method": "lora"}),
    "wandb.json": ("wandb", {}),
    "hf_end.txt": ("log", {}),
    "smi.txt": ("nvidia-smi", {}),
    "dszero.txt": ("log", {"num_gpus": 1, "zero_stage": 3, "offload": True, "offload_params": True}),
}
"""File -> its kind, and what of a spec it says at least."""


def test_a_reply_to_a_configuration_changes_what_its_tool_does_by_itself(names: Vocabulary) -> None:
    paste = "llamafactory-cli train --model_name_or_path Qwen/Qwen2.5-7B --stage sft --finetuning_type lora"
    card = read_paste(paste, names)
    assert card is not None
    assert card.request is not None
    assert card.request.spec.gradient_accumulation_steps is None
    then = read("bs=16", names, card.request).request
    assert then is not None
    assert (then.spec.global_batch_size, then.spec.micro_batch_size) == (16, 8)
    assert then.spec.gradient_accumulation_steps is None


@pytest.mark.parametrize("file", CASES)
def test_public_pastes_are_read_as_their_authors_meant_them(file: str, names: Vocabulary) -> None:
    paste = paste_of((EXAMPLES / file).read_text(encoding="utf-8"), names)
    kind, said = CASES[file]
    assert paste.kind == kind
    assert {name: paste.fields.get(name) for name in said} == said


def test_every_example_is_a_case() -> None:
    assert {each.name for each in EXAMPLES.iterdir()} == set(CASES)


CONFIGURATIONS = (
    ("swift", "NPROC_PER_NODE=8 \\\nswift sft \\\n  --model Qwen/Qwen2.5-7B-Instruct \\\n  --train_type lora \\\n  --deepspeed zero2 \\\n"
     "  --max_length 4096\n", {"model": "qwen2.5-7b-instruct", "method": "lora", "num_gpus": 8, "zero_stage": 2, "sequence_length": 4096}),
    ("torchtune", "tune run --nproc_per_node 4 full_finetune_distributed --config llama3_1/8B_full batch_size=4 epochs=2",
     {"model": "llama-3.1-8b", "method": "full", "num_gpus": 4, "micro_batch_size": 4, "num_epochs": 2, "engine": "fsdp"}),
    ("deepspeed", '{"train_micro_batch_size_per_gpu": 4, "zero_optimization": {"stage": 3, "offload_optimizer": {"device": "cpu"}},'
     ' "bf16": {"enabled": true}}', {"micro_batch_size": 4, "zero_stage": 3, "offload": True, "precision": "bf16"}),
    ("deepspeed", '{"zero_optimization": {"stage": 2}, "train_micro_batch_size_per_gpu": "auto"}', {"zero_stage": 2}),
    ("accelerate", "distributed_type: FSDP\nfsdp_config:\n  fsdp_sharding_strategy: FULL_SHARD\n  fsdp_offload_params: true\n"
     "mixed_precision: bf16\nnum_processes: 16\nnum_machines: 2\n", {"engine": "fsdp", "zero_stage": 3, "num_gpus": 16, "num_nodes": 2}),
    ("trl", "args = SFTConfig(\n    max_length=2048,\n    per_device_train_batch_size=4,\n    bf16=True,\n)\n"
     'peft_config = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear")',
     {"sequence_length": 2048, "micro_batch_size": 4, "lora_rank": 16, "lora_targets": "all-linear", "method": "lora"}),
    ("trl", 'max_seq_length = 2048\nmodel, tokenizer = FastLanguageModel.from_pretrained("unsloth/Meta-Llama-3.1-8B-bnb-4bit", '
     "max_seq_length=max_seq_length, load_in_4bit=True)\nmodel = FastLanguageModel.get_peft_model(model, r=16)",
     {"model": "llama-3.1-8b", "sequence_length": 2048, "method": "qlora", "quantization": "nf4", "stack": "unsloth"}),
    ("hf", "deepspeed --num_gpus=8 train.py --model_name_or_path meta-llama/Llama-2-13b-hf --per_device_train_batch_size 2 "
     "--deepspeed ds_config_zero3.json", {"num_gpus": 8, "zero_stage": 3, "model": "llama-2-13b", "engine": "deepspeed"}),
    ("sky", "resources:\n  accelerators: A100-80GB:8\n  use_spot: true\nnum_nodes: 2\nsetup: pip install trl\n",
     {"gpu": "a100-80gb", "num_gpus": 16, "num_nodes": 2, "market": "spot"}),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "said"), CONFIGURATIONS)
def test_configurations_of_other_shapes(
    kind: str, text: str, said: dict[str, Any], names: Vocabulary
) -> None:
    paste = paste_of(text, names)
    assert paste.kind == kind
    assert {name: paste.fields.get(name) for name in said} == said


def test_slack_wraps_what_is_pasted_and_words_beside_it_count(names: Vocabulary) -> None:
    inside = (EXAMPLES / "axolotl.yaml").read_text(encoding="utf-8")
    reading = read_paste(f"<@U0BOT> on 4xa100?\n```{inside}```", names)
    assert reading is not None
    assert reading.request is not None
    assert (reading.request.spec.gpu, reading.request.spec.num_gpus) == ("a100-80gb", 4)
    assert reading.request.spec.lora_rank == 32


def test_a_part_of_a_configuration_changes_the_run_of_its_thread(names: Vocabulary) -> None:
    base = read("7b full bs=32 on 4xa100", names).request
    assert isinstance(base, Request)
    text = (EXAMPLES / "accelerate.yaml").read_text(encoding="utf-8")
    reading = read_paste(text, names, base)
    assert reading is not None
    assert reading.request is not None
    assert (reading.request.spec.model, reading.request.spec.num_gpus, reading.request.spec.zero_stage) == (
        "7b",
        8,
        2,
    )
    alone = read_paste(text, names)
    assert alone is not None
    assert (alone.outcome, alone.request) == ("paste", None)


def test_what_a_tool_does_by_itself_is_said_apart(names: Vocabulary) -> None:
    text = "model_name_or_path: Qwen/Qwen2.5-7B\nstage: sft\nfinetuning_type: lora\nbf16: true\n"
    paste = paste_of(text, names)
    assert "lora_rank" not in paste.fields
    assert paste.defaults["lora_rank"] == 8
    assert paste.defaults["sequence_length"] == 2048


@pytest.mark.parametrize(
    "text",
    [
        "7b lora bs=16 4xh100",
        "epochs: 3\nbs: 16",
        "bs=32\nn=10000\nseq=2048",
        "can you run it (tomorrow)?\nthanks -- Alex",
        "swift sft of qwen2.5-7b on 4 cards -- how long?",
        "accelerate the training please\nsoon",
        "the loss is fine: 1.2 (see wandb)\nok",
        "note: lunch\ntime: 12:30\nplace: downstairs",
    ],
)
def test_what_people_say_is_no_paste(text: str, names: Vocabulary) -> None:
    assert recognised(text, names) is None


def test_the_passes_of_an_xtuner_file_are_multiplied_where_it_says_so(names: Vocabulary) -> None:
    file = (EXAMPLES / "xtuner.txt").read_text(encoding="utf-8").replace("size = 1", "size = 4")
    paste = recognised(file, names)
    assert paste is not None
    assert paste.fields["gradient_accumulation_steps"] == 32


def test_a_configuration_that_xtuner_ships_is_read_by_its_name(names: Vocabulary) -> None:
    line = "NPROC_PER_NODE=8 xtuner train internlm2_chat_7b_qlora_oasst1_e3 --deepspeed deepspeed_zero2"
    paste = recognised(line, names)
    assert paste is not None
    wanted = {
        "model": "internlm2-chat-7b",
        "method": "qlora",
        "num_epochs": 3,
        "num_gpus": 8,
        "zero_stage": 2,
    }
    assert {name: paste.fields.get(name) for name in wanted} == wanted


AXOLOTL = """base_model: meta-llama/Llama-3.1-8B
adapter: lora
lora_r: 16
micro_batch_size: 2
datasets:
  - path: tatsu-lab/alpaca
    type: alpaca"""


@pytest.mark.parametrize(
    ("pasted", "around"),
    [
        (f"{AXOLOTL}\n1xa100", "1xa100"),
        (f"1xa100\n{AXOLOTL}", "1xa100"),
        (f"can you check this on 1xa100:\n\n{AXOLOTL}", "can you check this on 1xa100"),
        (f"{AXOLOTL}\n\non 1x a100 80gb please", "on 1x a100 80gb please"),
        (AXOLOTL, ""),
        (f"# ours\n{AXOLOTL}\n# end", ""),
    ],
)
def test_what_is_said_around_a_configuration_is_read_without_a_fence(
    pasted: str, around: str, names: Vocabulary
) -> None:
    found = recognised(pasted, names)
    assert found is not None
    assert found.around == around
    assert found.fields["model"] == "llama-3.1-8b"
    assert found.left_aside == ("datasets.path", "datasets.type")


AXOLOTL_IN_LEVELS = """base_model: meta-llama/Llama-3.1-8B
adapter: lora
lora_target_modules:
  - q_proj
  - v_proj
fsdp_config:
  offload_params: true
  fsdp_version: 2
micro_batch_size: 2
"""


@pytest.mark.parametrize(
    "before", ["<@U0123> ", "<@U0123>\n", " <@U0123>  will this fit?\n", "", "<@U0123> ```"]
)
def test_a_mention_leaves_the_levels_of_a_file_as_they_are(before: str, names: Vocabulary) -> None:
    after = "```" if before.endswith("```") else ""
    found = recognised(f"{before}{AXOLOTL_IN_LEVELS}{after}", names)
    alone = recognised(AXOLOTL_IN_LEVELS, names)
    assert found is not None
    assert alone is not None
    assert (found.fields, found.left_aside) == (alone.fields, alone.left_aside)
    assert found.fields["lora_targets"] == ["q_proj", "v_proj"]
