"""The other reading of a precision is what whoever types it gets."""

import pytest
from fake_physics import book

from bot.cli.validate import reader_of
from bot.files import load_catalog
from estimator.estimate import estimate
from estimator.memory.result import OtherReading, Verdict
from estimator.spec import Checkpointing, TrainingSpec

CATALOG = load_catalog()
READ = reader_of(CATALOG)
OPEN = (
    "7b full 1xh200 hf",
    "7b full 1xa100-80gb",
    "7b full 1xa100-80gb hf mbs=1",
    "7b full 1xh200",
    "llama-3.2-1b fp16 n=10000 bs=32",
    "7b full 4xa100-80gb fsdp",
    "7b full 8xh100 hf fsdp",
    "7b full 2x4090",
    "13b full 1xb200 axolotl",
    "llama-3.2-1b full 1xa10g swift",
    "qwen2.5-0.5b full 1xt4",
    "qwen2.5-0.5b full 1xl4",
    "7b freeze 1xh100 hf",
    "qwen2.5-0.5b full 24gb",
    "7b full 1xa100-80gb xtuner mbs=1 ga=1",
)


def judged(spec: TrainingSpec) -> list[tuple[str, int, bool, OtherReading | None, tuple[float, Verdict]]]:
    """What is shown of each option, or of the nearest: where, in which states, and the other reading."""
    found = estimate(spec, CATALOG, book())
    shown = [
        (
            option.plan.gpu,
            option.plan.num_gpus,
            option.workload.mixed_precision,
            option.memory.other_reading,
            (option.memory.process_bytes.likely, option.memory.verdict),
        )
        for option in found.options
    ]
    if not shown and (near := found.nearest) is not None:
        needed = float(near.usable_bytes + near.missing_bytes), Verdict.DOES_NOT_FIT
        shown = [(near.gpu, near.num_gpus, found.workload.mixed_precision, near.other_reading, needed)]
    return shown


@pytest.mark.parametrize("text", OPEN)
def test_the_other_reading_is_what_typing_it_gives(text: str) -> None:
    spec = READ(text)
    compared = 0
    for gpu, num_gpus, mixed, other, _ in judged(spec):
        if other is None:
            continue
        typed = {"mixed_precision": not mixed, "gpu": gpu, "num_gpus": num_gpus}
        (_, _, _, none, (needed, verdict)), *_ = judged(spec.model_copy(update=typed))
        assert none is None
        assert other.process_bytes.likely == pytest.approx(needed, abs=1)
        assert other.verdict is verdict
        compared += 1
    assert compared


def test_what_fits_with_another_micro_batch_is_not_said_to_fail() -> None:
    """The plan of 16-bit states, with a micro batch of 8, is no plan of fp32 ones."""
    ((*_, other, _), *_) = judged(READ("7b full 1xh200 hf"))
    assert other is not None
    assert other.verdict is Verdict.TIGHT


@pytest.mark.parametrize(
    ("text", "micro_batch_size", "checkpointing"),
    [
        ("tinyllama-1.1b full 1xa100-40gb seq=2048 bs=1024 tokens=1b", 4, None),
        ("7b full 1xa100-80gb hf mbs=1", None, Checkpointing.FULL),
        ("7b full 1xh200 hf mbs=8", None, Checkpointing.FULL),
        ("llama-3.2-3b full 1xa100-80gb seq=4096 bs=32", 1, Checkpointing.NONE),
        ("llama-3.2-1b full 1xa100-40gb seq=4096 bs=32", None, Checkpointing.NONE),
    ],
)
def test_the_other_reading_names_what_its_plan_has_of_its_own(
    text: str, micro_batch_size: int | None, checkpointing: Checkpointing | None
) -> None:
    ((*_, other, _), *_) = judged(READ(text))
    assert other is not None
    assert (other.micro_batch_size, other.activation_checkpointing) == (micro_batch_size, checkpointing)
