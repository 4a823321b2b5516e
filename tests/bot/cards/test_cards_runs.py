"""What a card says of what runs: whose samples, whose numbers, which runs were like it."""

import pytest
from read_cards import said
from test_cards_real import answered

from bot.cards import format as fmt
from bot.cards.compare import compare_card, spec_setups
from bot.cards.estimate import estimate_card
from bot.cards.maths import maths_card
from bot.i18n import Texts
from estimator.units import GIB


def told(text: str, texts: Texts) -> str:
    """All words of the card that answers `text`."""
    return said(estimate_card(answered(text), texts=texts))


def words(sentence: str) -> str:
    """A sentence without the marks and spaces of code, which surfaces set differently."""
    return "".join(sentence.replace("`", "").split())


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("n=10000 seq=1024", "10,000 × 1,024 tokens (all full length) × 3 epochs = 30.7M"),
        ("n=10000 seq=4096 mean=500", "10,000 × 500 tokens (up to 4,096) × 3 epochs = 15M"),
        ("n=10000 seq=4096 mean=500 packing", "10,000 × 500 tokens (packed to 4,096) × 3 epochs = 15M"),
        ("n=10000 seq=1024 mean=5000", "10,000 × 1,024 tokens (all full length) × 3 epochs = 30.7M"),
        ("tokens=10m seq=4096 mean=500", "10M tokens in samples of 500 tokens (up to 4,096) × 1 epoch = 10M"),
        ("tokens=10m seq=4096", "10M tokens × 1 epoch = 10M"),
        ("steps=100 bs=32 seq=4096 mean=500", "100 steps × 32 × 500 tokens (up to 4,096) = 1.6M"),
        ("steps=100 bs=32 seq=4096 mean=500 packing", "100 steps × 32 × 4,096 tokens = 13.1M"),
    ],
)
def test_the_line_of_the_run_has_the_tokens_that_take_time(data: str, line: str, english: Texts) -> None:
    assert line in told(f"7b lora 1xa100 {data}", english)


def test_samples_that_are_cut_are_said_to_be(texts: Texts) -> None:
    assert texts("warning.samples_cut", mean_tokens="5,000", longest_tokens="2,048") in told(
        "7b lora 1xa100 seq=2k mean=5000", texts
    )


def test_a_stage_that_deepspeed_cannot_run_is_said_to_be_fsdp(texts: Texts) -> None:
    sentence = words(texts("warning.stage_of_another", said="zero3", engine="FSDP"))
    assert sentence in words(told("7b full pure zero3 llama-factory 8xa100", texts))
    assert sentence not in words(told("7b full pure fsdp llama-factory 8xa100", texts))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("7b lora 1xa100", "estimate.ranges"),
        ("7b full zero3 offload 1xa100", "estimate.no_published_run"),
        ("7b lora 1xp40", "estimate.no_published_speed"),
        ("7b lora 1xa2 seq=512 4bit ckpt", "estimate.no_published_speed"),
        ("7b lora 1xgb10", "estimate.no_published_speed"),
        ("7b lora 1x2080ti seq=256 4bit mbs=1 ckpt", "estimate.no_published_speed"),
        ("qwen3-30b-a3b lora 1xa100 mbs=1", "estimate.no_published_speed"),
        ("7b lora 1xa100 opt=lion", "estimate.no_published_memory"),
        ("7b full pure 1xa100 step=10s", "estimate.ranges"),
    ],
)
def test_a_card_says_measured_only_where_runs_like_it_were(text: str, sentence: str, texts: Texts) -> None:
    card = words(told(text, texts))
    assert words(texts(sentence)) in card
    if sentence in {"estimate.no_published_run", "estimate.no_published_speed"}:
        reach = {"en": "measuredrunsreach", "zh": "实测能用到"}[texts.language]
        assert reach not in card
        explained = maths_card(answered(text), texts=texts)
        assert words(texts("maths.ranges_unpublished")) in words(said(explained))


@pytest.mark.parametrize(
    "text", ["qwen2.5-vl-7b lora 1xa100", "qwen2.5-vl-7b full 1x4090 mbs=1", "gemma-3-27b full 1x4090"]
)
def test_a_part_of_a_model_that_is_not_counted_is_a_sentence_of_the_card(text: str, texts: Texts) -> None:
    assert words(texts("warning.vision_not_counted")) in words(told(text, texts))


def test_a_card_without_a_plan_says_that_cpu_and_gpu_share_their_memory(english: Texts) -> None:
    card = told("32b full zero3 offload=params 1xgb10", english)
    assert "766.8 GiB that rest on the host are in the estimate" in card


@pytest.mark.parametrize(
    ("texts_compared", "own"),
    [
        (("7b full bf16 hf", "7b full bf16 trl"), ("stack=hf", "stack=trl")),
        (("7b lora 1xa100", "7b lora 1xa100 seq=2k"), ("", "seq=2048")),
        (("7b lora 1xa100", "7b lora 2x4090", "7b qlora"), ("", "", "")),
    ],
)
def test_rows_of_a_comparison_name_what_differs(
    texts_compared: tuple[str, ...], own: tuple[str, ...], english: Texts
) -> None:
    names = [setup.name for setup in spec_setups([answered(text) for text in texts_compared], english)]
    assert len(set(names)) == len(names)
    for name, words_ in zip(names, own, strict=True):
        assert name.endswith(words_) if words_ else "=" not in name.removesuffix("r=16").split(", ", 1)[1]


@pytest.mark.parametrize(
    ("texts_compared", "verdict"),
    [
        (("7b lora 1x4090", "13b lora 1x4090", "3b lora 1x4090"), "Largest of these that fits: 7B LoRA"),
        (("3b qlora gpu=24gb", "34b qlora gpu=24gb"), "Largest of these that fits: 34B QLoRA"),
        (("7b lora 1x4090", "13b lora 2x4090"), "Cheapest that fits: 7B LoRA"),
        (("7b lora", "13b lora"), "Cheapest that fits: 7B LoRA"),
        (("llama-3-8b lora 1xa100", "qwen2.5-7b lora 1xa100"), "Cheapest that fits: qwen2.5-7b"),
        (("70b full 1x4090", "34b full 1x4090"), "None of these setups fits"),
    ],
)
def test_of_sizes_on_given_gpus_the_largest_that_fits_is_the_verdict(
    texts_compared: tuple[str, ...], verdict: str, english: Texts
) -> None:
    setups = spec_setups([answered(text) for text in texts_compared], english)
    assert compare_card(setups, texts=english, command="compare").text.startswith(verdict)


def test_another_reading_says_what_its_plan_has_of_its_own(english: Texts) -> None:
    """28.3 GiB in 16 bit beside 28.1 with fp32 states: at four times the micro batch."""
    tiny = told("tinyllama-1.1b full 1xa100-40gb seq=2048 bs=1024 tokens=1b", english)
    assert "GiB per GPU (mbs=4), which fits" in tiny
    other = told("llama-3.2-3b full 1xa100-80gb seq=4096 bs=32", english)
    assert "GiB per GPU (mbs=1, no checkpointing), which fits" in other


def test_two_readings_are_told_only_where_they_differ(english: Texts) -> None:
    assert "(pure) it would need" in told("7b full fsdp hf 8xa100", english)
    offloaded = answered("7b full fsdp offload hf 1xa100").estimate.headline
    assert offloaded is not None
    assert {each.code for each in offloaded.warnings}.isdisjoint({"pure_fits", "amp_fits"})


@pytest.mark.parametrize("text", ["7b fp16 n=10000 bs=32", "7b fp16 n=10000 bs=32 1xa100"])
def test_the_rule_of_thumb_and_the_states_stand_beside_each_other(text: str, texts: Texts) -> None:
    card = words(told(text, texts))
    assert words(texts("rule.fp32_states", fixed="56", states="112")) in card
    pure = words(told("7b fp16 n=10000 bs=32 1xa100 pure", texts))
    assert words(texts("rule.fp32_states", fixed="56", states="112")) not in pure


def test_a_card_of_several_gpus_says_what_one_would_hold(texts: Texts) -> None:
    """Some 125 GB with fp32 states and 70 in 16 bit, beside the 65 GB of the rule, as one says."""
    shared = answered("7b fp16 n=10000 bs=32").estimate
    alone = answered("7b fp16 n=10000 bs=32 1xa100").estimate.nearest
    assert shared.on_one_gpu is not None
    assert alone is not None
    assert alone.other_reading is not None
    assert shared.on_one_gpu.fp32_states_bytes == alone.usable_bytes + alone.missing_bytes
    assert shared.on_one_gpu.half_states_bytes == int(alone.other_reading.process_bytes.likely)
    assert 115 < shared.on_one_gpu.fp32_states_bytes / GIB < 130
    assert 60 < shared.on_one_gpu.half_states_bytes / GIB < 75
    fp32, half = (
        fmt.gib(size, texts)
        for size in (shared.on_one_gpu.fp32_states_bytes, shared.on_one_gpu.half_states_bytes)
    )
    sentence = texts("rule.on_one_gpu", gpu=fmt.gpus(shared.on_one_gpu.gpu, 1, texts), fp32=fp32, half=half)
    assert words(sentence) in words(told("7b fp16 n=10000 bs=32", texts))


@pytest.mark.parametrize(
    "text", ["7b lora 8xh100", "7b full pure 8xh100", "7b full 8xh100 tp=2", "7b full 1xh200"]
)
def test_what_one_gpu_would_hold_is_told_where_states_are_a_choice(text: str) -> None:
    assert answered(text).estimate.on_one_gpu is None
