"""Each row of the table of limits, one at its limit and one past it."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.cards import block as kit
from bot.cards import slack_limits
from bot.cards.slack_limits import SlackSurface, violations


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
    made = {"type": "modal", "callback_id": "c", "title": kit.plain_text("x"), "blocks": [section()]}
    return {**made, **more}


def sections(count: int) -> list[dict[str, Any]]:
    return [section(at=at) for at in range(count)]


def row(*elements: dict[str, Any]) -> dict[str, Any]:
    return message(kit.actions(*elements, block_id="a"))


AT_MOST: dict[str, tuple[SlackSurface, int, Callable[[int], dict[str, Any]]]] = {
    "blocks in a message": ("message", 50, lambda n: message(*sections(n))),
    "blocks on a card": ("card", 7, lambda n: message(*sections(n))),
    "blocks in a modal": ("modal", 100, lambda n: modal(blocks=sections(n))),
    "characters in a message": (
        "message",
        10_000,
        lambda n: message(*(section("x" * 2500, at) for at in range(3)), section("x" * (n - 7500), 3)),
    ),
    "characters in a section": ("message", 3000, lambda n: message(section("x" * n))),
    "fields": ("message", 10, lambda n: message(kit.fields([("a", "b")] * n, block_id="f"))),
    "characters in a header": (
        "message",
        150,
        lambda n: message({"type": "header", "text": kit.plain_text("x" * n)}),
    ),
    "elements in a context": ("message", 10, lambda n: message(kit.context(*["x"] * n))),
    "characters on a button": ("message", 75, lambda n: message(button(text=kit.plain_text("x" * n)))),
    "characters in a value": ("message", 2000, lambda n: message(button(value="x" * n))),
    "characters in an id": ("message", 255, lambda n: message(button(action_id="x" * n))),
    "characters in a label": ("message", 75, lambda n: message(button(accessibility_label="x" * n))),
    "characters in a confirmation": (
        "message",
        30,
        lambda n: message(button(confirm={"confirm": kit.plain_text("x" * n)})),
    ),
    "options in an overflow": ("message", 5, lambda n: row(kit.overflow("o", options(n)))),
    "options in a select": ("message", 100, lambda n: row(kit.select("o", "p", options(n)))),
    "characters in an option": (
        "message",
        150,
        lambda n: row(kit.overflow("o", [kit.option("x", "v" * n)])),
    ),
    "rows in a table": ("message", 100, lambda n: message(table(n))),
    "columns in a table": ("message", 20, lambda n: message(table(1, n))),
    "tables in a message": (
        "message",
        1,
        lambda n: message(*({**table(1), "block_id": f"t{at}"} for at in range(n))),
    ),
    "characters in a title": ("modal", 24, lambda n: modal(title=kit.plain_text("x" * n))),
    "characters of metadata": ("modal", 3000, lambda n: modal(private_metadata="x" * n)),
}


@pytest.mark.parametrize("name", AT_MOST)
def test_what_is_at_a_limit_passes_and_what_is_past_it_does_not(name: str) -> None:
    surface, most, made = AT_MOST[name]
    assert violations(made(most), surface) == ()
    assert len(violations(made(most + 1), surface)) >= 1


REFUSED: dict[str, tuple[SlackSurface, dict[str, Any]]] = {
    "a section that says nothing": ("message", message(section(""))),
    "an empty cell": ("message", message({**table(1), "rows": [[{"type": "raw_text", "text": " "}]]})),
    "rows of two lengths": (
        "message",
        message({**table(1), "rows": [[kit.cell("a")], [kit.cell("a")] * 2]}),
    ),
    "a table in a modal": ("modal", modal(blocks=[table(1)])),
    "an alert on a message": ("message", message({"type": "alert", "text": kit.plain_text("x")})),
    "two blocks of one id": ("message", message(section(at=1), section(at=1))),
    "two buttons of one id": ("message", row(kit.button("x", "a"), kit.button("y", "a"))),
    "no text for the notification": ("message", message(section(), text="")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_slack_refuses_is_a_violation(name: str) -> None:
    surface, made = REFUSED[name]
    assert len(violations(made, surface)) >= 1


def test_an_alert_goes_in_a_modal() -> None:
    assert violations(modal(blocks=[{"type": "alert", "text": kit.plain_text("x")}]), "modal") == ()


def test_a_card_is_at_most_4000_bytes_of_utf_8() -> None:
    chinese = kit.Card("说", (kit.section("显" * 1100, block_id="s"),))
    assert violations(chinese, "card") == ()
    assert violations(kit.Card("说", (kit.section("显" * 1330, block_id="s"),)), "card") != ()
    assert violations(kit.Card("说", (kit.section("显" * 1330, block_id="s"),)), "message") == ()


def test_a_violation_says_where_and_how_much() -> None:
    assert violations(message(section("x" * 3001))) == (
        "blocks[0].section.text.text: 3001, allowed are 1 to 3000",
    )


def test_the_price_that_the_small_print_begins_with_is_not_cut() -> None:
    price, note = "$3.90 per GPU-hour × 2, " + "middle of 12 sellers, " * 8, ":warning: " + "down " * 50
    small = kit.context(f"{price}\n{note}", "compared with " + "a " * 400, "batch " * 90)
    squeezed = slack_limits.squeezed(
        kit.Card(
            "said", (kit.section("v " * 900, block_id=kit.VERDICT), kit.section("l", block_id="rule"), small)
        )
    )
    assert squeezed.size_bytes <= slack_limits.MAX_CARD_BYTES
    assert squeezed.blocks[-1]["elements"][0]["text"].startswith(price)


def test_what_explains_is_cut_before_the_verdict_and_by_whole_lines() -> None:
    verdict = "fits " + "a" * 900
    lines = "\n".join(f"line {at} " + "b" * 200 for at in range(10))
    card = kit.Card(
        "said", (kit.section(verdict, block_id=kit.VERDICT), kit.section(lines, block_id="picks"))
    )
    squeezed = slack_limits.squeezed(kit.Card(card.text, (*card.blocks, kit.context(lines))))
    assert squeezed.size_bytes <= slack_limits.MAX_CARD_BYTES
    above, *below = squeezed.blocks
    assert above["text"]["text"] == verdict
    kept = [below[0]["text"]["text"], *(each["text"] for each in below[1]["elements"])]
    assert all(lines.startswith(text) and text.endswith("b" * 200) for text in kept)
