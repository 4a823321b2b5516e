"""Commands that differ as people's do: another model, method, GPU, length or size of the data each time."""

from collections.abc import Iterator
from itertools import count, islice, product
from typing import Final

MODELS: Final = ("7b", "llama-3.1-8b", "qwen2.5-14b", "13b", "mistral-7b", "gemma-2-9b", "3b", "32b")
METHODS: Final = ("fp16", "qlora r=16", "lora", "lora r=64 bf16", "bf16")
WHERE: Final = ("", "on 4090", "on 2x a100", "8xh100 zero3", "on h100 spot")
LENGTHS: Final = ("", "seq=2k", "seq=4k")
MISTAKE_EVERY: Final = 25
"""One command in so many cannot be read."""


def different() -> Iterator[str]:
    """Commands without end, no two alike; of {jobs} jobs, each again after all the others."""
    jobs = tuple(product(LENGTHS, WHERE, METHODS, MODELS))
    for at in count():
        length, where, method, model = jobs[(at * 7) % len(jobs)]
        text = f"{model} {method} n={1000 + 13 * at} {length} {where}"
        yield "7b bs=0" if at % MISTAKE_EVERY == MISTAKE_EVERY - 1 else " ".join(text.split())


def some(number: int, *, skip: int = 0) -> tuple[str, ...]:
    """`number` different commands, after the first `skip`."""
    return tuple(islice(different(), skip, skip + number))


def is_mistaken(text: str) -> bool:
    """Whether it is answered by its asker's own response alone."""
    return text == "7b bs=0"
