"""The day's rates, put into entries: what was booked is worth what it was worth then."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from bot.ledger.entries import Entry
from estimator.money import FxRate, Money, convert


def rated(entry: Entry, limit: Entry | None, rates: Sequence[FxRate]) -> Entry:
    """`entry` with the day's rate to the currency of the limit, where it needs one and there is one."""
    if limit is None or entry.money is None or entry.currency == limit.currency:
        return entry
    rate = _rate(entry.currency, limit.currency, rates)
    return entry._replace(rate=rate, rate_currency=limit.currency) if rate else entry


def with_rates(limit: Entry, before: Iterable[Entry], rates: Sequence[FxRate]) -> Entry:
    """`limit` with the day's rates for what was booked before it in other currencies."""
    others = sorted({each.currency for each in before if each.amount} - {limit.currency})
    found = {currency: rate for currency in others if (rate := _rate(currency, limit.currency, rates))}
    return limit._replace(rates=found) if found else limit


def _rate(currency: str, to: str, rates: Sequence[FxRate]) -> str:
    """How much of `to` one unit is; empty where nobody says."""
    found = convert(Money(amount=Decimal(1), currency=currency), to, rates)
    return format(found[1].rate, "f") if found else ""
