"""A person and the page: command, card, thread, button, form; by keyboard alone and by mouse."""

from collections.abc import Callable

import pytest
from chromium import Window
from patience import until
from playwright.sync_api import Page, expect
from tiny_app import card as sample

from bot.playground import Playground
from bot.playground.people import MEI, RANDOM

pytestmark = pytest.mark.browser
pytest_plugins = ("page_fixtures",)
OpenWindow = Callable[..., Window]


def type_line(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def card(page: Page) -> None:
    """Ask for a card and wait for it."""
    expect(page.locator("#composer")).to_be_focused()
    type_line(page, "/ftcost 7b fp16 n=10000 bs=32")
    expect(page.locator("#main .message").last).to_contain_text("¥81.24")


def tab_to(page: Page, name: str) -> None:
    """ButtonPress Tab until the control of this name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    pytest.fail(f"Tab never came to {name!r}")


def test_the_whole_conversation_by_keyboard_alone(any_window: Window) -> None:
    page = any_window.open()
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type("/ft")
    expect(page.locator(".suggestions [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#composer")).to_have_value("/ftcost ")
    type_line(page, "7b fp16 n=10000 bs=32")
    expect(page.locator("#main .message").last).to_contain_text("Rule of thumb")

    page.keyboard.press("ArrowUp")
    tab_to(page, "Compare GPUs")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-bar")).to_contain_text("1 reply")

    page.locator("#main .message").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#thread-composer")).to_be_focused()
    expect(page.locator("#thread table")).to_contain_text("A100 80GB")
    type_line(page, "bs=16")
    expect(page.locator("#thread .message").last).to_contain_text("bs 32 → 16")

    page.locator("#thread [data-action=pick_gpu]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#main .message").last).to_contain_text("Picked l40s:4")

    page.locator("#thread-composer").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#thread")).to_be_hidden()
    expect(page.locator("#composer")).to_be_focused()


def test_the_whole_conversation_by_mouse(any_window: Window) -> None:
    page = any_window.open()
    page.get_by_role("button", name="/ftcost 7b fp16 n=10000 bs=32").click()
    expect(page.locator("#composer")).to_have_value("/ftcost 7b fp16 n=10000 bs=32")
    page.locator("#main").get_by_role("button", name="Send", exact=True).click()
    newest = page.locator("#main .message").last
    expect(newest).to_contain_text("¥81.24")
    newest.get_by_role("button", name="Compare this").or_(newest.get_by_text("Compare GPUs")).first.click()
    page.locator(".thread-bar").click()
    page.locator("#thread-composer").fill("bs=16")
    page.locator("#thread").get_by_role("button", name="Send").click()
    expect(page.locator("#thread .message").last).to_contain_text("$12.06")
    page.locator("#thread").get_by_text("Use a setup…").click()
    page.get_by_role("option", name="8× H100").click()
    expect(page.locator("#thread [data-action=pick_gpu]")).to_contain_text("8× H100")
    page.locator("#thread").get_by_role("button", name="Close").click()
    expect(page.locator("#main .ephemeral")).to_contain_text("Picked h100:8")


def test_a_form_by_keyboard(any_window: Window, playground: Playground) -> None:
    page = any_window.open()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog).to_be_visible()
    expect(page.locator("#form-model")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("qwen")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#form-model")).to_contain_text("qwen2.5-7b")

    page.locator("#form-n").fill("many")
    page.keyboard.press("Enter")
    expect(page.locator("#form-n-error")).to_have_text("Enter a number.")
    expect(page.locator("#form-n")).to_be_focused()
    page.locator("#form-n").fill("13")
    page.keyboard.press("Enter")
    expect(page.locator("#form-n-error")).to_contain_text("Thirteen")

    page.locator("#form-method").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("l")
    page.keyboard.press("Enter")
    expect(page.locator("#form-rank")).to_have_value("16")
    expect(page.locator("#form-n")).to_have_value("13")
    page.locator("#form-n").fill("14")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#main .message").last).to_contain_text("¥81.24")
    until(lambda: playground.double.view() is None)


def test_a_form_that_the_app_changes_leaves_an_open_menu_its_words_and_its_choice(
    window: OpenWindow, playground: Playground
) -> None:
    page = window().open()
    page.locator("#composer").focus()
    page.keyboard.type("/ftcost ")
    page.keyboard.press("Enter")
    page.locator("#form-model").click()
    page.keyboard.type("qwen")
    view = playground.double.wait_for(playground.double.view)
    changed = sample("edit.modal") | {"title": {"type": "plain_text", "text": "Changed"}}
    playground.double.slack.views.update(view["id"], changed)
    playground.double.say("the stream keeps its order, so the change came before this")
    expect(page.locator("#main .message").last).to_contain_text("came before this")
    page.keyboard.type("2.5-7b")
    page.get_by_role("option", name="qwen2.5-7b", exact=True).click()
    expect(page.locator("dialog h2")).to_have_text("Changed")
    expect(page.locator("#form-model")).to_contain_text("qwen2.5-7b")


def test_the_focus_stays_in_a_form_and_escape_closes_it(window: OpenWindow, playground: Playground) -> None:
    page = window().open()
    type_line(page, "/ftcost form")
    expect(page.locator("dialog")).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    until(lambda: playground.double.view() is None)


def test_every_field_of_a_form_reaches_the_app(window: OpenWindow, playground: Playground) -> None:
    page = window().open()
    type_line(page, "/ftcost form")
    page.locator("#form-spec").fill("7b lora")
    page.locator("#form-mfu").fill("0.45")
    page.get_by_label("time").check()
    page.get_by_label("liger").check()
    page.get_by_role("button", name="Send", exact=True).last.click()
    view = playground.double.wait_for(playground.double.view)
    expect(page.locator("[aria-busy]")).to_have_count(0)
    values = playground.double.slack.views.get(view["id"])["state"]["values"]
    assert values["spec"]["spec"]["value"] == "7b lora"
    assert values["mfu"]["mfu"]["value"] == "0.45"
    assert values["rank"]["rank"]["selected_option"]["value"] == "time"
    assert [option["value"] for option in values["flags"]["flags"]["selected_options"]] == ["liger"]
    assert values["where"]["where"]["selected_conversation"] == "C0MLTRAIN1"
    expect(page.locator(".toast")).to_contain_text("did not answer")


def test_what_only_one_person_sees_can_be_used_and_dismissed(window: OpenWindow) -> None:
    mine, theirs = window().open(), window().open(f"/?as={MEI}")
    type_line(mine, "/ftcost batchsize=32")
    post_ephemeral = mine.locator("#main .ephemeral")
    expect(post_ephemeral).to_contain_text("Only visible to you")
    post_ephemeral.get_by_text("Run with bs=32").click()
    expect(post_ephemeral).to_contain_text("Running it with bs=32")
    expect(theirs.locator(".ephemeral")).to_have_count(0)
    post_ephemeral.get_by_text("Dismiss").click()
    expect(post_ephemeral).to_have_count(0)


def test_two_people_see_the_same_channel_at_once(window: OpenWindow) -> None:
    mine, theirs = window().open(), window().open(f"/?as={MEI}")
    card(mine)
    expect(theirs.locator("#main .message").last).to_contain_text("¥81.24")
    expect(theirs.locator("#composer")).to_have_attribute(
        "aria-label", "发送消息至 #ml-training  —  输入 /ftcost，或 @FT Cost"
    )


def test_the_app_is_invited_where_it_is_not(window: OpenWindow) -> None:
    page = window().open(f"/?in={RANDOM}")
    expect(page.locator(".no-app")).to_be_visible()
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type("@ft")
    page.keyboard.press("Enter")
    type_line(page, "7b")
    expect(page.locator("#main .ephemeral")).to_contain_text("is not in this channel")
    type_line(page, "/invite @FT Cost")
    expect(page.locator(".no-app")).to_be_hidden()
    type_line(page, "@FT Cost 7b")
    expect(page.locator(".thread-bar")).to_contain_text("1 reply")


def test_the_home_tab_and_its_buttons(window: OpenWindow) -> None:
    page = window().open()
    page.locator(".place", has_text="FT Cost").click()
    expect(page.locator(".home-inside")).to_contain_text("Recent estimates")
    page.locator(".home-inside").get_by_text("Edit…").click()
    expect(page.locator("dialog")).to_contain_text("Edit estimate")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Messages").click()
    expect(page.locator("#composer")).to_be_focused()
