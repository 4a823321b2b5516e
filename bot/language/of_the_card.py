"""What a reply leaves as its card has it: the number of GPUs, the kind of a GPU whose memory is named."""

from collections.abc import Mapping
from dataclasses import replace

from bot.language.understood import Understood


def of_the_card(found: Understood, before: Mapping[str, object]) -> Understood:
    """`found` over the fields of the card that it answers to."""
    return _with_its_gpu(before, _with_its_count(before, found))


def _with_its_count(before: Mapping[str, object], found: Understood) -> Understood:
    """`and on an H200?` keeps the number of GPUs that the run has: the article alone does not change it."""
    at = found.said_at.get("num_gpus")
    if at is None or "num_gpus" not in before or found.matches[at][1].role != "filler":
        return found
    return replace(found, said={name: value for name, value in found.said.items() if name != "num_gpus"})


def _with_its_gpu(before: Mapping[str, object], found: Understood) -> Understood:
    """`the 40gb version?` of an A100 is its 40 GB, where the GPU of the card comes with several."""
    gpu, memory = before.get("gpu"), found.said.get("gpu_memory_gb")
    if "gpu" in found.said or not isinstance(gpu, str) or not gpu.endswith("gb"):
        return found
    if (variant := found.text.names.of_memory(gpu, memory)) is None:
        return found
    others = {name: value for name, value in found.said.items() if name != "gpu_memory_gb"}
    return replace(found, said={**others, "gpu": variant})
