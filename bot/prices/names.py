"""Another catalogue's name and memory of a GPU -> a key of ours; what nobody knows is counted and logged."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from bot.observe import get_log
from bot.prices.source_config import GpuName

_LOG: Final = get_log(__name__)
MEMORY_TOLERANCE: Final = 0.08
"""A 24 GB GPU is listed with 22.35 (AWS), one of 270 with 288 (RunPod); a slice of one is far below."""
EXAMPLES_LOGGED: Final = 10
LONGEST_NAME: Final = 60
"""Characters of a stranger's name in a log."""


class GpuNames:
    """The names that one source uses."""

    def __init__(self, source: str, names: Iterable[GpuName], *, tolerance: float = MEMORY_TOLERANCE) -> None:
        self._source, self._tolerance = source, tolerance
        self._by_name: dict[str, list[GpuName]] = {}
        self._unknown: Counter[str] = Counter()
        for each in names:
            self._by_name.setdefault(each.name.casefold(), []).append(each)

    def key(self, name: str, memory_gb: float, *, instance: str = "") -> str | None:
        """The GPU of that name whose memory is nearest, if it is near; None: one that we do not know.

        Where two of ours share name and memory, the words of the instance type tell them apart.
        """

        def off(known: GpuName) -> float:
            return abs(memory_gb / known.memory_gb - 1)

        sized = [each for each in self._by_name.get(name.casefold(), ()) if off(each) <= self._tolerance]
        told = [each for each in sized if each.instance and re.search(each.instance, instance, re.IGNORECASE)]
        fitting = told or [each for each in sized if not each.instance]
        if not fitting:
            self._unknown[f"{name[:LONGEST_NAME]} {memory_gb:g} GB"] += 1
            return None
        return min(fitting, key=off).gpu

    def log_unknown(self) -> None:
        """Say once a reading what was left out; a new GPU shows here first."""
        if self._unknown:
            _LOG.info(
                "GPUs left out of a price list",
                source=self._source,
                rows=self._unknown.total(),
                names=[name for name, _ in self._unknown.most_common(EXAMPLES_LOGGED)],
            )
            self._unknown.clear()
