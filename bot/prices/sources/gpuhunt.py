"""The catalogues that gpuhunt collects every hour from nine clouds, in USD: a published CSV for each.

The columns are those of its `storage.CATALOG_V2_FIELDS` (0.1.34); a cloud's version begins with its day.
"""

import csv
import io
import os
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from bot.prices.config import GpuhuntConfig, GpuName
from bot.prices.port import SourceAnswer, SourceDown
from bot.prices.sources.http import fetched_bytes
from estimator.money import Money, Offer
from estimator.spec import Market

NAME: Final = "gpuhunt"
MAX_VERSION_BYTES: Final = 256
MEMORY_TOLERANCE: Final = 0.08
"""A 24 GB card is listed with 22.35 (AWS), one of 270 with 288 (RunPod)."""
_SPOT: Final = {"True": True, "False": False}
_VERSION: Final = re.compile(r"^(\d{8})-[\w.-]{1,40}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A GPU instance of a catalogue."""

    instance_name: str
    location: str
    """A region, or a zone of one."""
    price_usd_per_hour: Decimal
    """Of the whole instance."""
    gpu_count: int
    gpu_name: str
    gpu_memory_gb: float
    """Of one GPU; some clouds say what is usable, some what is sold."""
    spot: bool


class Gpuhunt:
    """All catalogues, reduced to our GPUs and the cheapest regions of each instance type."""

    name = NAME

    def __init__(self, config: GpuhuntConfig, state_dir: Path, now: Callable[[], datetime]) -> None:
        self._config, self._dir, self._now = config, state_dir / NAME, now

    def read(self) -> SourceAnswer:
        """The newest catalogue of each cloud; a cloud that fails keeps the one before."""
        self._dir.mkdir(parents=True, exist_ok=True)
        failures = [why for theirs in self._config.providers if (why := self._why_not_downloaded(theirs))]
        if len(failures) == len(self._config.providers):
            raise SourceDown(failures[0])
        now = self._now()
        offers = [offer for theirs in self._config.providers for offer in self._offers(theirs, now)]
        if not offers:
            raise SourceDown("no GPU of ours in any catalogue")
        return SourceAnswer(fetched_at=now, offers=tuple(offers))

    def _why_not_downloaded(self, theirs: str) -> str:
        try:
            version = self._newest_version(theirs)
            if self._kept_version(theirs) != version:
                self._download(theirs, version)
        except SourceDown as down:
            return f"{theirs}: {down}"
        return ""

    def _newest_version(self, theirs: str) -> str:
        body = fetched_bytes(f"{self._config.catalog_url}/{theirs}/version", max_bytes=MAX_VERSION_BYTES)
        version = body.decode("ascii", errors="replace").strip()
        if not _VERSION.match(version):
            raise SourceDown(f"its version {version!r:.40} is none")
        return version

    def _kept_version(self, theirs: str) -> str:
        path = self._dir / f"{theirs}.version"
        return path.read_text(encoding="ascii") if path.is_file() else ""

    def _download(self, theirs: str, version: str) -> None:
        url = f"{self._config.catalog_url}/{theirs}/{version}/catalog.zip"
        body = fetched_bytes(url, max_bytes=self._config.max_zip_bytes)
        content = unzipped(body, f"{theirs}.csv", max_bytes=self._config.max_csv_bytes)
        _write(self._dir / f"{theirs}.csv", content)
        _write(self._dir / f"{theirs}.version", version.encode("ascii"))

    def _offers(self, theirs: str, now: datetime) -> Iterator[Offer]:
        if not (version := self._kept_version(theirs)):
            return
        as_of = datetime.strptime(version[:8], "%Y%m%d").replace(tzinfo=UTC).date()
        provider = self._config.providers[theirs]
        for row, gpu in self._cheapest_regions(rows_of(self._dir / f"{theirs}.csv")):
            yield Offer(
                provider=provider,
                region=row.location,
                instance_type=row.instance_name,
                gpu=gpu,
                num_gpus=row.gpu_count,
                price_per_hour=Money(amount=row.price_usd_per_hour, currency="USD"),
                market=Market.SPOT if row.spot else Market.ON_DEMAND,
                as_of=as_of,
                fetched_at=now,
                source=f"{NAME}: catalogue of {provider}",
            )

    def _cheapest_regions(self, rows: Iterable[Row]) -> Iterator[tuple[Row, str]]:
        grouped: dict[tuple[str, str, int, bool], list[Row]] = defaultdict(list)
        for row in rows:
            if gpu := self._gpu(row):
                grouped[gpu, row.instance_name, row.gpu_count, row.spot].append(row)
        for (gpu, *_), same in grouped.items():
            cheapest = sorted(same, key=lambda row: (row.price_usd_per_hour, row.location))
            yield from ((row, gpu) for row in cheapest[: self._config.regions_per_type])

    def _gpu(self, row: Row) -> str | None:
        """The GPU of that name whose memory is nearest, if it is near."""

        def off(known: GpuName) -> float:
            return abs(row.gpu_memory_gb / known.memory_gb - 1)

        named = (each for each in self._config.names if each.name.casefold() == row.gpu_name.casefold())
        nearest = min(named, key=off, default=None)
        return nearest.gpu if nearest and off(nearest) <= MEMORY_TOLERANCE else None


def rows_of(path: Path) -> Iterator[Row]:
    """The priced GPU instances of the catalogue at `path`; a line that is none of its format is left out."""
    # a line that csv cannot read at all ends the catalogue, and no other
    with path.open(encoding="utf-8", errors="replace", newline="") as file, suppress(csv.Error):
        for line in csv.DictReader(file):
            try:
                row = _row(line)
            except (KeyError, TypeError, ValueError, ArithmeticError):
                continue
            if row is not None:
                yield row


def _row(line: Mapping[str, str]) -> Row | None:
    """The instance of a line; None where it has no GPU or no price."""
    count, price = int(line["gpu_count"]), Decimal(line["price"])
    if count < 1 or not price > 0 or not line["gpu_memory"]:
        return None
    return Row(
        instance_name=line["instance_name"],
        location=line["location"],
        price_usd_per_hour=price,
        gpu_count=count,
        gpu_name=line["gpu_name"],
        gpu_memory_gb=float(line["gpu_memory"]),
        spot=_SPOT[line["spot"]],
    )


def unzipped(archive: bytes, name: str, *, max_bytes: int) -> bytes:
    """The file `name` in `archive`.

    Raises:
        SourceDown: no archive, no such file, or larger than `max_bytes` unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened, opened.open(name) as file:
            unpacked = file.read(max_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, RuntimeError, ValueError) as error:
        raise SourceDown(f"not a catalogue: {error!r:.80}") from error
    if len(unpacked) > max_bytes:
        raise SourceDown(f"its catalogue is larger than {max_bytes} bytes")
    return unpacked


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(path)
