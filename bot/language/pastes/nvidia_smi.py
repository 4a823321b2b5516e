"""The table of `nvidia-smi`: which GPUs there are, and how full they are."""

import re
from collections.abc import Iterator
from typing import Any, Final

from bot.language.pastes.facts import GpuReading, LogFacts
from bot.language.tools.names import gpu_key
from bot.language.vocabulary import Vocabulary
from estimator.units import MIB

_MEMORY: Final = re.compile(r"(\d{1,7}) ?MiB */ *(\d{2,7}) ?MiB")
_NAMED: Final = re.compile(
    r"^\s*\|?\s*(\d{1,3})\s{1,6}([A-Z][\w .+/-]{2,40}?)(?:\.{3})?\s{1,40}(?:On|Off|N/A)?\s*\|"
)
_LISTED: Final = re.compile(r"GPU (\d{1,3}): ([^\n(]{3,60}?) \(UUID")
_CSV: Final = re.compile(
    r"^(?:\d{1,3},? {1,4})?([A-Z][\w .-]{3,40}), (?:(\d{1,7}) MiB, )?(\d{1,7}) MiB", re.MULTILINE
)


_GPUSTAT: Final = re.compile(
    r"^\[\d{1,3}\] ([A-Z][\w .-]{3,40}?) *\|[^\n]{0,60}\| *(\d{1,7}) */ *(\d{3,7}) MB", re.MULTILINE
)
"""`gpustat`, which people paste as often."""


def read_smi(text: str, vocabulary: Vocabulary) -> tuple[LogFacts, dict[str, Any]] | None:
    """The GPUs and what of a spec they say; None where it is no such table."""
    readings = tuple(_readings(text, vocabulary)) or tuple(_listed(text, vocabulary))
    if not readings:
        return None
    fullest = max(readings, key=lambda each: each.used_bytes)
    keys = {each.gpu for each in readings}
    one = keys.pop() if len(keys) == 1 else None
    fields: dict[str, Any] = {"gpu": one, "num_gpus": len(readings)} if one else {}
    facts = LogFacts(
        process_bytes=fullest.used_bytes or None,
        gpu_memory_bytes=fullest.total_bytes or None,
        gpu=one,
        num_gpus=len(readings),
        gpus=readings,
    )
    return facts, fields


def _readings(text: str, vocabulary: Vocabulary) -> Iterator[GpuReading]:
    name = ""
    for line in text.splitlines():
        if named := _NAMED.match(line[:200]):
            name = named[2].strip()
        if memory := _MEMORY.search(line[:300]):
            used, total = (int(each) * MIB for each in memory.groups())
            yield GpuReading(name=name, gpu=_key(name, total, vocabulary), used_bytes=used, total_bytes=total)


def _listed(text: str, vocabulary: Vocabulary) -> Iterator[GpuReading]:
    """`nvidia-smi -L`, and `--query-gpu=name,memory.used,memory.total --format=csv`."""
    for _, name in _LISTED.findall(text):
        yield GpuReading(name=name, gpu=_key(name, 0, vocabulary), used_bytes=0, total_bytes=0)
    for name, *sizes in (*_CSV.findall(text), *_GPUSTAT.findall(text)):
        used, total = sorted(sizes, key=lambda size: int(size or 0))  # whichever was asked for first
        total_bytes = int(total) * MIB
        yield GpuReading(
            name=name,
            gpu=_key(name, total_bytes, vocabulary),
            used_bytes=int(used or 0) * MIB,
            total_bytes=total_bytes,
        )


def _key(name: str, total_bytes: int, vocabulary: Vocabulary) -> str | None:
    """The GPU of this name, of several sizes that of the memory it has."""
    key = gpu_key(name, vocabulary)
    if key is None or not total_bytes or vocabulary.gpu_memory_gb is None:
        return key
    size = total_bytes / 2**30
    if abs(vocabulary.gpu_memory_gb.get(key, size) - size) <= 0.1 * size:
        return key
    family = key.rsplit("-", 1)[0] if re.search(r"-\d+gb$", key) else key
    kin = (each for each in vocabulary.gpus if each.startswith(family))
    return next(
        (each for each in kin if abs(vocabulary.gpu_memory_gb.get(each, 0) - size) <= 0.08 * size), key
    )
