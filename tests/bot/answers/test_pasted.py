"""A configuration that somebody published, as a card: what was read stands above all that a card says."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from prices_on_a_day import prices_as_of

from bot.answers.answers import Answerer
from bot.answers.reply import Asker
from bot.bootstrap import service_for
from bot.cards.slack_limits import violations
from bot.i18n import LANGUAGES, Language, load_texts
from bot.settings import settings_from

PUBLISHED = Path(__file__).parents[1] / "language" / "pastes" / "published_settings.yaml"
CASES: list[dict[str, Any]] = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answers() -> Answerer:
    settings = settings_from({"HOME": "/nowhere", "HF_HUB_OFFLINE": "1"})
    return Answerer(service_for(settings, prices_as_of()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["source"].rsplit("/", 1)[-1])
def test_what_was_assumed_stands_on_the_card_of_a_configuration(
    answers: Answerer, case: dict[str, Any], language: Language
) -> None:
    """Nothing is filled in silently, however long the command that was read."""
    reply = answers.reply(answers.read(case["text"]), Asker(language=language, user_id="U1"))
    assert not case["spec"].get("model") or reply.requested is not None or reply.problems
    if reply.requested is None or not reply.requested.estimate.assumptions:
        return
    first, *_, small = reply.card.blocks
    assert first["block_id"] == "paste"
    texts = load_texts(language)
    beginnings = [texts("context.assumed", list="\0"), texts("context.counted_assumed", count="\0")]
    said = [each["text"] for each in small["elements"]]
    ends = [part for each in beginnings for part in each.split("\0") if part]
    assert any(end in each for end in ends for each in said), said
    if not (reply.unused or reply.not_done):  # what was set aside is told besides
        assert not violations(reply.card, "card")
