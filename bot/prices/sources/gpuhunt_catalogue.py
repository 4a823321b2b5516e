"""A catalogue of gpuhunt: a zip with a CSV of one cloud, and a version that begins with its day.

The columns are those of its `storage.CATALOG_V2_FIELDS` (0.1.34).
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from bot.prices.port import SourceDown
from estimator.money import positive_number

MOST_GPUS: Final = 1024
"""In what is rented as one; more is another column's number."""
MOST_MEMORY_GB: Final = 100_000
"""Of a machine; more is another unit's number. The largest that clouds rent out has 32 TiB."""
NEEDED_COLUMNS: Final = (
    "instance_name", "location", "price", "gpu_count", "gpu_name", "gpu_memory", "spot", "flags",
)  # fmt: skip
"""Without one of them a price is of who knows what: a reservation's would pass for anybody's."""
_SPOT: Final = {"True": True, "False": False}
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


def is_version(text: str) -> bool:
    """Whether it begins with a day, as each version does."""
    try:
        return _VERSION.match(text) is not None and bool(day_of(text))
    except ValueError:
        return False


def day_of(version: str) -> date:
    """The day with which the version of a catalogue begins."""
    return datetime.strptime(version[:8], "%Y%m%d").replace(tzinfo=UTC).date()


def catalogue_rows(path: Path) -> Iterator[CatalogueRow]:
    """The priced GPU instances of the catalogue at `path`; a line that is none of its format is left out."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        yield from rows_in(file)


def rows_in(lines: Iterable[str]) -> Iterator[CatalogueRow]:
    """The same of an open catalogue.

    Raises:
        SourceDown: it is no such catalogue, or at a line that ends it, because CSV it is none.
    """
    read = csv.DictReader(lines)
    for line in _lines(read):
        try:
            row = _row(line)
        except (KeyError, TypeError, ValueError, ArithmeticError):
            continue
        if row is not None:
            yield row


def _lines(read: "csv.DictReader[str]") -> Iterator[Mapping[str, str]]:
    """The lines that have a cell for each column."""
    while True:
        try:
            lacks = set(NEEDED_COLUMNS).difference(read.fieldnames or ())
            line = next(read, None)
        except csv.Error as error:  # what follows is lost, so what came before is not the whole
            raise SourceDown(f"its catalogue cannot be read after line {read.line_num}: {error}") from error
        if lacks:
            raise SourceDown(f"its catalogue has no column {min(lacks)}")
        if line is None:
            return
        if None not in line and None not in line.values():
            yield line


def _row(line: Mapping[str, str]) -> CatalogueRow | None:
    """The instance of a line; None where it has no GPU, no price, no name or no place."""
    count, price = int(line["gpu_count"]), positive_number(line["price"])
    gpu_memory, memory = positive_number(line["gpu_memory"]), positive_number(line.get("memory"))
    name, location = line["instance_name"].strip(), line["location"].strip()
    if not 1 <= count <= MOST_GPUS or price is None or gpu_memory is None or not name or not location:
        return None
    return CatalogueRow(
        instance_name=name,
        location=location,
        price_usd_per_hour=price,
        gpu_count=count,
        gpu_name=line["gpu_name"],
        gpu_memory_gb=float(gpu_memory),
        spot=_SPOT[line["spot"]],
        memory_gb=None if memory is None or memory > MOST_MEMORY_GB else float(memory),
        flags=tuple(line["flags"].split()),
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
