"""What an English card calls a setting and its value: words, where the language has them."""

import pytest

from bot.cards.notes import setting_name, shown_value
from bot.i18n import load_texts


@pytest.mark.parametrize(
    ("field", "value", "name", "said"),
    [
        ("fused_loss", True, "fused loss", "on"),
        ("packing", False, "packing", "off"),
        ("market", "on_demand", "market", "on demand"),
        ("rank_by", "time", "ranked by", "time"),
        ("gpu_memory_gb", 24, "GPU memory in GB", "24"),
        ("providers", ["aws"], "seller", "aws"),
    ],
)
def test_an_english_card_names_a_setting_in_words(field: str, value: object, name: str, said: str) -> None:
    texts = load_texts("en")
    assert (setting_name(field, texts), shown_value(field, value, texts)) == (name, said)
