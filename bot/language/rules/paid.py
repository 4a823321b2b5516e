"""What follows a price: of how many GPUs it is, or that it is one of no hour."""

from decimal import Decimal
from typing import Final

from bot.language import sentences, small_words
from bot.language.kinds import ValueFault
from bot.language.rules.match import Match, TokenStream, phrase_set, phrase_size
from estimator.spec import SaidMoney

PRICE: Final = "price_per_gpu_hour"
OF_ALL: Final = "price_of_all"
"""Set beside a price that is one of all GPUs: the whole text says how many those are."""
IN_ALL: Final = phrase_set((*sentences.IN_TOTAL, *small_words.OF_ALL_GPUS))
_HOURS: Final = {hours: phrase_set(phrases) for hours, phrases in small_words.PER_OTHER_TIME.items()}


def all_gpus(text: TokenStream, at: int) -> int:
    """Words of `in total`, `整机` at `at`."""
    return phrase_size(text, at, IN_ALL)


def of_an_hour(text: TokenStream, at: int, match: Match) -> Match:
    """`match` at `at` that sets a price, with what follows: `$20/h total`; wrong in `price=200 per day`."""
    end = at + match.size
    if after := all_gpus(text, end):
        return match._replace(size=match.size + after, sets=(*match.sets, (OF_ALL, True)))
    for hours, phrases in _HOURS.items():
        if after := phrase_size(text, end, phrases):
            said = dict(match.sets)[PRICE]
            near = (_hourly(said, hours),) if isinstance(said, SaidMoney) else ()
            unit = {"key": "price", "unit": text.typed(end, after)}
            return Match(size=match.size + after, role="wrong", fault=ValueFault("wrong_unit", unit, near))
    return match


def _hourly(said: SaidMoney, hours: int) -> str:
    return f"price={round(said.amount / hours, 2).normalize():f}{(said.currency or '').lower()}"


def of_one(said: SaidMoney, num_gpus: int) -> SaidMoney:
    """A price of all GPUs as that of one, to a millionth."""
    return said.model_copy(update={"amount": round(said.amount / Decimal(num_gpus), 6).normalize()})
