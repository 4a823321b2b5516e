"""Settings of published configurations, each with its source: what is read and what is not estimated."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from read_pastes import paste_of

from bot.language import Vocabulary

FEWEST = 20
CASES = yaml.safe_load((Path(__file__).parent / "published_settings.yaml").read_text(encoding="utf-8"))


def _name(case: dict[str, Any]) -> str:
    return "/".join(case["source"].split("/")[4:5] + case["source"].split("/")[-2:])


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_published_settings_are_read(case: dict[str, Any], names: Vocabulary) -> None:
    document = paste_of(case["text"], names).document()
    assert document["kind"] == case["kind"]
    assert document["spec"] == case["spec"]
    assert document.get("not_estimated", []) == case.get("not_estimated", [])


def test_each_says_where_and_when_it_was_found() -> None:
    assert len(CASES) >= FEWEST
    assert all(case["source"].startswith("https://github.com/") and case["date"] for case in CASES)
