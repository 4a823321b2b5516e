"""Random jobs for `scripts/sweep.py`, each of which says all of its shape."""

import random
from collections.abc import Iterator
from typing import Any, Final

from bot.files import load_catalog
from estimator.spec import (
    Attention,
    Checkpointing,
    Engine,
    Method,
    Optimizer,
    OptimizerImplementation,
    Precision,
    TrainingSpec,
)
from estimator.workload import ADAPTER_METHODS

CATALOG: Final = load_catalog()
GPUS_SWEPT: Final = (1, 2, 4, 8, 16, 32, 64)
LENGTHS: Final = (128, 255, 511, 512, 1024, 2048, 4096, 8192, 32768)
SPLITS: Final = ("tensor_parallel_size", "pipeline_parallel_size", "context_parallel_size")
OFTEN: Final = 0.7
"""Of jobs that say a thing, those that say the usual of it: all that is unusual at once hardly exists."""
UNUSUAL: Final[dict[str, tuple[Any, ...]]] = {
    "engine": tuple(Engine),
    "offload": (True,),
    "offload_params": (True,),
    "packing": (True, False),
    "padded": (True,),
    "fused_loss": (True, False),
    "fused_loss_only": (True,),
    "compile": (True,),
    "autocast": (True, False),
    "mixed_precision": (True, False),
    "keeps_logits": (True,),
    "short_logits": (True,),
    "attention": tuple(Attention),
    "optimizer": tuple(Optimizer),
    "optimizer_implementation": tuple(OptimizerImplementation),
}
"""What a job may say beside its shape."""
OF_ADAPTERS: Final[dict[str, tuple[Any, ...]]] = {
    "lora_dropout": (0.0, 0.05),
    "adapter_precision": (Precision.BF16, Precision.FP32),
    "lora_targets": ("all-linear", ("q_proj", "v_proj")),
}


def any_spec(dice: random.Random) -> TrainingSpec:
    """A random job that says all of its shape."""
    method = dice.choice((Method.FULL, Method.LORA, Method.QLORA, *dice.sample(tuple(Method), 1)))
    count = dice.choice(GPUS_SWEPT)
    adapters = method in ADAPTER_METHODS
    return TrainingSpec(
        model=dice.choice(list(CATALOG.models)),
        method=method,
        precision=dice.choice((Precision.BF16, Precision.FP16, dice.choice(tuple(Precision)))),
        gpu=dice.choice(list(CATALOG.gpus)),
        num_gpus=count,
        zero_stage=dice.choice((0, 1, 2, 3, None)) if count > 1 else None,
        stack=dice.choice(list(CATALOG.frameworks)),
        micro_batch_size=dice.choice((1, 2, 3, 4, 32)),
        gradient_accumulation_steps=dice.choice((1, 2, 8, 32)),
        sequence_length=dice.choice(LENGTHS),
        lora_rank=dice.choice((4, 16, 64, 256)) if adapters else None,
        activation_checkpointing=dice.choice(tuple(Checkpointing)),
        **dict(_splits(dice, count)),
        **dict(_said(dice, UNUSUAL)),
        **(dict(_said(dice, OF_ADAPTERS)) if adapters else {}),
    )


def _splits(dice: random.Random, count: int) -> Iterator[tuple[str, int]]:
    """Sizes of which some are over 1, and whose product shares `count`."""
    if dice.random() < OFTEN:
        return
    for name in SPLITS:
        size = dice.choice([size for size in (1, *GPUS_SWEPT[:5]) if count % size == 0])
        count //= size
        yield name, size


def _said(dice: random.Random, choices: dict[str, tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
    """None to three of `choices`."""
    if dice.random() < OFTEN / 2:
        return
    for name in dice.sample(tuple(choices), min(len(choices), dice.choice((1, 1, 2, 3)))):
        yield name, dice.choice(choices[name])
