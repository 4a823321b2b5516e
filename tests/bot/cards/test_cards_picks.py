"""The table of picks: nobody signs for what another row of it beats in money and time, unless it says why."""

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from prices_on_a_day import BUNDLED_ON, book_on
from shipped import shipped_names

from bot.cards.block import words_in
from bot.cards.own_limits import breaks_limit
from bot.cards.picks import cheaper, picks_table
from bot.files import load_catalog
from bot.i18n import LANGUAGES, Language, Texts, load_texts
from bot.language import read
from estimator.estimate import estimate
from estimator.result import Estimate, Option

CATALOG = load_catalog()
VOCABULARY = shipped_names()
WHY = ("Fewest GPUs", "Fewest machines", "Simple")
ASKED = st.builds(
    " ".join,
    st.tuples(
        st.sampled_from(("1.5b", "phi-3-mini", "7b", "llama-3.1-8b", "13b", "qwen2.5-32b", "llama-3.1-70b")),
        st.sampled_from(("full", "lora", "qlora", "lora r=64")),
        st.sampled_from(("n=1000", "n=5000", "n=20000", "n=200000")),
        st.sampled_from(("bs=8", "bs=32", "bs=128")),
        st.sampled_from(("seq=512", "seq=2048", "seq=8192")),
        st.sampled_from(
            ("", "", "cur=eur", "cur=cny", "rank_by=time", "rank_by=value", "deadline=3h", "aws")
        ),
    ),
)


def _rows(found: Estimate, texts: Texts) -> list[str]:
    """What stands in the first column, one a pick."""
    return [words_in(row[0]) for each in picks_table(found, texts) for row in each["rows"][1:]]


def _picks(found: Estimate) -> list[Option]:
    """Those that a row is for: where a limit is broken what leads leaves out what it beats."""
    head = found.headline
    beaten = [each for each in found.options if head and breaks_limit(head) and head.beats(each)]
    return [each for each in found.options if each.fits and each.tags and each not in beaten]


LIMITS = st.sampled_from(
    (
        *("cheapest", "budget=20usd", "budget=300usd", "budget=¥200", "deadline=1h", "deadline=2d"),
        *("budget=50usd deadline=2h", "budget=2usd deadline=5min", "aws cheapest", "24gb budget=10usd"),
        *("rank_by=value budget=100usd", "rank_by=time deadline=4h", "cheapest cur=cny", "h100 budget=30usd"),
    )
)


@pytest.mark.untraced
@settings(max_examples=draws(30, 600))
@given(text=ASKED, limits=LIMITS)
def test_no_row_is_cheaper_and_quicker_than_the_headline_where_the_cheapest_or_a_limit_was_asked_for(
    text: str, limits: str
) -> None:
    taken = {word.partition("=")[0] for word in limits.split()}
    kept = [word for word in text.split() if word.partition("=")[0] not in taken]
    spec = read(" ".join((*kept, limits)), VOCABULARY).spec
    assert spec is not None, (text, limits)
    found = estimate(spec, CATALOG, book_on(BUNDLED_ON))
    best = found.headline
    for row in _picks(found) if best is not None and best.fits else ():
        assert best is not None
        quicker = row.time.run_seconds.likely < 0.99 * best.time.run_seconds.likely
        assert not (row.beats(best) and quicker and row.memory.verdict == "fits"), (text, limits)


@pytest.mark.untraced
@settings(max_examples=draws(30, 600))
@given(text=ASKED)
def test_a_pick_that_another_beats_in_money_and_time_says_what_speaks_for_it(text: str) -> None:
    spec = read(text, VOCABULARY).spec
    assert spec is not None, text
    found = estimate(spec, CATALOG, book_on(BUNDLED_ON))
    picks, rows = _picks(found), _rows(found, load_texts("en"))
    if len(picks) < 2:
        assert rows == []  # there is no choice
        return
    assert len(rows) == len(picks), (text, rows)
    costs = [round(float(each.cost.amount), 2) for each in picks if each.cost]
    for pick, row in zip(picks, rows, strict=True):
        if row.startswith(("Cheapest", "Low cost")) and pick.cost:
            assert round(float(pick.cost.amount), 2) <= 1.01 * min(costs), (text, rows)
        if "Fastest" in row:
            times = [each.time.run_seconds.likely for each in found.options if each.memory.verdict == "fits"]
            assert pick.time.run_seconds.likely <= 1.011 * min(times), (text, rows)
        if better := [each for each in picks if each.beats(pick)]:
            assert row.startswith(WHY), (text, rows)
            assert all(each.plan.num_gpus >= pick.plan.num_gpus for each in better)


def test_a_row_of_another_batch_says_it() -> None:
    """Where micro batch and passes were said each number of GPUs makes its own; a batch of all is kept."""
    rows = {}
    for line in ("7b lora mbs=2 ga=8 n=10k a100", "7b lora bs=32 n=10k a100"):
        spec = read(line, VOCABULARY).spec
        assert spec is not None
        found = estimate(spec, CATALOG, book_on(BUNDLED_ON))
        assert "batch_rounded" not in {each.code for option in found.options for each in option.warnings}
        for language, word in (("en", "batch"), ("zh", "批大小")):
            said = _rows(found, load_texts(language))
            assert len(said) > 1
            rows[line, language] = [f"{word} " in each for each in said]
    assert any(rows["7b lora mbs=2 ga=8 n=10k a100", "en"])
    assert rows["7b lora mbs=2 ga=8 n=10k a100", "en"] == rows["7b lora mbs=2 ga=8 n=10k a100", "zh"]
    assert not any(rows["7b lora bs=32 n=10k a100", "en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_engines_keep_the_fp32_numbers_of_adapters_is_not_said(language: Language) -> None:
    spec = read("llama-3.1-8b qlora r=16 n=50k seq=2k on 4090", VOCABULARY).spec
    assert spec is not None
    said = cheaper(estimate(spec, CATALOG, book_on(BUNDLED_ON)), load_texts(language))
    assert "2× RTX 4090" in said
    assert "masters" not in said
