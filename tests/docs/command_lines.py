"""The command lines that the READMEs and docs/ show: in fenced blocks, and in prose between back-ticks."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md")))
PROGRAMS = (
    "ftcost",
    "make",
    "python",
    "python3",
    "pip",
    "docker",
    "kubectl",
    "redis-cli",
    "redis-server",
    "curl",
    "helm",
    "git",
)
NO_COMMANDS = ("python", "ini", "yaml", "json", "caddy", "nginx")
"""Languages of blocks that are no shell's."""
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")
_COMMENT = re.compile(r"\s+#\s.*$")


def command_lines(page: Path) -> list[str]:
    """Each once, as the page has it but for a comment behind it."""
    text = page.read_text(encoding="utf-8")
    found = [line for block in _BLOCK.finditer(text) for line in _of_block(block[2], block[3])]
    inline = (_COMMENT.sub("", code[1]) for code in _INLINE.finditer(_BLOCK.sub("", text)))
    return list(dict.fromkeys((*found, *filter(_is_command, inline))))


def _of_block(language: str, body: str) -> Iterator[str]:
    if language in NO_COMMANDS:
        return
    lines = [line.strip() for line in body.replace("\\\n", " ").splitlines() if line.strip()]
    prompted = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    for line in prompted or lines:
        if not line.startswith("#"):
            yield _COMMENT.sub("", line)


def _is_command(code: str) -> bool:
    words = [word for word in code.split() if not re.fullmatch(r"[A-Z_]+=\S*", word)]
    return len(words) > 1 and words[0] in PROGRAMS
