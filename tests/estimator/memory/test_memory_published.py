"""Simulated execution of the real model code, phase by phase, and the cases everybody asks about."""

import csv
from pathlib import Path

import pytest
from memory_jobs import job

from estimator.memory.result import Phase, Verdict
from estimator.units import GIB

TABLE = Path(__file__).parents[2] / "published" / "simulated_memory.csv"
with TABLE.open(encoding="utf-8", newline="") as stream:
    ROWS = {row["id"]: row for row in csv.DictReader(stream)}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_peak_step_weights_and_states_are_those_of_simulated_execution(row: dict[str, str]) -> None:
    run = job(row["spec"])
    phases = run.phases()
    assert run.allocated_gib() == pytest.approx(float(row["peak_gib"]), rel=0.005)
    assert phases[Phase.STEP].total / GIB == pytest.approx(float(row["step_peak_gib"]), rel=0.005)
    if not row["weights_gib"]:
        return
    tensors = phases[Phase.LOSS]
    assert tensors.weights / GIB == pytest.approx(float(row["weights_gib"]), rel=0.002)
    if "adafactor" not in row["spec"]:
        states = float(row["optimizer_states_gib"])
        assert tensors.optimizer_states / GIB == pytest.approx(states, rel=0.002, abs=0.001)


@pytest.mark.parametrize(
    ("text", "gib"),
    [
        ("llama-7b full bf16 pure mbs=32 ga=1 seq=1024 1xa100-80gb ckpt sdpa opt=adamw-foreach", 62.8),
        ("llama-7b full bf16 pure mbs=32 ga=1 seq=1024 1xa100-80gb ckpt sdpa opt=adamw-fused", 58.4),
        ("llama-7b full bf16 pure mbs=32 ga=1 seq=1024 1xa100-80gb no-ckpt sdpa opt=adamw-foreach", 232.5),
    ],
)
def test_llama_7b_holds_what_simulation_says(text: str, gib: float) -> None:
    assert job(text).allocated_gib() == pytest.approx(gib, rel=0.01)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("llama-3.1-8b lora r=16 bf16 mbs=2 seq=2048 1xa100-80gb ckpt", 23, 27),
        ("llama-3.1-8b qlora r=16 bf16 mbs=1 seq=2048 1xa100-80gb ckpt", 9.5, 12.5),
        ("llama-2-70b full bf16 amp mbs=1 seq=4096 16xa100-80gb zero3 ckpt", 75, 85),
        ("qwen2.5-7b full bf16 amp mbs=1 seq=4096 4xh100 fsdp ckpt", 38, 46),
    ],
)
def test_the_process_needs_what_people_see(text: str, low: float, high: float) -> None:
    assert low <= job(text).estimate().process_bytes.likely / GIB <= high


def test_llama_2_70b_does_not_train_on_eight_cards() -> None:
    text = "llama-2-70b full bf16 amp mbs=1 seq=4096 8xa100-80gb zero3 ckpt"
    assert job(text).estimate().verdict is Verdict.DOES_NOT_FIT
