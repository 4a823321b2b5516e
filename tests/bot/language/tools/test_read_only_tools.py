"""Tools that are read and not written: LitGPT, Megatron-LM, NeMo. Sources stand beside the cases."""
# ruff: noqa: E501  -- command lines are as long as they are

from pathlib import Path
from typing import Any

import pytest

from bot.language import Vocabulary
from bot.language.pastes.paste import recognised
from bot.language.tools.registry import READABLE, TOOLS

DOCUMENT = Path(__file__).parents[4] / "docs" / "pastes.md"
LITGPT = """# The path to the base model's checkpoint directory to load for finetuning.
checkpoint_dir: checkpoints/meta-llama/Llama-2-7b-hf
out_dir: out/finetune/qlora-llama2-7b
precision: bf16-true
quantize: bnb.nf4
devices: 1
lora_r: 32
lora_dropout: 0.05
lora_query: true
lora_key: false
lora_value: true
data:
  class_path: litgpt.data.Alpaca2k
  init_args:
    mask_prompt: false
train:
  save_interval: 200
  global_batch_size: 8
  micro_batch_size: 2
  epochs: 4
  max_seq_length: 512
"""
MEGATRON = "torchrun --nproc_per_node 8 pretrain_gpt.py --micro-batch-size 1 --global-batch-size 128 "
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    # Lightning-AI/litgpt config_hub/finetune/llama-2-7b/qlora.yaml
    "litgpt's file": ("litgpt", LITGPT, {
        "model": "llama-2-7b", "method": "qlora", "quantization": "nf4", "lora_rank": 32, "lora_targets": ["q_proj", "v_proj"],
        "sequence_length": 512, "micro_batch_size": 2, "global_batch_size": 8, "num_epochs": 4, "precision": "bf16",
        "mixed_precision": False, "num_gpus": 1, "stack": "litgpt", "zero_stage": None,
    }),
    # its README
    "litgpt lora": ("litgpt", "litgpt finetune_lora meta-llama/Llama-3.1-8B --quantize bnb.nf4 --train.max_seq_length 2048", {
        "model": "llama-3.1-8b", "method": "qlora", "sequence_length": 2048,
    }),
    "litgpt full": ("litgpt", "litgpt finetune_full checkpoints/microsoft/phi-2 --devices 4 --train.epochs 2 --train.global_batch_size 32", {
        "model": "phi-2", "method": "full", "num_gpus": 4, "engine": "fsdp", "zero_stage": 3, "global_batch_size": 32,
        "activation_checkpointing": "full", "gradient_accumulation_steps": None,
    }),
    "litgpt int8": ("litgpt", "litgpt finetune_lora EleutherAI/pythia-6.9b --quantize bnb.int8-training --precision 16-true --lora_mlp true", {
        "quantization": "int8", "precision": "fp16", "method": "qlora", "lora_targets": ["q_proj", "v_proj", "gate_proj", "up_proj", "down_proj"],
    }),
    "litgpt pretrain": ("litgpt", "litgpt pretrain EleutherAI/pythia-160m --train.max_tokens 10000000 --devices 2", {
        "model": "pythia-160m", "method": "full", "num_tokens": 10_000_000, "num_gpus": 2,
    }),
    # NVIDIA/Megatron-LM examples: the shape is all that says the model
    "a shape": ("megatron", f"{MEGATRON} --num-layers 32 --hidden-size 4096 --ffn-hidden-size 11008 --num-attention-heads 32 --swiglu --vocab-size 32000 --untie-embeddings-and-output-weights --seq-length 4096 --tensor-model-parallel-size 8 --use-distributed-optimizer --bf16", {
        "model": "6.74b", "num_gpus": 8, "tensor_parallel_size": 8, "sequence_length": 4096, "precision": "bf16", "zero_stage": 1,
        "engine": "megatron", "micro_batch_size": 1, "global_batch_size": 128, "stack": "megatron",
    }),
    "grouped queries": ("megatron", f"{MEGATRON} --num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 --group-query-attention --num-query-groups 8 --swiglu --vocab-size 128256 --untie-embeddings-and-output-weights --recompute-activations", {
        "model": "8.03b", "activation_checkpointing": "selective",
    }),
    "experts": ("megatron", f"{MEGATRON} --num-layers 32 --hidden-size 4096 --num-attention-heads 32 --num-experts 8 --recompute-granularity full", {
        "model": None, "activation_checkpointing": "full",
    }),
    "its tokenizer": ("megatron", f"{MEGATRON} --num-layers 80 --hidden-size 8192 --num-attention-heads 64 --tokenizer-model /models/Llama-2-70b-hf/tokenizer.model", {"model": "llama-2-70b"}),
    # NeMo's playbooks
    "NeMo": ("megatron", "torchrun --nproc_per_node=8 /opt/NeMo/examples/nlp/language_modeling/tuning/megatron_gpt_finetuning.py trainer.precision=bf16 trainer.devices=8 trainer.num_nodes=2 trainer.max_steps=50 model.restore_from_path=llama2-7b.nemo model.micro_batch_size=1 model.global_batch_size=128 model.tensor_model_parallel_size=2 ++model.megatron_amp_O2=True model.peft.peft_scheme=lora model.data.train_ds.max_seq_length=4096", {
        "model": "llama-2-7b", "method": "lora", "num_gpus": 16, "num_nodes": 2, "num_steps": 50, "tensor_parallel_size": 2,
        "sequence_length": 4096, "precision": "bf16",
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_tools_that_are_not_written_are_read(case: str, names: Vocabulary) -> None:
    kind, text, said = CASES[case]
    paste = recognised(text, names)
    assert paste is not None
    assert paste.kind == kind
    assert {name: paste.fields.get(name) for name in said} == said
    assert not {"axolotl", "hf"} & {paste.fields["stack"]}


def test_what_litgpt_does_by_itself(names: Vocabulary) -> None:
    paste = recognised("litgpt finetune_lora microsoft/phi-2 --train.max_steps 100", names)
    full = recognised("litgpt finetune_full microsoft/phi-2 --train.max_steps 100", names)
    assert paste is not None
    assert full is not None
    assert (paste.defaults["global_batch_size"], paste.defaults["lora_rank"]) == (16, 8)
    assert "num_epochs" not in paste.defaults
    assert not [name for name in full.defaults if name.startswith("lora")]


def test_the_document_and_the_notice_name_every_tool() -> None:
    text = DOCUMENT.read_text(encoding="utf-8").partition("## Written")[0]
    for tool in TOOLS:
        assert tool.name.removeprefix("the ") in text
        assert f"`{tool.key}`" in text or tool.key == "unsloth"
        assert tool.name in READABLE
