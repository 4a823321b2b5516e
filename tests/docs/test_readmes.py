"""README.md and README.zh.md say the same: commands, code, pages, pictures and figures."""

import re

import pytest
from command_lines import ROOT, command_lines

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"


def in_both(found: list[str]) -> list[str]:
    """Less what makes it Chinese: the option and the picture."""
    return sorted(each.replace(" --lang zh", "").replace("card.zh.png", "card.png") for each in found)


def test_both_have_the_same_commands() -> None:
    assert in_both(command_lines(ENGLISH)) == in_both(command_lines(CHINESE))


@pytest.mark.parametrize(
    "pattern",
    [r"\]\((docs/[^)]+|CHANGELOG.md)\)", r"```python\n(.*?)```", r"\|((?: [\d.%]+ \|)+)$"],
    ids=["pages", "code", "figures"],
)
def test_both_have_the_same(pattern: str) -> None:
    english, chinese = (
        [
            each.replace(" ", "")
            for each in re.findall(pattern, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        ]
        for page in (ENGLISH, CHINESE)
    )
    assert set(in_both(english)) == set(in_both(chinese))
    assert english


def test_no_share_is_said_in_chinese_alone() -> None:
    english, chinese = (
        {each.replace(" ", "") for each in re.findall(r"\d+ ?%", page.read_text(encoding="utf-8"))}
        for page in (ENGLISH, CHINESE)
    )
    assert chinese <= english
