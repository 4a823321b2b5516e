"""A model that the catalog does not have is asked for once, within a budget, and trouble is a value."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.files import load_catalog
from bot.hub import TROUBLE_REMEMBERED_SECONDS, Hub, NoModel, Why, is_hub_name, open_hub
from estimator.arch import ModelArch

TINY = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 100,
}


class FakeFetch:
    """Answers what it is given, raises what it is given, and counts."""

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
        release.wait(5)
        return TINY

    hub = Hub(load_catalog(), slow, budget_seconds=0.01)
    assert hub.model("org/slow") == NoModel(Why.SLOW)
    release.set()
    patient = Hub(load_catalog(), slow, budget_seconds=5)
    assert isinstance(patient.model("org/slow"), ModelArch)


def test_offline_only_what_the_state_directory_has_is_found(tmp_path: Path) -> None:
    answer = open_hub(load_catalog(), tmp_path, offline=True).model("org/name")
    assert isinstance(answer, NoModel)
    assert answer.why is Why.OFFLINE


@pytest.mark.parametrize("name", ["org/name", "Qwen/Qwen2.5-7B-Instruct", "01-ai/Yi-6B"])
def test_an_organisation_and_a_name_read_as_a_hub_name(name: str) -> None:
    assert is_hub_name(name)


@pytest.mark.parametrize("name", ["7b", "a/b/c", "../etc", "org/", "/name", "org/na me", "org/" + "x" * 200])
def test_anything_else_does_not(name: str) -> None:
    assert not is_hub_name(name)
