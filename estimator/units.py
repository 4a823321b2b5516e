"""Units: bytes are integers, seconds are floats; the name of a quantity ends in its unit."""

from typing import Final

MIB: Final = 2**20
GIB: Final = 2**30
"""Binary gibibyte: what the driver, torch and every memory estimate here count in."""
GB: Final = 10**9
"""Decimal gigabyte: what the rule of thumb and the box of a GPU count in."""
GIGA: Final = 10**9
TERA: Final = 10**12
MICRO: Final = 1e-6
HOUR_SECONDS: Final = 3600
DAY_SECONDS: Final = 86_400
