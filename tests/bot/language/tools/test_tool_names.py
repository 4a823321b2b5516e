"""What a framework or a tool does stands in its own file: nobody else knows one by its name."""

import ast
from pathlib import Path

import bot
from bot.files import load_catalog
from bot.language.tools.registry import TOOLS

BOT = Path(bot.__file__).parent
ROOM = BOT / "language" / "tools"
CATALOG = load_catalog()
NAMES = frozenset(
    name.lower()
    for names in (
        *(CATALOG.frameworks.names(key) for key in CATALOG.frameworks),
        *((tool.key, tool.command, tool.banner) for tool in TOOLS),
    )
    for name in names
    if name and name != "firefly"  # a data set of its makers bears the same name
)


def strings(path: Path) -> list[tuple[int, str]]:
    """The lines and texts of the strings in a file."""
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [
        (node.lineno, node.value)
        for node in tree
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_no_other_room_knows_a_framework_or_a_tool_by_name() -> None:
    rooms = [path for path in BOT.rglob("*.py") if ROOM not in path.parents]
    named = [
        f"{path.relative_to(BOT)}:{line}: {text}"
        for path in rooms
        for line, text in strings(path)
        if NAMES & {*text.lower().split("|")}
    ]
    assert len(rooms) > 300
    assert len(NAMES) > 30
    assert named == []
