"""What replies come to: next cards, nothing new, the way back; each card knows where it stands."""

import pytest
from shipped import shipped_names

from bot.cards import button_values
from bot.conversation.card_state import CardState
from bot.conversation.followups import Move, Step, Unchanged, first, moved
from bot.language import Request, read, read_plain

VOCABULARY = shipped_names()


def request_of(command: str) -> Request | None:
    return read(command, VOCABULARY).request


def reply(text: str, base: CardState) -> Move | None:
    return moved(read(text, VOCABULARY, request_of(base.command)), base, request_of)


def step(text: str, base: CardState) -> Step:
    found = reply(text, base)
    assert isinstance(found, Step)
    return found


def conversation(*replies: str) -> CardState:
    """The last card after these replies, each to the card before."""
    card = first("7b fp16 bs=32")
    for text in replies:
        card = step(text, card).after
    return card


def test_a_reply_changes_only_what_it_names_and_is_told_against_its_base() -> None:
    base = first("7b fp16 n=10000 bs=32")
    found = step("bs=16", base)
    assert found.after.command == "7b fp16 n=10000 bs=16"
    assert (found.against, found.after.before, found.after.root) == (base.command, base.command, base.command)
    assert found.after.card_id not in ("", base.card_id)


def test_deltas_chain_from_the_card_before() -> None:
    card = conversation("bs=16", "lora r=8")
    assert card.command == "7b lora fp16 bs=16 r=8"
    assert card.trail == ("7b fp16 bs=32", "7b fp16 bs=16")


def test_undo_goes_back_one_card_at_a_time_and_no_further_than_the_first() -> None:
    card = conversation("bs=16", "seq=2k")
    once = step("undo", card).after
    assert (once.command, once.trail) == ("7b fp16 bs=16", ("7b fp16 bs=32",))
    twice = step("undo", once).after
    assert (twice.command, twice.trail) == ("7b fp16 bs=32", ())
    assert reply("undo", twice) == "nothing_before"


def test_reset_goes_to_the_first_card_and_can_be_undone() -> None:
    card = conversation("bs=16", "seq=2k")
    again = step("reset", card)
    assert (again.after.command, again.against) == (card.root, card.command)
    assert step("undo", again.after).after.command == card.command
    assert isinstance(reply("reset", again.after), Unchanged)
    assert reply("reset", first("7b")) == "nothing_before"


def test_vs_root_tells_the_same_card_against_the_first() -> None:
    card = conversation("bs=16", "seq=2k")
    found = step("vs root", card)
    assert (found.after.command, found.after.trail, found.against) == (card.command, card.trail, card.root)
    assert reply("vs root", first("7b")) == "nothing_before"


@pytest.mark.parametrize("text", ["undo", "reset", "vs root", "撤销", "重置"])
def test_the_way_back_is_a_plain_reply_too(text: str) -> None:
    card = conversation("bs=16", "seq=2k")
    assert isinstance(moved(read_plain(text, VOCABULARY), card, request_of), Step)


def test_the_way_back_needs_a_card() -> None:
    assert moved(read("undo", VOCABULARY), None, request_of) == "not_in_thread"


def test_what_the_card_says_already_is_no_new_card() -> None:
    base = first("7b fp16 bs=32")
    assert reply("bs=32", base) == Unchanged(base=base, asked=("global_batch_size",))


def test_another_language_is_a_card_of_its_own_and_no_change() -> None:
    assert step("lang=zh", first("7b bs=32")).against == ""


@pytest.mark.parametrize("look", ["lang=zh", "cur=cny"])
def test_the_way_back_from_another_look_shows_the_card_again(look: str) -> None:
    once = step(look, first("7b bs=32")).after
    back = step("undo", once)
    assert (back.after.command, back.against) == ("7b bs=32", "")
    assert step("undo", step("bs=16", once).after).against == step("bs=16", once).after.command


def test_what_lost_its_meaning_is_named() -> None:
    found = step("full", first("7b lora r=8"))
    assert [each.field for each in found.dropped] == ["lora_rank"]


def test_help_lists_and_mistakes_are_no_moves() -> None:
    base = first("7b bs=32")
    for text in ("help", "models qwen", "bs=0", "what would it cost"):
        assert reply(text, base) is None


def test_a_trail_stays_within_what_metadata_can_hold_and_keeps_its_first_card() -> None:
    card = first("7b bs=1")
    for size in range(2, 200):
        card = card.then(f"7b bs={size} " + "x" * 60, "id")
    assert card.root == "7b bs=1"
    assert card.before.startswith("7b bs=198")
    assert sum(map(len, card.trail)) <= 1000


def test_a_version_from_the_future_is_known_as_such() -> None:
    assert button_values.is_of_another_version('{"v":3,"x":1}')
    assert not button_values.is_of_another_version(button_values.state("7b"))
    assert not button_values.is_of_another_version("help")
