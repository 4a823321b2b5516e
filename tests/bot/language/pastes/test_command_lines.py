"""Commands as people start them: behind a scheduler, in a script, with variables; and what is said beside them."""
# ruff: noqa: E501  -- command lines are as long as they are

from typing import Any

import pytest
from read_pastes import paste_of

from bot.language import Vocabulary
from bot.language.pasted import read_paste
from bot.language.pastes.paste import recognised

HF = "--model_name_or_path meta-llama/Llama-2-7b-hf --per_device_train_batch_size 4"
LF = "llamafactory-cli train --model_name_or_path Qwen/Qwen2.5-7B --stage sft --finetuning_type lora"


STARTED: dict[str, tuple[str, dict[str, Any]]] = {
    "srun": (f"srun torchrun --nproc_per_node 8 train.py {HF}", {"num_gpus": 8, "model": "llama-2-7b"}),
    "srun with options": (f"srun --nodes=2 --gpus-per-node=8 torchrun train.py {HF}", {"num_gpus": 16, "num_nodes": 2}),
    "srun with a switch": (f"srun --exclusive --nodes=2 --gres=gpu:8 python train.py {HF}", {"num_gpus": 16, "num_nodes": 2}),
    "LLaMA-Factory's script": (f"torchrun --nproc_per_node 4 src/train.py {HF} --stage sft --finetuning_type lora --quantization_bit 4", {"method": "qlora", "stack": "llama-factory"}),
    "nohup and a log": (f"nohup {LF} > log.txt 2>&1 &", {"method": "lora", "model": "qwen2.5-7b"}),
    "cd first": (f"cd LLaMA-Factory && CUDA_VISIBLE_DEVICES=0,1 {LF} 2>&1 | tee train.log", {"num_gpus": 2}),
    "a prompt": (f"(base) root@autodl-container:~/LLaMA-Factory# {LF}", {"model": "qwen2.5-7b"}),
    "uv run": ("uv run trl sft --model_name_or_path Qwen/Qwen2.5-7B --use_peft --lora_r 16", {"lora_rank": 16}),
    "poetry run": ("poetry run accelerate launch --num_processes 4 sft.py --model_name_or_path Qwen/Qwen2.5-7B", {"num_gpus": 4}),
    "conda run": ("conda run -n x accelerate launch --num_processes 4 sft.py --model_name_or_path Qwen/Qwen2.5-7B", {"num_gpus": 4}),
    "sudo env": (f"sudo env A_B=1 CUDA_VISIBLE_DEVICES=0,1,2,3 {LF}", {"num_gpus": 4}),
    "a container's GPUs": (f"docker run --gpus '\"device=0,1\"' --rm img python train.py {HF}", {"num_gpus": 2, "model": "llama-2-7b"}),
    "a container's count": (f"docker run --gpus=4 img bash -c 'python train.py {HF}'", {"num_gpus": 4}),
    "a container's one": (f"docker run --gpus device=3 -v $PWD:/w img python train.py {HF}", {"num_gpus": 1}),
    "a container with all": (f"docker run --gpus all img python train.py {HF}", {"num_gpus": None}),
    "a container's own command": (f"docker run --gpus 8 img torchrun --nproc_per_node 2 train.py {HF}", {"num_gpus": 2}),
    "podman": (f"podman run --device nvidia.com/gpu=0 --device nvidia.com/gpu=1 img python train.py {HF}", {"num_gpus": 2}),
    "devices of AMD": (f"HIP_VISIBLE_DEVICES=0,1,2,3 python train.py {HF}", {"num_gpus": 4}),
    "devices of Huawei": (f"ASCEND_RT_VISIBLE_DEVICES=0,1 python train.py {HF}", {"num_gpus": 2}),
    "devices by id": (f"CUDA_VISIBLE_DEVICES=GPU-8932f937-d72c,GPU-1f2e3d4c python train.py {HF}", {"num_gpus": 2}),
    "machines included": (f"deepspeed --include worker-0:0,1,2,3@worker-1:0,1,2,3 train.py {HF}", {"num_gpus": 8, "num_nodes": 2}),
    "machines of unknown GPUs": (f"deepspeed --include worker-0@worker-1 train.py {HF}", {"num_gpus": None, "num_nodes": None}),
    "files alone": ("accelerate launch --config_file recipes/deepspeed_zero3.yaml scripts/run_sft.py recipes/config_full.yaml", {"zero_stage": 3, "engine": "deepspeed", "model": None}),
    "xtuner's own file": ("NPROC_PER_NODE=8 xtuner train my_config.py --deepspeed deepspeed_zero3", {"num_gpus": 8, "zero_stage": 3, "stack": "xtuner"}),
    "variables on its line": ("MODEL=Qwen/Qwen2.5-14B; GPUS=4; torchrun --nproc_per_node $GPUS sft.py --model_name_or_path $MODEL --bf16", {"num_gpus": 4, "model": "qwen2.5-14b"}),
    "NeMo's own command": ("nemo llm finetune --factory llama3_8b trainer.max_steps=100 peft=lora", {"model": "llama-3-8b", "method": "lora", "num_steps": 100}),
    "runai": (f"runai submit --name train -i img -- torchrun --nproc_per_node 4 train.py {HF}", {"num_gpus": 4}),
    "time": (f"time {LF} --cutoff_len 512", {"sequence_length": 512}),
    "bash -c": (f'bash -c "torchrun --nproc_per_node 8 train.py {HF}"', {"num_gpus": 8}),
    "srun bash -c": (f"srun -N 4 bash -lc 'torchrun --nproc_per_node 8 --nnodes 4 train.py {HF}'", {"num_gpus": 32}),
    "mpirun": (f"mpirun -np 16 -H a:8,b:8 python train.py {HF}", {"num_gpus": 16}),
    "docker run": ("docker run --gpus all -v $PWD:/w x/axolotl:main accelerate launch -m axolotl.cli.train --base_model NousResearch/Llama-2-7b-hf --adapter qlora", {"method": "qlora"}),
    "Docker's CMD": ('CMD ["accelerate", "launch", "--num_processes", "8", "train.py", "--model_name_or_path", "mistralai/Mistral-7B-v0.1"]', {"num_gpus": 8, "model": "mistral-7b"}),
    "Docker's RUN": (f"RUN torchrun --nproc_per_node 2 train.py {HF}", {"num_gpus": 2}),
    "a notebook": (f"!torchrun --nproc_per_node 2 train.py {HF}", {"num_gpus": 2}),
    "python -m": (f"python -m torch.distributed.run --nproc_per_node=4 train.py {HF}", {"num_gpus": 4}),
    "python -u": (f"srun python -u train.py {HF}", {"model": "llama-2-7b", "micro_batch_size": 4}),
    "Kubernetes": (f"apiVersion: batch/v1\nkind: Job\nspec:\n  containers:\n    - command: [torchrun]\n      args: [--nproc_per_node=8, train.py, {', '.join(HF.split())}]\n", {"num_gpus": 8, "micro_batch_size": 4}),
}  # fmt: skip
"""What stands in front is none of the run, and what it says of the machine is."""


@pytest.mark.parametrize("how", STARTED)
def test_what_starts_a_command_does_not_hide_it(how: str, names: Vocabulary) -> None:
    text, said = STARTED[how]
    paste = paste_of(text, names)
    assert {name: paste.fields.get(name) for name in said} == said
    assert not {"u", "A_B", "2>&1", ">"} & {*paste.left_aside}


SLURM = """#!/bin/bash
#SBATCH --job-name=sft
{asked}
module load cuda
export NCCL_DEBUG=INFO
head_node_ip=$(scontrol show hostnames $SLURM_JOB_NODELIST | head -n 1)
srun torchrun \\
  --nnodes $SLURM_NNODES --nproc_per_node $SLURM_GPUS_ON_NODE \\
  --rdzv_endpoint $head_node_ip:29500 \\
  train.py --model_name_or_path meta-llama/Llama-2-13b-hf --per_device_train_batch_size 2 --bf16 True
"""
ASKED = (
    ("#SBATCH --nodes=2 --gres=gpu:a100:8", ("a100-80gb", 16, 2)),
    ("#SBATCH --exclusive -N 2 --gpus-per-node=8   # 4 before: --gpus-per-node=4", (None, 16, 2)),
    ("#SBATCH --nodes=4\n#SBATCH --gres=gpu:a100:8", ("a100-80gb", 32, 4)),
    ("#SBATCH -N 3\n#SBATCH --gres=gpu:p100:2", ("p100", 6, 3)),
    ("#SBATCH -N 4   # number of nodes\n#SBATCH --gpus-per-node=A40:4   # of each", ("a40", 16, 4)),
    ("#SBATCH --nodes=2\n#SBATCH --gpus-per-node=8", (None, 16, 2)),
    ("#SBATCH --nodes=2\n#SBATCH --gpus=16", (None, 16, 2)),
    ("#SBATCH --nodes=2\n#SBATCH --ntasks-per-node=4\n#SBATCH --gpus-per-task=1", (None, 8, 2)),
    ("#SBATCH --nodes=2\n##SBATCH --nodes=8\n#SBATCH --gres=gpu:4", (None, 8, 2)),
    ("#SBATCH --nodes=2", (None, None, 2)),
)


@pytest.mark.parametrize(("asked", "machines"), ASKED)
def test_a_slurm_job_says_its_machines(
    asked: str, machines: tuple[str | None, int | None, int], names: Vocabulary
) -> None:
    paste = paste_of(SLURM.format(asked=asked), names)
    found = tuple(paste.fields.get(each) for each in ("gpu", "num_gpus", "num_nodes"))
    assert (paste.fields["model"], found) == ("llama-2-13b", machines)
    assert not [name for name in paste.left_aside if "slurm" in name or name.isupper()]


def test_the_launch_line_of_a_slurm_job_goes_before_what_the_job_asks_for(names: Vocabulary) -> None:
    text = (
        f"#SBATCH --nodes=4\n#SBATCH --gres=gpu:8\nsrun torchrun --nnodes 2 --nproc_per_node 4 train.py {HF}"
    )
    assert paste_of(text, names).fields["num_gpus"] == 8


MEGATRON = """#!/bin/bash
GPUS_PER_NODE=8
# Change for multinode config
NUM_NODES=16
WORLD_SIZE=$(($GPUS_PER_NODE*$NUM_NODES))
CHECKPOINT_PATH=$1 #<Specify path>
DISTRIBUTED_ARGS=(
    --nproc_per_node $GPUS_PER_NODE
    --nnodes $NUM_NODES
)
GPT_MODEL_ARGS=(
    --num-layers 96
    --hidden-size 12288
    --num-attention-heads 96
    --seq-length 2048
    --attention-backend auto # Can use (flash/fused/unfused/local)
)
MODEL_PARALLEL_ARGS=(
    --tensor-model-parallel-size 8
    --pipeline-model-parallel-size 16
)
torchrun ${DISTRIBUTED_ARGS[@]} pretrain_gpt.py \\
    ${GPT_MODEL_ARGS[@]} \\
    "${MODEL_PARALLEL_ARGS[@]}" --micro-batch-size 1 --global-batch-size 1536 --fp16
"""
QWEN = """GPUS_PER_NODE=8
NNODES=2
MODEL="Qwen/Qwen-7B" # Set the path if you do not want to load from huggingface directly
DISTRIBUTED_ARGS="
    --nproc_per_node $GPUS_PER_NODE \\
    --nnodes $NNODES \\
    --master_port ${MASTER_PORT:-6001}
"
torchrun $DISTRIBUTED_ARGS finetune.py \\
    --model_name_or_path $MODEL \\
    --per_device_train_batch_size ${BATCH:-2} \\
    --use_lora --deepspeed finetune/ds_config_zero2.json
"""


def test_variables_of_a_script_are_put_in(names: Vocabulary) -> None:
    megatron, qwen = paste_of(MEGATRON, names), paste_of(QWEN, names)
    wanted: dict[str, Any] = {
        "model": "175b", "num_gpus": 128, "num_nodes": 16, "sequence_length": 2048, "tensor_parallel_size": 8,
        "pipeline_parallel_size": 16, "micro_batch_size": 1, "global_batch_size": 1536, "precision": "fp16",
        "stack": "megatron",
    }  # fmt: skip
    assert {name: megatron.fields.get(name) for name in wanted} == wanted
    assert megatron.left_aside == ("attention_backend",)
    wanted = {"model": "qwen-7b", "num_gpus": 16, "method": "lora", "micro_batch_size": 2, "zero_stage": 2}
    assert {name: qwen.fields.get(name) for name in wanted} == wanted
    assert qwen.left_aside == ("master_port",)


def test_of_two_runs_one_is_read_and_the_other_named(names: Vocabulary) -> None:
    alpaca = (
        "# Single GPU\npython finetune.py --base_model decapoda-research/llama-7b-hf --batch_size 128 --micro_batch_size 4 --lora_r 8\n"
        "# 2 GPUs\nWORLD_SIZE=2 torchrun --nproc_per_node=2 finetune.py --base_model decapoda-research/llama-13b-hf --batch_size 64\n"
    )
    paste = paste_of(alpaca, names)
    assert (paste.fields["model"], paste.fields["global_batch_size"]) == ("llama-7b", 128)
    assert "num_gpus" not in paste.fields
    assert paste.left_aside == ("torchrun finetune.py",)


def test_a_command_behind_a_comment_mark_is_not_run(names: Vocabulary) -> None:
    old = "# torchrun --nproc_per_node=4 train.py --model_name_or_path huggyllama/llama-7b --bf16 True --max_steps 9\n"
    paste = paste_of(f"{old}torchrun --nproc_per_node=8 train.py {HF}", names)
    assert (paste.fields["num_gpus"], paste.fields["model"]) == (8, "llama-2-7b")
    assert "precision" not in paste.fields
    assert paste_of(old, names).fields["num_gpus"] == 4


UNSEEN = (
    (f"deepspeed --include localhost:0,1,2 train.py --deepspeed ds.json {HF}", "ds.json", 3),
    (f"torchrun --nproc_per_node 4 train.py --deepspeed configs/my_config.json {HF}", "configs/my_config.json", 4),
    ("base_model: meta-llama/Llama-3.1-8B\nadapter: lora\nlora_r: 16\nmicro_batch_size: 1\ndeepspeed: /w/ds.json", "/w/ds.json", None),
    ('a = TrainingArguments(per_device_train_batch_size=2, deepspeed="ds_config.json")\nm = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")', "ds_config.json", None),
    ("NPROC_PER_NODE=4 swift sft --model Qwen/Qwen2.5-7B-Instruct --train_type lora --deepspeed ./ds.json", "./ds.json", 4),
    ("NPROC_PER_NODE=2 llamafactory-cli train --model_name_or_path Qwen/Qwen2.5-7B --finetuning_type full --deepspeed cache/ds.json", "cache/ds.json", 2),
)  # fmt: skip


@pytest.mark.parametrize(("text", "file", "gpus"), UNSEEN)
def test_a_deepspeed_file_that_was_not_pasted_is_not_taken_for_ddp(
    text: str, file: str, gpus: int | None, names: Vocabulary
) -> None:
    paste = paste_of(text, names)
    assert (paste.fields["engine"], paste.fields.get("num_gpus")) == ("deepspeed", gpus)
    assert "zero_stage" not in paste.spec.said()
    assert file in paste.left_aside


def test_a_file_of_xtuner_that_was_not_pasted_is_named(names: Vocabulary) -> None:
    paste = paste_of("NPROC_PER_NODE=8 xtuner train my_config.py --launcher pytorch", names)
    assert paste.left_aside[0] == "my_config.py"
    assert (paste.not_done, paste.defaults) == ((), {})


JSON = (
    '{"zero_optimization": {"stage": 3, "offload_optimizer": {"device": "cpu"}}, "bf16": {"enabled": "auto"}}'
)
BESIDE = (
    f"```\n{JSON}\n```\nand we run\n```bash\ndeepspeed --num_gpus 4 train.py --deepspeed ds.json {HF}\n```",
    f"deepspeed --num_gpus 4 train.py --deepspeed ds.json {HF}\n\nds.json:\n{JSON}",
    f"{JSON}\ntorchrun --nproc_per_node 4 train.py --deepspeed ds.json {HF}",
)


@pytest.mark.parametrize("text", BESIDE)
def test_a_deepspeed_file_beside_its_command_is_read_with_it(text: str, names: Vocabulary) -> None:
    paste = paste_of(text, names)
    wanted = {"model": "llama-2-7b", "num_gpus": 4, "zero_stage": 3, "offload": True, "engine": "deepspeed"}
    assert (paste.kind, {name: paste.fields.get(name) for name in wanted}) == ("hf", wanted)
    assert "ds.json" not in paste.left_aside


def test_a_deepspeed_configuration_in_the_place_of_its_file(names: Vocabulary) -> None:
    text = 'TrainingArguments(per_device_train_batch_size=2, deepspeed={"zero_optimization": {"stage": 2}})'
    assert paste_of(text, names).fields["zero_stage"] == 2
    text = "base_model: Qwen/Qwen2.5-7B\nadapter: lora\ndeepspeed:\n  zero_optimization:\n    stage: 3\n"
    paste = paste_of(text, names)
    assert (paste.fields["zero_stage"], paste.left_aside) == (3, ())


LAUNCHED = (
    ("--mixed_precision bf16 --num_processes 2", {"precision": "bf16", "num_gpus": 2}),
    ("--use_fsdp --fsdp_sharding_strategy SHARD_GRAD_OP --fsdp_offload_params true", {"zero_stage": 2, "engine": "fsdp", "offload": True}),
    ("--use_deepspeed --zero_stage 3 --offload_optimizer_device cpu", {"zero_stage": 3, "engine": "deepspeed", "offload": True}),
    ("--config_file accelerate_configs/deepspeed_zero2.yaml --num_processes 8", {"zero_stage": 2, "num_gpus": 8}),
    ("--config_file configs/my_fsdp.yaml --num_processes 8", {"zero_stage": 3, "engine": "fsdp"}),
)  # fmt: skip


@pytest.mark.parametrize(("options", "said"), LAUNCHED)
def test_what_accelerate_is_launched_with(options: str, said: dict[str, Any], names: Vocabulary) -> None:
    paste = paste_of(f"accelerate launch {options} train.py {HF}", names)
    assert (paste.fields["model"], {name: paste.fields.get(name) for name in said}) == ("llama-2-7b", said)
    assert not [name for name in paste.left_aside if not name.endswith(".yaml")]


@pytest.mark.parametrize(
    "text",
    [
        '{"zero_optimization": {"stage": 2, "offload_param": {"device": "cpu"}}}',
        f"accelerate launch --use_deepspeed --zero_stage 2 --offload_param_device cpu train.py {HF}",
    ],
)
def test_deepspeed_leaves_whole_weights_on_the_gpu(text: str, names: Vocabulary) -> None:
    paste = paste_of(text, names)
    assert "offload_params" not in paste.fields
    assert any("offload_param" in name for name in paste.left_aside)


def test_how_it_is_spread_is_not_known_where_the_launcher_has_a_file(names: Vocabulary) -> None:
    paste = paste_of(f"accelerate launch --config_file acc.yaml --num_processes 8 train.py {HF}", names)
    assert "zero_stage" not in paste.spec.said()
    assert paste.defaults["num_epochs"] == 3
    assert "acc.yaml" in paste.left_aside


@pytest.mark.parametrize(
    ("command", "name", "file"),
    [
        ("python -m axolotl.cli.train cfg.yml", "axolotl", "cfg.yml"),
        ("accelerate launch -m axolotl.cli.train examples/lora.yml", "axolotl", "examples/lora.yml"),
        ("axolotl train config.yml", "axolotl", "config.yml"),
        ("axolotl train my_eval_config.yaml", "axolotl", "my_eval_config.yaml"),
        ("llamafactory-cli train examples/train_lora/llama3_lora_sft.yaml", "LLaMA-Factory", "examples/train_lora/llama3_lora_sft.yaml"),
    ],
)  # fmt: skip
def test_a_command_that_names_a_file_alone_says_which_is_missing(
    command: str, name: str, file: str, names: Vocabulary
) -> None:
    paste = paste_of(command, names)
    assert (paste.name, paste.left_aside, dict(paste.defaults)) == (name, (file,), {})
    assert paste.not_done == ()


@pytest.mark.parametrize(
    "text",
    [
        "axolotl train is slow with my config.yml today",
        "we run train.yaml\nsee you",
        "time to swift through -- the runs",
        "export the model && go",
        "docker is fine -- python train.py?",
    ],
)
def test_chat_about_commands_is_no_paste(text: str, names: Vocabulary) -> None:
    assert recognised(text, names) is None


AROUND = (
    (f"OOM on 2x3090 with this, what should I change?\n{LF}", ("rtx-3090", 2)),
    (f"two questions.\nwill it fit on 4x4090\n\n{LF} \\\n  --cutoff_len 512", ("rtx-4090", 4)),
    (f"两张3090能跑吗？\n{LF}", ("rtx-3090", 2)),
    (f"{LF}\n这样在 4x4090 上够吗", ("rtx-4090", 4)),
    (f"用 8 张 A800 微调，速度大概多少？配置如下：\n```\n{LF}\n```", ("a800-80gb", 8)),
    ('Does this fit on a 4090?\n\nfrom trl import SFTConfig\nm = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")\na = SFTConfig(max_length=2048)', ("rtx-4090", 1)),
    (f"I want this on 8xH100\n\n#!/bin/bash\nset -e\nsource ~/.bashrc\n{LF}", ("h100-80gb", 8)),
)  # fmt: skip


@pytest.mark.parametrize(("text", "machine"), AROUND)
def test_words_beside_a_command_count(text: str, machine: tuple[str, int], names: Vocabulary) -> None:
    reading = read_paste(text, names)
    assert reading is not None
    assert reading.request is not None
    assert (reading.request.spec.gpu, reading.request.spec.num_gpus) == machine
    assert reading.request.spec.model == "qwen2.5-7b"


def test_options_alone_are_of_the_tool_that_has_all_of_them(names: Vocabulary) -> None:
    text = "--model_name_or_path Qwen/Qwen2.5-7B\n--per_device_train_batch_size 4\n--bf16 True\n--lora_r 8"
    paste = paste_of(text, names)
    said = {
        "model": "qwen2.5-7b",
        "micro_batch_size": 4,
        "lora_rank": 8,
        "method": "lora",
        "precision": "bf16",
    }
    assert (paste.kind, {name: paste.fields.get(name) for name in said}) == ("hf", said)


def test_a_key_above_a_command_is_no_sentence(names: Vocabulary) -> None:
    text = f"services:\n  train:\n    command: >\n      torchrun --nproc_per_node 4 train.py {HF}\n"
    paste = paste_of(text, names)
    assert (paste.around, paste.fields["num_gpus"]) == ("", 4)


def test_words_that_do_not_read_leave_a_trace(names: Vocabulary) -> None:
    reading = read_paste(f"blah wozzle 12zz gpuu\n{LF}", names)
    assert reading is not None
    assert reading.unused == ("blah wozzle 12zz gpuu",)
