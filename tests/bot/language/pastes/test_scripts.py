"""Scripts of other people's, with names of their own."""
# ruff: noqa: E501  -- lines of logs and configurations are as long as they are

from typing import Any

import pytest

from bot.language import Vocabulary
from bot.language.pastes.paste import recognised

SCRIPTS: dict[str, dict[str, Any]] = {
    # baichuan-inc/Baichuan2 fine-tune.py
    "deepspeed --num_gpus 4 fine-tune.py --model_name_or_path baichuan-inc/Baichuan2-7B-Base --use_lora True --bf16 True"
    " --model_max_length 512 --per_device_train_batch_size 4": {"method": "lora", "sequence_length": 512},
    # lm-sys/FastChat train_lora.py
    "deepspeed fastchat/train/train_lora.py --model_name_or_path lmsys/vicuna-7b-v1.5 --lora_r 8 --q_lora True"
    " --per_device_train_batch_size 4": {"method": "qlora", "lora_rank": 8},
    # tloen/alpaca-lora finetune.py
    "python finetune.py --base_model 'decapoda-research/llama-7b-hf' --batch_size 128 --micro_batch_size 4 --num_epochs 3"
    " --learning_rate 1e-4 --cutoff_len 512 --lora_r 8": {
        "global_batch_size": 128,
        "micro_batch_size": 4,
        "num_epochs": 3,
        "sequence_length": 512,
        "method": "lora",
    },
    # artidoro/qlora qlora.py
    "python qlora.py --model_name_or_path huggyllama/llama-65b --bits 4 --per_device_train_batch_size 1"
    " --gradient_accumulation_steps 16 --max_steps 1875 --lora_r 64 --source_max_len 16 --target_max_len 512": {
        "method": "qlora",
        "quantization": "nf4",
        "sequence_length": 528,
        "num_steps": 1875,
    },
    # modelscope/ms-swift docs, Megatron-SWIFT
    "megatron sft --load Qwen3-30B-A3B-mcore --train_type lora --lora_rank 8 --expert_model_parallel_size 8"
    " --micro_batch_size 1 --global_batch_size 16 --max_length 2048 --tensor_model_parallel_size 2": {
        "model": "qwen3-30b-a3b",
        "stack": "megatron",
        "method": "lora",
        "micro_batch_size": 1,
        "global_batch_size": 16,
        "tensor_parallel_size": 2,
    },
    # modelscope/ms-swift examples/train/multi-gpu
    "nproc_per_node=4\n\nCUDA_VISIBLE_DEVICES=0,1,2,3 \\\nNPROC_PER_NODE=$nproc_per_node \\\nswift sft \\\n"
    "    --model Qwen/Qwen2.5-7B-Instruct \\\n    --train_type lora \\\n    --torch_dtype float16 \\\n"
    "    --per_device_train_batch_size 1 \\\n    --gradient_accumulation_steps $(expr 16 / $nproc_per_node)": {
        "num_gpus": 4,
        "gradient_accumulation_steps": 4,
        "precision": "fp16",
    },
    "GPUS=8\nPER=$((64 / 8))\ntorchrun --nproc_per_node=${GPUS} train.py --model_name_or_path Qwen/Qwen2.5-7B"
    " --gradient_accumulation_steps $((64 / 8)) --bf16 true": {
        "num_gpus": 8,
        "gradient_accumulation_steps": 8,
    },
}


@pytest.mark.parametrize(("text", "said"), SCRIPTS.items())
def test_scripts_that_people_use_are_read_as_what_they_are(
    text: str, said: dict[str, Any], names: Vocabulary
) -> None:
    found = recognised(text, names)
    assert found is not None
    assert {name: found.fields.get(name) for name in said} == said
    assert not {"use_lora", "bits", "cutoff_len", "q_lora"} & set(found.left_aside)


def test_a_file_that_was_not_pasted_is_left_aside_and_nothing_is_put_in_its_place(
    names: Vocabulary,
) -> None:
    text = "llamafactory-cli train examples/train_full/llama3_full_sft.yaml --model_name_or_path Qwen/Qwen2.5-32B"
    found = recognised(text, names)
    assert found is not None
    assert found.left_aside[:1] == ("examples/train_full/llama3_full_sft.yaml",)
    assert found.defaults == {}
