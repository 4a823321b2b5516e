"""Money is a Decimal with a currency; its factors are made Decimals first (`prices/cost.py`)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from estimator.base import Model
from estimator.places import is_everywhere, is_in_china, is_of_a_government, is_within
from estimator.spec import Market

DEFAULT_CURRENCY: Final = "USD"
"""What prices are in where neither an offer nor the reader says."""
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
CHINESE_CURRENCY: Final = "CNY"
SAID_PRICE: Final = "command"
"""The source of a price that was said in the command."""


def is_currency_code(text: str) -> bool:
    """Whether it is three letters, as ISO 4217 has them."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


LEAST_NUMBER: Final = Decimal("1e-9")
MOST_NUMBER: Final = Decimal("1e12")
"""No price and no rate of any currency is beyond them; what is would overflow where it is multiplied."""


def is_positive(amount: Decimal) -> bool:
    """Whether it can be a price or a rate: a number, above zero, and not beyond all measure."""
    return amount.is_finite() and LEAST_NUMBER <= amount <= MOST_NUMBER


def positive_number(written: object) -> Decimal | None:
    """The price or rate that somebody else wrote, exactly; None for what can be none."""
    try:
        number = Decimal(str(written))
    except InvalidOperation:
        return None
    return number if is_positive(number) else None


class Money(Model):
    """An exact amount in one currency; never rounded before it is shown."""

    amount: Decimal
    currency: Currency

    def times(self, factor: Decimal | int) -> "Money":
        """This amount `factor` times over, in the same currency."""
        return Money(amount=self.amount * factor, currency=self.currency)


class FxRate(Model):
    """One unit of `base` buys `rate` units of `quote`."""

    base: Currency
    quote: Currency
    rate: Annotated[Decimal, Field(gt=0)]
    as_of: date
    source: str


class Offer(Model):
    """A price at which somebody rents `num_gpus` GPUs of one type, for the whole instance."""

    provider: str
    region: str = ""
    instance_type: str = ""
    gpu: str
    """A key of the GPU catalog."""
    num_gpus: Annotated[int, Field(ge=1)]
    price_per_hour: Money
    """For the whole instance of `num_gpus` GPUs."""
    market: Market = Market.ON_DEMAND
    host_memory_gb: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Memory of the instance beside its GPUs; None where the seller does not say."""
    as_of: date | None = None
    """The day the price was read at its source; None counts as stale."""
    fetched_at: datetime | None = None
    """When this process or its cache got it."""
    source: str
    stale: bool = False
    """Old for its kind of seller: usable, and marked."""
    tier: str = ""
    """Of its seller, as sellers.yaml has it: A, B, B-cn, C, D; empty: one's own price."""
    basis: Literal["list", "contract", "live"] = "list"
    caveat: str = ""
    """What the price is worth less for: a code that the locales explain, or words of one's own list."""
    usable: bool = True
    """Whether the price is recent enough, for its kind of seller, to lead or to count."""

    def is_in(self, region: str) -> bool:
        """Whether it is to be had in `region`, in whatever case that is typed.

        One price everywhere counts in each region, but not in a government's, and in China only in its money.
        """
        if is_everywhere(self.region):
            is_chinese = self.price_per_hour.currency == CHINESE_CURRENCY
            return is_chinese if is_in_china(region) else not is_of_a_government(region)
        return is_within(self.region, region)


def convert(money: Money, to: str, rates: Iterable[FxRate]) -> tuple[Money, FxRate] | None:
    """`money` in the currency `to` with the rate used; None where no rate links the two.

    Rates are used forwards, backwards, and through one common currency (ECB rates all start
    at EUR); the cross rate carries the older of the two dates.
    """
    direct = _direct(money.currency, to, rates := tuple(rates))
    if direct is None:
        direct = next(
            (c for via in {r.base for r in rates} if (c := _cross(money.currency, via, to, rates))), None
        )
    if direct is None:
        return None
    return Money(amount=money.amount * direct.rate, currency=to), direct


def _direct(base: str, quote: str, rates: tuple[FxRate, ...]) -> FxRate | None:
    for rate in rates:
        if (rate.base, rate.quote) == (base, quote):
            return rate
        if (rate.base, rate.quote) == (quote, base):
            return rate.model_copy(update={"base": base, "quote": quote, "rate": 1 / rate.rate})
    return None


def _cross(base: str, via: str, quote: str, rates: tuple[FxRate, ...]) -> FxRate | None:
    first, second = _direct(base, via, rates), _direct(via, quote, rates)
    if first is None or second is None:
        return None
    return FxRate(
        base=base,
        quote=quote,
        rate=first.rate * second.rate,
        as_of=min(first.as_of, second.as_of),
        source=first.source if first.source == second.source else f"{first.source}; {second.source}",
    )
