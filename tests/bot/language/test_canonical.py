"""`format_request` writes the command that reads back to the same request."""

from decimal import Decimal

import pytest
from any_request import CATALOG, NAMES, requests
from draws import draws
from hypothesis import given, settings

from bot.files import load_sellers
from bot.i18n import LANGUAGES, load_texts
from bot.language import Request, Vocabulary, change_text, format_request, read, vocabulary_of
from bot.language.grammar import KEYS
from estimator.spec import SaidMoney, TrainingSpec

OF_NO_KEY = ("hf@4.48", "24gb", "seq=max 1xh100")
"""What sets the fields that belong to the key of another."""


@pytest.mark.untraced
@given(requests)
@settings(max_examples=draws(100, 400))
def test_reading_what_was_written_gives_the_same_request(asked: Request) -> None:
    for command in (format_request(asked), format_request(asked, NAMES)):
        reading = read(command, NAMES)
        assert reading.request == asked, (command, reading.problems)


def test_no_word_of_any_key_is_lost_when_it_is_written(names: Vocabulary) -> None:
    """A key that the grammar has and `format_request` has not is forgotten by the next reply."""
    written: set[str] = set()
    for key in KEYS:
        for value in (key.example, *(word.spellings[0] for word in key.words)):
            for text in (f"{value} 7b", f"{key.name}={value} 7b"):
                if (asked := read(text, names).request) is not None:
                    assert read(format_request(asked, names), names).request == asked, text
                    written |= {name for name, said in asked.spec if said is not None}
    for text in OF_NO_KEY:
        asked = read(f"7b {text}", names).request
        assert asked is not None
        assert read(format_request(asked, names), names).request == asked, text
        written |= {name for name, said in asked.spec if said is not None}
    assert set(TrainingSpec.model_fields) - written == set()


def test_every_key_has_its_words_in_both_languages() -> None:
    for language in LANGUAGES:
        texts = load_texts(language)
        assert [key.field for key in KEYS if not texts.given(f"setting.{key.field}", "")] == []


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            "epochs 3, batch of 32, FP16 full 7B with 10,000 samples seq 1k",
            "7b full fp16 n=10000 seq=1024 bs=32 epochs=3",
        ),
        ("用两张4090全参微调7b，长度2k", "7b full seq=2048 2xrtx-4090"),
        ("7b 4bit r=8 targets=attn", "7b qlora nf4 r=8 targets=qkvo"),
        ("7b price=27.080cny budget $500 deadline 2d", "7b price=27.080cny budget=500usd deadline=48h"),
        ("model=910b 910b gpus=8", "model=910b 8xascend-910b"),
        ("7b aws gcp spot region=us-east-1 private", "7b aws gcp spot region=us-east-1 private"),
        ("7b step 900ms mfu 45 retry=2.0", "7b step=0.9s retry=2 mfu=0.45"),
    ],
)
def test_the_canonical_command_is_short_and_in_one_order(names: Vocabulary, text: str, command: str) -> None:
    request = read(text, names).request
    assert request is not None
    assert format_request(request) == command


def test_an_amount_keeps_its_digits() -> None:
    spec = TrainingSpec(model="7b", price_per_gpu_hour=SaidMoney(amount=Decimal("1E+3"), currency="CNY"))
    assert format_request(Request(spec=spec)) == "7b price=1000cny"


def test_how_an_answer_is_shown_comes_last() -> None:
    request = Request(spec=TrainingSpec(model="7b"), language="zh", rule_of_thumb=True, private=False)
    assert format_request(request) == "7b lang=zh rule no-private"
    assert list(request.said()) == ["model", "rule_of_thumb", "language", "private"]


def test_a_change_is_written_as_it_reads_well_whatever_its_order() -> None:
    changes = {"fused_loss": True, "zero_stage": 3, "num_gpus": 8, "lora_rank": 16, "method": "lora"}
    assert change_text(changes) == "lora r=16 gpus=8 zero3 liger"
    assert change_text({**changes, "engine": "fsdp"}) == "lora r=16 gpus=8 fsdp liger"


SELLERS = load_sellers()
SOLD = vocabulary_of(CATALOG, SELLERS)


@pytest.mark.parametrize("seller", SELLERS)
def test_every_seller_is_read_from_its_command_and_by_its_names(seller: str) -> None:
    """With other sellers or without, taken or left out; `modal` and `together` are words of their own."""
    for fields in (
        {"providers": (seller,)},
        {"providers": tuple(dict.fromkeys(("aws", seller, "vast")))},
        {"excluded_providers": (seller,)},
        {"providers": (seller,), "gpu": "h100-80gb", "num_gpus": 8, "region": "us-east-1", "market": "spot"},
    ):
        request = Request.of_fields({"model": "7b", **fields})
        for command in (format_request(request), format_request(request, SOLD)):
            assert read(command, SOLD).request == request, command
    for name in (seller, *SELLERS[seller]):
        spec = read(f"7b provider={name}", SOLD).spec
        assert spec is not None, name
        assert spec.providers == (seller,), name


def test_every_gpu_is_read_from_its_command() -> None:
    for gpu in CATALOG.gpus:
        for num_gpus in (None, 1, 16):
            request = Request.of_fields(
                {"model": "7b", "gpu": gpu, **({"num_gpus": num_gpus} if num_gpus else {})}
            )
            for names in (None, SOLD):
                assert read(format_request(request, names), SOLD).request == request, gpu
