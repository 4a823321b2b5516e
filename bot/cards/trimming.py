"""A card cut to the size that a card may have: fewer optional items, then fewer copies of its command."""

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Final

from bot.cards import action_ids, button_values
from bot.cards.block import Block, Card, cell, words_in
from bot.cards.sections import Surface
from bot.cards.slack_limits import MAX_CARD_BYTES, squeezed, violations, without_last_row

ROOM_BYTES: Final = 250
"""Of the commands of two other cards and of a name, in the value of a button."""
LEAST_ROOM_BYTES: Final = 80
"""Of a card's place in its thread alone: without that no press goes on from it."""
_ROOMS: Final = (ROOM_BYTES, LEAST_ROOM_BYTES, 0)

SMALL: Final = "small"
"""The id of the small print."""
_PROGRAM: Final = re.compile(r"^`(?:/?ftcost) ")
"""How the line of the command begins."""


def within_limits(
    build: Callable[[int], Card], most: int, *, surface: Surface, above: Block | None = None
) -> Card:
    """The card that `build` makes with as many of `most` optional items as the size of a card allows.

    If it can be, with room for what `with_state` adds to the first button. A terminal has room for all.
    `above`: what stands before its own blocks.
    """
    if above is not None:
        build = partial(_under, above, build)
    if surface == "terminal":
        return build(most)
    build = cache(build)  # what is too long as it is may do with fewer copies of the command
    card = build(most)
    if _fits(card, ROOM_BYTES):
        return card

    def light(shown: int) -> Card:
        return lightened(build(shown))

    def plain(shown: int) -> Card:
        return _plain(light(shown))

    for make, room_bytes in (
        (light, ROOM_BYTES),
        (light, LEAST_ROOM_BYTES),
        (plain, LEAST_ROOM_BYTES),
        (plain, 0),
    ):
        card, fits = _largest(make, most, room_bytes)
        if fits:
            break
    else:
        card = squeezed(card)
    return card if _fits(card, 0) else squeezed(bare(card))


def _under(above: Block, build: Callable[[int], Card], shown: int) -> Card:
    card = build(shown)
    return Card(card.text, (above, *card.blocks))


def trimmed(card: Card) -> Card:
    """A card that was added to, within its size again: fewer copies of its command, less small print.

    With room for what `with_state` adds, if it can be; what does not fit in either way is cut in its texts.
    """
    smaller = tuple(_smaller(card))
    for room_bytes in _ROOMS:
        for each in smaller:
            if each.size_bytes + room_bytes <= MAX_CARD_BYTES:
                return each
    return squeezed(smaller[-1])


def _smaller(card: Card) -> Iterator[Card]:
    """The card, then with ever less of what stands behind its command in the small print."""
    yield card
    card = lightened(card)
    yield card
    card = _plain(card)
    yield card
    small = next((each for each in card.blocks if each.get("block_id") == SMALL), None)
    if small is None:
        return
    elements = small["elements"]
    kept = 1 + next((at for at, each in enumerate(elements) if _PROGRAM.search(each["text"])), len(elements))
    shorter = card
    for most in range(len(elements) - 1, kept - 1, -1):
        cut = {**small, "elements": elements[:most]}
        shorter = Card(card.text, tuple(cut if each is small else each for each in card.blocks))
        yield shorter
    shorter = Card(card.text, tuple(map(_without_labels, shorter.blocks)))
    yield shorter
    yield Card(card.text, tuple(map(without_last_row, shorter.blocks)))


def _without_labels(block: Block) -> Block:
    if block["type"] != "actions":
        return block
    return {**block, "elements": [_unlabelled(each) for each in block["elements"]]}


def _plain(card: Card) -> Card:
    return Card(card.text, tuple(map(_with_plain_heads, card.blocks)))


def _with_plain_heads(block: Block) -> Block:
    """A table whose heads are not bold: each costs a hundred bytes."""
    if block["type"] != "table":
        return block
    heads, *rows = block["rows"]
    return {**block, "rows": [[cell(words_in(each)) for each in heads], *rows]}


def _largest(build: Callable[[int], Card], most: int, room_bytes: int) -> tuple[Card, bool]:
    """The largest card, and whether it fits; most cards are built once and checked once."""
    card = build(most)
    if _fits(card, room_bytes):
        return card, True
    fewest, most = 0, max(0, most - 1)
    while fewest < most:
        middle = (fewest + most + 1) // 2
        if _fits(build(middle), room_bytes):
            fewest = middle
        else:
            most = middle - 1
    card = build(fewest)
    return card, _fits(card, room_bytes)


def _fits(card: Card, room_bytes: int) -> bool:
    return card.size_bytes + room_bytes <= MAX_CARD_BYTES and not violations(card, "card")


def bare(card: Card) -> Card:
    """The card of a command too long for a row's id: its first button alone has it, no label says more.

    A press on another button of a card that a single person sees is then answered as one of the past.
    """
    return Card(card.text, tuple(_bare(block) for block in card.blocks))


def _bare(block: Block) -> Block:
    if "accessory" in block:
        return {**block, "accessory": _unlabelled(block["accessory"])}
    if block["type"] != "actions":
        return block
    first, *others = map(_unlabelled, block["elements"])
    return {**block, "elements": [first, *map(_without_command, others)]}


def _unlabelled(element: Block) -> Block:
    return {name: each for name, each in element.items() if name != "accessibility_label"}


def lightened(card: Card) -> Card:
    """The card with the command in its first button and its row, where the others find it."""
    return Card(card.text, tuple(_lighter(block) for block in card.blocks))


def _lighter(block: Block) -> Block:
    is_row = block["type"] == "actions"
    if not is_row or not button_values.command_in_id(block.get("block_id", "")):
        return block
    first, *others = block["elements"]
    return {
        **block,
        "elements": [first, *map(_without_command, others)],
    }


def _without_command(element: Block) -> Block:
    """Undo keeps what it goes back to."""
    if element.get("action_id") == action_ids.UNDO:
        return element
    return {name: each for name, each in element.items() if name != "value"}
