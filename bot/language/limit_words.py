"""Words of limits that no key has one word for: what an hour may cost at most, how long a sample may be."""
# ruff: noqa: E501  -- a list of words reads as text

from typing import Final

from bot.language.unwanted_words import phrases as _phrases

AT_MOST: Final = _phrases(
    "cheaper than|not more than|not over|not above|not exceeding|no higher than|lower than|capped at|cap of|a cap of|limit of|a limit of|cap|limit|budget|budget of|不高于|不大于|不要超过|别超过|不能超过|控制在|限价|预算|<|<="
)
"""Before the price of an hour, with what stands before any limit."""
OR_LESS: Final = _phrases(
    "or below|or under|or cheaper|maximum|at the most|limit|cap|budget|封顶|为上限|以下|上限"
)
"""After it."""
HOURLY: Final = _phrases(
    "hourly price|price per hour|price of an hour|unit price|gpu price|单价|时价|卡时价|小时价"
)
"""The price of an hour by its name."""
PRICES: Final = _phrases("price|rate|cost|价格|费用")
"""Likewise, right after `max`: elsewhere it is that of the whole run."""

CUT_TO: Final = _phrases(
    "序列最长|长度最长|样本最长|文本最长|最长长度|truncated to|truncate to|truncated at|truncate at|cut to|cut at|cut off at|cropped to|clipped to|trimmed to|最长|最长为|最长是|最长到|最长不超过|长度不超过|截断到|截断为|截断至|截断成|截断在|截断|截到|裁剪到|裁到|截取到|截取"
)
"""Before the length of a sample: the longest, or to what it is cut."""

COMPARATIVES: Final = _phrases(
    "smaller|bigger|larger|slower|stronger|weaker|better|newer|older|more expensive|pricier|less expensive|less powerful|more powerful|便宜|便宜的|更便宜的|快|快的|更快的|慢的|好的|更好的|强的|更强的|小的|大的|更大的|贵的"
)
"""With `than` and a GPU: what others are held to."""

EVERY_TABLE: Final = (AT_MOST, OR_LESS, HOURLY, PRICES, CUT_TO, COMPARATIVES)
