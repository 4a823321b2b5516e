"""What trains, said with a word for the method, bits of the base, and a switch for DoRA."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.language.tools.argument import Arguments, Fields, Written
from bot.language.tools.kinds import switched

BITS: Final = {4: "nf4", 8: "int8"}
_BITS_BACK: Final = {value: bits for bits, value in BITS.items()}


def adapted(quantization: str | None, *, dora: bool) -> Fields:
    """Adapters on a base stored like that."""
    method = "dora" if dora else "qlora" if quantization else "lora"
    return {"method": method, "quantization": quantization} if quantization else {"method": method}


def bits_of(fields: Fields) -> int | None:
    """The bits of the base as tools count them; 0: of a kind that is no choice of theirs."""
    quantization = fields.get("quantization")
    return None if quantization is None else _BITS_BACK.get(quantization, 0)


_LOADED: Final = ("load_in_{}bit", "use_{}bit", "use_{}bit_quantization")


def loads_in_bits(arguments: Arguments) -> str | None:
    """`load_in_4bit` and `load_in_8bit` of bitsandbytes, and what scripts around it call them."""
    found = {bits: switched(arguments.take(*(name.format(bits) for name in _LOADED))) for bits in BITS}
    return next((BITS[bits] for bits, on in found.items() if on), None)


def write_method(
    fields: Fields, word: str, words: Mapping[str, Any], *, dora: str, bits: Callable[[int], Written]
) -> Written:
    """`word: words[method]` with its base; nothing where the base is of a kind that cannot be asked for."""
    method, stored = fields.get("method"), bits_of(fields)
    plain = "lora" if method in ("qlora", "dora") else str(method)
    if plain not in words or stored == 0 or (method == "qlora" and stored is None):
        return {}
    written: Written = {word: words[plain]}
    if method == "dora":
        written[dora] = True
    return {**written, **(bits(stored) if stored else {})}
