"""Large numbers as people type them: `10m`, `2.5b`."""

from typing import Final

_SCALES: Final = ((10**9, "b"), (10**6, "m"), (10**3, "k"))


def short(count: int) -> str:
    """The number with the letter of its scale; at least 1."""
    for scale, letter in _SCALES:
        if count >= scale:
            return f"{count / scale:.3g}".removesuffix(".0") + letter
    return str(max(count, 1))
