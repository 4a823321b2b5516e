"""The page and the real bot behind it: one line in, one card out."""

from collections.abc import Callable

import pytest
from chromium import Window
from playwright.sync_api import Page, expect

from bot.playground.people import MEI
from bot.playground.run import MakeApp

pytestmark = pytest.mark.browser
pytest_plugins = ("page_fixtures",)
OpenWindow = Callable[..., Window]


@pytest.fixture
def make_app(real_app: Callable[..., MakeApp]) -> MakeApp:
    """With a store of its own."""
    return real_app()


def type_line(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_the_worked_example_becomes_a_card_with_its_four_numbers(any_window: Window) -> None:
    page = any_window.open()
    type_line(page, "/ftcost 7b fp16 n=10000 bs=32")
    card = page.locator("#main .message").last
    for number in ("65 GB", "939", "23 min", "¥81.24"):
        expect(card).to_contain_text(number)
    assert page.locator("#main .unknown").count() == 0


def test_a_chinese_reader_gets_a_chinese_card(window: OpenWindow) -> None:
    page = window().open(f"/?as={MEI}")
    type_line(page, "/ftcost 7b 全参 1万条 bs=32")
    expect(page.locator("#main .message").last).to_contain_text("¥81.24")
    expect(page.locator("#main .message").last).to_contain_text("经验法则")


def test_a_mistake_is_answered_to_its_author_alone(window: OpenWindow) -> None:
    page = window().open()
    type_line(page, "/ftcost 7b batchsize=32 nn=5")
    expect(page.locator("#main .ephemeral")).to_contain_text("nn=5")


def test_the_lightning_menu_opens_the_form(window: OpenWindow) -> None:
    page = window().open()
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("option", name="Estimate a fine-tune").click()
    expect(page.locator("dialog h2")).to_contain_text("Estimate")
