"""The catalogues that gpuhunt collects every hour from nine clouds, in USD.

Version and archive are downloaded here, with time-outs and caps (the library's own download has none), and
read through the library's public query, in a refresher's thread.
"""

import io
import os
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bot.prices.config import GpuhuntConfig
from bot.prices.http import fetched_bytes
from bot.prices.port import Reading, SourceDown
from estimator.money import Money, Offer
from estimator.spec import Market

NAME: Final = "gpuhunt"
MAX_VERSION_BYTES: Final = 256
_VERSION: Final = re.compile(r"^(\d{8})-[\w.-]{1,40}$")

Item = Any
"""`gpuhunt.CatalogItem`: the library ships no types."""


class Gpuhunt:
    """All catalogues, reduced to our GPUs and the cheapest regions of each instance type."""

    name = NAME

    def __init__(self, config: GpuhuntConfig, state_dir: Path, now: Callable[[], datetime]) -> None:
        self._config, self._dir, self._now = config, state_dir / NAME, now

    def read(self) -> Reading:
        """The newest catalogue of each cloud; a cloud that fails keeps the one before."""
        self._dir.mkdir(parents=True, exist_ok=True)
        failures = [why for theirs in self._config.providers if (why := self._why_not_downloaded(theirs))]
        if len(failures) == len(self._config.providers):
            raise SourceDown(failures[0])
        now = self._now()
        offers = [offer for theirs in self._config.providers for offer in self._offers(theirs, now)]
        if not offers:
            raise SourceDown("no GPU of ours in any catalogue")
        return Reading(fetched_at=now, offers=tuple(offers))

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
        csv = unzipped(body, f"{theirs}.csv", max_bytes=self._config.max_csv_bytes)
        _write(self._dir / f"{theirs}.csv", csv)
        _write(self._dir / f"{theirs}.version", version.encode("ascii"))

    def _offers(self, theirs: str, now: datetime) -> Iterator[Offer]:
        if not (version := self._kept_version(theirs)):
            return
        as_of = datetime.strptime(version[:8], "%Y%m%d").replace(tzinfo=UTC).date()
        for item, gpu in self._cheapest_regions(_queried(theirs, self._dir)):
            yield _offer(item, self._config.providers[theirs], gpu, as_of, now)

    def _cheapest_regions(self, items: Iterable[Item]) -> Iterator[tuple[Item, str]]:
        grouped: dict[tuple[str, str, int, bool], list[Item]] = defaultdict(list)
        for item in items:
            if gpu := self._gpu(item):
                grouped[gpu, item.instance_name, item.gpu_count, item.spot].append(item)
        for (gpu, *_), same in grouped.items():
            cheapest = sorted(same, key=lambda item: (item.price, item.location))
            yield from ((item, gpu) for item in cheapest[: self._config.regions_per_type])

    def _gpu(self, item: Item) -> str | None:
        if item.price is None or not item.price > 0:
            return None
        said = (str(item.gpu_name).casefold(), round(item.gpu_memory or 0))
        return next(
            (n.gpu for n in self._config.names if (n.name.casefold(), round(n.memory_gb)) == said), None
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


def _queried(theirs: str, directory: Path) -> list[Item]:
    from gpuhunt import Catalog  # noqa: PLC0415  -- 170 ms

    os.environ["GPUHUNT_CATALOG_DIR"] = str(directory)  # its only way to be told; nothing else reads it
    try:
        items: list[Item] = Catalog(auto_reload=False).query(provider=theirs, min_gpu_count=1)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceDown(f"{theirs}: unreadable catalogue: {error!r:.80}") from error
    return items


def _offer(item: Item, provider: str, gpu: str, as_of: date, now: datetime) -> Offer:
    return Offer(
        provider=provider,
        region=item.location,
        instance_type=item.instance_name,
        gpu=gpu,
        num_gpus=item.gpu_count,
        price_per_hour=Money(amount=Decimal(str(item.price)), currency="USD"),
        market=Market.SPOT if item.spot else Market.ON_DEMAND,
        as_of=as_of,
        fetched_at=now,
        source=f"{NAME}: catalogue of {provider}",
    )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(path)
