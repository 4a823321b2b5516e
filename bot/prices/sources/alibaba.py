"""Alibaba Cloud's public list of ECS prices: the file behind its own pricing page, in the currency it says.

Undocumented, so a failure is normal. The file's address carries a version that changes; the last one that
worked is tried again when the page can't be read.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from bot.prices.port import SourceAnswer, SourceDown, TimeLeft
from bot.prices.source_config import AlibabaConfig
from bot.prices.sources.http import fetched_bytes, fetched_chunks
from estimator.money import Money, Offer, is_currency_code, positive_number

NAME: Final = "alibaba"
MAX_ENTRY_CHARACTERS: Final = 1 << 16
FILE_SECONDS: Final = 100.0
"""The file is a hundred times larger than any page."""
_ENVELOPE: Final = re.compile(r'"(currency|publicationDate)"\s*:\s*"([^"\\]{1,40})"')
_ENTRY: Final = re.compile(r'"([^"\\]{1,80}::ecs\.[^"\\]{1,200})"\s*:\s*(?=\{)')
_GPUS_PER_VCPUS: Final = re.compile(r"-c([1-9]\d*)g(\d+)\.(\d*)x?large$")
_NUM_GPUS: Final = re.compile(r"-(\d+)x\.")


class Alibaba:
    """The whole list, reduced to GPU families on Linux in a VPC."""

    name = NAME

    def __init__(self, config: AlibabaConfig, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now
        self._file_url = ""

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        """Every region's price of every instance type with whole GPUs."""
        file = PriceFile(
            fetched_chunks(
                self._current_file_url(time_left),
                time_left,
                max_bytes=self._config.max_file_bytes,
                most_seconds=FILE_SECONDS,
            )
        )
        listed = _whole_gpus(file, self._config)
        currency, day = file.currency(), file.day(self._now())
        if len(listed) < self._config.fewest_offers:
            raise SourceDown(f"only {len(listed)} GPU instances in the price file")
        now = self._now()
        offers = tuple(_offer(key, found, currency, day, now) for key, found in listed.items())
        return SourceAnswer(fetched_at=now, offers=offers)

    def _current_file_url(self, time_left: TimeLeft) -> str:
        try:
            page = fetched_bytes(self._config.page_url, time_left, max_bytes=self._config.max_page_bytes)
        except SourceDown:
            if self._file_url:
                return self._file_url
            raise
        if found := re.search(self._config.file_url_pattern, page.decode("utf-8", errors="replace")):
            address = found.group(0)  # some pages leave the scheme out
            self._file_url = ("https:" if address.startswith("//") else "") + address + self._config.file_path
        if not self._file_url:
            raise SourceDown("its pricing page names no price file")
        return self._file_url


class PriceFile:
    """The file, read as it comes: all of it at once takes half a GiB. Knows then what its envelope says."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._envelope: dict[str, str] = {}
        self._depth = 0
        self._json = json.JSONDecoder()

    def entries(self) -> Iterator[tuple[str, Any]]:
        """Key and value of each instance; one that is no JSON is left out."""
        text, decoder = "", getincrementaldecoder("utf-8")(errors="replace")
        for chunk in self._chunks:
            self._depth += chunk.count(b"{") - chunk.count(b"}")
            text = yield from self._whole_entries(text + decoder.decode(chunk), is_last=False)
        text = yield from self._whole_entries(text, is_last=True)
        self._note(text)
        if self._depth != 0 or not text.rstrip().endswith("}"):
            raise SourceDown("the price file ends in the middle")

    def _whole_entries(self, text: str, *, is_last: bool) -> Generator[tuple[str, Any], None, str]:
        """The entries that end in `text`; what is left of it, which may be the beginning of one."""
        end = 0
        while found := _ENTRY.search(text, end):
            self._note(text[end : found.start()])
            try:
                value, end = self._json.raw_decode(text, found.end())
            except (ValueError, RecursionError):
                if not is_last and len(text) - found.start() <= MAX_ENTRY_CHARACTERS:
                    return text[found.start() :]  # the rest of the value is in the next chunk
                end = found.end()
            else:
                yield found.group(1), value
        kept = max(end, len(text) - MAX_ENTRY_CHARACTERS)
        self._note(text[end:kept])
        return text[kept:]

    def currency(self) -> str:
        """Of all its prices: one site's file is in CNY, another's in USD.

        Raises:
            SourceDown: it says none.
        """
        currency = self._envelope.get("currency", "")
        if not is_currency_code(currency):
            raise SourceDown("the price file names no currency")
        return currency

    def day(self, now: datetime) -> date | None:
        """On which the prices were published; None where it does not say.

        Raises:
            SourceDown: a day that is to come.
        """
        said = self._envelope.get("publicationDate", "").replace("/", "-")
        try:
            day = date.fromisoformat(said[:10] if "-" in said else said[:8])
        except ValueError:
            return None
        if day > now.date() + timedelta(days=1):
            raise SourceDown(f"the price file is of {day}, which is to come")
        return day

    def _note(self, text: str) -> None:
        for name, value in _ENVELOPE.findall(text):
            self._envelope.setdefault(name, value)


def _whole_gpus(file: PriceFile, config: AlibabaConfig) -> dict[tuple[str, str], tuple[str, int, Decimal]]:
    """GPU, count and price by region and type, on Linux in a VPC; of two I/O modes the optimized one."""
    listed: dict[tuple[str, str], tuple[str, int, Decimal]] = {}
    for key, value in file.entries():
        region, instance_type, *kind = key.split("::")
        if kind[:2] != ["vpc", "linux"] or (held := gpus_of(instance_type, config)) is None:
            continue
        is_better = kind[2:] == ["optimized"] or (region, instance_type) not in listed
        if is_better and (amount := _hourly(value)) is not None:
            listed[region, instance_type] = (*held, amount)
    return listed


def _offer(
    key: tuple[str, str], found: tuple[str, int, Decimal], currency: str, day: date | None, now: datetime
) -> Offer:
    gpu, num_gpus, amount = found
    return Offer(
        provider=NAME,
        region=key[0],
        instance_type=key[1],
        gpu=gpu,
        num_gpus=num_gpus,
        price_per_hour=Money(amount=amount, currency=currency),
        as_of=day,
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
        return positive_number(value["hours"][0]["price"])
    except (KeyError, IndexError, TypeError):
        return None
