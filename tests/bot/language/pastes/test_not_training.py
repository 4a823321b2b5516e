"""Commands that serve, judge or write what others train: named, and never estimated as a fine-tune."""
# ruff: noqa: E501  -- command lines are as long as they are

import pytest
from read_pastes import paste_of

from bot.language import Vocabulary
from bot.language.pasted import read_paste
from bot.language.pastes.not_training import kind_of_command
from bot.language.pastes.paste import recognised

LF = "llamafactory-cli train --model_name_or_path Qwen/Qwen2.5-7B --stage sft --finetuning_type lora"
NOT_TRAINING = {
    "llamafactory-cli export --model_name_or_path Qwen/Qwen2.5-7B --finetuning_type lora --export_dir out": "besides_training",
    "accelerate launch --num_processes 8 -m lm_eval --model hf --bf16 true": "besides_training",
    "lm_eval --model hf --model_args pretrained=EleutherAI/gpt-j-6B --tasks hellaswag --batch_size 8": "besides_training",
    "axolotl preprocess config.yaml": "besides_training",
    "swift infer --model Qwen/Qwen2.5-7B-Instruct --max_length 2048 --attn_impl flash_attn": "inference",
    "python -m sglang.launch_server --model-path meta-llama/Llama-3.1-8B-Instruct --tp 2 --port 30000": "inference",
    "python -m vllm.entrypoints.openai.api_server --model Qwen/Qwen2.5-72B-Instruct --tensor-parallel-size 4": "inference",
    "vllm serve Qwen/Qwen2.5-7B-Instruct --tensor-parallel-size 2 --gpu-memory-utilization 0.9": "inference",
    "docker run --gpus all vllm/vllm-openai vllm serve Qwen/Qwen2.5-7B-Instruct": "inference",
    "lmdeploy serve api_server internlm/internlm2_5-7b-chat --tp 2": "inference",
    "text-generation-launcher --model-id meta-llama/Llama-2-70b-chat-hf --num-shard 4": "inference",
    "./llama-server -m model.gguf -ngl 99 --ctx-size 8192": "inference",
    "ollama run llama3.1:8b": "inference",
}


@pytest.mark.parametrize(("command", "code"), NOT_TRAINING.items())
def test_what_trains_nothing_is_said(command: str, code: str, names: Vocabulary) -> None:
    alone = paste_of(command, names)
    assert alone.not_done == (code,)
    assert alone.trains_nothing
    assert not alone.fields.keys() - {"model"}
    reading = read_paste(command, names)
    assert reading is not None
    assert reading.request is None


@pytest.mark.parametrize("command", list(NOT_TRAINING)[:5])
def test_what_trains_nothing_is_left_beside_what_trains(command: str, names: Vocabulary) -> None:
    train = f"{command}\n{LF} --cutoff_len 1024 --per_device_train_batch_size 2"
    found = paste_of(train, names)
    assert found.not_done == ()
    assert found.fields["sequence_length"] == 1024


@pytest.mark.parametrize(
    "text",
    [
        "vllm is great -- we should use it",
        "ollama runs on my laptop, no?",
        "sglang --- or vllm?",
    ],
)
def test_a_word_about_a_server_is_no_command(text: str, names: Vocabulary) -> None:
    assert recognised(text, names) is None


@pytest.mark.parametrize(
    "text",
    [
        "model_name_or_path: Qwen/Qwen3-4B\nadapter_name_or_path: saves/lora\ntemplate: qwen3\nfinetuning_type: lora\nexport_dir: out\n",
        "model_name_or_path: Qwen/Qwen3-4B\ntemplate: qwen3\nfinetuning_type: lora\ninfer_backend: vllm\n",
        "model_name_or_path: Qwen/Qwen3-4B\nstage: sft\ndo_predict: true\nfinetuning_type: lora\neval_dataset: x\ncutoff_len: 2048\n",
    ],
)
def test_settings_of_another_use_say_so(text: str, names: Vocabulary) -> None:
    assert "besides_training" in paste_of(text, names).not_done


@pytest.mark.parametrize(
    "script", ["train_eval.py", "prepare_and_train.py", "fastchat/chat/train_chat.py", "finetune.chat.py"]
)
def test_a_script_that_trains_does_whatever_else_its_name_says(script: str) -> None:
    assert kind_of_command(["python", script], (".yaml",)) == ""
    assert kind_of_command(["python", "evaluate.py"], (".yaml",)) == "besides_training"
