"""Where a visitor stands: a reload, the browser's back, an address, a lost connection."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from chromium import Window
from playwright.sync_api import Locator, Page, expect
from tiny_app import make_tiny_app

from bot.playground import Playground, start_playground
from bot.playground.people import MEI, ML_TRAINING

pytestmark = pytest.mark.browser


pytest_plugins = ("page_fixtures",)


OpenWindow = Callable[..., Window]


def card_of(page: Page) -> Locator:
    """The card of a command that was typed."""
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type("/ftcost 7b")
    page.keyboard.press("Enter")
    return page.locator("#main .message", has_text="¥81.24")


def test_a_reload_comes_back_to_the_same_thread(window: OpenWindow) -> None:
    page = window().open()
    message = card_of(page)
    message.hover()
    message.get_by_role("button", name="Reply in thread").click()
    expect(page.locator("#thread-composer")).to_be_focused()
    page.keyboard.type("bs=16")
    page.keyboard.press("Enter")
    expect(page.locator("#thread .message")).to_have_count(3)
    page.reload()
    expect(page.locator("#thread .message")).to_have_count(3)
    expect(page.locator("#thread")).to_contain_text("2 replies")


def test_the_browsers_back_closes_the_thread_and_forward_opens_it(window: OpenWindow) -> None:
    page = window("phone-dark").open()
    message = card_of(page)
    message.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#thread")).to_be_visible()
    page.go_back()
    expect(page.locator("#thread")).to_be_hidden()
    expect(page.locator("#main .message", has_text="¥81.24")).to_be_visible()
    page.go_forward()
    expect(page.locator("#thread")).to_be_visible()


def test_the_browsers_back_closes_a_form_before_the_thread_beneath(window: OpenWindow) -> None:
    page = window("phone-dark").open()
    message = card_of(page)
    message.focus()
    page.keyboard.press("Enter")
    page.locator("#thread").get_by_role("button", name="Edit").first.click()
    expect(page.locator("dialog")).to_be_visible()
    page.go_back()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("#thread")).to_be_visible()
    page.locator("#thread").get_by_role("button", name="Edit").first.click()
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("#thread")).to_be_visible()
    page.go_back()
    expect(page.locator("#thread")).to_be_hidden()


def test_a_reload_forgets_no_draft_and_opens_no_form(window: OpenWindow) -> None:
    page = window().open()
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type("half a line")
    page.get_by_role("button", name="Shortcuts").first.click()
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(1)
    page.reload()
    expect(page.locator("#composer")).to_have_value("half a line")
    page.wait_for_timeout(300)
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_role("button", name="random").click()
    expect(page.locator("#composer")).to_have_value("")
    page.get_by_role("button", name="ml-training").click()
    expect(page.locator("#composer")).to_have_value("half a line")


def test_a_lost_connection_is_shown_and_found_again(window: OpenWindow) -> None:
    first = start_playground(make_tiny_app)
    one = window(url=first.url)
    page = one.open()
    first.stop()
    expect(page.locator("#banner")).to_have_text("Connection lost. Reconnecting…")
    page.keyboard.type("lost?")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Not sent")
    expect(page.locator("#composer")).to_have_value("lost?")
    again = start_playground(make_tiny_app, port=urlsplit(first.url).port or 0, key=first.double.gate.key)
    again.double.say("while you were away", user=MEI)
    expect(page.locator("#main .message").last).to_contain_text("while you were away")
    expect(page.locator("#banner")).to_be_hidden()
    again.stop()
    one.complaints.clear()


def test_a_playground_that_was_started_anew_asks_for_its_new_address(window: OpenWindow) -> None:
    first = start_playground(make_tiny_app)
    one = window(url=first.url)
    page = one.open()
    first.stop()
    again = start_playground(make_tiny_app, port=urlsplit(first.url).port or 0)
    expect(page.locator("#banner")).to_contain_text("Open the address that it printed")
    again.stop()
    one.complaints.clear()


def test_the_key_does_not_stay_in_the_address(window: OpenWindow, playground: Playground) -> None:
    page = window().open()
    assert playground.double.gate.key not in page.url
    assert playground.double.gate.key not in page.evaluate("document.cookie")


def test_a_link_to_a_message_opens_it(window: OpenWindow, playground: Playground) -> None:
    said = playground.double.say("find me", user=MEI)
    page = window().open(f"/archives/{ML_TRAINING}/p{said['ts'].replace('.', '')}")
    expect(page.locator(".linked")).to_contain_text("find me")
