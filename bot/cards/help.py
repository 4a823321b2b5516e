"""What can be said, with examples that can be pressed."""

from bot.cards import action_ids
from bot.cards.block import Card, actions, button, context, fields, header, section
from bot.cards.texts import Texts

EXAMPLES = (
    "7b fp16 n=10000 bs=32",
    "llama-3.1-8b qlora r=16 n=50k seq=2k on 4090",
    "qwen2.5-14b lora on 2x a100",
)


def help_card(texts: Texts, *, program: str = "/ftcost") -> Card:
    """Examples first, the keys with their meaning, the tip about threads last."""
    examples = "\n".join(f"`{program} {example}`" for example in EXAMPLES)
    keys = [(f"`{name}`", texts(f"help.key.{name}")) for name in texts.group("help.key")]
    first = button(texts("help.example"), f"{action_ids.EXAMPLE_PREFIX}0", action_ids.state(EXAMPLES[0]))
    return Card(
        texts("help.text", program=program),
        (
            header(texts("help.title")),
            section(f"{texts('help.examples')}\n{examples}", block_id="examples"),
            fields(keys, block_id="keys"),
            actions(first, block_id="do"),
            context(texts("help.tip")),
        ),
    )
