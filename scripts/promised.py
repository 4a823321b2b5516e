"""How far off the published runs may be, as we promise it: what the page says and the tests hold us to.

Apart from the page that is written of it: the tests read it, and need nothing of what the page needs.
"""

from typing import Final

from bot.validation.measurements import Metric

MOST: Final = {
    Metric.ALLOCATED: (0.03, 0.10),
    Metric.RESERVED: (0.05, 0.15),
    Metric.PROCESS: (0.05, 0.13),
    Metric.TOKENS: (0.04, 0.12),
    Metric.STEP: (0.04, 0.12),
}
"""Median and 90th percentile of |error| that we promise of the rows of the table."""
MOST_MEMORY: Final = (0.07, 0.22)
MOST_SIMULATED: Final = (0.005, 0.015)
"""Median and 95th percentile."""
MOST_REFUSED: Final = 0.02
INSIDE: Final = (0.78, 0.90)
