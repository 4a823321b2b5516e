"""What can be said, with examples that can be pressed."""

from collections.abc import Mapping

from bot.cards import action_ids
from bot.cards.block import Card, actions, button, code_span, context, fields, header, section
from bot.cards.texts import Texts


def help_card(texts: Texts, *, program: str = "/ftcost", keys: Mapping[str, str] | None = None) -> Card:
    """Examples first, keys with their meaning, the tip about threads last.

    `keys` names each key with what it means; without it the most used ones are shown.
    """
    examples = tuple(texts(f"help.example.{name}") for name in texts.group("help.example"))
    shown = "\n".join(code_span(f"{program} {example}") for example in examples)
    common = {name: texts(f"help.key.{name}") for name in texts.group("help.key")}
    meaning = [(code_span(name), said) for name, said in (keys or common).items()]
    first = button(
        texts("help.try"), f"{action_ids.EXAMPLE_PREFIX}0", action_ids.state(examples[0]), primary=True
    )
    return Card(
        texts("help.text", program=program, example=examples[0]),
        (
            header(texts("help.title")),
            section(f"{texts('help.examples')}\n{shown}", block_id="examples"),
            *(fields(meaning[at : at + 10], block_id=f"keys{at}") for at in range(0, len(meaning), 10)),
            actions(first, block_id="do"),
            context(texts("help.tip")),
        ),
    )
