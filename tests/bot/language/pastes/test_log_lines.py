"""Lines of logs, and tables of drivers: what was measured, and what they tell of the run."""
# ruff: noqa: E501  -- lines of logs and configurations are as long as they are

from pathlib import Path
from typing import Any

import pytest
from read_pastes import paste_of

from bot.language import Vocabulary
from bot.language.pastes.paste import recognised

EXAMPLES = Path(__file__).parent / "examples"


def test_logs_tell_what_was_measured(names: Vocabulary) -> None:
    ended = paste_of((EXAMPLES / "hf_end.txt").read_text(encoding="utf-8"), names).facts
    assert ended is not None
    assert (ended.run_seconds, ended.num_steps, ended.loss) == (7284.9321, 940, 1.0342)
    assert ended.hours == pytest.approx(2.0236, abs=1e-3)
    cards = paste_of((EXAMPLES / "smi.txt").read_text(encoding="utf-8"), names).facts
    assert cards is not None
    assert [each.gpu for each in cards.gpus] == ["rtx-5090", "rtx-3090-ti"]
    assert cards.gpus[0].used_bytes == 23245 * 2**20


LINES = (
    # the Trainer's bar, mid-run
    ("  5%|▌         | 50/939 [01:12<21:30,  1.45s/it]", {"step_seconds": 1.45, "num_steps": 939, "steps_done": 50}),
    (" 88%|████████▊ | 880/1000 [10:00<01:21, 2.5it/s]", {"step_seconds": 0.4, "num_steps": 1000}),
    # LLaMA-Factory's end, with a clock
    ("***** train metrics *****\n  train_runtime            = 1:02:03.50\n  train_loss = 0.8", {"run_seconds": 3723.5}),
    ("***** train metrics *****\n  train_runtime  =     0:42:10.12\n", {"run_seconds": 2530.12}),
    # transformers' banner
    ("***** Running training *****\n  Num examples = 10,000\n  Num Epochs = 3\n  Total optimization steps = 939",
     {"num_examples": 10_000, "num_epochs": 3, "num_steps": 939}),
    # torch, old and new words
    ("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 31.75 GiB total capacity; "
     "29.10 GiB already allocated; 1.20 GiB free; 30.20 GiB reserved in total by PyTorch)",
     {"wanted_bytes": 2 * 2**30, "gpu_memory_bytes": round(31.75 * 2**30), "allocated_bytes": round(29.1 * 2**30)}),
    ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 448.00 MiB. GPU 0 has a total capacity of 79.15 GiB "
     "of which 64.25 MiB is free. Process 12 has 79.08 GiB memory in use. Of the allocated memory 77.52 GiB is allocated "
     "by PyTorch", {"wanted_bytes": 448 * 2**20, "gpu_memory_bytes": round(79.15 * 2**30)}),
    # xtuner, mmengine's line
    ("05/22 10:11:12 - mmengine - INFO - Iter(train) [  10/1000]  lr: 1e-4  eta: 1:00:00  time: 3.5012  data_time: 0.01  "
     "memory: 12034  loss: 1.2345", {"step_seconds": 3.5012, "num_steps": 1000, "allocated_bytes": 12034 * 2**20}),
    # Unsloth's last cells
    ("3712.4 seconds used for training.\nPeak reserved memory = 7.2 GB.", {"run_seconds": 3712.4}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "facts"), LINES)
def test_lines_of_logs(text: str, facts: dict[str, Any], names: Vocabulary) -> None:
    paste = paste_of(text, names)
    assert paste.facts is not None
    assert {name: getattr(paste.facts, name) for name in facts} == pytest.approx(facts)


def test_the_banner_tells_how_many_gpus_share_its_batch(names: Vocabulary) -> None:
    banner = (
        "***** Running training *****\n  Num examples = 1,000\n  Num Epochs = 3\n"
        "  Instantaneous batch size per device = 2\n"
        "  Total train batch size (w. parallel, distributed & accumulation) = 64\n"
        "  Gradient Accumulation steps = 8\n  Total optimization steps = 47"
    )
    found = recognised(banner, names)
    assert found is not None
    assert found.fields["num_gpus"] == 4


def test_a_list_of_gpus_says_nothing_of_their_memory(names: Vocabulary) -> None:
    found = recognised(
        "GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-1)\nGPU 1: NVIDIA GeForce RTX 4090 (UUID: GPU-2)",
        names,
    )
    assert found is not None
    assert found.document()["measured"]["gpus"] == [{"gpu": "rtx-4090"}, {"gpu": "rtx-4090"}]
