"""Cards of runs at random: in one language each, sums that add up, figures that a person says."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from random import Random
from typing import Final

import pytest
from card_setups import gpu_setups
from draws import draws
from shipped import shipped_names
from slack_sdk.models.blocks import Block
from test_cards_chinese import english_in, terms
from test_cards_real import answered, gathered

from bot.cards.block import Card, words_in
from bot.cards.compare import compare_card, spec_setups
from bot.cards.delta import delta_card
from bot.cards.estimate import estimate_card
from bot.cards.history import correction_line
from bot.cards.ledger import AskedRun, budget_line, with_line, with_note
from bot.cards.maths import assumptions_card, maths_card
from bot.cards.pastes import with_reading
from bot.cards.requested import RequestedEstimate
from bot.cards.slack_limits import violations
from bot.cards.told import told_view
from bot.i18n import LANGUAGES, Language, Texts, load_texts
from bot.language import read
from bot.language.pastes.paste import Paste
from bot.ledger import Budget, Entry
from bot.ledger.correction import QUANTITIES, Factor
from estimator import Impossible

RUNS: Final = draws(20, 500)
PRODUCTS: Final = ("Hugging Face Trainer",)
MAX_BLOCKS: Final = 7
MAX_BYTES: Final = 3_500
CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
MODELS: Final = (
    "7b",
    "1b",
    "13b",
    "70b",
    "llama-3.1-8b",
    "qwen2.5-7b",
    "mixtral-8x7b",
    "qwen3-30b-a3b",
    "gpt2",
)
WORDS: Final = (
    ("", "full", "lora", "lora r=64", "qlora", "qlora r=8", "freeze", "dora"),
    ("", "", "fp16", "bf16", "fp32", "amp"),
    ("", "n=500", "n=10000", "n=52k", "tokens=30m", "steps=300", "n=1m"),
    ("", "bs=1", "bs=32", "bs=128"),
    ("", "seq=512", "seq=2k", "seq=8k"),
    ("", "epochs=1", "epochs=2.5"),
    ("", "", "1xa100", "4090", "2x4090", "8xh100", "4xl40s", "2x v100", "a100 gpus=4", "t4"),
    ("", "", "", "deepspeed", "fsdp", "zero3", "unsloth", "megatron"),
    ("", "", "", "spot", "budget=5usd", "budget=2000cny", "deadline=1h", "deadline=2d budget=20usd"),
    ("", "", "", "price=27.08cny", "retry=1", "retry=2.5", "method=rule", "rank_by=time"),
    ("", "", "", "ckpt", "liger", "offload", "opt=adamw8bit"),
)  # fmt: skip


def spec(seed: int) -> str:
    chance = Random(seed)
    return " ".join(filter(None, (chance.choice(MODELS), *(chance.choice(each) for each in WORDS))))


def limited(amount: str, currency: str) -> Budget:
    day = "2026-11-09T08:00:00Z"
    return Budget(
        limit=Entry(
            entry_id="1",
            kind="limit",
            user_id="U123",
            at=day,
            amount=amount,
            currency=currency,
            period="month",
        ),
        spent=Decimal("0.40"),
        committed=Decimal("1.13"),
    )


ROOMY, TIGHT = limited("100000", "CNY"), limited("3", "USD")
PASTE: Final = Paste(
    kind="configuration",
    name="LLaMA-Factory",
    fields={"model": "llama-2-7b", "method": "lora", "lora_rank": 8, "sequence_length": 2048},
    left_aside=("dataset", "template", "cutoff_len"),
)
CORRECTION: Final = {name: Factor(middle=1.18, low=0.94, high=1.412, count=6) for name in QUANTITIES}


@cache
def requested(seed: int) -> RequestedEstimate | None:
    """The answer to a random run; None where it is refused, by cards that have tests of their own."""
    reading = read(spec(seed), shipped_names())
    if reading.request is None:
        assert reading.problems, spec(seed)
        return None
    try:
        return answered(spec(seed))
    except Impossible:
        return None


@cache
def drawn(seed: int, language: Language) -> tuple[tuple[str, Card], ...]:
    """The cards of a random run."""
    return tuple(cards_of(seed, load_texts(language)))


def cards_of(seed: int, texts: Texts) -> Iterator[tuple[str, Card]]:
    found = requested(seed)
    if found is None:
        return
    card = estimate_card(found, texts=texts, asker="U123")
    yield "estimate", card
    yield from in_a_channel_with_a_budget(found, card, texts)
    yield "maths", maths_card(found, terms(found.estimate), texts=texts)
    yield "assumptions", assumptions_card(found, texts=texts)
    if (other := requested(seed + 1)) is not None:
        changed = delta_card(found, other, texts=texts, asker="U123", base_link="https://s.example/p1")
        yield "delta", changed
        yield from in_a_channel_with_a_budget(other, changed, texts)
        for setups in (spec_setups((found, other), texts), gpu_setups((found, other), texts)):
            yield "compare", compare_card(setups, texts=texts, command=found.command, asker="U123")


def in_a_channel_with_a_budget(
    found: RequestedEstimate, card: Card, texts: Texts
) -> Iterator[tuple[str, Card]]:
    """With room in it, with too little, with what its own runs say beside."""
    estimate = found.estimate
    asked = AskedRun(estimate=estimate, rates=gathered().rates)
    told = correction_line(CORRECTION, estimate, texts)
    for budget in (ROOMY, TIGHT):
        if line := budget_line(budget, asked, texts):
            yield "budgeted", with_line(card, line, texts)
            yield "corrected", with_line(with_note(card, told), line, texts)
            yield "pasted", with_line(with_reading(card, PASTE, texts=texts, surface="slack"), line, texts)


SMALL: Final = frozenset({"estimate", "delta", "compare", "budgeted", "corrected", "pasted"})
"""What stands in a channel."""
TYPED: Final = re.compile(r"`[^`\n]*`|<[^<>|\n]*\||\bver\. \S+")


def shown(card: Card) -> Iterator[str]:
    """Everything that is read: no ids, no values of buttons, nothing that is typed."""
    yield card.text
    yield from (TYPED.sub("``", each) for each in _read(list(card.blocks)))


def _read(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (each for name, each in part.items() if name == "text" and isinstance(each, str))
        part = list(part.values())
    for each in part if isinstance(part, list) else ():
        yield from _read(each)


THREE_DECIMALS: Final = re.compile(r"(?<![\d.,@-])\d[\d,]*\.\d{3,}(?!\.)")
RATE: Final = re.compile(r"1 [A-Z]{3} = [\d.]+|× [\d.]+ = ")
"""An exchange rate has four figures."""


def three_decimals_in(text: str) -> list[str]:
    return THREE_DECIMALS.findall(RATE.sub("", text))


SUM: Final = re.compile(r"(?:\d[\d.,]*(?: \+ )){1,5}\d[\d.,]* = \*?\d[\d.,]*")


def wrong_sums_in(text: str) -> Iterator[str]:
    for found in SUM.findall(text.replace("*", "")):
        left, right = found.split(" = ")
        if sum(map(_number, left.split(" + "))) != _number(right):
            yield found


def _number(text: str) -> Decimal:
    return Decimal(text.strip(".").replace(",", ""))


def awkward_in(text: str) -> list[str]:
    """Spaces that nobody would type."""
    return re.findall(r"(?:\S  +\S| [，。：；、)])|\( |[（）]|[\u4e00-\u9fff] [\u4e00-\u9fff]", text)


def complaints(name: str, card: Card, texts: Texts) -> Iterator[str]:
    if name in SMALL:
        if len(card.blocks) > MAX_BLOCKS:
            yield f"{len(card.blocks)} blocks"
        if card.size_bytes > MAX_BYTES:
            yield f"{card.size_bytes} bytes"
        yield from (f"cut: {each}" for each in _first_of_small_print(card) if each.endswith(" …"))
    yield from violations(card, "card" if name in SMALL else "message")
    if name in ("maths", "assumptions"):
        yield from violations(told_view(card, name, texts=texts), "modal")
    for text in shown(card):
        yield from (f"three decimals: {each}" for each in three_decimals_in(text))
        yield from (f"does not add: {each}" for each in wrong_sums_in(text))
        yield from (f"awkward: {each!r} in {text!r}" for each in awkward_in(text))
        if texts.language == "en" and CHINESE.search(text):
            yield f"Chinese: {text}"
        if texts.language == "zh":
            yield from (f"English: {each}" for each in english_in(text) if each not in PRODUCTS)
    yield from (f"parts do not add: {each}" for each in _sums_of_parts(card))


def _first_of_small_print(card: Card) -> Iterator[str]:
    """The line of the price, where there is one."""
    small = (block["elements"] for block in card.blocks if block["type"] == "context")
    yield from (elements[0]["text"].partition("\n")[0] for elements in small)


def _sums_of_parts(card: Card) -> Iterator[str]:
    for block in card.blocks:
        if block.get("block_id") == "parts":
            *parts, total = (_number(words_in(row[-1])) for row in block["rows"][1:])
            if sum(parts) != total:
                yield f"{parts} {total}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", range(RUNS))
def test_a_card_of_any_run_reads_as_a_person_would_say_it(seed: int, language: Language) -> None:
    texts = load_texts(language)
    found = {(name, each) for name, card in drawn(seed, language) for each in complaints(name, card, texts)}
    assert found == set(), spec(seed)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", range(RUNS))
def test_slacks_own_models_read_every_card(seed: int, language: Language) -> None:
    for _, card in drawn(seed, language):
        assert all(Block.parse(block) is not None for block in card.blocks), spec(seed)


def test_every_kind_of_answer_is_drawn() -> None:
    heads = [each.estimate.headline for seed in range(RUNS) if (each := requested(seed))]
    assert len(heads) > 0.75 * RUNS  # a word that nothing reads would make silence of every run that has it
    assert any(head is None or not head.fits for head in heads)
    assert any(head and head.warnings for head in heads)


def test_what_is_looked_for_is_found() -> None:
    assert three_decimals_in("0.401 h") == ["0.401"]
    assert three_decimals_in("1 USD = 6.653 CNY") == []
    assert list(wrong_sums_in("56 + 9 = 66 GB")) == ["56 + 9 = 66"]
    assert awkward_in("峰值 ：63.9")
