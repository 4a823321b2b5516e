"""How long what is past due is still answered from, before it is made anew beside those who ask."""

import random
from typing import Final

LET_BY_SECONDS: Final = 0.5
"""At most: those who find something past due are answered from it before it is made anew beside them."""


def let_by_seconds() -> float:
    """Less than that by chance: processes that found it at one moment do not compute at one moment, too."""
    return LET_BY_SECONDS * random.uniform(0.2, 1.0)  # noqa: S311  -- no secret
