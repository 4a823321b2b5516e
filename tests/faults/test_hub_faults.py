"""A hub that hangs, drips, never ends or leads elsewhere costs little time, memory, disk, no secret."""

import json
import resource
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import hostile_hub
import pytest
from fakes import TINY
from hostile_hub import HostileHub, says, sends_to
from patience import PATIENCE_SECONDS, until
from pydantic import SecretStr

from bot.files import load_catalog
from bot.model_hub.fetch import (
    MAX_CONFIG_BYTES,
    MAX_KEPT_BYTES,
    MAX_KEPT_BYTES_IN_ALL,
    HubSettings,
    KeptConfigs,
    fetched_config,
    parsed,
)
from bot.model_hub.hub import MOST_AT_ONCE, MOST_REMEMBERED, Hub, NoModel, Why, open_hub
from estimator.model.arch import ModelArch

MEGABYTE = 1_000_000


@pytest.fixture
def hostile() -> Iterator[HostileHub]:
    with HostileHub() as running:
        yield running
    until(lambda: not asking())


def hub_of(hostile: HostileHub, *, deadline_seconds: float, budget_seconds: float = 0.3) -> Hub:
    settings = HubSettings(endpoint=hostile.url)

    def fetch(name: str) -> Any:
        return parsed(fetched_config(name, settings, deadline_seconds=deadline_seconds))

    return Hub(load_catalog(), fetch, budget_seconds=budget_seconds)


def patient_hub_of(hostile: HostileHub) -> Hub:
    return hub_of(hostile, deadline_seconds=PATIENCE_SECONDS, budget_seconds=2 * PATIENCE_SECONDS)


def asking() -> int:
    return sum(thread.name == "hub" for thread in threading.enumerate())


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def test_eighty_names_that_hang_hold_four_threads_and_nobody_for_long(
    hostile: HostileHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hub_of(hostile, deadline_seconds=PATIENCE_SECONDS, budget_seconds=1)
    most: list[int] = []
    with ThreadPoolExecutor(80) as people:
        answers = [people.submit(hub.model, f"org/hangs-{number}") for number in range(80)]
        while not all(answer.done() for answer in answers):
            most.append(asking())
            time.sleep(0.02)
        assert {answer.result() for answer in answers} == {NoModel(Why.SLOW)}
    assert max(most) == MOST_AT_ONCE == len(hostile.requests)
    monkeypatch.delattr(hub, "_lines")  # nobody waits for a line of a hub that is deaf
    assert hub.model("org/one-more") == NoModel(Why.SLOW)
    monkeypatch.undo()
    hostile.usual = says(json.dumps(TINY).encode())
    hostile.closing.set()
    until(lambda: not asking())
    assert isinstance(patient_hub_of(hostile).model("org/well"), ModelArch)


def test_a_slow_hub_serves_the_next_who_asks(hostile: HostileHub) -> None:
    nobody_waits = threading.Event()

    def slow(send: hostile_hub.Send, closing: threading.Event) -> None:
        nobody_waits.wait(PATIENCE_SECONDS)
        says(json.dumps(TINY).encode())(send, closing)

    hostile.usual = slow
    hub = hub_of(hostile, deadline_seconds=PATIENCE_SECONDS, budget_seconds=0.2)
    assert hub.model("org/slow") == NoModel(Why.SLOW)
    nobody_waits.set()
    until(lambda: not asking())
    assert isinstance(hub.model("org/slow"), ModelArch)
    assert len(hostile.requests) == 1


def test_what_is_kept_is_found_while_the_hub_hangs(hostile: HostileHub, tmp_path: Path) -> None:
    KeptConfigs(tmp_path / "hub").keep("org/kept", json.dumps(TINY).encode())
    hub = open_hub(load_catalog(), tmp_path, HubSettings(endpoint=hostile.url))
    for number in range(MOST_AT_ONCE):
        threading.Thread(target=hub.model, args=(f"org/hangs-{number}",), daemon=True).start()
    until(lambda: len(hostile.requests) == MOST_AT_ONCE)
    assert isinstance(hub.model("org/kept"), ModelArch)
    assert not [each for each in hostile.requests if b"kept" in each]
    hostile.closing.set()


@pytest.mark.parametrize(
    "how", ["hangs", "drips_headers", "drips_its_body", "continues", "has_a_long_chunk_size"]
)
def test_the_deadline_holds_wherever_it_is_slow(hostile: HostileHub, how: str) -> None:
    hostile.usual = getattr(hostile_hub, how)
    answer = hub_of(hostile, deadline_seconds=0.5, budget_seconds=PATIENCE_SECONDS).model("org/slow")
    assert isinstance(answer, NoModel)
    assert answer.why is Why.OFFLINE


@pytest.mark.parametrize("how", ["is_huge", "never_ends", "has_a_long_line"])
def test_three_gigabytes_are_left_where_they_are(hostile: HostileHub, how: str, tmp_path: Path) -> None:
    hostile.usual = getattr(hostile_hub, how)
    hub = open_hub(load_catalog(), tmp_path, HubSettings(endpoint=hostile.url))
    hub.model("org/warm")
    before = resident_bytes()
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda n: hub.model(f"org/huge-{n}"), range(8)))
    assert all(isinstance(answer, NoModel) for answer in answers)
    assert resident_bytes() - before < 20 * MEGABYTE
    assert hostile.sent_bytes < 9 * 8 * MEGABYTE  # what the kernel's buffers took, far from 3 GB
    assert sum(each.stat().st_size for each in tmp_path.rglob("*") if each.is_file()) < MEGABYTE


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"a":' * 100_000,
        b'{"model_type": "llama", "hidden_size": ' + b"9" * 5000 + b"}",
        b'{"model_type": "llama", "hidden_size": 1e30}',
        json.dumps(TINY | {"hidden_size": 10**30}).encode(),
        json.dumps(TINY | {"num_hidden_layers": 10**7}).encode(),
        json.dumps(TINY | {"num_local_experts": 10**9}).encode(),
        json.dumps(TINY | {"hidden_size": -4096}).encode(),
        json.dumps(TINY | {"hidden_size": [4096]}).encode(),
        json.dumps(TINY | {"num_attention_heads": float("nan")}).encode(),
        json.dumps(TINY | {"model_type": {"a": 1}}).encode(),
        json.dumps(TINY | {"text_config": {"model_type": ["llama"]}}).encode(),
        b"null",
        b'"' + b"x" * 900_000 + b'"',
    ],
)
def test_a_configuration_that_makes_no_sense_is_a_problem_of_the_model(
    hostile: HostileHub, body: bytes
) -> None:
    hostile.usual = says(body)
    answer = patient_hub_of(hostile).model("org/odd")
    assert isinstance(answer, NoModel)
    assert answer.why is Why.UNKNOWN_KIND


def test_what_comes_packed_is_not_unpacked(hostile: HostileHub) -> None:
    hostile.usual = says(b"\x1f\x8b", "200 OK", "Content-Encoding: gzip")
    answer = patient_hub_of(hostile).model("org/bomb")
    assert answer == NoModel(Why.OFFLINE, "OSError")
    assert b"Accept-Encoding: identity" in hostile.requests[0]


@pytest.mark.parametrize(
    "address",
    [
        "/org/renamed/resolve/main/config.json",  # again and again
        "http://localhost:9/config.json",
        "http://10.0.0.1/config.json",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/config.json",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//0.0.0.0/config.json",
        "https://",
    ],
)
def test_where_a_hub_sends_us_we_do_not_all_go(hostile: HostileHub, address: str) -> None:
    hostile.usual = sends_to(address)
    answer = patient_hub_of(hostile).model("org/moved")
    assert isinstance(answer, NoModel)
    assert answer.why is Why.OFFLINE
    assert len(hostile.requests) <= 4


def test_a_model_that_was_renamed_is_found_and_the_token_stays_at_home(hostile: HostileHub) -> None:
    with HostileHub(says(json.dumps(TINY).encode())) as elsewhere:
        hostile.answers["org/old"] = sends_to("/org/new/resolve/main/config.json")
        hostile.answers["org/new"] = sends_to(f"{elsewhere.url}org/new/resolve/main/config.json")
        settings = HubSettings(endpoint=hostile.url, token=SecretStr("hf_secret"))
        assert json.loads(fetched_config("org/old", settings)) == TINY
        assert all(b"Bearer hf_secret" in request for request in hostile.requests)
        assert len(hostile.requests) == 2
        assert b"hf_secret" not in elsewhere.requests[0]


def test_nobody_logs_in_with_what_lies_about(
    hostile: HostileHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    hostile.usual = says(json.dumps(TINY).encode())
    fetched_config("org/any", HubSettings(endpoint=hostile.url))
    assert b"Authorization" not in hostile.requests[0]


def test_a_megabyte_of_configurations_is_kept_and_the_oldest_go(tmp_path: Path) -> None:
    kept = KeptConfigs(tmp_path / "hub")
    body = json.dumps(TINY | {"id2label": "x" * (MAX_KEPT_BYTES - 1000)}).encode()
    for number in range(40):
        kept.keep(f"org-{number}/name", body)
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert sum(each.stat().st_size for each in files) <= MAX_KEPT_BYTES_IN_ALL
    assert kept.read("org-39/name")
    assert kept.read("org-0/name") is None
    kept.keep("org/long", b"{" + b" " * MAX_KEPT_BYTES + b"}")
    assert kept.read("org/long") is None


def test_a_file_that_is_broken_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "org").mkdir()
    for body in (b"", b"[1]", b"\xff", b"[" * 100_000):
        (tmp_path / "org" / "name.json").write_bytes(body)
        assert KeptConfigs(tmp_path).read("org/name") is None


def test_what_is_remembered_is_bounded() -> None:
    def fetch(name: str) -> Any:
        if name.endswith("0"):
            raise LookupError(name)
        return TINY

    hub = Hub(load_catalog(), fetch)
    for number in range(MOST_REMEMBERED + 100):
        hub.model(f"org/name-{number}")
        hub.model(f"org/none-{number}0")
    assert len(hub._found) == len(hub._troubles) == MOST_REMEMBERED


def test_the_longest_that_is_fetched_is_a_megabyte(hostile: HostileHub) -> None:
    hostile.usual = says(json.dumps(TINY).encode().ljust(MAX_CONFIG_BYTES))
    assert len(fetched_config("org/long", HubSettings(endpoint=hostile.url))) == MAX_CONFIG_BYTES
