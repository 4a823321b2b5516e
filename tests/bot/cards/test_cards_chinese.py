"""A Chinese card has no English sentence: names, units and citations are all that stays."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from card_examples import RULE, SPEC, WORKED, but
from click.testing import CliRunner
from test_cards_real import ASKED, answered, gathered

from bot.cards.delta import delta_card
from bot.cards.estimate import estimate_card
from bot.cards.maths import assumptions_card, maths_card
from bot.cards.notes import setting_name
from bot.cli.group import main
from bot.files import load_catalog
from bot.i18n import load_texts
from bot.language.grammar import KEYS
from estimator import Estimate, TrainingSpec
from estimator.memory import memory_terms
from estimator.memory.explain import PAIRS, TRANSFORMERS
from estimator.memory.result import Term
from estimator.said import framework_of

RUN = re.compile(r"[A-Za-z][a-z']+(?:[ ,]+[A-Za-z][A-Za-z'-]+){2,}")
"""Three words or more in a row."""
CHINESE = load_texts("zh")
AS_TYPED = [
    "lora_dropout",
    "zero_stage",
    "prepare_kbit",
    "autocast",
    "keeps_logits",
    "short_logits",
    "fused_loss_only",
]
"""Settings that Chinese colleagues call by their English names."""
NO_SENTENCE = ("help_fillers",)
"""Cards that list words of the command language."""


@cache
def citations() -> str:
    """What others are quoted with: where a price, a rate, a default or a formula comes from."""
    catalog = load_catalog()
    estimates = [each.estimate for each in (WORKED, *map(answered, ASKED))]
    said = {framework.source for framework in catalog.frameworks.values()}
    said |= {quote.source for each in estimates for option in each.options for quote in option.quotes}
    said |= {
        quote.in_currency.rate_source
        for each in estimates
        for option in each.options
        for quote in option.quotes
        if quote.in_currency
    }
    said |= {each.rule_of_thumb.price_source for each in estimates} | {RULE.price_source}
    said |= {term.source for each in estimates for term in terms(each)} - {PAIRS, TRANSFORMERS}
    return "\n".join(said)


def terms(found: Estimate) -> tuple[Term, ...]:
    best, catalog = found.headline, load_catalog()
    if best is None:
        return ()
    return memory_terms(
        best.workload,
        best.plan,
        gpu=catalog.gpu(best.plan.gpu),
        framework=framework_of(found.spec, catalog, best.plan.runner),
        calibration=catalog.memory_calibration,
    )


@cache
def names() -> frozenset[str]:
    """Words that are typed, and the names of frameworks, of sellers and their regions."""
    typed = {name for key in KEYS for name in (key.name, *key.aliases, *key.more, *key.nouns)} | {
        spelling for key in KEYS for word in key.words for spelling in word.spellings
    }
    offers = gathered().offers
    typed |= {each.provider for each in offers}
    typed |= {each.name for each in load_catalog().frameworks.values()}
    places = {f"{CHINESE.given(f'provider.{each.provider}', each.provider)} {each.region}" for each in offers}
    commands = {"ftcost", "help", "keys", "fillers", "compare", "models", "gpus", "prices", "settings"}
    commands |= {"private", "cny"}
    said = " ".join(typed | places | commands | set(load_catalog().gpus))
    return frozenset(re.findall(r"[a-z]+", said.lower()))


def english_in(text: str) -> list[str]:
    """Runs of words that are neither names nor a citation; what stands in a code span is a key."""
    text = re.sub(r"`[^`\n]*`", "``", text)
    return [
        run
        for run in RUN.findall(text)
        if run not in citations() and not names().issuperset(re.findall(r"[a-z]+", run.lower()))
    ]


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(each)


def test_a_sentence_is_found() -> None:
    assert english_in("默认：chosen by the planner，`bs=32`") == ["chosen by the planner"]
    assert english_in("每卡 2 GiB · LoRA r=16 · Alibaba Cloud") == []


def test_no_reviewed_chinese_card_has_an_english_sentence(golden: Path) -> None:
    found = {
        (path.name, run)
        for path in golden.glob("*.zh.json")
        if not path.name.startswith(NO_SENTENCE)
        for text in strings(json.loads(path.read_text(encoding="utf-8")))
        for run in english_in(text)
    }
    assert found == set()


@pytest.mark.parametrize("text", ASKED)
def test_no_card_of_a_real_estimate_has_an_english_sentence(text: str) -> None:
    found = answered(text)
    cards = (
        estimate_card(found, texts=CHINESE),
        maths_card(found, terms(found.estimate), texts=CHINESE),
        assumptions_card(found, texts=CHINESE),
    )
    said = [each for card in cards for each in strings(list(card.blocks))]
    assert [run for each in said for run in english_in(each)] == []


@pytest.mark.parametrize(
    "words",
    [
        ("7b", "full", "1xa100", "mbs=1", "deadline=1h", "lang=zh"),
        ("7b", "2xh100", "ddp", "mbs=1", "lang=zh", "--explain"),
        ("2xh100", "ddp", "lang=zh"),
        ("7b", "price=3cny", "rule", "--explain", "--lang", "zh"),
        ("7b", "foo", "bs=0", "n=5", "tokens=3m", "r=8", "--lang", "zh"),
        ("help", "--lang", "zh"),
        ("help", "n", "--lang", "zh"),
        ("help", "mfu", "--lang", "zh"),
        ("gpus", "4090", "--lang", "zh"),
        ("prices", "nonsense", "--lang", "zh"),
        ("compare", "7b lora | 7b full", "--lang", "zh"),
    ],
    ids=" ".join,
)
def test_no_output_of_a_chinese_terminal_has_an_english_sentence(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, words)
    assert re.search(r"[\u4e00-\u9fff]", result.output), result.output
    assert english_in(" ".join(result.output.split())) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"global_batch_size": 16}, "批大小：32 → 16"),
        ({"num_examples": 20_000, "num_epochs": 1}, "样本数：10000 → 20000"),
        ({"market": "spot"}, "计费方式：自动 → 抢占式"),
        ({"packing": True}, "打包：自动 → 开"),
        ({"deadline_seconds": 360_000.0}, "限时：无 → 100 小时"),
        ({"method": "freeze"}, "方法：全参 → 冻结"),
    ],
)
def test_the_lead_of_a_chinese_follow_up_names_what_changed_in_chinese(
    change: dict[str, object], said: str
) -> None:
    spec = SPEC.model_validate({**SPEC.said(), **change})
    lead = delta_card(WORKED, but(WORKED, spec=spec), texts=CHINESE).blocks[0]["text"]["text"]
    assert said in lead


def test_every_setting_that_may_change_has_a_chinese_name() -> None:
    fields = [each for each in TrainingSpec.model_fields if each not in AS_TYPED]
    unnamed = [each for each in fields if not re.search("[\u4e00-\u9fff]", setting_name(each, CHINESE))]
    assert unnamed == []
