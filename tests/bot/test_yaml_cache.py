"""A copy of a parsed catalogue says exactly what the YAML says, or is not used."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import yaml_cache
from bot.files import config_dir, read_config, read_yaml

CATALOGUES = sorted(config_dir().rglob("*.yaml"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ftcost"


class Parse:
    """Reads YAML and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, path: Path) -> Any:
        self.calls += 1
        return read_yaml(path)


def written(path: Path, text: str, at_ns: int | None = None) -> Path:
    path.write_text(text, encoding="utf-8")
    if at_ns is not None:
        os.utime(path, ns=(at_ns, at_ns))
    return path


def typed(node: Any) -> Any:
    """The document with the type of every value: 1 is not 1.0 and a date is not its text."""
    if isinstance(node, dict):
        return {key: typed(value) for key, value in node.items()}
    return [typed(each) for each in node] if isinstance(node, list) else (type(node), node)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_shipped_catalogue_is_the_same_from_the_cache(path: Path, cache: Path) -> None:
    parse = Parse()
    first, second = yaml_cache.cached(path, parse), yaml_cache.cached(path, parse)
    assert parse.calls == 1
    assert typed(first) == typed(second) == typed(read_yaml(path))
    assert [each.suffix for each in cache.iterdir()] == [".json"]
    assert cache.stat().st_mode & 0o077 == 0


def test_another_size_or_time_or_place_is_read_again(cache: Path, tmp_path: Path) -> None:
    parse = Parse()
    path = written(tmp_path / "a.yaml", "x: 1", at_ns=1)
    (tmp_path / "sub").mkdir()
    assert yaml_cache.cached(path, parse) == {"x": 1}
    assert yaml_cache.cached(written(path, "x: 2", at_ns=2), parse) == {"x": 2}
    assert yaml_cache.cached(written(path, "x: 30", at_ns=2), parse) == {"x": 30}
    assert yaml_cache.cached(written(tmp_path / "sub" / "a.yaml", "x: 40", at_ns=2), parse) == {"x": 40}
    assert (parse.calls, len(list(cache.iterdir()))) == (4, 2)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda copy: copy.write_bytes(b""),
        lambda copy: copy.write_bytes(copy.read_bytes()[:-7]),
        lambda copy: copy.write_bytes(copy.read_bytes().replace(b"42", b"43")),
        lambda copy: copy.write_bytes(b"\xff\x00" * 99),
        lambda copy: copy.write_bytes(copy.read_bytes().partition(b"\n")[0]),
        lambda copy: copy.write_bytes(b"[" * 100_000),
        lambda copy: (copy.unlink(), copy.mkdir()),
        lambda copy: (copy.unlink(), copy.symlink_to(copy)),
    ],
    ids=["empty", "cut", "changed", "binary", "head only", "deep", "directory", "loop"],
)
def test_a_spoilt_copy_is_read_again_and_nobody_hears_of_it(
    cache: Path, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    path = written(tmp_path / "a.yaml", "x: 42\nday: 2026-01-02")
    parse = Parse()
    right = yaml_cache.cached(path, parse)
    (copy,) = cache.iterdir()
    spoil(copy)
    assert yaml_cache.cached(path, parse) == right
    assert parse.calls == 2


@pytest.mark.parametrize(
    ("home", "xdg"),
    [("/proc/nowhere", ""), ("", ""), ("relative", "also/relative"), ("/dev/null", "/dev/null")],
)
def test_without_a_place_for_it_the_yaml_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: str, xdg: str
) -> None:
    monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("XDG_CACHE_HOME", xdg)
    monkeypatch.chdir(tmp_path)
    parse = Parse()
    path = written(tmp_path / "a.yaml", "x: 1")
    assert yaml_cache.cached(path, parse) == yaml_cache.cached(path, parse) == {"x": 1}
    assert parse.calls == 2
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.parametrize("text", ["1: x", "at: 2026-01-02 03:04:05", "x: .nan", "b: !!binary aGk="])
def test_what_json_cannot_say_is_not_kept(cache: Path, tmp_path: Path, text: str) -> None:
    parse = Parse()
    path = written(tmp_path / "a.yaml", text)
    for _ in range(2):
        assert str(yaml_cache.cached(path, parse)) == str(read_yaml(path))
    assert parse.calls == 2
    assert not cache.exists()


def test_a_mistake_of_yaml_is_still_heard(cache: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "a.yaml", "x: [1")
    for _ in range(2):
        with pytest.raises(Exception, match=r"a\.yaml"):
            yaml_cache.cached(path, read_yaml)
    assert not cache.exists()


def test_files_of_an_installation_are_always_read_anew(cache: Path, tmp_path: Path) -> None:
    written(tmp_path / "fx.yaml", "source: mine", at_ns=1)
    assert read_config("fx", tmp_path)["source"] == "mine"
    written(tmp_path / "fx.yaml", "source: ours", at_ns=1)
    assert read_config("fx", tmp_path)["source"] == "ours"
    assert [each.name.partition("-")[0] for each in cache.iterdir()] == ["fx"]
