"""A model that the catalog does not have is asked for once, within a budget, and trouble is a value."""

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fake_web import FakeWeb
from fakes import TINY
from patience import PATIENCE_SECONDS
from pydantic import SecretStr

from bot.files import load_catalog
from bot.model_hub.fetch import MAX_CONFIG_BYTES, HubSettings
from bot.model_hub.hub import (
    TROUBLE_REMEMBERED_SECONDS,
    Hub,
    NoModel,
    Why,
    is_hub_name,
    open_hub,
)
from estimator.model.arch import ModelArch


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        yield running


class FakeFetch:
    """Answerer what it is given, raises what it is given, and counts."""

    def __init__(self, answer: Mapping[str, Any] | Exception) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, name: str) -> Mapping[str, Any]:
        self.asked.append(name)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_model_of_the_hub_is_asked_for_once() -> None:
    fetch = FakeFetch(TINY)
    hub = Hub(load_catalog(), fetch)
    first, second = hub.model("org/tiny"), hub.model("org/tiny")
    assert isinstance(first, ModelArch)
    assert first is second
    assert first.key == first.hf_name == "org/tiny"
    assert fetch.asked == ["org/tiny"]


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (ConnectionError("no route"), Why.OFFLINE),
        (LookupError("RepositoryNotFoundError"), Why.NOT_FOUND),
        (TypeError("a bug of the library"), Why.OFFLINE),
    ],
)
def test_trouble_is_a_value_remembered_for_a_while(trouble: Exception, why: Why) -> None:
    clock, fetch = Clock(), FakeFetch(trouble)
    hub = Hub(load_catalog(), fetch, clock=clock)
    for _ in range(2):
        answer = hub.model("org/none")
        assert isinstance(answer, NoModel)
        assert answer.why is why
    assert len(fetch.asked) == 1
    clock.now += TROUBLE_REMEMBERED_SECONDS
    hub.model("org/none")
    assert len(fetch.asked) == 2


def test_an_architecture_nobody_knows_says_which() -> None:
    answer = Hub(load_catalog(), FakeFetch({"model_type": "brand_new"})).model("org/new")
    assert answer == NoModel(Why.UNKNOWN_KIND, "model type brand_new")


def test_a_slow_hub_costs_no_more_than_the_budget_and_serves_the_next_who_asks() -> None:
    release = threading.Event()

    def slow(name: str) -> Mapping[str, Any]:
        release.wait(PATIENCE_SECONDS)
        return TINY

    hub = Hub(load_catalog(), slow, budget_seconds=0.01)
    assert hub.model("org/slow") == NoModel(Why.SLOW)
    release.set()
    patient = Hub(load_catalog(), slow, budget_seconds=PATIENCE_SECONDS)
    assert isinstance(patient.model("org/slow"), ModelArch)


def test_offline_only_what_the_state_directory_has_is_found(tmp_path: Path) -> None:
    offline = HubSettings(offline=True)
    answer = open_hub(load_catalog(), tmp_path, offline).model("org/name")
    assert isinstance(answer, NoModel)
    assert answer.why is Why.OFFLINE
    (tmp_path / "hub" / "org").mkdir(parents=True)
    (tmp_path / "hub" / "org" / "name.json").write_text(json.dumps(TINY), encoding="utf-8")
    assert isinstance(open_hub(load_catalog(), tmp_path, offline).model("org/name"), ModelArch)


CONFIG_PATH = "/org/tiny/resolve/main/config.json"


def asked_of(web: FakeWeb, tmp_path: Path, **more: Any) -> ModelArch | NoModel:
    settings = HubSettings(endpoint=f"{web.url}/", **more)
    return open_hub(load_catalog(), tmp_path, settings).model("org/tiny")


def test_a_configuration_is_fetched_once_and_kept_for_good(web: FakeWeb, tmp_path: Path) -> None:
    web.answers[CONFIG_PATH] = (200, json.dumps(TINY).encode())
    for _ in range(2):  # each an installation started anew
        assert isinstance(asked_of(web, tmp_path), ModelArch)
    assert [path for path, _ in web.asked] == [CONFIG_PATH]


def test_the_hub_is_told_our_token_and_nothing_without_one(web: FakeWeb, tmp_path: Path) -> None:
    asked_of(web, tmp_path, token=SecretStr("hf_secret"))
    asked_of(web, tmp_path)
    assert [headers.get("Authorization") for headers in web.headers] == ["Bearer hf_secret", None]


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (404, b"", Why.NOT_FOUND),
        (401, b"", Why.NOT_FOUND),
        (403, b"gated", Why.NOT_FOUND),
        (503, b"", Why.OFFLINE),
        (200, b"<html>", Why.OFFLINE),
        (200, b"[]", Why.UNKNOWN_KIND),
        (200, b" " * (MAX_CONFIG_BYTES + 1), Why.UNKNOWN_KIND),
    ],
    ids=["unknown", "private", "gated", "down", "no JSON", "no object", "too long"],
)
def test_a_bad_answer_is_a_reason_and_is_not_kept(
    web: FakeWeb, tmp_path: Path, status: int, body: bytes, why: Why
) -> None:
    web.answers[CONFIG_PATH] = (status, body)
    answer = asked_of(web, tmp_path)
    assert isinstance(answer, NoModel)
    assert answer.why is why
    assert not list(tmp_path.rglob("*.json"))


def test_a_hub_that_cannot_be_reached_is_offline(tmp_path: Path) -> None:
    with FakeWeb() as gone:
        pass
    answer = asked_of(gone, tmp_path)
    assert isinstance(answer, NoModel)
    assert (answer.why, answer.detail) == (Why.OFFLINE, "ConnectionError")


@pytest.mark.parametrize("name", ["org/name", "Qwen/Qwen2.5-7B-Instruct", "01-ai/Yi-6B"])
def test_an_organisation_and_a_name_read_as_a_hub_name(name: str) -> None:
    assert is_hub_name(name)


@pytest.mark.parametrize("name", ["7b", "a/b/c", "../etc", "org/", "/name", "org/na me", "org/" + "x" * 200])
def test_anything_else_does_not(name: str) -> None:
    assert not is_hub_name(name)
