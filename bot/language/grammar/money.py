"""The keys of prices and limits, and of the answer itself: sellers, budget, deadline, ranking, language."""

from decimal import Decimal

from bot.language import words
from bot.language.keys import Key, choosing, switch
from bot.language.kinds import Amount, Duration, Name, Real

YEAR_SECONDS = 365 * 86400

MONEY = (
    Key(
        name="provider",
        field="providers",
        kind=Name.PROVIDER,
        aliases=("providers",),
        words=words.ANY_SELLER,
        more=("cloud", "商家", "云厂商", "厂商", "供应商"),
        example="aws",
    ),
    Key(
        name="exclude",
        field="excluded_providers",
        kind=Name.PROVIDER,
        more=("excluded_providers", "without_provider", "排除商家"),
        example="no-vast",
    ),
    choosing("market", "market", words.MARKETS, more=("市场",), example="spot"),
    Key(
        name="region",
        field="region",
        kind=Name.REGION,
        more=("地区", "区域", "地域"),
        example="region=cn-hangzhou",
    ),
    Key(
        name="price",
        field="price_per_gpu_hour",
        kind=Amount(Decimal("0.000001"), Decimal(10**6), per_hour=True),
        more=("price_per_gpu_hour", "gpu_price", "单价"),
        example="price=27.08cny",
    ),
    Key(
        name="cur",
        field="currency",
        kind=Name.CURRENCY,
        aliases=("currency",),
        more=("货币",),
        example="cur=usd",
    ),
    Key(
        name="budget",
        field="budget",
        kind=Amount(Decimal("0.000001"), Decimal(10**12)),
        more=("预算",),
        example="budget=500usd",
    ),
    Key(
        name="deadline",
        field="deadline_seconds",
        kind=Duration(3600, 10 * YEAR_SECONDS),
        more=("截止时间", "期限"),
        example="deadline=24h",
    ),
    Key(
        name="retry",
        field="retries",
        kind=Real(Decimal(1), Decimal(10)),
        aliases=("retries", "重试"),
        more_nouns=("retry", "retries", "tries", "次重试"),
        example="retry=3",
    ),
    Key(
        name="mfu",
        field="mfu",
        kind=Real(Decimal(0), Decimal(1), open_low=True, percent=True),
        example="mfu=45%",
    ),
    choosing("rank_by", "rank_by", words.RANKINGS, example="rank_by=time"),
    switch("rule", "rule_of_thumb", example="rule"),
    choosing("lang", "language", words.LANGUAGES, more=("language", "语言"), example="lang=zh"),
    switch("private", "private", example="private"),
)
