"""Parts of the world as people name them; what lies in each: `estimator/places.py`."""
# ruff: noqa: E501  -- a list of words reads as text

from typing import Final


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


AREAS: Final = {
    "us": _split(
        "us only|only us|in us|in the us|within the us|us region|us regions|us based|in usa|in the usa|usa only|in the united states|美国区|美区|在美国|美国机房|美国节点"
    ),
    "europe": _split(
        "eu only|europe only|in eu|in the eu|in europe|within the eu|within europe|eu region|eu regions|eu based|欧洲区|欧区|在欧洲|欧洲机房|欧洲节点"
    ),
    "asia": _split("in asia|asia only|asia region|亚太区|亚洲区|在亚洲|亚洲机房|亚洲节点"),
    "china": _split(
        "in china|china only|china region|in mainland china|中国区|中国大陆区|在中国|在国内|国内机房|国内节点|国内云"
    ),
}
"""Parts of the world, where the machines are to stand, as people say it without `region=`."""
AREAS_ALONE: Final = {
    name: area
    for area, names in (
        ("us", "usa|美国"),
        ("europe", "eu|europe|欧洲"),
        ("asia", "asia|亚洲"),
        ("china", "china|中国|国内"),
    )
    for name in names.split("|")
}
"""Their names, which alone may be said of the data or the model as well."""
