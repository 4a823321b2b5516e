"""Every seller of the list can be named, excluded, and written down again; ordinary words stay ordinary."""

import pytest

from bot.files import load_catalog, load_sellers
from bot.language import Request, format_request, read, read_plain, vocabulary_of
from estimator.spec import TrainingSpec

NAMES = vocabulary_of(load_catalog(), load_sellers())
BASE = Request(spec=TrainingSpec(model="7b"))


@pytest.mark.parametrize("seller", load_sellers())
def test_a_seller_is_wanted_or_not_by_its_key(seller: str) -> None:
    for text, field in ((f"7b provider={seller}", "providers"), (f"7b no-{seller}", "excluded_providers")):
        found = read(text, NAMES)
        assert found.spec is not None, (text, found.problems)
        assert getattr(found.spec, field) == (seller,)
    wanted = Request(spec=TrainingSpec(model="7b", providers=(seller,)))
    again = read(format_request(wanted, NAMES), NAMES)
    assert again.request == wanted


@pytest.mark.parametrize(
    ("text", "seller"),
    [
        ("7b lora autodl", "autodl"),
        ("7b lora 4090 腾讯云", "tencent"),
        ("7b 火山引擎", "volcengine"),
        ("7b 华为云", "huawei"),
        ("7b lora on cudo", "cudo"),
        ("7b lora coreweave", "coreweave"),
        ("7b lora aliyun", "alibaba"),
        ("7b nebius 8xh100", "nebius"),
        ("用腾讯云租4090微调7b", "tencent"),
    ],
)
def test_a_seller_is_known_by_what_people_call_it(text: str, seller: str) -> None:
    found = read(text, NAMES)
    assert found.spec is not None, found.problems
    assert found.spec.providers == (seller,)


@pytest.mark.parametrize(
    "text", ["7b lora -cudo", "7b lora no-cudo", "7b lora 不要cudo", "7b lora providers=-cudo"]
)
def test_a_seller_is_left_out(text: str) -> None:
    found = read(text, NAMES)
    assert found.spec is not None, found.problems
    assert found.spec.excluded_providers == ("cudo",)


def test_an_ordinary_word_is_no_seller_and_chat_names_none() -> None:
    found = read("can we fit 7b lora together on one a100", NAMES)
    assert found.spec is not None
    assert found.spec.providers is None
    assert read_plain("crusoe", NAMES, BASE).outcome == "conversation"
