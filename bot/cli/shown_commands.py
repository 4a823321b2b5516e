"""What the buttons of a card would run, for where nothing can be pressed."""

from collections.abc import Iterable, Iterator

from bot.cards import action_ids, button_values
from bot.cards.block import Block
from bot.cards.sections import as_typed


def shown_commands(elements: Iterable[Block]) -> Iterator[str]:
    """What the fixes of a card would run, and the corrected lines of an error."""
    for each in elements:
        if each.get("action_id", "").startswith((action_ids.FIX_PREFIX, action_ids.RUN_PREFIX)):
            command = button_values.state_of(each.get("value", "")).get("c", "")
            yield f"  {as_typed(command, 'terminal')}"
