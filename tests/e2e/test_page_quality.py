"""What a page owes its visitor: it fits, remembers, speaks two languages, is inert, reconnects."""

import json
from collections.abc import Callable

import pytest
from chromium import Window
from playwright.sync_api import Page, expect
from tiny_app import CARDS

from bot.playground import Playground
from bot.playground.people import BOT_USER, MEI, ML_TRAINING

pytestmark = pytest.mark.browser
pytest_plugins = ("page_fixtures",)
OpenWindow = Callable[..., Window]

OVERFLOWING = """() => [...document.querySelectorAll(".message")]
  .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.getAttribute("aria-label"))"""

NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, textarea, [role=listbox]")]
  .filter((node) => node.checkVisibility() && !(node.getAttribute("aria-label") || node.labels?.length
    || node.getAttribute("aria-labelledby") || node.textContent.trim()))
  .map((node) => node.outerHTML.slice(0, 120))"""

WORDS = (
    ".text",
    ".name",
    ".time",
    ".button",
    ".context .text",
    "code",
    ".mention",
    ".cell",
    ".place",
    "a[href]",
)

CONTRAST = """(selector) => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return colour !== "rgba(0, 0, 0, 0)" || !node.parentElement ? colour : ground(node.parentElement);
  };
  return [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility()).map((node) => {
    const [one, other] = [luminance(getComputedStyle(node).color), luminance(ground(node))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  });
}"""


def post_every_card(playground: Playground) -> None:
    for path in sorted(CARDS.glob("*.json")):
        message = json.loads(path.read_text())
        if "modal" in path.stem or path.stem == "invalid":
            continue
        blocks = [{"block_id": f"b{at}"} | block for at, block in enumerate(message["blocks"])]
        author = {"user": BOT_USER, "bot_id": "B0FTCOST01", "text": message["text"], "blocks": blocks}
        playground.double.slack.workspace.add(ML_TRAINING, author)


def test_every_card_fits_the_window_and_tables_scroll_in_their_own_box(
    any_window: Window, playground: Playground
) -> None:
    post_every_card(playground)
    page = any_window.open()
    expect(page.locator("#main .message")).to_have_count(9)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OVERFLOWING) == []
    assert page.locator(".unknown").count() == 0


def test_every_control_has_a_name_and_every_word_can_be_read(
    any_window: Window, playground: Playground
) -> None:
    post_every_card(playground)
    page = any_window.open()
    expect(page.locator("#main .message")).to_have_count(9)
    assert page.evaluate(NAMELESS) == []
    for selector in WORDS:
        assert min(page.evaluate(CONTRAST, selector), default=9) >= 4.5, selector


def test_text_of_others_is_inert(window: OpenWindow, playground: Playground) -> None:
    page = window().open()
    page.on("dialog", lambda _: pytest.fail("a script ran"))
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type(
        "<img src=x onerror=alert(1)> <script>alert(2)</script> *b* <!channel> javascript:alert(3)"
    )
    page.keyboard.press("Enter")
    post_every_card(playground)
    expect(page.locator("#main")).to_contain_text("<script>alert(2)</script>")
    assert page.locator("#main script, #main img[src=x]").count() == 0
    assert page.locator("a[href^=javascript]").count() == 0


def test_a_first_visitor_is_somebody_of_their_language(window: OpenWindow) -> None:
    page = window("chinese").open()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_text("EN", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_an_answer_stands_from_its_beginning(window: OpenWindow, playground: Playground) -> None:
    page = window("phone-dark").open()
    expect(page.locator("#composer")).to_be_attached()
    playground.double.say("\n".join(f"line {at}" for at in range(80)), user=MEI)
    page.wait_for_function(
        "() => {const all = document.querySelectorAll('#main .message'), frame ="
        " document.querySelector('#main .scroller').getBoundingClientRect(), last ="
        " all[all.length - 1].getBoundingClientRect();"
        " return last.height > frame.height && Math.abs(last.top - frame.top) < 20}"
    )


@pytest.mark.parametrize("width", [390, 960, 1280])
def test_every_composer_stands_in_its_box(window: OpenWindow, width: int) -> None:
    page = window().open()
    page.set_viewport_size({"width": width, "height": 800})
    page.locator("#composer").fill("/ftcost 7b")
    page.keyboard.press("Enter")
    page.locator("#main .message", has_text="¥81.24").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#thread-composer")).to_be_visible()
    outside = page.evaluate(
        "() => [...document.querySelectorAll('.composer')].filter((box) => box.offsetWidth).filter((box) => {"
        " const pane = box.closest('.pane').getBoundingClientRect(), own = box.getBoundingClientRect();"
        " return own.left < pane.left || own.right > pane.right || own.bottom > innerHeight"
        " || box.scrollWidth > box.clientWidth + 1 }).length"
    )
    assert outside == 0


def test_another_person_brings_another_language_and_the_switch_changes_it(
    any_window: Window, playground: Playground
) -> None:
    page = any_window.open()
    narrow = page.viewport_size is not None and page.viewport_size["width"] < 861
    open_drawer(page, needed=narrow)
    page.locator(".workspace").click()
    page.get_by_role("option", name="林梅 中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".welcome-card h2")).to_have_text("放得下吗？要多久？多少钱？")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert playground.double.slack.workspace.person(MEI).locale == "en-US"


def open_drawer(page: Page, *, needed: bool) -> None:
    if needed:
        page.get_by_role("button", name="Channels and settings").click()


def test_the_theme_follows_the_system_until_one_is_chosen(window: OpenWindow) -> None:
    page = window("desktop-light").open()
    light = page.evaluate("getComputedStyle(document.querySelector('#main')).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.querySelector('#main')).backgroundColor")
    page.reload()
    page.wait_for_selector(".pane-head h1")
    assert light == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('#main')).backgroundColor") == dark != light


def test_new_messages_are_read_aloud_by_their_fallback_text(window: OpenWindow) -> None:
    page = window().open()
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type("/ftcost 7b")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_contain_text("Fits: 63.9 of 79.3 GiB")


def test_a_visitor_who_reads_above_is_told_of_new_messages(
    window: OpenWindow, playground: Playground
) -> None:
    post_every_card(playground)
    page = window().open()
    page.locator(".scroller.messages").evaluate("(node) => node.scrollTo(0, 0)")
    playground.double.say("down here", user=MEI)
    page.locator("#main .jump").click()
    expect(page.locator("#main .message").last).to_be_in_viewport()


def test_who_reads_above_and_asks_sees_the_answer_that_only_they_get(
    window: OpenWindow, playground: Playground
) -> None:
    post_every_card(playground)
    page = window().open()
    page.locator(".scroller.messages").evaluate("(node) => node.scrollTo(0, 0)")
    page.locator("#composer").fill("/ftcost batchsize=32")
    page.locator("#composer").press("Enter")
    answer = page.locator("#main .ephemeral").last
    expect(answer).to_contain_text("Did you mean")
    expect(answer).to_be_in_viewport()
    expect(page.locator("#main .jump")).to_be_hidden()
