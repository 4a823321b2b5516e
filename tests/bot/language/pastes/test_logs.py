"""Logs as they are pasted: many bars in one, other trainers' lines, other words for the same end."""
# ruff: noqa: E501  -- lines of logs are as long as they are

from typing import Any

import pytest
from read_pastes import paste_of

from bot.language import Vocabulary
from bot.language.pastes.paste import recognised

GIB = 2**30


LINES: tuple[tuple[str, dict[str, Any]], ...] = (
    # NVIDIA/Megatron-LM megatron/training/training.py, training_log
    (" [2024-03-05 10:00:00] iteration      100/  500000 | consumed samples:       153600 | elapsed time per iteration (ms): 12345.6 | throughput per GPU (TFLOP/s/GPU): 138.2 | global batch size:  1536 | lm loss: 7.12E+00 | grad norm: 1.234 |",
     {"step_seconds": 12.3456, "num_steps": 500_000, "steps_done": 100, "loss": 7.12}),
    # ms-swift's logging.jsonl
    ('{"loss": 1.23, "grad_norm": 0.5, "memory(GiB)": 21.34, "train_speed(iter/s)": 0.5, "epoch": 0.1, "global_step/max_steps": "50/939", "percentage": "5.32%"}',
     {"step_seconds": 2, "num_steps": 939, "steps_done": 50, "reserved_bytes": round(21.34 * GIB)}),
    # axolotl's memory callback
    ("{'loss': '1.2', 'memory/max_active (GiB)': '18.2', 'memory/device_reserved (GiB)': '22.1', 'epoch': '0.3'}",
     {"allocated_bytes": round(18.2 * GIB), "reserved_bytes": round(22.1 * GIB), "epochs_done": 0.3}),
    # DeepSpeed's see_memory_usage, whose GB are GiB
    ("[2024-01-05 10:00:20,123] [INFO] [utils.py:803:see_memory_usage] MA 13.55 GB         Max_MA 15.5 GB         CA 13.62 GB         Max_CA 17 GB",
     {"allocated_bytes": round(15.5 * GIB), "reserved_bytes": 17 * GIB}),
    # torch on other makers' cards, without a size, and as a browser translates it
    ("torch.OutOfMemoryError: HIP out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 63.98 GiB of which 1.20 GiB is free.",
     {"wanted_bytes": 2 * GIB, "gpu_memory_bytes": round(63.98 * GIB)}),
    ("RuntimeError: NPU out of memory. Tried to allocate 2.00 GiB (NPU 0; 60.97 GiB total capacity; 55.10 GiB already allocated; 1.2 GiB free; 57.9 GiB reserved in total by PyTorch)",
     {"wanted_bytes": 2 * GIB, "reserved_bytes": round(57.9 * GIB)}),
    ("RuntimeError: CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported", {"wanted_bytes": 0}),
    ("内存溢出错误：CUDA 内存不足。尝试分配 108.00 MiB 的内存。GPU 0 的总内存容量为 23.68 GiB，其中空闲内存为 34.88 MiB。",
     {"wanted_bytes": 108 * 2**20, "gpu_memory_bytes": round(23.68 * GIB)}),
    # the names of columns, and which of two comes first
    ("name, memory.total [MiB], memory.used [MiB]\nNVIDIA H100 80GB HBM3, 81559 MiB, 1203 MiB\nNVIDIA H100 80GB HBM3, 81559 MiB, 1 MiB",
     {"gpu": "h100-80gb", "num_gpus": 2, "process_bytes": 1203 * 2**20, "gpu_memory_bytes": 81559 * 2**20}),
    ("0, NVIDIA GeForce RTX 4090, 1024 MiB, 24564 MiB", {"gpu": "rtx-4090", "process_bytes": 2**30}),
    ("[0] NVIDIA GeForce RTX 3090 | 45'C,  98 % | 22345 / 24576 MB | user(22340M)", {"gpu": "rtx-3090", "process_bytes": 22345 * 2**20}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "facts"), LINES)
def test_lines_of_other_trainers_and_makers(text: str, facts: dict[str, Any], names: Vocabulary) -> None:
    found = paste_of(text, names).facts
    assert {name: getattr(found, name) for name in facts} == pytest.approx(facts)


TRAINING = " 16%|█▌        | 150/939 [05:12<27:21,  2.08s/it]"
OTHERS = (
    "Loading checkpoint shards: 100%|██████████| 4/4 [00:03<00:00,  1.20it/s]",
    "Map: 100%|██████████| 9999/9999 [00:03<00:00,  1.20it/s]",
    "Running tokenizer on dataset (num_proc=16): 100%|██| 5000/5000 [00:09<00:00, 520.1it/s]",
    "Evaluating: 100%|██████████| 25/25 [00:10<00:00,  2.40it/s]",
    "  8%|▊         | 2/25 [00:01<00:12,  1.90it/s]",
    "加载模型: 100%|██████████| 4/4 [00:03<00:00,  1.20it/s]",
)


@pytest.mark.parametrize("other", OTHERS)
def test_of_many_bars_the_training_is_read(other: str, names: Vocabulary) -> None:
    for text in (f"{other}\n{TRAINING}", f"{TRAINING}\n{other}"):
        facts = paste_of(text, names).facts
        assert facts is not None
        assert (facts.step_seconds, facts.num_steps) == (2.08, 939)


@pytest.mark.parametrize("other", OTHERS[:4])
def test_a_bar_that_counts_something_else_is_no_log(other: str, names: Vocabulary) -> None:
    assert recognised(other, names) is None


UNSLOTH = """==((====))==  Unsloth 2024.8: Fast Llama patching. Transformers = 4.43.3.
   \\\\   /|    GPU: Tesla T4. Max memory: 14.748 GB. Platform = Linux.
==((====))==  Unsloth - 2x faster free finetuning | Num GPUs = 1
   \\\\   /|    Num examples = 51,760 | Num Epochs = 1
O^O/ \\_/ \\    Batch size per device = 2 | Gradient Accumulation steps = 4
\\        /    Total batch size = 8 | Total steps = {steps}
"""


def test_a_banner_whose_run_ends_early_says_its_steps(names: Vocabulary) -> None:
    early, whole = (paste_of(UNSLOTH.format(steps=each), names).fields for each in ("60", "6,470"))
    assert (early["num_steps"], early.get("num_epochs"), early["gpu"]) == (60, None, "t4")
    assert (whole.get("num_steps"), whole["num_epochs"]) == (None, 1)
