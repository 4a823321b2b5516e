"""Slack's own TypeScript definitions read our cards: unknown blocks, missing fields, misspelt keys fail."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any as Anything

import pytest
from card_any import Any
from card_examples import cards
from draws import draws
from test_cards_any_estimate import MAKERS
from test_cards_any_spec import drawn as drawn_of_run
from test_cards_golden import NAMES, drawn

from bot.i18n import LANGUAGES, load_texts

PACKAGE = Path(__file__).parent / "slack_types" / "package.json"
ROUNDS = 20
"""Random estimates a language and kind of card; the compiler reads all of them at once."""
ANY_RUNS = draws(20, 200)
AT_ONCE = 400
"""Messages in one file: the compiler cannot hold the union of thousands."""
OPTIONS = ("--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext")

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiler and the definitions, kept between runs; skips where Node is not."""
    if shutil.which("npm") is None:
        pytest.skip("SKIPPED: no Node here, so Slack's own types did not check the cards")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ftcost" / "slack_types"
    if not (cache / "node_modules" / ".bin" / "tsc").exists():
        cache.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE, cache)
        install = ("npm", "install", "--no-audit", "--no-fund", "--prefix", str(cache))
        try:
            done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=120)
        except subprocess.TimeoutExpired:
            pytest.skip(
                "SKIPPED: npm could not reach its registry, so Slack's own types did not check the cards"
            )
        if done.returncode:
            pytest.skip(f"SKIPPED: npm could not install Slack's types: {done.stderr.strip()[-300:]}")
    return cache


def complaints(types: Path, tmp: Path, messages: list[Anything], views: list[Anything]) -> str:
    """What the compiler says of these, as literals of Slack's types; empty for nothing."""
    source = f"""import type {{ KnownBlock, View }} from "@slack/types";
export const messages: KnownBlock[][] = {json.dumps(messages)};
export const views: View[] = {json.dumps(views)};
"""
    tmp.mkdir(parents=True, exist_ok=True)
    (tmp / "cards.ts").write_text(source, encoding="utf-8")
    (tmp / "node_modules").symlink_to(types / "node_modules")
    compiler = (str(types / "node_modules" / ".bin" / "tsc"), *OPTIONS, "--types", "", str(tmp / "cards.ts"))
    said = subprocess.run(compiler, capture_output=True, text=True, check=False, cwd=tmp, timeout=300)
    return said.stdout if said.returncode else ""


def every_golden_card() -> Iterator[dict[str, Anything]]:
    for language in ("en", "zh"):
        made = cards(load_texts(language))
        yield from (drawn(made[name][0]) for name in NAMES)


def test_slacks_types_accept_every_card(types: Path, tmp_path: Path) -> None:
    shown = list(every_golden_card())
    views = [each for each in shown if each.get("type") in ("modal", "home")]
    messages = [each["blocks"] for each in shown if each not in views]
    assert complaints(types, tmp_path / "golden", messages, views) == ""


def test_slacks_types_accept_the_cards_of_any_estimate(types: Path, tmp_path: Path) -> None:
    messages = [
        list(make(Any(seed), load_texts(language))[0].blocks)
        for language in ("en", "zh")
        for make in MAKERS.values()
        for seed in range(ROUNDS)
    ]
    assert complaints(types, tmp_path / "any", messages, []) == ""


def test_slacks_types_accept_the_cards_of_any_run(types: Path, tmp_path: Path) -> None:
    """What random lines of the language are answered with, the cards of a budget and of a paste among it."""
    made = [
        list(card.blocks)
        for language in LANGUAGES
        for seed in range(ANY_RUNS)
        for _, card in drawn_of_run(seed, language)
    ]
    assert len(made) > 5 * ANY_RUNS
    for start in range(0, len(made), AT_ONCE):
        assert complaints(types, tmp_path / f"runs{start}", made[start : start + AT_ONCE], []) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        {"type": "section", "txt": {"type": "mrkdwn", "text": "x"}},
        {"type": "unheard_of"},
    ],
)
def test_slacks_types_refuse_what_is_wrong(types: Path, tmp_path: Path, wrong: dict[str, Anything]) -> None:
    assert complaints(types, tmp_path / "wrong", [[wrong]], []) != ""
