"""The real app in a browser: command, card, tweak, comparison, choice, form, undo; by keyboard, by mouse."""

import re
from collections.abc import Callable

import pytest
from chromium import Window
from playwright.sync_api import Locator, Page, expect

from bot.playground.people import MEI
from bot.playground.run import MakeApp
from bot.store.memory import MemoryStore

pytestmark = pytest.mark.browser
pytest_plugins = ("page_fixtures",)
OpenWindow = Callable[..., Window]

SEED = "7b fp16 n=10000 bs=32"
LOOKS = ("desktop-light", "phone-dark")
WORDS = {
    "en": {"compare": "Compare GPUs", "edit": "Edit…", "undo": "Undo", "fits": "Fits", "send": "Estimate"},
    "zh": {"compare": "比较 GPU", "edit": "编辑…", "undo": "撤销", "fits": "放得下", "send": "估算"},
}


@pytest.fixture
def make_app(real_app: Callable[..., MakeApp]) -> MakeApp:
    """Over a store in memory."""
    return real_app(MemoryStore())


class Reader:
    """A person at the page, in one language."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.words = page, WORDS[language]

    @property
    def newest(self) -> Locator:
        """The newest message of the thread."""
        return self.page.locator("#thread .message").last

    def type_line(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def ask(self) -> Locator:
        """The card in the channel."""
        expect(self.page.locator("#composer")).to_be_focused()
        self.type_line(f"/ftcost {SEED}")
        card = self.page.locator("#main .message").last
        expect(card).to_contain_text("¥81.24")
        expect(card).to_contain_text(self.words["fits"])
        return card

    def replies(self, count: int) -> None:
        """Wait for so many messages under the card."""
        expect(self.page.locator("#thread .message")).to_have_count(count + 1)

    def button(self, name: str) -> Locator:
        """A button of the newest message."""
        return self.newest.get_by_text(self.words[name], exact=True)

    def expect_within_the_window(self) -> None:
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(params=[(look, language) for look in LOOKS for language in WORDS], ids="-".join)
def reader(request: pytest.FixtureRequest, window: OpenWindow) -> Reader:
    look, language = request.param
    page = window(look).open("/" if language == "en" else f"/?as={MEI}")
    page.locator("#composer").focus()
    return Reader(page, language)


def test_the_whole_conversation_by_mouse(reader: Reader) -> None:
    reader.ask().hover()
    reader.page.locator("#main .message").last.locator("[data-action=estimate_compare]").click()
    reader.page.locator(".thread-bar").click()
    reader.replies(1)
    reader.page.locator("#thread-composer").fill("bs=16")
    reader.page.locator("#thread-composer").press("Enter")
    reader.replies(3)
    expect(reader.newest).to_contain_text("32 → 16")
    expect(reader.newest.locator("table")).to_be_visible()
    reader.button("compare").click()
    reader.replies(4)
    reader.newest.locator("[data-action=estimate_use]").click()
    reader.page.get_by_role("option").nth(1).click()
    reader.replies(5)
    expect(reader.newest).to_contain_text(re.compile(r"\d+× \w+"))
    reader.button("edit").click()
    dialog = reader.page.locator("dialog")
    expect(dialog).to_be_visible()
    expect(reader.page.locator("#form-bs")).to_have_value("16")
    reader.page.locator("#form-bs").fill("64")
    dialog.get_by_role("button", name=reader.words["send"]).click()
    reader.replies(6)
    expect(reader.newest).to_contain_text("16 → 64")
    reader.button("undo").click()
    reader.replies(7)
    expect(reader.newest).to_contain_text("64 → 16")
    reader.expect_within_the_window()


CONFIGURATION = """/ftcost model_name_or_path: Qwen/Qwen2.5-7B-Instruct
stage: sft
finetuning_type: lora
lora_rank: 16
cutoff_len: 4096
per_device_train_batch_size: 2
gradient_accumulation_steps: 8
bf16: true"""


def test_a_pasted_configuration_becomes_a_card_and_a_file_again(reader: Reader) -> None:
    composer = reader.page.locator("#composer")
    composer.fill(CONFIGURATION)
    composer.press("Enter")
    card = reader.page.locator("#main .message").last
    expect(card).to_contain_text("LLaMA-Factory")
    expect(card).to_contain_text("qwen2.5-7b-instruct lora bf16 seq=4096")
    card.hover()
    card.locator("[data-action=estimate_more]").click()
    reader.page.get_by_role("option").filter(has_text=re.compile("Recipe|配置")).click()
    recipe = reader.page.get_by_text("finetuning_type: lora").last
    expect(recipe).to_be_visible()
    expect(recipe).to_contain_text("llamafactory-cli train llamafactory_sft.yaml")
    expect(recipe).to_contain_text("cutoff_len: 4096")
    reader.expect_within_the_window()


def focus_by_tab(page: Page, action: str) -> None:
    """ButtonPress Tab until the newest control of this action has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate(
            """(action) => { const all = document.querySelectorAll(`#thread [data-action=${action}]`);
               return document.activeElement === all[all.length - 1]; }""",
            action,
        ):
            return
    pytest.fail(f"Tab never came to {action}")


def test_the_whole_conversation_by_keyboard_alone(reader: Reader) -> None:
    page = reader.page
    reader.ask()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#thread-composer")).to_be_focused()
    reader.type_line("bs=16")
    reader.replies(2)
    expect(reader.newest).to_contain_text("32 → 16")
    page.locator("#thread-composer").blur()
    focus_by_tab(page, "estimate_compare")
    page.keyboard.press("Enter")
    reader.replies(3)
    focus_by_tab(page, "estimate_use")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    reader.replies(4)
    focus_by_tab(page, "estimate_edit")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    page.locator("#form-bs").focus()
    page.keyboard.press("Control+A")
    reader.type_line("64")
    expect(page.locator("dialog")).to_have_count(0)
    reader.replies(5)
    expect(reader.newest).to_contain_text("16 → 64")
    focus_by_tab(page, "estimate_undo")
    page.keyboard.press("Enter")
    reader.replies(6)
    expect(reader.newest).to_contain_text("64 → 16")


def test_the_form_shows_what_means_something_and_its_mistakes_at_their_fields(window: OpenWindow) -> None:
    page = window().open()
    page.locator("#composer").focus()
    page.keyboard.type("/ftcost ")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    expect(page.locator("#form-r")).to_have_count(0)
    page.locator("#form-model").click()
    page.keyboard.type("qwen2.5-7b")
    page.get_by_role("option", name="qwen2.5-7b", exact=True).click()
    page.locator("#form-method").click()
    page.get_by_role("option", name="LoRA", exact=True).click()
    expect(page.locator("#form-r")).to_be_visible()
    page.locator("#form-r").fill("8")
    page.locator("#form-n").fill("-5")
    page.locator("#form-advanced").fill("zzz=1")
    page.locator("dialog").get_by_role("button", name="Estimate").click()
    expect(page.locator("#form-n-error")).to_contain_text("n=-5")
    expect(page.locator("#form-advanced-error")).to_contain_text("zzz=1")
    page.locator("#form-n").fill("5k")
    page.locator("#form-advanced").fill("packing")
    page.locator("dialog").get_by_role("button", name="Estimate").click()
    expect(page.locator("#main .message").last).to_contain_text("qwen2.5-7b lora n=5000 r=8 packing")


def choose(page: Page, name: str) -> None:
    """A line of the menu of the newest card in the thread."""
    page.locator("#thread [data-action=estimate_more]").last.click()
    page.get_by_role("option", name=name).click()


def test_two_people_of_two_languages_share_one_thread(window: OpenWindow) -> None:
    """The thread stays in its first card's language and money; what is looked at is a window over it."""
    mine, theirs = window().open(), window().open(f"/?as={MEI}")
    mine.locator("#composer").fill("/ftcost budget set 500 usd total")
    mine.keyboard.press("Enter")
    expect(mine.locator("#main .message").last).to_contain_text("500")
    mine.locator("#composer").fill(f"/ftcost {SEED}")
    mine.keyboard.press("Enter")
    expect(mine.locator("#main .message").last).to_contain_text("¥81.24")
    expect(mine.locator("#main .message").last).to_contain_text("This run with its retries")
    theirs.locator("#main .message").last.focus()
    theirs.keyboard.press("Enter")
    theirs.locator("#thread-composer").fill("bs=16")
    theirs.keyboard.press("Enter")
    answer = theirs.locator("#thread .message").last
    expect(answer).to_contain_text("32 → 16")
    expect(answer).to_contain_text("with 3 tries")
    for name, said in (
        ("maths", "Memory on the fullest GPU"),
        ("Assumptions", "seq=1024"),
        ("command", SEED),
    ):
        choose(theirs, name)
        expect(theirs.locator("dialog")).to_contain_text(said.replace("bs=32", "bs=16"))
        theirs.keyboard.press("Escape")
        expect(theirs.locator("dialog")).to_have_count(0)
    choose(theirs, "Recipe")
    expect(theirs.locator("#thread .ephemeral")).to_contain_text("per_device")
    theirs.locator("#thread-composer").fill("lang=zh")
    theirs.keyboard.press("Enter")
    expect(theirs.locator("#thread .message").last).to_contain_text("放得下")
    mine.locator(".thread-bar").first.click()
    mine.locator("#thread-composer").fill("bs=8")
    mine.keyboard.press("Enter")
    expect(mine.locator("#thread .message").last).to_contain_text("放得下")


def test_settings_and_home_answer_where_they_are_pressed(window: OpenWindow) -> None:
    page = window().open()
    page.locator("#composer").fill("/ftcost settings cur=eur")
    page.keyboard.press("Enter")
    expect(page.locator("#main .ephemeral").last).to_contain_text("EUR")
    page.locator("#composer").fill(f"/ftcost {SEED}")
    page.keyboard.press("Enter")
    expect(page.locator("#main .message").last).to_contain_text("€")
    page.get_by_role("button", name="FT Cost", exact=True).click()
    home = page.locator(".home-tab")
    expect(home).to_contain_text(SEED)
    home.get_by_role("button", name="Help", exact=True).click()
    expect(page.locator("dialog")).to_contain_text("in any order")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    home.locator("[data-action^=home_run]").first.click()
    expect(page.locator("dialog")).to_contain_text("Messages")
