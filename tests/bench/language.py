"""What reading costs at its worst: hostile lines and pastes; recipes read back, two thousand of each tool."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from bot.files import load_catalog, load_sellers
from bot.language import Request, Vocabulary, read, read_plain, vocabulary_of, warm_up
from bot.language.pastes.paste import recognised
from bot.language.pastes.text import MAX_BYTES
from bot.language.recipe import completed, recipe_of
from bot.language.tools.registry import RECIPES

TESTS = Path(__file__).parent.parent / "bot" / "language"
HOSTILE = 10_000
SPECS = 2_000
BASE = Request.of_fields({"model": "7b", "method": "qlora", "lora_rank": 8, "num_gpus": 8})


def main() -> None:
    """Print the slowest of many, and how many recipes say something else."""
    sys.path[:0] = [str(TESTS), str(TESTS / "pastes"), str(TESTS / "tools"), str(TESTS.parent.parent)]
    names = vocabulary_of(load_catalog(), load_sellers())
    _lines(names)
    _pastes(names)
    _recipes(names)


def _slowest(read_one: Callable[[str], object], texts: list[str]) -> tuple[float, float, str]:
    """Median and longest in milliseconds of processor time, and what took it."""
    took = []
    for text in texts:
        started = time.process_time()
        read_one(text)
        took.append(((time.process_time() - started) * 1000, text))
    took.sort(key=lambda each: each[0])
    return took[len(took) // 2][0], took[-1][0], took[-1][1][:40]


def _lines(names: Vocabulary) -> None:
    from test_hostile import HAND_MADE, PIECES  # noqa: PLC0415  -- found by the path above

    random = Random(1)
    mixed = (" ".join(random.choices(PIECES, k=random.randint(1, 60))) for _ in range(HOSTILE))
    texts = [*HAND_MADE, *mixed][:HOSTILE]

    def both(text: str) -> None:
        read(text, names, BASE)

    warm_up(names)
    median, longest, which = _slowest(both, texts)
    print(f"hostile lines: {len(texts):,}, median {median:.2f} ms, longest {longest:.1f} ms ({which!r})")
    median, longest, which = _slowest(lambda text: read_plain(text, names, BASE), texts)
    print(f"likewise as plain replies: median {median:.2f} ms, longest {longest:.1f} ms ({which!r})")


def _pastes(names: Vocabulary) -> None:
    from test_hostile_pastes import LARGE, PIECES  # noqa: PLC0415  -- likewise

    random = Random(2)
    heaps = ["".join(random.choices(PIECES, k=random.randint(1, 400)))[:MAX_BYTES] for _ in range(HOSTILE)]
    texts = [*(text[:MAX_BYTES] for text in LARGE.values()), *heaps][:HOSTILE]
    for text in texts[:100]:
        recognised(text, names)
    median, longest, which = _slowest(lambda text: recognised(text, names), texts)
    print(f"hostile pastes: {len(texts):,}, median {median:.2f} ms, longest {longest:.1f} ms ({which!r})")


def _recipes(names: Vocabulary) -> None:
    from test_recipes import some_spec, told_and_wanted  # noqa: PLC0415  -- likewise

    for key, tool in RECIPES.items():
        random, differing = Random(f"bench {key}"), 0
        for _ in range(SPECS):
            spec = some_spec(random, names)
            told, wanted = told_and_wanted(recipe_of(spec, tool, names), completed(spec, tool), key)
            differing += told != wanted
        print(f"recipes of {key}: {SPECS:,} specs, {differing} read back otherwise")


if __name__ == "__main__":
    main()
