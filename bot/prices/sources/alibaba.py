"""Alibaba Cloud's public list of ECS prices, in CNY: the file behind its own pricing page.

Undocumented, so a failure is normal. The file's address carries a version that changes; the last one that
worked is tried again when the page can't be read.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bot.prices.config import AlibabaConfig
from bot.prices.port import SourceAnswer, SourceDown
from bot.prices.sources.http import fetched_bytes, fetched_chunks
from estimator.money import Money, Offer

NAME: Final = "alibaba"
DEADLINE_SECONDS: Final = 100.0
MAX_ENTRY_CHARACTERS: Final = 1 << 16
_ENTRY: Final = re.compile(r'"([^"\\]{1,80}::ecs\.[^"\\]{1,200})"\s*:\s*(?=\{)')
_GPUS_PER_VCPUS: Final = re.compile(r"-c(\d+)g(\d+)\.(\d*)x?large$")
_NUM_GPUS: Final = re.compile(r"-(\d+)x\.")


class Alibaba:
    """The whole list, reduced to GPU families on Linux in a VPC."""

    name = NAME

    def __init__(self, config: AlibabaConfig, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now
        self._file_url = ""

    def read(self) -> SourceAnswer:
        """Every region's price of every instance type with whole GPUs."""
        chunks = fetched_chunks(
            self._current_file_url(), max_bytes=self._config.max_file_bytes, deadline_seconds=DEADLINE_SECONDS
        )
        now = self._now()
        offers = (offer_of(key, value, self._config, now) for key, value in entries(chunks))
        found = tuple(offer for offer in offers if offer is not None)
        if not found:
            raise SourceDown("no GPU instance in the price file")
        return SourceAnswer(fetched_at=now, offers=found)

    def _current_file_url(self) -> str:
        try:
            page = fetched_bytes(self._config.page_url, max_bytes=self._config.max_page_bytes)
        except SourceDown:
            if self._file_url:
                return self._file_url
            raise
        if found := re.search(self._config.file_url_pattern, page.decode("utf-8", errors="replace")):
            self._file_url = found.group(0) + self._config.file_path
        if not self._file_url:
            raise SourceDown("its pricing page names no price file")
        return self._file_url


def entries(chunks: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """Key and value of each instance in the file, read as it comes: all of it at once takes half a GiB."""
    text, decoder, json_decoder = "", getincrementaldecoder("utf-8")(errors="replace"), json.JSONDecoder()
    for chunk in chunks:
        text += decoder.decode(chunk)
        end = 0
        while found := _ENTRY.search(text, end):
            try:
                value, end = json_decoder.raw_decode(text, found.end())
            except ValueError:
                end = found.start()
                break  # the rest of the value is in the next chunk
            yield found.group(1), value
        text = text[end:] if end else text[-MAX_ENTRY_CHARACTERS:]


def offer_of(key: str, value: Any, config: AlibabaConfig, now: datetime) -> Offer | None:
    """The offer behind one entry of the file; None where it is no priced GPU instance on Linux in a VPC."""
    region, _, rest = key.partition("::")
    instance_type, _, rest = rest.partition("::")
    kind = rest.split("::")
    if kind[:2] != ["vpc", "linux"] or (held := gpus_of(instance_type, config)) is None:
        return None
    if (amount := _hourly(value)) is None:
        return None
    return Offer(
        provider=NAME,
        region=region,
        instance_type=instance_type,
        gpu=held[0],
        num_gpus=held[1],
        price_per_hour=Money(amount=amount, currency="CNY"),
        as_of=now.date(),
        fetched_at=now,
        source=f"{NAME}: public ECS price list",
    )


def gpus_of(instance_type: str, config: AlibabaConfig) -> tuple[str, int] | None:
    """GPU and count of an instance type such as `ecs.gn7e-c16g1.4xlarge`; None where we don't know both."""
    family = instance_type.removeprefix("ecs.").partition(".")[0].partition("-")[0]
    if (gpu := config.families.get(family)) is None:
        return None
    count = config.num_gpus.get(instance_type) or next(_counted(instance_type), 0)
    return (gpu, count) if count else None


def _counted(instance_type: str) -> Iterator[int]:
    if found := _NUM_GPUS.search(instance_type):
        yield int(found.group(1))
    if found := _GPUS_PER_VCPUS.search(instance_type):
        vcpus_per_group, gpus, size = int(found.group(1)), int(found.group(2)), found.group(3)
        yield _vcpus(instance_type, size) * gpus // vcpus_per_group


def _vcpus(instance_type: str, size: str) -> int:
    """`large` has 2, `xlarge` 4, `Nxlarge` 4 N."""
    if instance_type.endswith(".large"):
        return 2
    return 4 * int(size or 1)


def _hourly(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value["hours"][0]["price"]))
    except (KeyError, IndexError, TypeError, InvalidOperation):
        return None
    return amount if amount.is_finite() and amount > 0 else None
