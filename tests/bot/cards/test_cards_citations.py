"""Who says so: a link where a citation names a place, our own words in both languages, else as it is."""

import pytest
from prices_on_a_day import prices_as_of

from bot.cards.citations import cited
from bot.files import load_catalog
from bot.i18n import Texts

SNAPSHOT = "snapshot: "


PLACES = {
    "Rajbhandari et al. 2020, arXiv:1910.02054": "<https://arxiv.org/abs/1910.02054|Rajbhandari et al. 2020>",
    "aws/provider zz_generated.go (AWS)": "<https://github.com/aws/provider|aws/provider>",
    "gpurentalprices.com daily snapshot": "<https://gpurentalprices.com|gpurentalprices.com>",
    "docs/formulas.md#optimizers": "`docs/formulas.md`",
}


@pytest.mark.parametrize(("name", "link"), PLACES.items())
def test_what_names_a_place_leads_there(name: str, link: str, texts: Texts) -> None:
    assert cited(name, texts) == link


@pytest.mark.parametrize("name", ["<!channel>", "<https://evil.example|click>", "x/y <!here> z; a/b <@U1>"])
def test_nothing_else_does(name: str, texts: Texts) -> None:
    rest = cited(name, texts).replace("<https://github.com/", "")
    assert "<" not in rest


def test_no_price_that_came_with_us_is_quoted_in_prose(chinese: Texts) -> None:
    """What a Chinese reader sees is a link, or Chinese."""
    offers = prices_as_of().gather(tuple(load_catalog().gpus)).offers
    sources = {each.source.removeprefix(SNAPSHOT) for each in offers if each.source.startswith(SNAPSHOT)}
    assert sources
    assert {name for name in sources if cited(name, chinese) == name} == set()


def test_an_operators_own_words_stand_as_they_are(texts: Texts) -> None:
    assert cited("our contract of 2026 & more", texts) == "our contract of 2026 &amp; more"
