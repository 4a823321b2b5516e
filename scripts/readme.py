"""Write the computed parts of both READMEs: the exchange as printed, and the figures of docs/accuracy.md.

`make readme` rewrites them; with --check it only says whether they are up to date.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
READMES: Final = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
COMMAND: Final = "7b pure fp16 n=10000 bs=32 1xa100"
SHOWN: Final = {
    "memory, allocated": {"en": "memory that torch allocates", "zh": "torch 分配的显存"},
    "memory, reserved": {"en": "memory that its allocator reserves", "zh": "分配器保留的显存"},
    "memory, process": {"en": "memory that `nvidia-smi` shows", "zh": "`nvidia-smi` 显示的显存"},
    "tokens a second": {"en": "tokens a second and GPU", "zh": "每卡每秒 token 数"},
    "step time": {"en": "seconds a step", "zh": "每步秒数"},
}
HEADS: Final = {
    "en": "| held against published runs | runs | median error | 90 % under | inside our 80 % range |",
    "zh": "| 与公开实测对照 | 次数 | 误差中位数 | 九成在此以内 | 落在 80% 区间内 |",
}


def exchange(language: str) -> str:
    """The command and the card that the terminal prints for it."""
    command = [sys.executable, "-m", "bot", *COMMAND.split(), "--lang", language]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    card = "\n".join(line.rstrip() for line in printed.rstrip().splitlines())
    typed = COMMAND if language == "en" else f"{COMMAND} --lang {language}"
    return f"```\n$ ftcost {typed}\n{card}\n```"


def figures(language: str) -> str:
    """One row a quantity: error, bias and share inside the range on exact rows."""
    rows = [HEADS[language], "| --- | ---: | ---: | ---: | ---: |"]
    table = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8").split("## Against measurements")[1]
    for name, words in SHOWN.items():
        found = re.search(rf"^\| {name} \| exact \| (.+) \|$", table, re.MULTILINE)
        if found is None:
            raise SystemExit(f"docs/accuracy.md has no row for {name}; run make bench-accuracy")
        n, _, median, p90, _, _, inside = found[1].split(" | ")
        rows.append(f"| {words[language]} | {n} | {median} | {p90} | {inside} |")
    return "\n".join(rows)


def with_part(text: str, name: str, content: str) -> str:
    """`text` with what stands between the two marks of `name` replaced."""
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    return marks.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


def main() -> None:
    """Rewrite both, or check them."""
    for language, path in READMES.items():
        before = path.read_text(encoding="utf-8")
        after = with_part(before, "exchange", exchange(language))
        after = with_part(after, "accuracy", figures(language))
        if "--check" not in sys.argv:
            path.write_text(after, encoding="utf-8")
        elif after != before:
            sys.exit(f"{path.name} is out of date: run make readme")


if __name__ == "__main__":
    main()
