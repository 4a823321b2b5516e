"""What is trained otherwise than we count is said, and supervised fine-tuning is nothing else."""
# ruff: noqa: E501  -- lines of logs and configurations are as long as they are

import pytest

from bot.language import Vocabulary
from bot.language.pastes.paste import recognised

OTHERWISE_TRAINED = {
    "model_name_or_path: meta-llama/Llama-3.1-8B\nstage: dpo\nfinetuning_type: lora\ncutoff_len: 2048": "reference",
    "model_name_or_path: meta-llama/Llama-3.1-8B\nstage: ppo\nfinetuning_type: lora\ncutoff_len: 2048": "rl",
    "llamafactory-cli train --stage rm --model_name_or_path Qwen/Qwen2.5-7B --finetuning_type lora": "reward",
    "base_model: Qwen/Qwen2.5-7B\nadapter: lora\nrl: kto\nsequence_len: 2048": "reference",
    "base_model: Qwen/Qwen2.5-7B\nadapter: lora\nrl: orpo\nsequence_len: 2048": "pairs",
    "base_model: Qwen/Qwen2.5-7B\nadapter: lora\nreward_model: true\nsequence_len: 2048": "reward",
    "swift rlhf --rlhf_type grpo --model Qwen/Qwen2.5-7B-Instruct --train_type lora": "rl",
    "swift rlhf --rlhf_type gkd --model Qwen/Qwen2.5-7B-Instruct --train_type lora": "distillation",
    "swift rlhf --model Qwen/Qwen2.5-7B-Instruct --train_type lora": "reference",
    "trl dpo --model_name_or_path Qwen/Qwen2.5-7B --per_device_train_batch_size 2": "reference",
    "trl reward --model_name_or_path Qwen/Qwen2.5-7B --per_device_train_batch_size 2": "reward",
    "tune run lora_dpo_single_device --config x.yaml model.lora_rank=8 batch_size=2": "reference",
    "accelerate launch grpo.py --model_name_or_path Qwen/Qwen2-7B --num_generations 8 --bf16 true": "rl",
    "args = DPOConfig(per_device_train_batch_size=2)\nt = DPOTrainer(model='Qwen/Qwen2-0.5B', args=args)": "reference",
    "args = GRPOConfig(per_device_train_batch_size=2)\nt = GRPOTrainer(model='Qwen/Qwen2-7B', args=args)": "rl",
    "t = RewardTrainer(model='Qwen/Qwen2-7B', args=RewardConfig(num_train_epochs=1))": "reward",
}


@pytest.mark.parametrize(("text", "code"), OTHERWISE_TRAINED.items())
def test_what_is_trained_otherwise_is_said(text: str, code: str, names: Vocabulary) -> None:
    found = recognised(text, names)
    assert found is not None
    assert found.not_done == (code,)


@pytest.mark.parametrize(
    "text",
    [
        "model_name_or_path: meta-llama/Llama-3.1-8B\nstage: sft\nfinetuning_type: lora\ncutoff_len: 2048",
        "base_model: Qwen/Qwen2.5-7B\nadapter: lora\nreward_model: false\nsequence_len: 2048",
        "trl sft --model_name_or_path Qwen/Qwen2.5-7B-DPO --per_device_train_batch_size 2",
        "swift sft --model Qwen/Qwen2.5-7B-Instruct --train_type lora",
        "t = SFTTrainer(model='Qwen/Qwen2-0.5B', args=SFTConfig(num_train_epochs=1))",
    ],
)
def test_supervised_fine_tuning_is_nothing_else(text: str, names: Vocabulary) -> None:
    found = recognised(text, names)
    assert found is not None
    assert found.not_done == ()
