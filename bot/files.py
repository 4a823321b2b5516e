"""config/*.yaml -> Catalog: the one place that reads the project's data files."""

import csv
import os
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from bot.yaml_cache import cached
from estimator.catalog import Catalog

_PACKAGED = Path(__file__).parent / "_config"
_CHECKOUT = Path(__file__).parent.parent / "config"
SELLER_FIELDS: Final = ("name", "tier", "aliases", "regions", "sources", "note", "well_known")
SELLER_TIERS: Final = ("A", "B", "B-cn", "C", "D")


def config_dir() -> Path:
    """Where the shipped data lies: inside the wheel, or beside the packages in a checkout."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def read_yaml(path: Path) -> Any:
    """The parsed document; YAML's own error names file and line."""
    import yaml  # noqa: PLC0415  -- most processes find what it would say in the cache

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=loader)  # noqa: S506  -- both loaders are the safe ones


def write_whole(path: Path, content: bytes) -> None:
    """All of it or nothing: who reads meanwhile, or after a crash, reads the file before."""
    partial = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def read_config(name: str, override_dir: Path | None = None) -> Mapping[str, Any]:
    """`config/{name}.yaml`, with `override_dir/{name}.yaml` over it, key by key at every depth."""
    shipped: dict[str, Any] = cached(config_dir() / f"{name}.yaml", read_yaml)
    if override_dir is not None and (path := override_dir / f"{name}.yaml").is_file():
        return merged(shipped, read_yaml(path) or {})
    return shipped


def merged(shipped: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` over `shipped`: mappings are merged, anything else (a list, too) is replaced."""
    both = {
        key: merged(shipped[key], value)
        for key, value in own.items()
        if isinstance(value, Mapping) and isinstance(shipped.get(key), Mapping)
    }
    return {**shipped, **own, **both}


class BadConfig(ValueError):  # noqa: N818  -- reads as the sentence it raises
    """A file of the installation says something that we can't take; the message names the place."""


@cache
def read_sellers(override_dir: Path | None = None) -> Mapping[str, Mapping[str, Any]]:
    """sellers.yaml with the installation's own over it: each seller has a name and a tier.

    Raises:
        BadConfig: every fault of the file, with what belongs there.
    """
    listed: dict[str, Any] = dict(read_config("sellers", override_dir))
    faults = [f"{key}: {fault}" for key, facts in listed.items() for fault in _faults_of_seller(facts)]
    if faults:
        raise BadConfig(f"sellers.yaml: {'; '.join(faults)}")
    return listed


def _faults_of_seller(facts: Any) -> Iterator[str]:
    if not isinstance(facts, Mapping):
        yield "write name and tier under it"
        return
    for unknown in sorted(map(str, facts.keys() - SELLER_FIELDS)):
        yield f"`{unknown}` is none of {', '.join(SELLER_FIELDS)}"
    if not isinstance(facts.get("name"), str) or not facts["name"]:
        yield "it needs a name"
    if facts.get("tier") not in SELLER_TIERS:
        yield f"tier is one of {', '.join(SELLER_TIERS)}"
    for each in ("aliases", "sources", "regions"):
        if not _is_names(facts.get(each, [])):
            yield f"{each} is a list of words"


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def load_sellers(override_dir: Path | None = None) -> Mapping[str, tuple[str, ...]]:
    """Seller -> what people call it, of sellers.yaml; then who is only in the installation's own prices."""
    listed = read_sellers(override_dir)
    named = {key: (facts["name"], *facts.get("aliases", ())) for key, facts in listed.items()}
    overrides = read_config("prices", override_dir)["overrides"]
    prices = (
        price for price in (overrides if isinstance(overrides, list) else ()) if isinstance(price, Mapping)
    )
    own = (price.get("provider") for price in prices)
    return named | {seller: (seller,) for seller in own if isinstance(seller, str) and seller not in named}


class MachineType(NamedTuple):
    """A machine as its seller names it."""

    seller: str
    gpu: str
    num_gpus: int


@cache
def load_machine_types() -> Mapping[str, MachineType]:
    """Name -> machine, of the bundled prices and of instance_types.yaml."""
    found = {
        name: MachineType(seller, gpu, num_gpus)
        for seller, facts in read_config("instance_types").items()
        for name, (gpu, num_gpus) in facts["types"].items()
    }
    with (config_dir() / "prices_snapshot.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            name = row["instance_type"]
            if name and " " not in name:
                found[name] = MachineType(row["provider"], row["gpu"], int(row["gpu_count"]))
    return found


@cache
def sellers_without_a_list() -> frozenset[str]:
    """Sellers whose prices no source of ours can read: only prices.yaml can say them."""
    return frozenset(key for key, facts in read_sellers().items() if not facts.get("sources"))


@cache
def load_catalog(override_dir: Path | None = None) -> Catalog:
    """The catalog of this process; read once."""
    return Catalog(
        models=read_config("models", override_dir),
        gpus=read_config("gpus", override_dir),
        frameworks=read_config("frameworks", override_dir),
        engines=read_config("engines", override_dir),
        defaults=read_config("defaults", override_dir),
        memory_calibration=read_config("calibration/memory", override_dir),
        time_calibration=read_config("calibration/time", override_dir),
    )
