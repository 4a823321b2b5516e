"""docs/privacy.md tells of everything that is stored: each name of a key in the code stands in its table."""

import ast
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
NAME: Final = re.compile(r"((?:[a-z0-9-]+:)+)")
PARTS: Final = {
    "seen:": {"command:", "event:", "form:", "message:", "press:"},
    "ledger:": {"import:"},
}
"""What stands behind another name: acts, and who booked a line that was imported."""
NOT_STORED: Final = {"home:"}
"""An order of jobs."""


def names_of_keys() -> set[str]:
    """What texts of the bot begin with that go on as a key does: `thread:`, then something."""
    found = set[str]()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found.update(match[1] for match in [NAME.fullmatch(_beginning(node))] if match)
    return found


def _beginning(node: ast.AST) -> str:
    """The fixed part of an f-string; a text of its own where it has parts, as a key does that is added to."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    return text if isinstance(node, ast.JoinedStr) or text.count(":") > 1 else ""


def test_every_key_in_the_store_stands_in_the_table() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(?:TEAM:)?((?:[a-z0-9-]+:)+)", page))
    parts = set().union(*PARTS.values())
    found = names_of_keys()
    assert {"thread:", "lock:", "in-flight:", "ftcost:v5:prices:"} <= found, "it finds none"
    stored = found - parts - NOT_STORED
    assert {name for name in stored if not any(each.startswith(name) for each in told)} == set()
