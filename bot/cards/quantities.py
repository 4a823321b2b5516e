"""Values of a sentence, each shown by the unit in which its name ends."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from bot.cards import format as fmt
from bot.cards.block import escape
from bot.i18n import Texts
from estimator.money import Money
from estimator.workload import Parameter

_OF_GPUS: Final = ("gpu", "other_gpus")
"""Values that are keys of GPUs."""


def quantity(name: str, value: Parameter, texts: Texts) -> str:
    """A value of a sentence, shown by the unit that its name ends in; a name is made inert."""
    if isinstance(value, Money):
        return fmt.money(value, texts)
    if isinstance(value, str):
        return _gpu_names(value) if name in _OF_GPUS else escape(value)
    return UNITS.get(name.rpartition("_")[2], _as_typed)(value, texts)


def quantities(parameters: Mapping[str, Parameter], texts: Texts) -> dict[str, str]:
    """Every value that a sentence speaks of."""
    return {name: quantity(name, value, texts) for name, value in parameters.items()}


def _gpu_names(keys: str) -> str:
    """`RTX 4090, L4` of one key or of several."""
    return ", ".join(fmt.gpu_name(each) for each in keys.split(", "))


def _as_typed(value: float, texts: Texts) -> str:
    """`100000`, `1.5`: a number that a reader could type."""
    return str(value) if isinstance(value, int) else fmt.factor(value, texts)


def _shared_by(ranks: float, texts: Texts) -> str:
    """` / 8`; one rank shares with nobody."""
    return f" / {fmt.whole(ranks, texts)}" if ranks > 1 else ""


UNITS: Final[dict[str, Callable[[float, Texts], str]]] = {
    "seconds": fmt.duration,
    "bytes": fmt.gib,
    "tokens": fmt.whole,
    "params": fmt.whole,
    "size": fmt.whole,
    "ranks": _shared_by,
    "gib": partial(fmt.number, decimals=2),
    "gb": partial(fmt.number, decimals=1),
    "tflops": partial(fmt.number, decimals=0),
}
"""How a quantity is shown whose name ends so."""
