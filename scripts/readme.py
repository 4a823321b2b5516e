"""Write the computed parts of both READMEs: the exchange as printed, and the figures of docs/accuracy.md.

`make readme` rewrites them; with --check it only says whether they are up to date.
"""

import re
import sys
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from typing import Final
from unittest.mock import patch

from click.testing import CliRunner

from bot.cli.group import main as ftcost
from bot.files import load_catalog
from bot.prices.open import open_prices

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
DRAWN: Final = {
    "en": "Drawn as on {day}, the day of the newest bundled price; later, a card marks old prices.",
    "zh": "按 {day}（内置价格中最新一条的日期）绘制；此后卡片会标出旧价格。",
}
LEFT_OUT: Final = {
    "en": (
        "A new user's runs are like none of these: with a whole source left out of the fit, speed is off by "
        "{speed} in the median and by {speed_p90} at the 90 % mark, memory by {memory} and {memory_p90}."
    ),
    "zh": (
        "新用户的任务和这些都不一样：拟合时把一个来源整个留出，速度的误差中位数是 {speed}，"
        "九成在 {speed_p90} 以内；显存是 {memory} 和 {memory_p90}。"
    ),
}


def exchange(language: str) -> str:
    """The command and the card that the terminal prints for it on the day of the newest bundled price.

    On the day of the run the page would grow out of date by itself: a card says how old a price is.
    """
    gpus = tuple(load_catalog().gpus)
    day = max(offer.as_of for offer in open_prices(known_gpus=gpus).gather(gpus).offers if offer.as_of)
    noon = datetime.combine(day, time(12), UTC)
    with patch("bot.bootstrap.open_prices", partial(open_prices, now=lambda: noon)):
        asked = CliRunner().invoke(ftcost, [*COMMAND.split(), "--lang", language], catch_exceptions=False)
    if asked.exit_code:
        raise SystemExit(f"ftcost {COMMAND}: {asked.output}")
    printed = asked.stdout
    card = "\n".join(line.rstrip() for line in printed.rstrip().splitlines())
    typed = COMMAND if language == "en" else f"{COMMAND} --lang {language}"
    return f"```\n$ ftcost {typed}\n{card}\n```\n\n{DRAWN[language].format(day=day.isoformat())}"


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


def left_out(language: str) -> str:
    """What somebody gets whose runs are not in the table: each source left out of the fit."""
    table = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8").split("## Left out")[1]
    found = {
        name: re.search(
            rf"^\| {name} \| each source left out \| .* \| (\S+)% \| (\S+)% \| \S+ \|$", table, re.MULTILINE
        )
        for name in ("speed", "memory")
    }
    rounded = {name: [f"{float(each):.0f} %" for each in row.groups()] for name, row in found.items() if row}
    if len(rounded) < len(found):
        raise SystemExit("docs/accuracy.md has no left-out figures; run make bench-accuracy")
    (speed, speed_p90), (memory, memory_p90) = rounded["speed"], rounded["memory"]
    return LEFT_OUT[language].format(speed=speed, speed_p90=speed_p90, memory=memory, memory_p90=memory_p90)


def with_part(text: str, name: str, content: str) -> str:
    """`text` with what stands between the two marks of `name` replaced."""
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    return marks.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


def main() -> None:
    """Rewrite both, or check them."""
    for language, path in READMES.items():
        before = path.read_text(encoding="utf-8")
        after = with_part(before, "exchange", exchange(language))
        after = with_part(after, "accuracy", f"{figures(language)}\n\n{left_out(language)}")
        if "--check" not in sys.argv:
            path.write_text(after, encoding="utf-8")
        elif after != before:
            sys.exit(f"{path.name} is out of date: run make readme")


if __name__ == "__main__":
    main()
