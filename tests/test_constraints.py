"""The locked versions are those that pyproject.toml admits, each by its hash, from nowhere in particular."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME: list[str] = PROJECT["dependencies"]
EXTRAS: list[str] = [each for extra in PROJECT["optional-dependencies"].values() for each in extra]
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.MULTILINE)


def locked(name: str) -> dict[str, list[str]]:
    """Each package of a lock file with its versions: there may be one for each Python."""
    found: dict[str, list[str]] = {}
    for package, version in PIN.findall((ROOT / name).read_text(encoding="utf-8")):
        found.setdefault(package, []).append(version)
    return found


@pytest.mark.parametrize(
    ("file", "said"), [("constraints.txt", RUNTIME), ("constraints-dev.txt", [*RUNTIME, *EXTRAS])]
)
def test_every_dependency_is_locked_at_a_version_that_it_admits(file: str, said: list[str]) -> None:
    versions = locked(file)
    asked = [Requirement(each) for each in said if not each.startswith("ftcost[")]
    wrong = [
        str(each)
        for each in asked
        if not (found := versions.get(canonicalize_name(each.name)))
        or not all(each.specifier.contains(version) for version in found)
    ]
    assert wrong == [], "run `make lock`"


def test_the_image_and_ci_have_the_same_versions() -> None:
    image, ci = locked("constraints.txt"), locked("constraints-dev.txt")
    assert {name: ci.get(name) for name in image} == image


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-dev.txt"])
def test_every_package_has_a_hash_and_none_an_address(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "//" not in text
    pins = re.split(r"^(?=[a-z0-9.-]+==)", text, flags=re.MULTILINE)[1:]
    assert pins
    assert all("--hash=sha256:" in pin for pin in pins)


@pytest.mark.parametrize("package", ["bot", "estimator"])
def test_the_packages_say_that_they_are_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
