"""Write the computed parts of README.md: the exchange as printed, and the figures of docs/accuracy.md.

`make readme` rewrites them; with --check it only says whether they are up to date.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
README: Final = ROOT / "README.md"
COMMAND: Final = "7b pure fp16 n=10000 bs=32 1xa100"
SHOWN: Final = {
    "memory, allocated": "memory that torch allocates",
    "memory, reserved": "memory that its allocator reserves",
    "memory, process": "memory that `nvidia-smi` shows",
    "tokens a second": "tokens a second and GPU",
    "step time": "seconds a step",
}


def exchange() -> str:
    """The command and the card that the terminal prints for it."""
    command = [sys.executable, "-m", "bot", *COMMAND.split(), "--lang", "en"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    card = "\n".join(line.rstrip() for line in printed.rstrip().splitlines())
    return f"```\n$ ftcost {COMMAND}\n{card}\n```"


def figures() -> str:
    """One row a quantity: error, bias and share inside the range on exact rows."""
    rows = [
        "| held against published runs | runs | median error | 90 % under | inside our 80 % range |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    table = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8").split("## Against measurements")[1]
    for name, words in SHOWN.items():
        found = re.search(rf"^\| {name} \| exact \| (.+) \|$", table, re.MULTILINE)
        if found is None:
            raise SystemExit(f"docs/accuracy.md has no row for {name}; run make bench-accuracy")
        n, _, median, p90, _, _, inside = found[1].split(" | ")
        rows.append(f"| {words} | {n} | {median} | {p90} | {inside} |")
    return "\n".join(rows)


def with_part(text: str, name: str, content: str) -> str:
    """`text` with what stands between the two marks of `name` replaced."""
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    return marks.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


def main() -> None:
    """Rewrite README.md, or check it."""
    before = README.read_text(encoding="utf-8")
    after = with_part(with_part(before, "exchange", exchange()), "accuracy", figures())
    if "--check" in sys.argv:
        sys.exit("README.md is out of date: run make readme" if after != before else 0)
    README.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
