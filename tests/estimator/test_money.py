"""Money stays exact; currencies convert forwards, backwards and across."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from estimator.money import FxRate, Money, convert

ECB = (
    FxRate(base="EUR", quote="USD", rate=Decimal("1.0705"), as_of=date(2024, 6, 28), source="ECB"),
    FxRate(base="EUR", quote="CNY", rate=Decimal("7.7748"), as_of=date(2024, 6, 28), source="ECB"),
)


def test_dollars_become_yuan_through_the_euro() -> None:
    found = convert(Money(amount=Decimal(1), currency="USD"), "CNY", ECB)
    assert found is not None
    assert round(found[0].amount, 4) == Decimal("7.2628")  # 7.7748 / 1.0705
    assert found[1].as_of == date(2024, 6, 28)


def test_no_rate_is_no_answer() -> None:
    assert convert(Money(amount=Decimal(1), currency="USD"), "JPY", ECB) is None


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_there_and_back_loses_under_a_cent(amount: Decimal) -> None:
    there = convert(Money(amount=amount, currency="USD"), "CNY", ECB)
    assert there is not None
    back = convert(there[0], "USD", ECB)
    assert back is not None
    assert abs(back[0].amount - amount) < Decimal("0.01")


def test_a_currency_is_three_capitals() -> None:
    with pytest.raises(ValidationError):
        Money(amount=Decimal(1), currency="yuan")
