"""What SkyPilot and dstack share: a machine is asked for, TRL's command runs on it."""

from decimal import Decimal
from typing import Any, Final

from bot.language.tools import trl
from bot.language.tools.argument import Arguments, Fields, reads
from bot.language.tools.launch import per_node
from bot.language.tools.render import command_text
from bot.language.vocabulary import Vocabulary
from estimator.money import positive_number

READ_ONLY: Final = tuple(reads(facet.read) for facet in trl.FACETS)
"""TRL's arguments, which stand in the command and not in the YAML."""
DOLLAR: Final = "USD"


def command(fields: Fields, vocabulary: Vocabulary, rank: str = "") -> str:
    """What each machine runs."""
    words, values = trl.command_words(fields, vocabulary)
    several = int(fields.get("num_nodes") or 1) > 1
    return command_text([*words, *([rank] if several else [])], values)


def price_per_machine(fields: Fields) -> str | None:
    """Dollars an hour of one machine; None in another currency."""
    price = fields.get("price_per_gpu_hour")
    if not price or price.get("currency") != DOLLAR:
        return None
    return format(Decimal(price["amount"]) * per_node(fields), "f")


def price_of_a_gpu(said: object, num_gpus: int) -> dict[str, Any] | None:
    """A machine's price as one of its GPUs."""
    amount = positive_number(said)
    if amount is None:
        return None
    return {"amount": format((amount / num_gpus).normalize(), "f"), "currency": DOLLAR}


def counted(number: object) -> int | None:
    """A count of GPUs or machines."""
    text = str(number if number is not None else 1)
    return int(text) if text.isdigit() and 0 < int(text) < 100_000 else None


def hardware(gpu: str | None, count: int | None, nodes: int | None) -> dict[str, Any]:
    """GPUs of a machine times machines."""
    fields: dict[str, Any] = {"gpu": gpu} if gpu else {}
    if count is not None:
        fields["num_gpus"] = count * (nodes or 1)
    return {**fields, "num_nodes": nodes} if nodes is not None else fields


def nodes_of(arguments: Arguments, name: str) -> int | None:
    """The machines, where it says how many."""
    said = arguments.take(name)
    return counted(said) if said is not None else None
