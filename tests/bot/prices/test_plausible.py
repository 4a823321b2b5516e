"""A price read in a wrong unit, currency or count is refused; a true one, however cheap, is not."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.files import load_catalog, read_config
from bot.prices.config import bundled_rates, price_config
from bot.prices.listed import read_snapshot
from bot.prices.open import snapshot_path
from bot.prices.plausible import Plausibility, plausibility_of
from bot.prices.port import SourceAnswer, SourceDown
from estimator.money import Money, Offer
from estimator.spec import Market

GPUS = load_catalog().gpus
SELLERS = read_config("sellers")
LISTED = price_config(read_config("prices"))
BUNDLED = read_snapshot(snapshot_path(None), gpus=frozenset(GPUS), reference=LISTED.reference).rows
NOW = datetime(2026, 11, 24, tzinfo=UTC)
WRONG_READINGS = {
    "per minute": 1 / Decimal(60),
    "per second": 1 / Decimal(3600),
    "per day": Decimal(24),
    "per month": Decimal(720),
    "yuan as dollars": Decimal("6.65"),
    "dollars as yuan": 1 / Decimal("6.65"),
    "eight GPUs as one": Decimal(8),
    "one GPU as eight": 1 / Decimal(8),
    "a seventh of a GPU as one": 1 / Decimal(7),
    "cents as dollars": Decimal(100),
    "spot as on demand": Decimal("0.45"),
}


@pytest.fixture(scope="module")
def plausibility() -> Plausibility:
    return plausibility_of(BUNDLED, bundled_rates(read_config("fx")), LISTED.policy, SELLERS)


def live(provider: str, gpu: str, amount: str, currency: str = "USD", num_gpus: int = 1) -> Offer:
    price = Money(amount=Decimal(amount), currency=currency)
    return Offer(provider=provider, gpu=gpu, num_gpus=num_gpus, price_per_hour=price, source="live")


def listed_on_demand() -> list[Offer]:
    return [
        offer
        for offer in BUNDLED
        if offer.market is Market.ON_DEMAND and SELLERS[offer.provider]["tier"] in {"A", "B"}
    ]


@pytest.mark.parametrize("factor", WRONG_READINGS.values(), ids=WRONG_READINGS)
def test_every_list_price_read_wrongly_is_refused(plausibility: Plausibility, factor: Decimal) -> None:
    wrong = (
        offer.model_copy(update={"price_per_hour": offer.price_per_hour.times(factor)})
        for offer in listed_on_demand()
    )
    assert [offer for offer in wrong if not plausibility.why_not(offer)] == []


@pytest.mark.parametrize("factor", ["0.56", "0.8", "1", "1.3", "1.4"])
def test_a_list_price_that_moved_is_believed(plausibility: Plausibility, factor: str) -> None:
    """As much as one was ever cut (0.56, 2025), or rose from May to October 2026 (1.3), and somewhat more."""
    moved = [
        offer.model_copy(update={"price_per_hour": offer.price_per_hour.times(Decimal(factor))})
        for offer in listed_on_demand()
    ]
    refused = [(offer.provider, offer.gpu) for offer in moved if plausibility.why_not(offer)]
    # what is listed beside its spot price may not fall to it, and what is a teaser already (0.24 of the
    # middle) not much further; nothing else is refused
    with_spot = {(offer.provider, offer.gpu) for offer in BUNDLED if offer.market is Market.SPOT}
    may_not_fall = with_spot | {("verda", "v100-16gb")} if Decimal(factor) < 1 else set()
    assert set(refused) <= may_not_fall


@pytest.mark.parametrize("provider", ["lambda", "somebody-new"])
@pytest.mark.parametrize("amount", ["0", "-1", "0.01", "99.99", "999"])
def test_a_placeholder_is_no_price_of_any_gpu(plausibility: Plausibility, amount: str, provider: str) -> None:
    believed = {gpu for gpu in GPUS if not plausibility.why_not(live(provider, gpu, amount))}
    # a GB200's only list price is USD 27: five times as much may be true of another seller
    assert believed <= ({"gb200"} if amount == "99.99" else set())


def test_a_wrong_reading_of_a_seller_that_nobody_knows_is_refused(plausibility: Plausibility) -> None:
    for amount in ("31.92", "0.499", "0.0665", "2872.8", "399"):  # of 3.99: x 8, / 8, / 60, x 720, x 100
        assert plausibility.why_not(live("somebody-new", "h100-80gb", amount))


@pytest.mark.parametrize(
    ("provider", "gpu", "amount", "currency"),
    [
        ("autodl", "rtx-4090d", "1.88", "CNY"),
        ("autodl", "rtx-4090d", "2.28", "CNY"),
        ("vast", "rtx-4090d", "0.27", "USD"),
        ("runpod", "rtx-4090d", "0.49", "USD"),
        ("vast", "rtx-3060", "0.05", "USD"),
        ("salad", "rtx-3060", "0.03", "USD"),
        ("gcp", "tpu-v5e", "1.20", "USD"),
        ("gcp", "tpu-v5p", "4.20", "USD"),
        ("aws", "p100", "0.90", "USD"),
    ],
)
def test_a_true_price_is_believed(
    plausibility: Plausibility, provider: str, gpu: str, amount: str, currency: str
) -> None:
    assert plausibility.why_not(live(provider, gpu, amount, currency)) == ""


def test_what_a_market_asks_for_may_fall_as_markets_do(plausibility: Plausibility) -> None:
    """An H100 went from 6.15 to 2.40 within twelve days at Vast."""
    asked = next(o for o in BUNDLED if o.provider == "vast" and o.gpu == "h100-80gb")
    fallen = asked.model_copy(update={"price_per_hour": asked.price_per_hour.times(Decimal("0.4"))})
    assert plausibility.why_not(fallen) == ""


def test_every_gpu_has_a_yardstick(plausibility: Plausibility) -> None:
    """A new one needs a price in the bundled list or a GPU of its class in `yardsticks`."""
    yardsticks = LISTED.policy.yardsticks
    assert set(yardsticks) | set(yardsticks.values()) <= set(GPUS)
    priced = {offer.gpu for offer in BUNDLED if offer.market is Market.ON_DEMAND}
    assert [gpu for gpu in GPUS if gpu not in priced and yardsticks.get(gpu) not in priced] == []


def test_one_wrong_price_goes_and_the_others_stay(plausibility: Plausibility) -> None:
    right = [
        live("lambda", "h100-80gb", "3.29"),
        live("lambda", "a10", "1.29"),
        live("verda", "l40s", "1.37"),
    ]
    reading = SourceAnswer(fetched_at=NOW, offers=(*right, live("lambda", "a100-40gb", "199")))
    assert plausibility.accepted("test", reading).offers == tuple(right)


def test_a_reading_of_which_little_is_left_is_wrong_as_a_whole(plausibility: Plausibility) -> None:
    cents = [live("lambda", gpu, "199") for gpu in ("a100-40gb", "a10", "h100-80gb")]
    reading = SourceAnswer(fetched_at=NOW, offers=(*cents, live("verda", "l40s", "1.37")))
    with pytest.raises(SourceDown, match="3 of its 4 prices"):
        plausibility.accepted("test", reading)
