"""How many cases a test draws at random: some with `make test`, ten times as many with `make thorough`.

Some are the same ones each time, so that what passed passes again; a thorough run draws new ones.
"""

import os
from typing import Final

from hypothesis import HealthCheck, settings

IS_THOROUGH: Final = os.environ.get("FTCOST_TESTS") == "thorough"


def draws(some: int, many: int) -> int:
    """So many cases."""
    return many if IS_THOROUGH else some


def load_profile() -> None:
    """Hypothesis without a clock: neither a slow machine nor a slow draw is a fault of ours."""
    settings.register_profile(
        "ours",
        deadline=None,
        derandomize=not IS_THOROUGH,
        max_examples=draws(50, 500),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    settings.load_profile("ours")
