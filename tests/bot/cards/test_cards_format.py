import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import dates
from bot.cards import format as fmt
from bot.i18n import Texts, load_texts
from estimator.money import Money
from estimator.ranges import Range
from estimator.result import MoneyRange

EN, ZH = load_texts("en"), load_texts("zh")
TEXTS = st.sampled_from((EN, ZH))
AMOUNTS = st.decimals(min_value="0.0001", max_value="1e9", places=4, allow_nan=False)


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0"),
        ("0.0123", "1 ¢"),
        ("0.5", "50 ¢"),
        ("0.0004", "under $0.01"),
        ("0.0050", "under $0.01"),
        ("1.3", "$1.30"),
        ("9.996", "$10.00"),
        ("11.42", "$11.42"),
        ("99.94", "$99.94"),
        ("99.97", "$99.97"),
        ("351.75", "$351.75"),
        ("12345.6", "$12,346"),
    ],
)
def test_an_amount_is_said_in_cents_below_one_to_the_cent_below_1000_and_whole_above(
    amount: str, shown: str
) -> None:
    assert fmt.money(usd(amount), EN) == shown


@pytest.mark.parametrize(
    ("currency", "shown"), [("CNY", "¥81.24"), ("USD", "$81.24"), ("EUR", "€81.24"), ("CHF", "CHF 81.24")]
)
def test_an_exact_amount_keeps_its_cents(currency: str, shown: str, texts: Texts) -> None:
    assert fmt.exact_money(Money(amount=Decimal("81.24"), currency=currency), texts) == shown


def test_an_exact_amount_has_never_more_than_two_decimals() -> None:
    assert fmt.exact_money(usd("0.0125"), EN) == "1 ¢"
    assert fmt.exact_money(usd("0.3"), EN) == "30 ¢"
    assert fmt.exact_money(usd("1234.5"), EN) == "$1,234.50"
    assert fmt.exact_money(usd("34.742"), EN) == "$34.74"


@given(amount=AMOUNTS, texts=TEXTS)
def test_money_reads_back_within_half_a_cent_or_half_a_unit(amount: Decimal, texts: Texts) -> None:
    shown = fmt.money(Money(amount=amount, currency="CNY"), texts)
    read = Decimal(re.sub(r"[^0-9.]", "", shown))
    assert abs(read - amount) <= (Decimal("0.5") if amount >= 999 else Decimal("0.01"))
    assert len(shown.partition(".")[2]) <= 2


@given(amount=AMOUNTS)
def test_money_that_is_not_zero_never_reads_zero(amount: Decimal) -> None:
    assert fmt.money(Money(amount=amount, currency="CNY"), EN).strip("¥0.") != ""


def test_a_range_of_money_says_its_unit_once() -> None:
    def ends(low: str, high: str) -> MoneyRange:
        return MoneyRange(low=usd(low), likely=usd(low), high=usd(high))

    assert fmt.money_range(ends("5.40", "7"), EN) == "$5.40–7.00"
    assert fmt.money_range(ends("0.04", "0.06"), EN) == "4–6 ¢"
    assert fmt.money_range(ends("0.9", "1.1"), EN) == "90 ¢–$1.10"
    assert fmt.money_range(ends("5", "5"), EN) == "$5.00"


def test_what_stands_beside_its_factor_is_their_product() -> None:
    """18.334 is shown as 18.33; three of them are 54.99 to whoever multiplies, not 55.00."""
    assert fmt.money(fmt.times(usd("18.334"), 3, usd("55.002")), EN) == "$54.99"
    assert fmt.times(usd("1"), 3, usd("55")) == usd("55")


def test_a_rate_has_four_figures() -> None:
    assert (fmt.rate(6.6531, EN), fmt.rate(149.62, EN), fmt.rate(0.0068234, EN)) == (
        "6.653",
        "149.6",
        "0.006823",
    )


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0.0851, "85 ms", "85 毫秒"),
        (0.9999, "1.0 s", "1.0 秒"),
        (13.1, "13.1 s", "13.1 秒"),
        (99.8, "1.7 min", "1.7 分钟"),
        (600, "10 min", "10 分钟"),
        (1408.5, "23 min", "23 分钟"),
        (3590, "1.0 h", "1.0 小时"),
        (12_301, "3.4 h", "3.4 小时"),
        (450_000, "5.2 days", "5.2 天"),
        (400 * 86_400, "400 days", "400 天"),
    ],
)
def test_a_duration_is_in_the_unit_that_people_would_say(seconds: float, english: str, chinese: str) -> None:
    assert (fmt.duration(seconds, EN), fmt.duration(seconds, ZH)) == (english, chinese)


def test_a_range_of_durations_has_one_unit_unless_an_end_would_read_nothing() -> None:
    assert fmt.duration_range(Range(10_800, 12_600, 14_760), EN) == "3.5 h (3.0–4.1)"
    assert fmt.duration_range(Range(3000, 4000, 5000), EN) == "1.1 h (0.8–1.4)"
    assert fmt.duration_range(Range(166_000, 207_000, 268_000), EN) == "2.4 days (1.9–3.1)"
    assert fmt.duration_range(Range(60, 4000, 5000), EN) == "1.1 h (60.0 s–1.4 h)"
    assert fmt.duration_range(Range(1.5, 1.5, 1.5), EN) == "1.5 s"
    assert fmt.duration_range(Range(10_800, 12_600, 14_760), ZH) == "3.5 小时 (3.0–4.1)"


@given(seconds=st.floats(1e-3, 1e9), texts=TEXTS)
def test_a_duration_is_never_nothing_and_never_long(seconds: float, texts: Texts) -> None:
    shown = fmt.duration(seconds, texts)
    assert len(shown) <= 16
    assert shown.split()[0] not in ("0", "0.0")


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (939, "939", "939"),
        (10_000, "10,000", "1万"),
        (12_345, "12,345", "12,345"),
        (52_000, "52,000", "5.2万"),
        (3_000_000, "3,000,000", "300万"),
        (200_000_000, "200,000,000", "2亿"),
    ],
)
def test_chinese_counts_in_ten_thousands_where_that_is_exact(value: int, english: str, chinese: str) -> None:
    assert (fmt.count(value, EN), fmt.count(value, ZH)) == (english, chinese)


@given(value=st.integers(0, 10**12))
def test_a_chinese_count_reads_back_to_the_unit(value: int) -> None:
    shown = fmt.count(value, ZH).replace(",", "")
    unit = {"万": 10**4, "亿": 10**8}.get(shown[-1], 1)
    assert Decimal(shown.rstrip("万亿")) * unit == value


def test_a_large_count_is_short() -> None:
    assert fmt.magnitude(30_720_000, EN) == "30.7M"
    assert fmt.magnitude(30_720_000, ZH) == "3072万"
    assert fmt.magnitude(950, EN) == "950"
    assert fmt.magnitude(1383.6010372612927, EN) == fmt.magnitude(1383.6010372612927, ZH) == "1,384"


def test_memory_is_in_gib_with_one_decimal(english: Texts) -> None:
    assert fmt.gib(63.87 * 2**30, english) == "63.9 GiB"
    assert fmt.gib_range(Range(62.1 * 2**30, 64 * 2**30, 66.8 * 2**30), english) == "62.1–66.8"
    assert fmt.whole_gb(64.59, english) == "65"
    assert fmt.whole_gb(0.42, english) == "0.4"


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (11.42, 12.06, "+5.6%"),
        (71.3, 65.2, "−8.6%"),
        (100, 40, "−60%"),
        (42.8, 0.101, "−99%"),
        (938, 1876, "+100%"),
        (1, 12.34, "×12"),
        (100, 150, "+50%"),
        (0, 3, "–"),
    ],
)
def test_a_change_is_a_percentage_until_it_doubles(before: float, after: float, shown: str) -> None:
    assert fmt.change(before, after, EN) == shown


def test_a_spread_is_the_distance_of_both_ends(english: Texts) -> None:
    assert fmt.spread(Range(97, 100, 104.5), english) == "−3%/+4%"
    assert fmt.spread(Range(0, 0, 0), english) == "−0%/+0%"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("a100-80gb", "A100 80GB"),
        ("h100-80gb-pcie", "H100 80GB PCIe"),
        ("rtx-4090", "RTX 4090"),
        ("rtx-3090-ti", "RTX 3090 Ti"),
        ("rtx-pro-6000", "RTX PRO 6000"),
        ("tpu-v5e", "TPU v5e"),
        ("gaudi2", "Gaudi 2"),
        ("mi300x", "MI300X"),
    ],
)
def test_a_gpu_is_named_as_people_write_it(key: str, name: str) -> None:
    assert fmt.gpu_name(key) == name


def test_a_number_of_cards_stands_before_their_name(texts: Texts) -> None:
    assert fmt.gpus("a100-80gb", 2, texts) == "2× A100 80GB"


def test_the_day_of_a_price_is_a_calendar_date() -> None:
    assert dates.day(date(2024, 12, 30), EN) == "Dec 30, 2024"
    assert dates.day(date(2024, 12, 30), ZH) == "2024年12月30日"


def test_an_instant_is_a_token_that_slack_draws_with_a_fallback_in_utc(texts: Texts) -> None:
    moment = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    shown = dates.moment(moment, texts)
    assert shown.startswith(f"<!date^{int(moment.timestamp())}^{{date_short}} {{time}}|")
    assert shown.endswith("UTC>")


@pytest.mark.parametrize(
    ("value", "shown"), [(0.001, "0.001"), (0.004, "0.004"), (0.5, "0.5"), (3, "3"), (1e-7, "0.0000001")]
)
def test_a_factor_is_never_nothing(value: float, shown: str) -> None:
    assert fmt.factor(value, EN) == shown
