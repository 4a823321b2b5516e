"""A channel's money in a browser: a limit, a card that warns, its button, a log, history and chart."""

from collections.abc import Callable

import pytest
from chromium import Window
from playwright.sync_api import Page, expect

from bot.playground.people import MEI
from bot.playground.run import MakeApp

pytestmark = pytest.mark.browser
pytest_plugins = ("page_fixtures",)
OpenWindow = Callable[..., Window]

SEED = "7b fp16 n=10000 bs=32"
LOG = "{'train_runtime': 7284.9, 'train_samples_per_second': 4.1, 'train_loss': 1.03, 'epoch': 3.0}"
WORDS = {
    "en": {
        "limit": "/ftcost budget set 3 usd total",
        "set": "Budget $3",
        "run": "This run with its retries",
        "warns": "would pass the limit",
        "add": "Add to budget",
        "committed": "committed $",
        "passed": "The limit is passed by",
        "in_place": "take the place of the",
        "keep": "Keep as measured",
        "price": "Book at that price",
        "ratio": "× the estimate",
        "instead": "takes the place of",
        "history": "/ftcost history",
        "runs": "Measured against estimated, 1 run",
        "chart": "Hours, estimated and measured",
        "ratio_in_row": "×)",
        "budget": "/ftcost budget",
        "spent": "measured",
        "hours": "2.0 h",
    },
    "zh": {
        "limit": "/ftcost 预算设为总计3美元",
        "set": "预算 $3",
        "run": "本次含重试",
        "warns": "将超出上限",
        "add": "计入预算",
        "committed": "已预留 $",
        "passed": "已超出上限",
        "in_place": "将取代本消息列里已预留的",
        "keep": "记为实测",
        "price": "按此价格记账",
        "ratio": "倍",
        "instead": "取代已预留的",
        "history": "/ftcost 历史",
        "runs": "实测与估算对比，1 次运行",
        "chart": "小时：估算与实测",
        "ratio_in_row": "倍)",
        "budget": "/ftcost 预算",
        "spent": "实测",
        "hours": "2.0 小时",
    },
}


@pytest.fixture
def make_app(real_app: Callable[..., MakeApp]) -> MakeApp:
    """Over an embedded server, which alone books anything."""
    return real_app()


def type_line(page: Page, composer: str, text: str) -> None:
    page.locator(composer).fill(text)
    page.locator(composer).press("Enter")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_the_limit_to_the_chart(window: OpenWindow, language: str) -> None:
    words = WORDS[language]
    page = window("desktop-light" if language == "en" else "chinese").open(
        f"/?as={MEI}" if language == "zh" else "/"
    )
    newest = page.locator("#main .message").last
    replies = page.locator("#thread .message")

    type_line(page, "#composer", words["limit"])
    expect(newest).to_contain_text(words["set"])

    type_line(page, "#composer", f"/ftcost {SEED}")
    expect(newest).to_contain_text(words["run"])
    expect(newest).to_contain_text(words["warns"])

    newest.get_by_role("button", name=words["add"]).click()
    page.locator(".thread-bar").last.click()
    expect(replies.last).to_contain_text(words["committed"])
    expect(replies.last).to_contain_text(words["passed"])

    type_line(page, "#thread-composer", "bs=16")
    expect(replies.last).to_contain_text("32 → 16")
    expect(replies.last).to_contain_text(words["in_place"])

    type_line(page, "#thread-composer", LOG)
    replies.last.get_by_role("button", name=words["keep"]).click()
    expect(replies.last).to_contain_text(words["ratio"])
    replies.last.get_by_role("button", name=words["price"]).click()
    expect(replies.last).to_contain_text(words["instead"])

    type_line(page, "#composer", words["history"])
    shown = page.locator("#main .ephemeral").last
    expect(shown).to_contain_text(words["runs"])
    expect(shown.locator("figure.chart")).to_contain_text(words["chart"])
    expect(shown.locator("table")).to_contain_text(words["ratio_in_row"])

    type_line(page, "#composer", words["budget"])
    expect(page.locator("#main .ephemeral").last).to_contain_text(words["spent"])
    expect(page.locator("#main .ephemeral").last).to_contain_text(words["hours"])

    type_line(page, "#composer", "/ftcost budget export")
    newest.locator("details.file summary").click()
    expect(newest.locator("details.file pre")).to_contain_text("entry_id,kind,user_id")
    assert page.locator(".unknown").count() == 0
