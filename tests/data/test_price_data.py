"""The bundled price list: every row dated or set aside, nobody twice, its columns as the bot writes them."""

import csv
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

from prices_on_a_day import BUNDLED_ON, priced_on

from bot.files import config_dir, load_catalog, read_config
from bot.i18n import LANGUAGES, load_texts
from bot.prices.config import bundled_rates
from bot.prices.rewrite import COLUMNS, read_rows, rewritten
from estimator.prices.policy import why_no_vote

PATH = config_dir() / "prices_snapshot.csv"
ROWS = read_rows(PATH)
SELLERS = read_config("sellers")
UNDATED = 6
"""Each the only known price of its GPU in China, or the example's; it is shown and never leads."""


def test_the_list_has_its_columns() -> None:
    with PATH.open(encoding="utf-8", newline="") as file:
        assert tuple(next(csv.reader(file))) == COLUMNS


def test_no_row_is_there_twice_on_a_day() -> None:
    """A machine that was read again later has both rows; the newer stands."""
    columns = ("provider", "region", "instance_type", "gpu", "gpu_count", "currency", "as_of")
    keys = Counter(tuple(row[name] for name in columns) for row in ROWS)
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_day_is_to_come_and_few_are_missing() -> None:
    today = datetime.now(UTC).date()
    days = [date.fromisoformat(row["as_of"]) for row in ROWS if row["as_of"]]
    assert max(days) <= min(today, BUNDLED_ON)
    assert len(ROWS) - len(days) == UNDATED
    assert all(rate.as_of <= today for rate in bundled_rates(read_config("fx")))


def test_no_undated_row_leads_or_votes_on_any_day() -> None:
    for day in (BUNDLED_ON, date(2027, 3, 1), date(2028, 1, 1)):
        for gpu in load_catalog().gpus:
            for currency in ("USD", "CNY"):
                found = priced_on(day, gpu, currency=currency)
                assert all(each.offer.as_of is not None for each in found)


def test_tiers_are_those_of_the_sellers() -> None:
    assert [row for row in ROWS if row["tier"] != SELLERS[row["provider"]]["tier"]] == []


def test_every_caveat_is_explained_in_both_languages() -> None:
    codes = {row["caveat"] for row in ROWS if row["caveat"]}
    assert codes
    for language in LANGUAGES:
        assert codes <= set(load_texts(language).group("caveat"))


def test_every_seller_has_a_name_in_both_languages() -> None:
    for language in LANGUAGES:
        assert set(SELLERS) <= set(load_texts(language).group("provider"))


def test_an_import_loses_no_column() -> None:
    """Written anew from the list alone, what stands has every column that it had."""
    tiers = {key: str(seller["tier"]) for key, seller in SELLERS.items()}
    again, num_dropped = rewritten(ROWS, (), tiers, gpu_memory_gb={})
    assert num_dropped == 0
    rounded = {"price_per_hour", "spot_price_per_hour", "gpu_memory_gb"}  # a GPU's memory is written one way
    columns = tuple(name for name in COLUMNS if name not in rounded)
    known = {tuple(row[name] for name in columns) for row in ROWS}
    assert [row for row in again if tuple(row[name] for name in columns) not in known] == []
    for column in ("tier", "caveat", "as_of", "vcpus", "memory_gb"):
        assert {row[column] for row in again} >= {row[column] for row in ROWS} - {"2026-06-18"}
    assert all(Decimal(row["price_per_hour"]) > 0 for row in again)
    assert len(again) > len(ROWS) - 40


def test_what_does_not_vote_says_why() -> None:
    reasons = Counter(why_no_vote(each.offer) for each in priced_on(BUNDLED_ON, "rtx-4090", currency="USD"))
    assert set(reasons) <= {"", "china", "spot", "marketplace", "no_instance", "too_old", "undated"}
