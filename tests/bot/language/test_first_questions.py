"""First questions as people write them to each other, misspellings and all: what is read of each."""

import csv
import json
from pathlib import Path

import pytest

from bot.cli.parse import reading_document
from bot.files import load_catalog, load_sellers
from bot.i18n import load_texts
from bot.language import Vocabulary, read, vocabulary_of

with (Path(__file__).parent / "first_questions.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))

REFUSED = [
    ("7b lora bs=4, ga=8, 2048", "2048", "seq=2048"),
    ("fine tune lama 3 8b on a 4090", "lama 3 8b", "llama-3-8b"),
    ("mistal 7b qlora 3090", "mistal 7b", "mistral-7b"),
    ("qwen2.5 7b loar 4090", "loar", "lora"),
    ("lamma 2 13b qlora", "lamma 2 13b", "llama-2-13b"),
    ("qwen2 5 7b lora", "qwen2 5 7b", "qwen2.5-7b"),
    ("llama31-8b lora h100", "llama31-8b", "llama-3.1-8b"),
    ("llama 8b on 8 x H100 SXM5 80GB", "llama 8b", "llama-3.1-8b"),
    ("A100 (80GB) x 2 で llama 70b", "llama 70b", "llama-3.3-70b"),
    ("yi-34b-200k lora 8xA100", "yi-34b-200k", "yi-34b"),
    ("B200 x8 70b full 100k samples 8k", "8k", "seq=8k"),
    ("gtx 1660ti 6gb qlora 3b", "gtx 1660ti 6gb", "6gb"),
    ("3070ti 8g 微调 chatglm2-6b qlora", "3070ti 8g", "8gb"),
    ("2 rtx titan 7b qlora", "2 rtx titan", None),
    ("will a 7900 xtx work for qlora 7b?", "7900 xtx", None),
    ("qwen2.5-0.5b full finetune on my laptop 4070 8gb", "8gb", None),
    ("8b qlora 3 epochs 4090 dataset is 40MB", "40MB", "tokens=10m"),
    ("dataset of 2GB text, llama 3 8b full, 8 h100", "2GB text", "tokens=500m"),
    ("300MB jsonl, 7b lora", "300MB jsonl", "tokens=75m"),
    ("7b lora 1xH100 tomorrow at 5pm", "5pm", None),
    ("qwen3 0.6b全参，4w样本，1024，batch 16，4090多久", "1024", "seq=1024"),
    ("2x RTX PRO 6000 (96GB each) full finetune qwen3 8b 8k", "8k", "n=8k"),
    ("mi300x x8 full fine tune llama 70b possible? zero 3 no offload", "llama 70b", "llama-3.3-70b"),
]
"""What nobody can know for sure: stopped at the word that is meant, with what may stand for it."""


@pytest.fixture(scope="module")
def everybody() -> Vocabulary:
    """Every seller as shipped, whom people name too."""
    return vocabulary_of(load_catalog(), load_sellers(None))


@pytest.mark.untraced
def test_a_first_question_is_read(everybody: Vocabulary) -> None:
    for row in ROWS:
        said = reading_document(read(row["text"], everybody), load_texts)
        said.pop("unused", None)
        assert said == json.loads(row["wanted"]), row["text"]


@pytest.mark.parametrize(("text", "token", "suggestion"), REFUSED)
def test_what_is_not_certain_is_asked_back(
    everybody: Vocabulary, text: str, token: str, suggestion: str | None
) -> None:
    problem = read(text, everybody).problems[0]
    assert problem.token == token
    assert (problem.suggestions[0] if problem.suggestions else None) == suggestion


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("whisper large v3 fine tune on 3090", "other_models"),
        ("finetune sdxl lora 12gb", "other_models"),
        ("tts finetune on 4090", "other_models"),
        ("train an embedding model on 2 a10", "embedding"),
        ("训练分词器", "tokenizer"),
    ],
)
def test_what_is_not_done_is_said_without_a_model_too(everybody: Vocabulary, text: str, code: str) -> None:
    reading = read(text, everybody)
    assert reading.request is None
    assert reading.not_done == (code,)


@pytest.mark.parametrize(
    "text",
    [
        "7b qlora on our own 2x 3090",
        "7b lora my own gpus 8xh100",
        "7b lora 8xh100 on prem",
        "我自己的4090 7b qlora",
        "自己有4张4090 微调7b",
        "用自己的显卡微调7b lora",
    ],
)
def test_gpus_of_ones_own_are_told_to_be_priced_as_rented(everybody: Vocabulary, text: str) -> None:
    reading = read(text, everybody)
    assert (reading.outcome, reading.not_done, reading.unused) == ("spec", ("own_gpus",), ())
    assert read(f"{text} price=0.3usd", everybody).not_done == ()


@pytest.mark.parametrize(
    "text",
    ["7b lora on our own data 1xa100", "finetune 7b lora on my own dataset", "用自己的数据微调7b lora"],
)
def test_data_of_ones_own_says_nothing_of_gpus(everybody: Vocabulary, text: str) -> None:
    reading = read(text, everybody)
    assert (reading.outcome, reading.not_done, reading.unused) == ("spec", (), ())


@pytest.mark.parametrize(
    "text", ["自有 2x 4090 7b lora", "自家的4090 7b qlora", "给我算 7b lora", "给7b做lora"]
)
def test_whose_gpus_and_for_whom_carry_nothing(everybody: Vocabulary, text: str) -> None:
    assert read(text, everybody).request is not None
    assert not reading_document(read(text, everybody), load_texts).get("unused")


@pytest.mark.parametrize("text", ["两张4090最大能微调多大的模型", "24g显存最大能跑多大的模型"])
def test_the_largest_is_the_question_for_the_sizes(everybody: Vocabulary, text: str) -> None:
    reading = read(text, everybody)
    assert (reading.command, reading.unused) == ("compare", ())


def test_a_star_after_a_gpu_is_a_sign_and_around_words_a_mark(everybody: Vocabulary) -> None:
    marked = read("7b a100 *8 epochs*", everybody).spec
    assert marked is not None
    assert (marked.num_epochs, marked.num_gpus) == (8, None)
    counted = read("7b a100 *8", everybody).spec
    assert counted is not None
    assert counted.num_gpus == 8


def test_a_family_between_two_sizes_belongs_to_the_second(everybody: Vocabulary) -> None:
    (problem,) = read("7b llama 13b", everybody).problems
    assert problem.token == "llama 13b"


def test_a_price_an_hour_is_asked_for_only_where_nothing_else_is(everybody: Vocabulary) -> None:
    assert read("how much is an h100 per hour", everybody).command == "prices"
    assert read("7b loar on an h100 per hour", everybody).outcome == "problems"


def test_a_number_before_a_setting_with_its_own_number_is_nobodys(everybody: Vocabulary) -> None:
    (problem,) = read("7b 3 epochs 128 lr 2e-5", everybody).problems
    assert problem.token == "128"
