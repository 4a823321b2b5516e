"""What prices have to say reaches the reader: on every card, in a terminal, in the document."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from fakes import NoHub
from rich.console import Console

from bot.answers.answers import Answerer
from bot.answers.estimates import EstimateService
from bot.answers.followups import alternatives, stepped
from bot.answers.reply import Asker, Reply
from bot.cards.maths import assumptions_card, maths_card
from bot.cards.slack_limits import violations
from bot.cli.estimate import document_of
from bot.cli.render import render
from bot.conversation.followups import Step, first, moved
from bot.files import load_catalog, read_config
from bot.i18n import Language, load_texts
from bot.prices import GatheredPrices
from bot.prices.book import Wanted
from estimator.money import FxRate, Money, Offer
from estimator.result import Note, NoteCode
from estimator.spec import Market

PLAN = "7b qlora mbs=1 8xh200 zero3"
DAY = date(2026, 11, 20)
RATES = (FxRate(base="USD", quote="CNY", rate=Decimal(7), as_of=DAY, source="a test"),)
DOWN = Note(code=NoteCode.SOURCE_DOWN, parameters={"source": "alibaba", "why": "timed out", "as_of": DAY})
DOWN_UNREAD = Note(code=NoteCode.SOURCE_DOWN, parameters={"source": "gpuhunt", "why": "HTTP 503"})
REFRESHING = Note(code=NoteCode.REFRESHING, parameters={"source": "vast"})
NOWHERE = Note(
    code=NoteCode.NO_SUCH_REGION_BUT, parameters={"region": "us-west-2", "provider": "aws", "place": ""}
)
PARTLY = Note(
    code=NoteCode.SOURCE_PARTLY,
    parameters={"source": "azure", "parts": "ND96 NC24", "why": "HTTP 500", "gpus": "t4 h200"},
)
PARTLY_OF_SELLERS = Note(
    code=NoteCode.SOURCE_PARTLY,
    parameters={"source": "gpuhunt", "parts": "gcp oci", "why": "HTTP 500"},
)
OLD_RATES = Note(code=NoteCode.OLD_RATES, parameters={"source": "ECB", "as_of": DAY})


def offer(provider: str, amount: int, **more: object) -> Offer:
    said: dict[str, object] = {"gpu": "h200", "num_gpus": 8, "as_of": DAY, "source": "a test"}
    price = Money(amount=Decimal(amount), currency="USD")
    return Offer.model_validate(said | {"provider": provider, "price_per_hour": price} | more)


LAMBDA = offer("lambda", 30, region="all")
AZURE = offer("azure", 80, region="eastus2")


class Shop:
    """Sells `offers` to who may buy them, and has `notes` to say."""

    reference: tuple[Offer, ...] = ()

    def __init__(self, *offers: Offer, notes: tuple[Note, ...] = ()) -> None:
        self.offers, self.notes = offers, notes

    def gather(
        self,
        gpus: Sequence[str],
        *,
        providers: Sequence[str] | None = None,
        market: Market | None = None,
        region: str | None = None,
    ) -> GatheredPrices:
        wanted = Wanted(
            gpus=tuple(gpus), providers=tuple(providers) if providers else None, market=market, region=region
        )
        admitted = tuple(each for each in self.offers if each.gpu in gpus and wanted.admits(each))
        return GatheredPrices(offers=admitted, rates=RATES, notes=self.notes)


def answers(*offers: Offer, notes: tuple[Note, ...] = ()) -> Answerer:
    return Answerer(EstimateService(load_catalog(), Shop(*offers, notes=notes), NoHub()))


def reply(found: Answerer, text: str, language: Language = "en") -> Reply:
    asked = found.reply(found.read(text), Asker(language=language, user_id="U1"))
    assert violations(asked.card, "card") == ()
    return asked


def printed(answer: Reply) -> str:
    console = Console(file=io.StringIO(), width=400)
    render(answer.card, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_part_of_a_source_bears_on_its_own_gpus() -> None:
    other = PARTLY._replace(parameters={**PARTLY.parameters, "gpus": "t4"})
    assert "ND96" not in printed(reply(answers(LAMBDA, notes=(other,)), PLAN))


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        (PLAN, False),
        (f"{PLAN} lambda", False),
        (f"{PLAN} azure", True),
        (f"{PLAN} gcp", True),
        (f"{PLAN} providers=gcp,lambda", True),
    ],
)
def test_a_part_of_a_source_bears_on_its_own_sellers(text: str, *, is_said: bool) -> None:
    parameters = {**PARTLY_OF_SELLERS.parameters, "parts": "gcp azure", "sellers": "gcp azure"}
    found = answers(LAMBDA, AZURE, notes=(PARTLY_OF_SELLERS._replace(parameters=parameters),))
    assert ("gives no prices now of Google Cloud" in printed(reply(found, text))) == is_said


@pytest.mark.parametrize(
    ("note", "language", "sentence"),
    [
        (DOWN, "en", "Alibaba Cloud gives no prices now (timed out); those of Nov 20, 2026 are used"),
        (DOWN, "zh", "暂时取不到阿里云的报价 (timed out)，沿用2026年11月20日的报价"),
        (DOWN_UNREAD, "en", "gpuhunt gives no prices now (HTTP 503); the bundled list is used"),
        (DOWN_UNREAD, "zh", "暂时取不到 gpuhunt 的报价 (HTTP 503)，改用内置报价表"),
        (REFRESHING, "en", "Vast.ai is being asked for its prices; the next card will have them"),
        (REFRESHING, "zh", "正在向 Vast.ai 查询报价，下一张卡片会用上"),
        (PARTLY, "en", "Azure gives no prices now of ND96, NC24 (HTTP 500); older ones are used"),
        (PARTLY, "zh", "暂时取不到 Azure 的 ND96，NC24 报价 (HTTP 500)，沿用较早的报价"),
        (PARTLY_OF_SELLERS, "en", "gpuhunt gives no prices now of Google Cloud, Oracle Cloud (HTTP 500)"),
        (PARTLY_OF_SELLERS, "zh", "暂时取不到 gpuhunt 的谷歌云，甲骨文云报价 (HTTP 500)，沿用较早的报价"),
        (NOWHERE, "en", "No price here is one of the region us-west-2; this one is AWS's, without a place\n"),
        (NOWHERE, "zh", "没有任何报价来自 us-west-2 这个地域；此处用的是 AWS 未注明地域的报价"),
        (OLD_RATES, "en", "Exchange rates of Nov 20, 2026, more than a week old"),
        (OLD_RATES, "zh", "汇率取自2026年11月20日，已超过一周"),
    ],
)
def test_a_note_is_a_sentence_in_both_languages(note: Note, language: Language, sentence: str) -> None:
    found = answers(LAMBDA, notes=(note,))
    assert sentence in printed(reply(found, f"{PLAN} cur=cny", language))


@pytest.mark.parametrize("note", [DOWN, REFRESHING])
@pytest.mark.parametrize(
    "text",
    [PLAN, f"{PLAN} method=rule", "70b full 1x4090 mbs=1", f"compare {PLAN} | {PLAN} r=64"],
    ids=["cost", "rule of thumb", "nothing fits", "comparison"],
)
def test_every_card_says_that_a_source_is_missing(text: str, note: Note) -> None:
    with_note, without = answers(LAMBDA, notes=(note,)), answers(LAMBDA)
    more = set(printed(reply(with_note, text)).splitlines()) - set(printed(reply(without, text)).splitlines())
    assert len([line for line in more if not line.startswith("Assumed")]) == 1  # these make room for it


def test_a_card_of_a_change_and_one_of_other_gpus_say_it_too() -> None:
    found = answers(LAMBDA, notes=(REFRESHING,))
    before, asker = found.read(PLAN).request, Asker(language="en", user_id="U1")
    assert before is not None
    step = moved(found.read("r=64", before), first(PLAN), found.request)
    assert isinstance(step, Step)
    changed = stepped(found, step, asker)
    for card in (changed.card, alternatives(found, before, asker).card):
        assert str(card.blocks).count("Vast.ai is being asked") == 1


def test_a_price_that_the_user_gave_needs_no_source_and_one_currency_no_rate() -> None:
    found = answers(LAMBDA, notes=(DOWN, REFRESHING, OLD_RATES))
    assert document_of(reply(found, f"{PLAN} price=2usd"), load_texts("en"))["notes"] == []
    assert [each["code"] for each in document_of(reply(found, PLAN), load_texts("en"))["notes"]] == [
        "source_down",
        "refreshing",
    ]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            "azure region=us-west-1",
            "None of your sellers lists 8× H200 on demand in us-west-1; the nearest: Azure eastus2, "
            "$80.00/h on demand for 8× H200, price of Nov 20, 2026",
        ),
        (
            "aws region=us-west-1",
            "None of your sellers lists 8× H200 on demand in us-west-1; the nearest: Lambda, all regions, "
            "$30.00/h on demand for 8× H200, price of Nov 20, 2026",
        ),
        (
            "aws",
            "None of your sellers lists 8× H200 on demand; the nearest: Lambda, all regions, "
            "$30.00/h on demand for 8× H200, price of Nov 20, 2026",
        ),
        (
            "spot",
            "Nobody sells 8× H200 spot; the nearest: Lambda, all regions, "
            "$30.00/h on demand for 8× H200, price of Nov 20, 2026",
        ),
    ],
)
def test_where_nobody_sells_it_as_asked_the_card_says_who_does(asked: str, sentence: str) -> None:
    found = reply(answers(AZURE, LAMBDA), f"{PLAN} {asked}")
    shown = printed(found)
    assert sentence in shown
    assert sentence in found.card.text
    assert "no price known for this setup" not in shown


@pytest.mark.parametrize(("language", "nearest"), [("zh", "AutoDL"), ("en", "Lambda")])
def test_the_nearest_seller_is_the_first_of_the_readers_currency(language: Language, nearest: str) -> None:
    autodl = offer(
        "autodl", 0, region="cn", tier="B-cn", price_per_hour=Money(amount=Decimal(400), currency="CNY")
    )
    assert nearest in reply(answers(LAMBDA, autodl), f"{PLAN} aws", language).card.text


OLD = offer("aws", 24, usable=False)


@pytest.mark.parametrize(
    ("language", "header", "sentence"),
    [
        (
            "en",
            "no current price",
            "No current price of AWS for H200: last seen at $3.00 per GPU-hour (on demand)",
        ),
        ("zh", "暂无近期报价", "AWS 的 H200 没有近期报价：上次见到 $3.00/卡时 (按需)"),
    ],
)
def test_a_price_that_is_too_old_to_count_is_said(language: Language, header: str, sentence: str) -> None:
    shown = printed(reply(answers(OLD, LAMBDA), f"{PLAN} aws", language))
    assert header in shown
    assert sentence in shown
    assert "Lambda" in shown
    alone = reply(answers(OLD), PLAN, language)
    assert sentence in printed(alone)
    assert sentence in alone.card.text


def test_a_seller_is_called_what_the_list_of_sellers_calls_it() -> None:
    listed = read_config("sellers")
    english, chinese = load_texts("en"), load_texts("zh")
    for key, facts in listed.items():
        assert english(f"provider.{key}") == facts["name"]
        assert chinese(f"provider.{key}") in (facts["name"], *facts.get("aliases", ()))
    assert "Massed Compute, on demand" in printed(reply(answers(offer("massedcompute", 30)), PLAN))


def test_one_that_is_not_sold_alone_is_shown_with_the_machine_that_holds_it() -> None:
    shown = printed(reply(answers(LAMBDA), "7b qlora mbs=1 1xh200"))
    assert "$3.75 per GPU-hour × 8, one comparable seller: Lambda, on demand" in shown
    assert "not sold alone: the whole machine of 8 GPUs" in shown


def test_in_chinese_too() -> None:
    shown = printed(reply(answers(LAMBDA), f"{PLAN} aws region=us-west-1", "zh"))
    assert "你的商家在 us-west-1 都没有标 8× H200 的价 (按需)" in shown
    assert "最接近的：Lambda (全部地域)，8× H200 $30.00/小时 (按需)，2026年11月20日报价" in shown


def test_what_nobody_sells_anywhere_has_no_price() -> None:
    found = reply(answers(), PLAN)
    assert "no price known for this setup" in printed(found)
    assert document_of(found, load_texts("en"))["notes"] == [
        {"code": "no_price", "parameters": {"gpu": "h200", "num_gpus": 8}}
    ]


def test_the_document_names_who_sells_it() -> None:
    (note,) = document_of(reply(answers(LAMBDA), f"{PLAN} aws region=us-west-1"), load_texts("en"))["notes"]
    assert note == {
        "code": "sold_elsewhere",
        "parameters": {
            "gpu": "h200",
            "num_gpus": 8,
            "asked_market": "on_demand",
            "asked_providers": "aws",
            "asked_region": "us-west-1",
            "provider": "lambda",
            "region": "all",
            "market": "on_demand",
            "sold_gpus": 8,
            "price_per_hour": {"amount": "30", "currency": "USD"},
            "as_of": "2026-11-20",
        },
    }


def test_the_document_says_which_source_is_down_and_since_when_its_prices_are() -> None:
    found = answers(LAMBDA, notes=(DOWN,))
    assert document_of(reply(found, PLAN), load_texts("en"))["notes"] == [
        {
            "code": "source_down",
            "parameters": {"source": "alibaba", "why": "timed out", "as_of": "2026-11-20"},
        }
    ]


def test_with_the_network_gone_all_sources_are_one_line() -> None:
    down = tuple(
        Note(code=NoteCode.SOURCE_DOWN, parameters={"source": name, "why": "ConnectionError"})
        for name in ("azure", "runpod", "vast")
    )
    shown = printed(reply(answers(AZURE, notes=down), PLAN))
    assert "No prices now from Azure, RunPod, Vast.ai" in shown
    assert "ConnectionError" not in shown


@pytest.mark.parametrize(("region", "is_said"), [("mars", True), ("eastus2", False), ("EASTUS2", False)])
def test_a_region_of_nobody_is_said(region: str, *, is_said: bool) -> None:
    shown = printed(reply(answers(AZURE, LAMBDA), f"{PLAN} region={region}"))
    assert (f"No price here is one of the region {region}" in shown) == is_said
    assert "No price here" not in printed(reply(answers(AZURE, LAMBDA), PLAN))


SPOT = offer("gcp", 24, region="us-central1", market="spot", usable=False)
ON_DEMAND = offer("gcp", 80, region="us-central1")


class WholeShop(Shop):
    """Lays out everything that it has, as the book of prices does: what is near stands in."""

    def gather(self, gpus: Sequence[str], **asked: object) -> GatheredPrices:
        del gpus, asked
        return GatheredPrices(offers=self.offers, rates=RATES)


def test_a_spot_price_that_is_too_old_is_said_beside_the_one_that_stands_in() -> None:
    def shown(*offers: Offer) -> str:
        service = EstimateService(load_catalog(), WholeShop(*offers), NoHub())
        return printed(reply(Answerer(service), f"{PLAN} gcp spot"))

    both = shown(SPOT, ON_DEMAND)
    assert "no current spot price there, so on demand" in both
    assert "No current price of Google Cloud us-central1 for H200: last seen at $3.00" in both
    assert "per GPU-hour (spot)" in both
    assert "last seen" not in shown(ON_DEMAND)


PCIE = offer("autodl", 4, gpu="a100-80gb-pcie", num_gpus=1, region="cn")
SXM = offer("verda", 2, gpu="a100-80gb", num_gpus=1)
CHEAP = offer("lambda", 3, gpu="h100-80gb", num_gpus=1)
DEAR = offer("verda", 40, gpu="gb300", num_gpus=1)


def test_a_seller_of_a_gpu_of_the_same_kind_is_told_with_what_to_type() -> None:
    found = answers(PCIE, SXM, CHEAP)
    shown = printed(reply(found, "7b lora 1xa100 autodl"))
    assert "AutoDL lists A100 80GB PCIe: gpu=a100-80gb-pcie" in shown
    assert reply(found, "7b lora 1xa100 autodl gpu=a100-80gb-pcie").outcome == "problems"
    assert "AutoDL lists" not in printed(reply(found, "7b lora 1xh100 autodl"))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Tencent Cloud publishes no list of GPU prices"), ("zh", "腾讯云没有可读取的 GPU 价目表")],
)
def test_who_publishes_no_list_is_told_on_a_gpu_that_would_be_chosen_at_others(
    language: Language, sentence: str
) -> None:
    shown = printed(reply(answers(CHEAP, DEAR), "7b lora tencent cur=usd", language))
    assert sentence in shown
    assert "1× H100 80GB" in shown.splitlines()[0]


def test_a_price_of_smaller_machines_of_several_and_of_a_larger_one_says_so() -> None:
    one = offer("azure", 4, num_gpus=4)
    shown = printed(reply(answers(one), PLAN))
    assert "$1.00 per GPU-hour × 8, one comparable seller: Azure, on demand" in shown
    assert "listed as 2 × 4 GPU" in shown
    several = printed(reply(answers(LAMBDA), "7b qlora mbs=1 16xh200 zero3"))
    assert "list price × 2 machines; clusters are usually quoted · without disk, traffic" in several
    whole = printed(reply(answers(LAMBDA), "7b qlora mbs=1 1xh200"))
    assert "the whole machine of 8 GPUs, 1 of them used · without disk, traffic" in whole
    assert "without disk" not in printed(reply(answers(LAMBDA), PLAN))


def test_the_maths_and_the_window_of_assumptions_say_what_no_price_holds() -> None:
    found = answers(LAMBDA, offer("azure", 80), offer("crusoe", 50))
    asked = reply(found, PLAN)
    assert asked.requested is not None
    for card in (
        maths_card(asked.requested, texts=load_texts("en")),
        assumptions_card(asked.requested, texts=load_texts("en")),
    ):
        assert "Not included: disk, traffic, minimum billing" in str(card.blocks)


@pytest.mark.parametrize(("region", "near"), [("eastsu2", "eastus2"), ("eastus3", ""), ("mars", "")])
def test_a_slip_of_a_region_is_told_with_the_region(region: str, near: str) -> None:
    shown = printed(reply(answers(AZURE, LAMBDA), f"{PLAN} region={region}"))
    assert f"No price here is one of the region {region}" in shown
    assert ("did you mean" in shown) == bool(near)
    assert not near or f"did you mean region={near}?" in shown
