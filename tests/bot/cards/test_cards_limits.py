"""Each row of the table of limits, one at its limit and one past it."""

from typing import Any

import pytest

from bot.cards import block as kit
from bot.cards.limits import Surface, violations


def message(*blocks: dict[str, Any], text: str = "said") -> dict[str, Any]:
    return {"text": text, "blocks": list(blocks)}


def section(text: str = "x", at: int = 0) -> dict[str, Any]:
    return {"type": "section", "block_id": f"s{at}", "text": {"type": "mrkdwn", "text": text}}


def button(**more: Any) -> dict[str, Any]:
    made = {"type": "button", "action_id": "b", "text": {"type": "plain_text", "text": "x"}}
    return {"type": "actions", "block_id": "a", "elements": [{**made, **more}]}


def options(count: int) -> list[dict[str, Any]]:
    return [kit.option("x", str(at)) for at in range(count)]


def table(rows: int, columns: int = 1, text: str = "x") -> dict[str, Any]:
    return {"type": "table", "block_id": "t", "rows": [[kit.cell(text)] * columns] * rows}


def modal(**more: Any) -> dict[str, Any]:
    made = {"type": "modal", "callback_id": "c", "title": kit.plain("x"), "blocks": [section()]}
    return {**made, **more}


CASES: dict[str, tuple[Surface, Any, Any]] = {
    "50 blocks in a message": (
        "message",
        message(*(section(at=n) for n in range(50))),
        message(*(section(at=n) for n in range(51))),
    ),
    "8 blocks on a card": (
        "card",
        message(*(section(at=n) for n in range(8))),
        message(*(section(at=n) for n in range(9))),
    ),
    "100 blocks in a modal": (
        "modal",
        modal(blocks=[section(at=n) for n in range(100)]),
        modal(blocks=[section(at=n) for n in range(101)]),
    ),
    "10,000 characters in a message": (
        "message",
        message(*(section("x" * 2500, n) for n in range(4))),
        message(*(section("x" * 2501, n) for n in range(4))),
    ),
    "3000 characters in a section": ("message", message(section("x" * 3000)), message(section("x" * 3001))),
    "a section says something": ("message", message(section()), message(section(""))),
    "10 fields": (
        "message",
        message(kit.fields([("a", "b")] * 10, block_id="f")),
        message(kit.fields([("a", "b")] * 11, block_id="f")),
    ),
    "150 characters in a header": (
        "message",
        message({"type": "header", "text": kit.plain("x" * 150)}),
        message({"type": "header", "text": kit.plain("x" * 151)}),
    ),
    "10 elements in a context": (
        "message",
        message(kit.context(*"abcdefghij")),
        message(kit.context(*"abcdefghijk")),
    ),
    "75 characters on a button": (
        "message",
        message(button(text=kit.plain("x" * 75))),
        message(button(text=kit.plain("x" * 76))),
    ),
    "2000 characters in a value": (
        "message",
        message(button(value="x" * 2000)),
        message(button(value="x" * 2001)),
    ),
    "255 characters in an id": (
        "message",
        message(button(action_id="x" * 255)),
        message(button(action_id="x" * 256)),
    ),
    "75 characters in a label": (
        "message",
        message(button(accessibility_label="x" * 75)),
        message(button(accessibility_label="x" * 76)),
    ),
    "5 options in an overflow": (
        "message",
        message(kit.actions(kit.overflow("o", options(5)), block_id="a")),
        message(kit.actions(kit.overflow("o", options(6)), block_id="a")),
    ),
    "100 options in a select": (
        "message",
        message(kit.actions(kit.select("o", "p", options(100)), block_id="a")),
        message(kit.actions(kit.select("o", "p", options(101)), block_id="a")),
    ),
    "150 characters in an option": (
        "message",
        message(kit.actions(kit.overflow("o", [kit.option("x", "v" * 150)]), block_id="a")),
        message(kit.actions(kit.overflow("o", [kit.option("x", "v" * 151)]), block_id="a")),
    ),
    "100 rows in a table": ("message", message(table(100)), message(table(101))),
    "20 columns in a table": ("message", message(table(1, 20)), message(table(1, 21))),
    "no empty cell": (
        "message",
        message(table(1)),
        message(table(1, text="x") | {"rows": [[{"type": "raw_text", "text": " "}]]}),
    ),
    "rows of one length": (
        "message",
        message(table(2, 2)),
        message(table(1) | {"rows": [[kit.cell("a")], [kit.cell("a")] * 2]}),
    ),
    "one table in a message": (
        "message",
        message(table(1)),
        message(table(1), {**table(1), "block_id": "u"}),
    ),
    "no table in a modal": ("modal", modal(), modal(blocks=[table(1)])),
    "no alert on a message": ("modal", modal(blocks=[{"type": "alert", "text": kit.plain("x")}]), None),
    "24 characters in a title": ("modal", modal(title=kit.plain("x" * 24)), modal(title=kit.plain("x" * 25))),
    "3000 characters of metadata": (
        "modal",
        modal(private_metadata="x" * 3000),
        modal(private_metadata="x" * 3001),
    ),
    "unique block ids": (
        "message",
        message(section(at=1), section(at=2)),
        message(section(at=1), section(at=1)),
    ),
    "unique action ids": (
        "message",
        message(kit.actions(kit.button("x", "a"), kit.button("x", "b"), block_id="a")),
        message(kit.actions(kit.button("x", "a"), kit.button("x", "a"), block_id="a")),
    ),
    "text for the notification": ("message", message(section()), message(section(), text="")),
    "30 characters in a confirmation": (
        "message",
        message(button(confirm={"confirm": kit.plain("x" * 30)})),
        message(button(confirm={"confirm": kit.plain("x" * 31)})),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_at_a_limit_passes_and_what_is_past_it_does_not(name: str) -> None:
    surface, at_limit, past_it = CASES[name]
    assert violations(at_limit, surface) == ()
    if past_it is not None:
        assert len(violations(past_it, surface)) >= 1


def test_a_card_is_at_most_4_kb_of_utf_8() -> None:
    chinese = kit.Card("说", (kit.section("显" * 1300, block_id="s"),))
    assert violations(chinese, "card") == ()
    assert violations(kit.Card("说", (kit.section("显" * 1400, block_id="s"),)), "card") != ()
    assert violations(kit.Card("说", (kit.section("显" * 1400, block_id="s"),)), "message") == ()


def test_an_alert_does_not_go_on_a_message() -> None:
    assert violations(message({"type": "alert", "text": kit.plain("x")})) != ()


def test_a_violation_says_where_and_how_much() -> None:
    assert violations(message(section("x" * 3001))) == (
        "blocks[0].section.text.text: 3001, allowed are 1 to 3000",
    )
