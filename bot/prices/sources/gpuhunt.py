"""The catalogues that gpuhunt collects every hour from nine clouds, in USD: a published CSV for each."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from bot.files import write_whole
from bot.observe import get_log
from bot.prices.names import GpuNames
from bot.prices.port import MissingPart, SourceAnswer, SourceDown, TimeLeft
from bot.prices.source_config import GpuhuntConfig
from bot.prices.sources.gpuhunt_catalogue import (
    CatalogueRow,
    catalogue_rows,
    day_of,
    is_version,
    rows_in,
    unzipped,
)
from bot.prices.sources.http import fetched_bytes
from estimator.money import Money, Offer
from estimator.spec import Market

_LOG: Final = get_log(__name__)
NAME: Final = "gpuhunt"
MAX_VERSION_BYTES: Final = 256
KEPT_DAYS: Final = 7
"""A whole catalogue is believed for so long against a newer one with half of its rows."""
_COUNTRY: Final = re.compile(r"^[A-Z]{2}$")
_ZONE: Final = re.compile(r"-[a-z]$")


class _Placed(NamedTuple):
    """A row as one of ours."""

    seller: str
    region: str
    gpu: str
    row: CatalogueRow


_Type = tuple[str, str, int, bool, str]
"""GPU, instance type, its GPUs, spot, seller."""


class Gpuhunt:
    """All catalogues, reduced to our GPUs and the cheapest regions of each instance type."""

    name = NAME

    def __init__(self, config: GpuhuntConfig, state_dir: Path, now: Callable[[], datetime]) -> None:
        self._config, self._dir, self._now = config, state_dir / NAME, now
        self._names = GpuNames(NAME, config.names)

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        """The newest catalogue of each cloud; a cloud that fails keeps the one before."""
        try:
            self._dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _of_our_disk(error) from error
        clouds = self._config.providers
        failed = {theirs: down for theirs in clouds if (down := self._not_downloaded(theirs, time_left))}
        if len(failed) == len(clouds):
            waits = [down.retry_after_seconds or 0.0 for down in failed.values()]
            raise SourceDown(str(next(iter(failed.values()))), retry_after_seconds=max(waits) or None)
        now = self._now()
        offers = [offer for theirs in clouds for offer in self._listed(theirs, now)]
        self._names.log_unknown()
        if failed:
            _LOG.warning("catalogues not renewed", source=NAME, why=list(map(str, failed.values())))
        if not offers:
            raise SourceDown("no GPU of ours in any catalogue")
        missing = tuple(
            MissingPart(part=clouds[theirs], why=str(down), sellers=self._sellers(theirs))
            for theirs, down in failed.items()
        )
        return SourceAnswer(fetched_at=now, offers=tuple(offers), missing=missing)

    def _not_downloaded(self, theirs: str, time_left: TimeLeft) -> SourceDown | None:
        try:
            version = self._newest_version(theirs, time_left)
            if self._kept_version(theirs) != version:
                self._download(theirs, version, time_left)
        except SourceDown as down:
            return SourceDown(f"{theirs}: {down}", retry_after_seconds=down.retry_after_seconds)
        except OSError as error:
            return _of_our_disk(error)
        return None

    def _newest_version(self, theirs: str, time_left: TimeLeft) -> str:
        url = f"{self._config.catalog_url}/{theirs}/version"
        body = fetched_bytes(url, time_left, max_bytes=MAX_VERSION_BYTES)
        version = body.decode("ascii", errors="replace").strip()
        if not is_version(version):
            raise SourceDown(f"its version {version!r:.40} is none")
        return version

    def _csv(self, theirs: str) -> Path:
        return self._dir / f"{theirs}.csv"

    def _kept_version(self, theirs: str) -> str:
        """Of the catalogue that we have; empty where we have none."""
        try:
            version = (self._dir / f"{theirs}.version").read_text(encoding="ascii")
        except (OSError, ValueError):
            return ""
        return version if is_version(version) and self._csv(theirs).is_file() else ""

    def _download(self, theirs: str, version: str, time_left: TimeLeft) -> None:
        url = f"{self._config.catalog_url}/{theirs}/{version}/catalog.zip"
        body = fetched_bytes(url, time_left, max_bytes=self._config.max_zip_bytes)
        content = unzipped(body, f"{theirs}.csv", max_bytes=self._config.max_csv_bytes)
        self._compare(theirs, content)
        write_whole(self._csv(theirs), content)
        write_whole(self._dir / f"{theirs}.version", version.encode("ascii"))

    def _compare(self, theirs: str, content: bytes) -> None:
        """Refuse a catalogue with half the rows of the one before, while that one is young."""
        text = content.decode("utf-8", errors="replace")
        num_rows = sum(1 for _ in rows_in(text.splitlines(keepends=True)))
        if not num_rows:
            raise SourceDown("no GPU with a price in its catalogue")
        kept = self._kept_version(theirs)
        if not kept or self._now().date() - day_of(kept) > timedelta(days=KEPT_DAYS):
            return
        before = _num_rows(self._csv(theirs))
        if num_rows < self._config.fewest_share * before:
            raise SourceDown(f"only {num_rows} rows where there were {before}")

    def _listed(self, theirs: str, now: datetime) -> tuple[Offer, ...]:
        """What the kept catalogue offers; one that cannot be read is none, and is asked for again."""
        try:
            return tuple(self._offers(theirs, now))
        except (SourceDown, OSError) as error:
            _LOG.warning("kept catalogue cannot be read", source=NAME, cloud=theirs, why=str(error))
            (self._dir / f"{theirs}.version").unlink(missing_ok=True)
            return ()

    def _offers(self, theirs: str, now: datetime) -> Iterator[Offer]:
        if not (version := self._kept_version(theirs)):
            return
        as_of = min(day_of(version), now.date())
        rows = (row for row in catalogue_rows(self._csv(theirs)) if self._is_for_anybody(theirs, row))
        for seller, region, gpu, row in self._cheapest_regions(theirs, rows):
            yield Offer(
                provider=seller,
                region=region,
                instance_type=row.instance_name,
                gpu=gpu,
                num_gpus=row.gpu_count,
                price_per_hour=Money(amount=row.price_usd_per_hour, currency="USD"),
                market=Market.SPOT if row.spot else Market.ON_DEMAND,
                host_memory_gb=row.memory_gb,
                as_of=as_of,
                fetched_at=now,
                source=f"{NAME}: catalogue of {seller}",
            )

    def _is_for_anybody(self, theirs: str, row: CatalogueRow) -> bool:
        pattern = self._config.not_on_demand.get(theirs)
        is_listed_only = pattern is not None and not row.spot and re.search(pattern, row.instance_name)
        return not is_listed_only and not any(flag in row.flags for flag in self._config.unlisted_flags)

    def _seller(self, theirs: str, location: str) -> str:
        """A country for a place is how the machines of other people are listed; a data centre has an id."""
        community = self._config.community.get(theirs)
        return community if community and _COUNTRY.match(location) else self._config.providers[theirs]

    def _sellers(self, theirs: str) -> tuple[str, ...]:
        """Everybody whose prices stand in the catalogue."""
        community = self._config.community.get(theirs)
        return (self._config.providers[theirs], *([community] if community else []))

    def _region(self, theirs: str, location: str) -> str:
        return _ZONE.sub("", location) if theirs in self._config.zoned else location

    def _cheapest_regions(self, theirs: str, rows: Iterable[CatalogueRow]) -> Iterator[_Placed]:
        """Of each instance type the cheapest row of each region (some clouds list zones), cheapest first."""
        cheapest: dict[_Type, dict[str, CatalogueRow]] = defaultdict(dict)
        for row in rows:
            gpu = self._names.key(row.gpu_name, row.gpu_memory_gb, instance=row.instance_name)
            if gpu:
                sold = (gpu, row.instance_name, row.gpu_count, row.spot, self._seller(theirs, row.location))
                region = self._region(theirs, row.location)
                known = cheapest[sold].setdefault(region, row)
                if row.price_usd_per_hour < known.price_usd_per_hour:
                    cheapest[sold][region] = row
        for (gpu, _, _, _, seller), by_region in cheapest.items():
            ordered = sorted(by_region.items(), key=lambda placed: (placed[1].price_usd_per_hour, placed[0]))
            for region, row in ordered[: self._config.regions_per_type]:
                yield _Placed(seller, region, gpu, row)


def _num_rows(path: Path) -> int:
    """Of the catalogue before; 0 where it cannot be read, and tells nothing about a newer one."""
    try:
        return sum(1 for _ in catalogue_rows(path))
    except SourceDown:
        return 0


def _of_our_disk(error: OSError) -> SourceDown:
    """What is no trouble of the source's: an admin looks at FTCOST_STATE_DIR."""
    return SourceDown(f"FTCOST_STATE_DIR takes no catalogue: {error.strerror or type(error).__name__}")
