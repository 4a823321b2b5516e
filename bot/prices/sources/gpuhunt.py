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
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from bot.observe import get_log
from bot.prices.names import GpuNames
from bot.prices.port import SourceAnswer, SourceDown
from bot.prices.source_config import GpuhuntConfig
from bot.prices.sources.http import fetched_bytes
from estimator.money import Money, Offer
from estimator.spec import Market

_LOG: Final = get_log(__name__)
NAME: Final = "gpuhunt"
MAX_VERSION_BYTES: Final = 256
KEPT_DAYS: Final = 7
"""A whole catalogue is believed for so long against a newer one with half of its rows."""
_SPOT: Final = {"True": True, "False": False}
_COUNTRY: Final = re.compile(r"^[A-Z]{2}$")
_ZONE: Final = re.compile(r"-[a-z]$")
_VERSION: Final = re.compile(r"^(\d{8})-[\w.-]{1,40}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRow:
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
    memory_gb: float | None = None
    """Of the instance, beside its GPUs."""
    flags: tuple[str, ...] = ()
    """Words that tell a reservation, a cluster or a preview from what anybody gets now."""


class Gpuhunt:
    """All catalogues, reduced to our GPUs and the cheapest regions of each instance type."""

    name = NAME

    def __init__(self, config: GpuhuntConfig, state_dir: Path, now: Callable[[], datetime]) -> None:
        self._config, self._dir, self._now = config, state_dir / NAME, now
        self._names = GpuNames(NAME, config.names)

    def read(self) -> SourceAnswer:
        """The newest catalogue of each cloud; a cloud that fails keeps the one before."""
        self._dir.mkdir(parents=True, exist_ok=True)
        failures = [down for theirs in self._config.providers if (down := self._not_downloaded(theirs))]
        if len(failures) == len(self._config.providers):
            waits = [down.retry_after_seconds or 0.0 for down in failures]
            raise SourceDown(str(failures[0]), retry_after_seconds=max(waits) or None)
        now = self._now()
        offers = [offer for theirs in self._config.providers for offer in self._offers(theirs, now)]
        self._names.log_unknown()
        if failures:
            _LOG.warning("catalogues not renewed", source=NAME, why=list(map(str, failures)))
        if not offers:
            raise SourceDown("no GPU of ours in any catalogue")
        return SourceAnswer(fetched_at=now, offers=tuple(offers))

    def _not_downloaded(self, theirs: str) -> SourceDown | None:
        try:
            version = self._newest_version(theirs)
            if self._kept_version(theirs) != version:
                self._download(theirs, version)
        except SourceDown as down:
            return SourceDown(f"{theirs}: {down}", retry_after_seconds=down.retry_after_seconds)
        return None

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
        self._compare(theirs, content)
        _write(self._dir / f"{theirs}.csv", content)
        _write(self._dir / f"{theirs}.version", version.encode("ascii"))

    def _compare(self, theirs: str, content: bytes) -> None:
        """Refuse a catalogue with half the rows of the one before, while that one is young."""
        num_rows = sum(
            1 for _ in rows_in(content.decode("utf-8", errors="replace").splitlines(keepends=True))
        )
        if not num_rows:
            raise SourceDown("no GPU with a price in its catalogue")
        kept, path = self._kept_version(theirs), self._dir / f"{theirs}.csv"
        if not kept or not path.is_file() or self._now().date() - day_of(kept) > timedelta(days=KEPT_DAYS):
            return
        before = sum(1 for _ in catalogue_rows(path))
        if num_rows < self._config.fewest_share * before:
            raise SourceDown(f"only {num_rows} rows where there were {before}")

    def _offers(self, theirs: str, now: datetime) -> Iterator[Offer]:
        if not (version := self._kept_version(theirs)):
            return
        as_of = min(day_of(version), now.date())
        rows = catalogue_rows(self._dir / f"{theirs}.csv")
        for row, gpu in self._cheapest_regions(each for each in rows if self._is_for_anybody(theirs, each)):
            provider = self._seller(theirs, row.location)
            yield Offer(
                provider=provider,
                region=self._region(theirs, row.location),
                instance_type=row.instance_name,
                gpu=gpu,
                num_gpus=row.gpu_count,
                price_per_hour=Money(amount=row.price_usd_per_hour, currency="USD"),
                market=Market.SPOT if row.spot else Market.ON_DEMAND,
                host_memory_gb=row.memory_gb,
                as_of=as_of,
                fetched_at=now,
                source=f"{NAME}: catalogue of {provider}",
            )

    def _is_for_anybody(self, theirs: str, row: CatalogueRow) -> bool:
        pattern = self._config.not_on_demand.get(theirs)
        is_listed_only = pattern is not None and not row.spot and re.search(pattern, row.instance_name)
        return not is_listed_only and not any(flag in row.flags for flag in self._config.unlisted_flags)

    def _seller(self, theirs: str, location: str) -> str:
        """A country for a place is how the machines of other people are listed; a data centre has an id."""
        community = self._config.community.get(theirs)
        return community if community and _COUNTRY.match(location) else self._config.providers[theirs]

    def _region(self, theirs: str, location: str) -> str:
        return _ZONE.sub("", location) if theirs in self._config.zoned else location

    def _cheapest_regions(self, rows: Iterable[CatalogueRow]) -> Iterator[tuple[CatalogueRow, str]]:
        grouped: dict[tuple[str, str, int, bool, bool], list[CatalogueRow]] = defaultdict(list)
        for row in rows:
            gpu = self._names.key(row.gpu_name, row.gpu_memory_gb, instance=row.instance_name)
            if gpu:
                is_country = bool(_COUNTRY.match(row.location))
                grouped[gpu, row.instance_name, row.gpu_count, row.spot, is_country].append(row)
        for (key, *_), same in grouped.items():
            cheapest = sorted(same, key=lambda row: (row.price_usd_per_hour, row.location))
            yield from ((row, key) for row in cheapest[: self._config.regions_per_type])


def day_of(version: str) -> date:
    """The day with which the version of a catalogue begins."""
    return datetime.strptime(version[:8], "%Y%m%d").replace(tzinfo=UTC).date()


def catalogue_rows(path: Path) -> Iterator[CatalogueRow]:
    """The priced GPU instances of the catalogue at `path`; a line that is none of its format is left out."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        yield from rows_in(file)


def rows_in(lines: Iterable[str]) -> Iterator[CatalogueRow]:
    """The same of an open catalogue."""
    # a line that csv cannot read at all ends the catalogue, and no other
    with suppress(csv.Error):
        for line in csv.DictReader(lines):
            try:
                row = _row(line)
            except (KeyError, TypeError, ValueError, ArithmeticError):
                continue
            if row is not None:
                yield row


def _row(line: Mapping[str, str]) -> CatalogueRow | None:
    """The instance of a line; None where it has no GPU or no price."""
    count, price = int(line["gpu_count"]), Decimal(line["price"])
    if count < 1 or not price > 0 or not line["gpu_memory"]:
        return None
    return CatalogueRow(
        instance_name=line["instance_name"],
        location=line["location"],
        price_usd_per_hour=price,
        gpu_count=count,
        gpu_name=line["gpu_name"],
        gpu_memory_gb=float(line["gpu_memory"]),
        spot=_SPOT[line["spot"]],
        memory_gb=float(line.get("memory") or 0) or None,
        flags=tuple((line.get("flags") or "").split()),
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
