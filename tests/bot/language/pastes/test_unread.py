"""What a paste says with a variable or a sum: worked out where two counts are all of it, else not assumed."""
# ruff: noqa: E501  -- command lines are as long as they are

from typing import Any

import pytest
from read_pastes import paste_of

from bot.language import Vocabulary

MODEL = 'm = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")\n'
HF = "--model_name_or_path meta-llama/Llama-2-7b-hf"


SUMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("SFTConfig(per_device_train_batch_size=4 * 2)", {"micro_batch_size": 8}),
    ("BATCH = 128\nMICRO = 4\nGA = BATCH // MICRO\nTrainingArguments(per_device_train_batch_size=MICRO, gradient_accumulation_steps=GA)",
     {"micro_batch_size": 4, "gradient_accumulation_steps": 32}),
    ("seq = 1024 + 1024\nSFTConfig(max_length=seq)", {"sequence_length": 2048}),
    ("SFTConfig(max_length=2048, fp16=not is_bfloat16_supported(), bf16=is_bfloat16_supported())", {"precision": "bf16"}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "said"), SUMS)
def test_a_sum_of_two_counts_is_worked_out(text: str, said: dict[str, Any], names: Vocabulary) -> None:
    paste = paste_of(MODEL + text, names)
    assert {name: paste.fields.get(name) for name in said} == said


HIDDEN = (
    (f"{MODEL}SFTConfig(per_device_train_batch_size=args.batch, max_length=2048)", "per_device_train_batch_size", "micro_batch_size"),
    (f"{MODEL}SFTConfig(max_length=cfg['length'], num_train_epochs=1)", "max_length", "sequence_length"),
    (f"{MODEL}TrainingArguments(num_train_epochs=EPOCHS * N * 2, bf16=True)", "num_train_epochs", "num_epochs"),
    (f"torchrun --nproc_per_node 4 train.py {HF} --per_device_train_batch_size $BS --bf16 True", "per_device_train_batch_size", "micro_batch_size"),
    (f"torchrun --nproc_per_node 4 train.py {HF} --num_train_epochs ${{EPOCHS}} --bf16 True", "num_train_epochs", "num_epochs"),
    (f"torchrun --nproc_per_node 4 train.py {HF} --deepspeed $DS --bf16 True", "deepspeed", "zero_stage"),
    (f"accelerate launch --num_processes=$(nvidia-smi -L | wc -l) train.py {HF} --max_steps $(expr $A + 1) --bf16 True", "max_steps", "num_steps"),
    ("swift sft --model Qwen/Qwen2.5-7B --train_type lora --lora_rank $RANK --max_length 2048", "lora_rank", "lora_rank"),
    ("llamafactory-cli train --model_name_or_path Qwen/Qwen2.5-7B --finetuning_type lora --cutoff_len $LEN", "cutoff_len", "sequence_length"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "name", "field"), HIDDEN)
def test_what_was_not_read_is_named_and_not_assumed(
    text: str, name: str, field: str, names: Vocabulary
) -> None:
    paste = paste_of(text, names)
    assert field not in paste.spec.said()
    assert name in paste.left_aside
    assert "num_epochs" in paste.spec.said() or field == "num_epochs"


def test_parts_of_a_program_are_no_settings(names: Vocabulary) -> None:
    text = f"{MODEL}SFTTrainer(model=model, tokenizer=tokenizer, train_dataset=load(x), args=SFTConfig(max_length=512))"
    paste = paste_of(text, names)
    assert paste.left_aside == ()
    assert paste.fields["model"] == "qwen2.5-7b"


def test_a_command_in_the_words_of_the_launcher_that_saw_it_end(names: Vocabulary) -> None:
    words = ["/opt/conda/bin/python", "-u", "src/train_bash.py", "--local_rank=1", "--deepspeed", "ds_config.json",
             "--model_name_or_path", "/data/Qwen-14B-Chat", "--finetuning_type", "lora", "--cutoff_len", "512"]  # fmt: skip
    died = "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.45 GiB (GPU 1; 23.68 GiB total capacity)\n"
    paste = paste_of(
        f"{died}[2023-12-04 09:47:01,914] [ERROR] [launch.py:321:sigkill_handler] {words} exits with return code = 1",
        names,
    )
    wanted = {"model": "qwen-14b-chat", "method": "lora", "sequence_length": 512, "engine": "deepspeed"}
    assert (paste.kind, {name: paste.fields.get(name) for name in wanted}) == ("oom", wanted)


def test_a_path_of_windows_keeps_its_parts(names: Vocabulary) -> None:
    text = "set CUDA_VISIBLE_DEVICES=0,1\npython src/train_bash.py ^\n  --model_name_or_path D:\\models\\Qwen1.5-7B-Chat ^\n  --finetuning_type lora"
    fields = paste_of(text, names).fields
    assert (fields["model"], fields["num_gpus"]) == ("qwen1.5-7b-chat", 2)


SEEING = (
    "deepspeed train_mem.py --model_name_or_path lmsys/vicuna-13b-v1.5 --vision_tower openai/clip-vit-large-patch14-336 --bf16 True",
    "model_name_or_path: Qwen/Qwen2.5-VL-7B-Instruct\nimage_max_pixels: 262144\nfinetuning_type: lora\ncutoff_len: 2048",
    "swift sft --model Qwen/Qwen2-VL-7B-Instruct --train_type lora --max_length 2048",
)


@pytest.mark.parametrize("text", SEEING)
def test_pictures_are_said_not_to_be_counted(text: str, names: Vocabulary) -> None:
    assert "vision" in paste_of(text, names).not_done
    plain = text.replace("-VL", "").replace("image_max_pixels", "seed").replace("--vision_tower", "--seed")
    assert "vision" not in paste_of(plain, names).not_done


def test_sharding_within_a_machine_is_left_aside(names: Vocabulary) -> None:
    text = "distributed_type: FSDP\nfsdp_config:\n  fsdp_sharding_strategy: {}\nnum_processes: 16\nnum_machines: 2\n"
    hybrid, full = (paste_of(text.format(each), names) for each in ("HYBRID_SHARD", "FULL_SHARD"))
    assert (hybrid.left_aside, full.left_aside) == (("fsdp_config.fsdp_sharding_strategy",), ())
