"""What travels with a card comes back from its buttons and from its metadata."""

import json
from typing import Any

import pytest
from card_examples import COMMAND, WORKED, assumption, but

from bot.cards import action_ids, button_values
from bot.cards.block import Card, actions, button, cell, section, table
from bot.cards.estimate import estimate_card
from bot.cards.slack_limits import MAX_CARD_BYTES
from bot.cards.state import carried_by_press, metadata, posted_by_message, with_state
from bot.cards.trimming import trimmed, within_limits
from bot.conversation.card_state import CardState
from bot.conversation.threads import PostedCard
from bot.i18n import Texts

CARRIED = CardState(command="7b bs=8", card_id="1f3a9c2e", trail=("7b bs=32", "7b bs=16"))


def row(command: str = "7b bs=8", *, undo: bool = True) -> dict[str, Any]:
    compare = button("Compare", action_ids.COMPARE, button_values.state(command))
    undoing = [button("Undo", action_ids.UNDO, button_values.state(command, b="7b bs=16"))] if undo else []
    return actions(compare, *undoing, block_id=button_values.state_block_id(command))


def card() -> Card:
    fix = button("Use", f"{action_ids.FIX_PREFIX}0", button_values.state("7b lora bs=8"))
    return Card("said", (section("x", block_id="fix0", accessory=fix), row()))


def press(blocks: Any = None, **action: str) -> dict[str, Any]:
    return {"actions": [action], **({"message": {"blocks": blocks}} if blocks else {})}


def test_a_press_gives_back_the_place_of_its_card() -> None:
    blocks = with_state(card(), CARRIED).blocks
    assert carried_by_press(press(blocks, action_id=action_ids.MORE)) == CARRIED


def test_a_fix_gives_back_its_card_and_not_the_fix() -> None:
    blocks = with_state(card(), CARRIED).blocks
    value = button_values.state("7b lora bs=8")
    pressed = press(blocks, action_id=f"{action_ids.FIX_PREFIX}0", value=value)
    assert carried_by_press(pressed) == CARRIED
    assert carried_by_press(press(action_id=f"{action_ids.FIX_PREFIX}0", value=value)) is None


def test_where_slack_sends_no_message_the_pressed_element_must_do() -> None:
    value, block_id = button_values.state("7b"), button_values.state_block_id("7b lora")
    assert carried_by_press(press(action_id=action_ids.EDIT, value=value)) == CardState(command="7b")
    assert carried_by_press(press(action_id=action_ids.MORE, block_id=block_id)) == CardState(
        command="7b lora"
    )
    assert carried_by_press(press(action_id="somebody's", value="x", block_id="y")) is None


def test_a_first_card_has_no_undo() -> None:
    [_, buttons] = with_state(card(), CardState(command="7b bs=8", card_id="a")).blocks
    assert [each["action_id"] for each in buttons["elements"]] == [action_ids.COMPARE]


def test_a_card_that_would_burst_keeps_its_command_alone() -> None:
    long = CardState(command="7b bs=8", card_id="a", trail=("7b " + "x" * 1900,))
    [_, buttons] = with_state(card(), long).blocks
    assert button_values.state_of(buttons["elements"][0]["value"]) == {"v": "2", "c": "7b bs=8"}


@pytest.mark.parametrize("num_heads", [2, 4])
@pytest.mark.parametrize("short_bytes", [0, 8, 79, 80])
def test_a_full_card_gives_up_its_bold_heads_before_its_place(short_bytes: int, num_heads: int) -> None:
    picks = table([[cell("GPU", bold=True)] * num_heads, [cell("x")] * num_heads], block_id="picks")

    def of_size(size: int) -> Card:
        return Card("said", (section("x" * size, block_id="verdict"), picks, row(undo=False)))

    full = of_size(MAX_CARD_BYTES - short_bytes - of_size(0).size_bytes)
    assert full.size_bytes == MAX_CARD_BYTES - short_bytes
    first = CardState(command="7b bs=8", card_id="1f3a9c2e")
    for each in (within_limits(lambda _: full, 0, surface="slack"), trimmed(full)):
        assert carried_by_press(press(with_state(each, first).blocks)) == first


def test_metadata_gives_back_the_whole_trail_and_what_was_answered() -> None:
    message = {"ts": "17.6", "metadata": json.loads(json.dumps(metadata(CARRIED, answers="17.5")))}
    assert posted_by_message(message) == PostedCard(carried=CARRIED, ts="17.6", answers="17.5")


def test_metadata_is_flat() -> None:
    payload = metadata(CARRIED)["event_payload"]
    assert all(isinstance(value, str | int) for value in payload.values())
    assert payload["before"] == "7b bs=16"
    assert payload["root"] == "7b bs=32"


def test_a_message_without_metadata_is_known_by_its_buttons() -> None:
    message = {"ts": "17.6", "blocks": list(with_state(card(), CARRIED).blocks)}
    assert posted_by_message(message) == PostedCard(carried=CARRIED, ts="17.6")


@pytest.mark.parametrize("message", [{}, {"metadata": {"event_type": "other"}}, {"blocks": [row()]}])
def test_other_messages_are_no_cards(message: dict[str, Any]) -> None:
    assert posted_by_message(message) is None


def test_a_card_is_known_by_the_command_in_its_metadata_alone() -> None:
    bare = {"metadata": {"event_type": "ftcost_estimate", "event_payload": {"command": "7b bs=16"}}}
    assert posted_by_message(bare) == PostedCard(carried=CardState(command="7b bs=16"), ts="")


def test_the_values_of_another_version_are_not_read() -> None:
    other = button("Compare", action_ids.COMPARE, '{"v":1,"c":"7b bs=16"}')
    assert carried_by_press(press([actions(other, block_id="x")])) is None


@pytest.mark.parametrize("count", range(10, 60, 7))
def test_a_full_card_keeps_room_for_its_place_in_the_thread(count: int, texts: Texts) -> None:
    """Of its assumptions a card shows only as many as leave the first button its whole state."""
    many = tuple(assumption("lora_targets", "模型" * 4, "…") for _ in range(count))
    trail = (f"{COMMAND} packing", f"{COMMAND} offload")
    carried = CardState(command=COMMAND, card_id="1f3a9c2e", trail=trail)
    drawn = with_state(estimate_card(but(WORKED, assumptions=many), texts=texts, asker="U123"), carried)
    assert carried_by_press(press(drawn.blocks, action_id=action_ids.MORE)) == carried
