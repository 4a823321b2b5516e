"""Where a machine stands: regions as sellers name them, and the parts of the world that people ask for.

Source: the lists of regions of AWS, Azure, Google Cloud, Oracle, Alibaba and RunPod, read in November 2026.
"""

import re
from functools import lru_cache
from typing import Final

_EVERYWHERE: Final = frozenset({"all", "global"})
CHINA: Final = "china"
AREAS: Final = {
    "us": r"us|usa|us-.*|(?:(?:north|south|west)?central|east|west)us\d*",
    "europe": r"eu|europe|(?:eu|europe)[-_].*|(?:west|north)europe|(?:fin|ice)-\d+"
    r"|(?:austria|belgium|denmark|france|germany|italy|norway|poland|spain|sweden|switzerland|uk)[a-z]+\d*"
    r"|(?:at|be|ch|de|dk|es|fi|fr|gb|ie|is|it|nl|no|pl|ro|se|uk)(?:-.*)?",
    "asia": r"asia|asia-.*|(?:ap|asia)[-_].*|(?:east|southeast)asia|(?:japan|korea|indonesia|malaysia)[a-z]+"
    r"|[a-z]+india|(?:jp|kr|sg|in|my|tw|hk)(?:-.*)?",
    CHINA: r"china|cn|cn-.*|china[a-z]+\d*",
}
"""A part of the world -> what the regions in it are called, in lower case."""
_IN_AREAS: Final = {area: re.compile(pattern, re.ASCII) for area, pattern in AREAS.items()}
_OF_A_GOVERNMENT: Final = re.compile(r"us-?gov|usdod")
_NAMES: Final = {"usa": "us", "eu": "europe", "cn": CHINA}
"""Other names of a part of the world, as a value of `region=`."""


def is_everywhere(region: str) -> bool:
    """Whether `region` is that of a seller with one price in every place."""
    return region.casefold() in _EVERYWHERE


@lru_cache(maxsize=4096)
def is_within(region: str, asked: str) -> bool:
    """Whether a seller's region is the one asked for, or lies in it: `us-east` and `us` hold `us-east-1`."""
    region, asked = region.casefold(), asked.casefold()
    if region == asked:
        return True
    if "-" in asked and region.startswith(asked):
        rest = region[len(asked) :]
        return rest[0] == "-" or (rest[0].isdigit() and not asked[-1].isdigit())
    area = _IN_AREAS.get(_NAMES.get(asked, asked))
    return area is not None and area.fullmatch(region) is not None


def is_in_china(region: str) -> bool:
    """Whether it is a region of mainland China: a market of its own."""
    return is_within(region, CHINA)


def is_of_a_government(region: str) -> bool:
    """Whether it is one that a government alone may rent in: `us-gov-west-1`, `usgovvirginia`."""
    return _OF_A_GOVERNMENT.match(region.casefold()) is not None
