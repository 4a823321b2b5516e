"""RunPod's answer: `{"data": {"gpuTypes": [{id, memoryInGb, securePrice, communityPrice, …}]}}`, per GPU."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from fake_web import FakeWeb
from patience import patient

from bot.files import read_config
from bot.prices.config import sources_config
from bot.prices.port import SourceDown
from bot.prices.sources.runpod import Runpod
from estimator.spec import Market

CONFIG = sources_config(read_config("price_sources")).runpod
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def gpu_type(name: str, memory: object = 80, secure: object = 1.79, **more: object) -> dict[str, object]:
    listed: dict[str, object] = {
        "id": name,
        "displayName": name,
        "memoryInGb": memory,
        "secureCloud": True,
        "communityCloud": True,
        "securePrice": secure,
        "communityPrice": 1.39,
        "secureSpotPrice": None,
        "communitySpotPrice": 0,
        "maxGpuCountSecureCloud": 8,
        "maxGpuCountCommunityCloud": 2,
    }
    return listed | more


MANY = [gpu_type(known.name, known.memory_gb) for known in CONFIG.names]


def source(web: FakeWeb, body: object) -> Runpod:
    web.answers["/graphql"] = (200, json.dumps(body).encode())
    return Runpod(CONFIG.model_copy(update={"url": f"{web.url}/graphql"}), lambda: NOW)


def listing(*types: dict[str, object]) -> dict[str, object]:
    return {"data": {"gpuTypes": [*types, *MANY]}}


def test_secure_and_community_are_two_sellers_and_prices_are_per_gpu(web: FakeWeb) -> None:
    offers = source(web, listing()).read(patient()).offers
    mine = [o for o in offers if o.gpu == "a100-80gb"]
    assert {(o.provider, o.num_gpus, o.market, o.price_per_hour.amount) for o in mine} == {
        ("runpod", 1, Market.ON_DEMAND, Decimal("1.79")),
        ("runpod", 2, Market.ON_DEMAND, Decimal("3.58")),
        ("runpod", 4, Market.ON_DEMAND, Decimal("7.16")),
        ("runpod", 8, Market.ON_DEMAND, Decimal("14.32")),
        ("runpod-community", 1, Market.ON_DEMAND, Decimal("1.39")),
        ("runpod-community", 2, Market.ON_DEMAND, Decimal("2.78")),
    }
    assert "securePrice" in json.loads(web.asked[0][1])["query"]


def test_a_slice_a_stranger_and_a_gpu_without_a_price_are_left_out(web: FakeWeb) -> None:
    odd = (
        gpu_type("NVIDIA H100 80GB HBM3", 10, 0.4),
        gpu_type("NVIDIA TITAN X", 12),
        gpu_type("NVIDIA B200", 180, None, communityPrice=0),
        gpu_type("NVIDIA B200", 180, "5.98", communityPrice=True),
    )
    assert source(web, listing(*odd)).read(patient()) == source(web, listing()).read(patient())


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"message": "Something went wrong"}], "data": None},
        {"data": {"gpuTypes": None}},
        {"data": {"gpuTypes": []}},
        {"data": {"gpuTypes": [{**each, "memory": each["memoryInGb"], "memoryInGb": None} for each in MANY]}},
        {"data": {"gpuTypes": [gpu_type("x", 80)] * 40}},
        [],
        None,
    ],
)
def test_an_answer_without_prices_is_a_failure(web: FakeWeb, body: object) -> None:
    with pytest.raises(SourceDown):
        source(web, body).read(patient())
