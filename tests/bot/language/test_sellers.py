"""Every seller of the list can be named, excluded, and written down again; ordinary words stay ordinary."""

from decimal import Decimal

import pytest

from bot.files import load_catalog, load_sellers
from bot.language import Request, format_request, read, read_plain, vocabulary_of
from estimator.spec import SaidMoney, TrainingSpec

NAMES = vocabulary_of(load_catalog(), load_sellers())
BASE = Request(spec=TrainingSpec(model="7b"))


@pytest.mark.parametrize("seller", load_sellers())
def test_a_seller_is_wanted_or_not_by_its_key(seller: str) -> None:
    said = [(f"7b provider={seller}", "providers"), (f"7b no-{seller}", "excluded_providers")]
    if seller not in {"together", "replicate"}:  # words of their own
        said.append((f"7b lora 1x4090 {seller}", "providers"))
    for text, field in said:
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


@pytest.mark.parametrize(
    "text",
    [
        "7b exclude=crusoe,lambda",
        "7b without crusoe and lambda",
        "7b no-crusoe,lambda",
        "7b no-crusoe, lambda",
        "7b no crusoe or lambda",
        "7b neither crusoe nor lambda",
        "7b anything but crusoe and lambda",
        "7b without crusoe/lambda",
        "7b 不要crusoe和lambda",
        "7b 不要crusoe、lambda",
        "7b 除了crusoe以及lambda以外",
        "7b providers=-crusoe,lambda",
    ],
)
def test_a_list_after_an_exclusion_is_left_out_as_a_whole(text: str) -> None:
    found = read(text, NAMES)
    assert found.spec is not None, found.problems
    assert (found.spec.excluded_providers, found.spec.providers) == (("crusoe", "lambda"), None)
    assert found.unused == ()


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("7b not aws but lambda", ("lambda",), ("aws",)),
        ("7b not aws, lambda instead", ("lambda",), ("aws",)),
        ("7b aws and no azure", ("aws",), ("azure",)),
        ("7b aws/gcp", ("aws", "gcp"), None),
        ("7b no aws, together or google", None, ("aws", "together", "gcp")),
    ],
)
def test_who_is_wanted_beside_who_is_not(
    text: str, wanted: tuple[str, ...] | None, unwanted: tuple[str, ...] | None
) -> None:
    found = read(text, NAMES)
    assert found.spec is not None, found.problems
    assert (found.spec.providers, found.spec.excluded_providers) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "seller"),
    [
        ("7b on together", "together"),
        ("7b lora on google 8xh100", "gcp"),
        ("7b 在google上", "gcp"),
        ("7b via replicate", "replicate"),
    ],
)
def test_a_seller_of_an_ordinary_name_is_meant_where_one_runs_on_it(text: str, seller: str) -> None:
    found = read(text, NAMES)
    assert found.spec is not None, found.problems
    assert found.spec.providers == (seller,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("7b lora 1xh100 together", "together (provider=together)"),
        ("7b on google colab", "google (provider=gcp)"),
        ("7b on amazon reviews", "amazon (provider=aws)"),
    ],
)
def test_a_word_that_may_be_a_seller_is_told_with_what_to_type(text: str, told: str) -> None:
    found = read(text, NAMES)
    assert found.spec is not None, found.problems
    assert found.spec.providers is None
    assert told in found.unused


def test_an_ordinary_word_is_no_seller_and_chat_names_none() -> None:
    found = read("can we fit 7b lora together on one a100", NAMES)
    assert found.spec is not None
    assert found.spec.providers is None
    assert read_plain("crusoe", NAMES, BASE).outcome == "conversation"


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("7b lora us only", "us"),
        ("7b lora 8xh100 in the us", "us"),
        ("7b lora in europe", "europe"),
        ("7b lora eu only", "europe"),
        ("7b lora 在国内跑", "china"),
        ("train us a 7b", None),
        ("what does a 7b cost us", None),
        ("7b lora not in china", None),
    ],
)
def test_a_part_of_the_world_is_where_the_machines_stand(text: str, region: str | None) -> None:
    found = read(text, NAMES)
    assert found.spec is not None, found.problems
    assert found.spec.region == region


def test_a_part_of_the_world_alone_is_told_with_what_to_type() -> None:
    assert read("7b lora europe", NAMES).unused == ("europe (region=europe)",)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("8xh100 lambda region=us-west-1", "8xh100-80gb lambda region=us-west-1"),
        ("h100 price", "h100-80gb"),
        ("h100多少钱", "h100-80gb"),
        ("what does an h100 cost at lambda", "h100-80gb lambda"),
        ("a100 spot", "a100-80gb spot"),
        ("t4 no-aws", "t4 no-aws"),
    ],
)
def test_a_gpu_and_whose_price_it_is_with_nothing_to_train_asks_for_prices(text: str, arguments: str) -> None:
    found = read(text, NAMES)
    assert (found.outcome, found.command, found.arguments) == ("command", "prices", arguments)


def test_a_gpu_alone_is_told_how_to_see_its_prices() -> None:
    (problem,) = read("8xh100", NAMES).problems
    assert (problem.code, problem.lines) == ("no_model", ("prices h100-80gb", "7b qlora 8xh100"))


@pytest.mark.parametrize("text", ["24gb", "24G显卡", "80gb cheapest", "aws", "8xh100 qlora", "n=10k lora"])
def test_a_line_without_a_model_is_told_a_line_that_runs(text: str) -> None:
    (problem,) = read(text, NAMES).problems
    assert problem.code == "no_model"
    assert problem.lines[-1].endswith(text)
    assert not any(read(line, NAMES).problems for line in problem.lines)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("7b 商家=aws", "providers", ("aws",)),
        ("7b 供应商=aws,gcp", "providers", ("aws", "gcp")),
        ("7b 市场=竞价", "market", "spot"),
        ("7b 地域=cn-hangzhou", "region", "cn-hangzhou"),
    ],
)
def test_sellers_market_and_region_have_keys_in_chinese(text: str, field: str, value: object) -> None:
    found = read(text, NAMES)
    assert found.spec is not None, found.problems
    assert getattr(found.spec, field) == value


@pytest.mark.parametrize(
    ("text", "each", "currency"),
    [
        ("7b 8xh100 $20/h total", "2.5", "USD"),
        ("7b 8xh100 at $20 per hour for the machine", "2.5", "USD"),
        ("7b 8xh100 price=20 total", "2.5", None),
        ("7b 8xh100 整机20元/小时", "2.5", "CNY"),
        ("7b 3xh100 $20/h in total", "6.666667", "USD"),
        ("7b 8xh100 at $20/h", "20", "USD"),
    ],
)
def test_a_price_of_all_gpus_is_that_of_one_times_so_many(text: str, each: str, currency: str | None) -> None:
    found = read(text, NAMES)
    assert found.spec is not None, found.problems
    assert found.spec.price_per_gpu_hour == SaidMoney(amount=Decimal(each), currency=currency)


@pytest.mark.parametrize(
    ("text", "code", "suggestions"),
    [
        ("7b 1xh100 price=200 per day", "wrong_unit", ("price=8.33",)),
        ("7b 1xh100 at $1440 a month", "wrong_unit", ("price=2usd",)),
        ("7b 1xh100 price=48元 每天", "wrong_unit", ("price=2cny",)),
        ("7b h100 $20/h total", "price_of_all", ()),
    ],
)
def test_a_price_of_another_time_or_of_nobody_knows_how_many_is_a_mistake(
    text: str, code: str, suggestions: tuple[str, ...]
) -> None:
    (problem,) = read(text, NAMES).problems
    assert (problem.code, problem.suggestions) == (code, suggestions)


@pytest.mark.parametrize("text", ["any provider", "any seller", "任何商家"])
def test_a_reply_gives_the_sellers_back(text: str) -> None:
    base = Request(spec=TrainingSpec(model="7b", providers=("aws",)))
    found = read_plain(text, NAMES, base)
    assert found.spec is not None
    assert found.spec.providers is None
    left_out = Request(spec=TrainingSpec(model="7b", excluded_providers=("aws",)))
    assert read(text, NAMES, left_out).spec == TrainingSpec(model="7b")


EVERYBODY = ("any", "all", "anyone", "auto", "任意", "任何", "不限", "全部", "默认")


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"{key}={word}"
            for key in ("providers", "provider", "cloud", "商家", "厂商")
            for word in EVERYBODY
        ),
        *(f"exclude={word}" for word in ("none", "nobody", "any", "无")),
        "排除商家=无",
    ],
)
def test_one_word_takes_back_who_is_left_out(text: str) -> None:
    left_out = Request(spec=TrainingSpec(model="7b", excluded_providers=("aws", "cudo")))
    assert read(text, NAMES, left_out).spec == TrainingSpec(model="7b")


@pytest.mark.parametrize("text", ["lang=自动", "bs=默认", "gpu=任意", "cur=默认"])
def test_a_field_is_given_back_in_chinese_too(text: str) -> None:
    base = Request(
        spec=TrainingSpec(model="7b", micro_batch_size=None, global_batch_size=8, gpu="h200", currency="EUR"),
        language="en",
    )
    field = {"lang": "language", "bs": "global_batch_size", "gpu": "gpu", "cur": "currency"}[
        text.partition("=")[0]
    ]
    found = read(text, NAMES, base)
    assert found.request is not None, found.problems
    assert field not in found.request.said()
