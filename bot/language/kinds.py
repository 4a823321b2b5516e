"""What a value may be: the kinds that the grammar's table names and `values` reads."""
# ruff: noqa: E501, SIM905  -- a list of codes reads as text

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

_NOTHING = str.maketrans("", "", " -_'’:\t\n")


def squash(text: str) -> str:
    """The spelling under which a name is looked up: `RTX 4090` and `rtx-4090` give `rtx4090`."""
    return (text if text.isalnum() else text.translate(_NOTHING)).lower()


CHINESE_SCALES = {"百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}
_SCALES_OF_SCALES = {
    one + other: CHINESE_SCALES[one] * CHINESE_SCALES[other]
    for one, other in ("百万", "千万", "百亿", "千亿", "万亿")
}
"""`3千万`; of two, the larger stands last."""
COUNT_SUFFIXES = {
    "k": 10**3,
    "m": 10**6,
    "b": 10**9,
    "t": 10**12,
    "w": 10**4,
    **_SCALES_OF_SCALES,
    **CHINESE_SCALES,
}
LENGTH_SUFFIXES = {**COUNT_SUFFIXES, "k": 1024, "m": 1024**2, "b": 1024**3, "t": 1024**4}
"""After a sequence length k is 1024: `4k` is 4096."""
MONEY_SUFFIXES = {"k": 10**3, "m": 10**6, "w": 10**4, **_SCALES_OF_SCALES, **CHINESE_SCALES}

SECONDS = {
    Decimal("0.001"): ("ms", "毫秒"),
    Decimal(1): ("s", "sec", "secs", "second", "seconds", "秒"),
    Decimal(60): ("m", "min", "mins", "minute", "minutes", "分钟"),
    Decimal(3600): ("h", "hr", "hrs", "hour", "hours", "小时"),
    Decimal(86400): ("d", "day", "days", "天"),
    Decimal(604800): ("week", "weeks", "周", "星期"),
}
DURATION_SECONDS = {word: seconds for seconds, words in SECONDS.items() for word in words}

_NAMES_OF_MONEY = {
    "USD": "dollars|dollar|bucks|us dollars|美元|美金|刀|美刀|$|us$",
    "CNY": "rmb|yuan|renminbi|人民币|¥|元|块|块钱",
    "EUR": "euro|euros|欧元|€",
    "GBP": "pounds|英镑|£",
    "JPY": "yen|日元",
    "INR": "rupees|卢比|₹",
    "KRW": "won|韩元|₩",
    "HKD": "港币|港元|hk$",
    "SGD": "新币|新加坡元",
    "CAD": "加元",
    "AUD": "澳元",
    "CHF": "瑞郎",
}
CURRENCY_WORDS = {word: code for code, words in _NAMES_OF_MONEY.items() for word in words.split("|")}
"""Beside a number, or after `cur=`; those that name a currency without either: `sentences.CURRENCIES`."""
# ISO 4217, the active codes of countries and unions.
CURRENCY_CODES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
    """.split()
)
PER_HOUR = ("h", "hr", "hour", "gpuh", "gpuhr", "gpuhour", "小时", "卡时", "卡小时")


class Auto(Enum):
    """The value that gives a field back to the planner, the market or the default."""

    AUTO = "auto"


AUTO = Auto.AUTO
AUTO_WORDS = ("auto", "any", "自动", "默认", "任意", "任何", "不限")

Pair = tuple[str, object]
"""A field of `Request` and what a word sets it to."""
Pairs = tuple[Pair, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """A whole number, perhaps with a suffix such as `k`."""

    low: int
    high: int
    suffixes: Mapping[str, int] = field(default_factory=lambda: COUNT_SUFFIXES)


class Real(NamedTuple):
    """A number with a fraction; the bounds belong to the range unless they are said to be open."""

    low: Decimal
    high: Decimal
    open_low: bool = False
    open_high: bool = False
    percent: bool = False
    """`45%` and a number above 1 are percentages."""


class Duration(NamedTuple):
    """A length of time; a bare number is in `bare_seconds`."""

    bare_seconds: int
    high_seconds: int


class Amount(NamedTuple):
    """Money, perhaps without its currency."""

    low: Decimal
    high: Decimal
    per_hour: bool = False


class Choice(NamedTuple):
    """One of a few words, each with what it sets."""

    words: Mapping[str, Pairs]
    """Squashed word -> what it sets."""
    shown: tuple[str, ...]
    """The words as they are written in help and messages."""


class Name(Enum):
    """A name that only the catalogues, or the user's own world, can know."""

    MODEL = "model"
    GPU = "gpu"
    PROVIDER = "provider"
    REGION = "region"
    TARGETS = "targets"
    CURRENCY = "currency"


Kind = Whole | Real | Duration | Amount | Choice | Name


@dataclass(frozen=True, slots=True)
class ValueFault:
    """Why a value cannot be read; the token and the sentence are added by the reader."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()

    def of(self, key: str) -> "ValueFault":
        """Likewise, as the fault of a value of `key`."""
        return replace(self, parameters={"key": key, **self.parameters})
