"""How values bind, which numbers are read, what is a call for help, what a command."""

import random
from pathlib import Path
from typing import Any

import pytest

from bot.language import Vocabulary, read

SPECS = (Path(__file__).parent / "specs.txt").read_text(encoding="utf-8").splitlines()

BINDINGS: list[tuple[str, str, float]] = [
    *(
        (text, "num_epochs", 3)
        for text in ("epochs: 3", "epochs : 3", "epochs:3", "epochs=3", "epochs = 3", "ep=3")
    ),
    *(
        (text, "num_epochs", 3)
        for text in ("epochs 3", "3 epochs", "3 epoch", "3epochs", "3-epoch", "three epochs")
    ),
    *(
        (text, "num_epochs", 3)
        for text in ("3轮", "三轮", "轮次3", "轮=3", "epochs of 3", "EPOCHS=3", "ep 3")
    ),
    *((text, "num_examples", 10000) for text in ("n = 10000", "n= 10000", "n =10000", "n:10000", "n: 10000")),
    *(
        (text, "num_examples", 10000)
        for text in ("10k samples", "10k examples", "10,000 rows", "1万条", "samples 10k")
    ),
    *(
        (text, "num_examples", 10000)
        for text in ("samples=10k", "数据量1万", "数据量：1万条", "条=10000", "n=10k samples")
    ),
    *((text, "num_examples", 1) for text in ("1 sample", "1 row", "1 example", "n=1")),
    *(
        (text, "global_batch_size", 32)
        for text in ("batch of 32", "batch size 32", "batch_size=32", "batch-size: 32")
    ),
    *(
        (text, "global_batch_size", 32)
        for text in ("bs 32", "bs=32", "gbs=32", "batch 32", "批次32", "batch of 32 samples")
    ),
    *(
        (text, "sequence_length", 4096)
        for text in ("seq 4k", "seq=4k", "len=4k", "seq_len=4096", "sequence length 4k")
    ),
    *(
        (text, "sequence_length", 4096)
        for text in ("max_len 4k", "context 4k", "长度4k", "seq 4096 tokens", "seqlen=4k")
    ),
    *(
        (text, "num_tokens", 30_000_000)
        for text in ("tokens=30m", "30m tokens", "tokens 30m", "30000000 tokens")
    ),
    ("1.2b tokens", "num_tokens", 1_200_000_000),
    *((text, "micro_batch_size", 4) for text in ("mbs=4", "micro_batch=4", "per_device 4", "per-device: 4")),
    *(
        (text, "gradient_accumulation_steps", 8)
        for text in ("ga=8", "accum 8", "grad_accum=8", "grad accum 8")
    ),
    *((text, "num_steps", 500) for text in ("steps=500", "500 steps", "500步", "steps 500")),
]

NUMBERS: list[tuple[str, int]] = [
    ("10000", 10_000),
    ("10,000", 10_000),
    ("10_000", 10_000),
    ("10k", 10_000),
    ("10K", 10_000),
    ("1e4", 10_000),
    ("1.5k", 1500),
    ("1m", 10**6),
    ("1w", 10_000),
    ("1万", 10_000),
    ("3千", 3000),
    ("1亿", 10**8),
    ("1e12", 10**12),
    ("1,234,567", 1_234_567),
    ("007", 7),
    ("１０，０００", 10_000),
]


@pytest.mark.parametrize(("typed", "field", "value"), BINDINGS)
def test_a_value_binds_to_its_key(names: Vocabulary, typed: str, field: str, value: float) -> None:
    assert _said(names, f"7b {typed}") == {"model": "7b", field: value}
    assert _said(names, f"{typed}, lora 7b") == {"model": "7b", "method": "lora", field: value}


@pytest.mark.parametrize(("typed", "value"), NUMBERS)
def test_a_count_is_read(names: Vocabulary, typed: str, value: int) -> None:
    assert _said(names, f"7b n={typed}") == {"model": "7b", "num_examples": value}


@pytest.mark.parametrize(
    ("typed", "tokens"), [("4k", 4096), ("1m", 1024**2), ("1024", 1024), ("1万", 10_000), ("0.5k", 512)]
)
def test_after_a_sequence_length_k_is_1024(names: Vocabulary, typed: str, tokens: int) -> None:
    assert _said(names, f"7b seq={typed}")["sequence_length"] == tokens


def test_a_comma_binds_groups_of_three_and_separates_all_else(names: Vocabulary) -> None:
    assert _said(names, "7b n=10,000,bs=32") == {
        "model": "7b",
        "num_examples": 10_000,
        "global_batch_size": 32,
    }
    assert _said(names, "7b,lora;bs=16、seq=2k，h100,8 gpus") == {
        "model": "7b",
        "method": "lora",
        "global_batch_size": 16,
        "sequence_length": 2048,
        "gpu": "h100-80gb",
        "num_gpus": 8,
    }


@pytest.mark.untraced
def test_every_described_run_reads_in_any_order(names: Vocabulary) -> None:
    for spec in SPECS:
        words = spec.split()
        random.Random(spec).shuffle(words)
        assert _said(names, " ".join(words)) == _said(names, spec), spec


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7b 30m tokens 8xh100", {"num_tokens": 30_000_000, "gpu": "h100-80gb", "num_gpus": 8}),
        ("7b 30m tokens, 8 gpus", {"num_tokens": 30_000_000, "num_gpus": 8}),
        ("7b 30m tokens 4090", {"num_tokens": 30_000_000, "gpu": "rtx-4090"}),
        ("7b 2b tokens 3 epochs 8 gpus", {"num_tokens": 2 * 10**9, "num_epochs": 3, "num_gpus": 8}),
        ("1m samples 3 epochs 7b", {"num_examples": 10**6, "num_epochs": 3}),
        ("7b samples 10k gpu=8xh100", {"num_examples": 10_000, "gpu": "h100-80gb", "num_gpus": 8}),
        ("7b samples 10k epochs: 3", {"num_examples": 10_000, "num_epochs": 3}),
        ("30m tokens 7b", {"num_tokens": 30_000_000}),
        ("7b tokens 30m", {"num_tokens": 30_000_000}),
        ("7b, tokens 30b", {"num_tokens": 30 * 10**9}),
        ("30b tokens\n7b", {"num_tokens": 30 * 10**9}),
    ],
)  # fmt: skip
def test_a_number_before_samples_or_tokens_counts_them_whatever_follows(
    names: Vocabulary, text: str, said: dict[str, Any]
) -> None:
    assert _said(names, text) == {"model": "7b", **said}


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("price of a 7b", {}),
        ("price of 2 a100s for a 7b", {"gpu": "a100-80gb", "num_gpus": 2}),
        ("the price: 2.5 for the 7b", {"price_per_gpu_hour": {"amount": "2.5"}}),
        ("what's the cost of a 7b on 8 h100s?", {"gpu": "h100-80gb", "num_gpus": 8}),
        ("7b lora on 8 V100s", {"method": "lora", "gpu": "v100-16gb", "num_gpus": 8}),
        ("7b lora on 8x V100S 32GB", {"method": "lora", "gpu": "v100s-32gb", "num_gpus": 8}),
        ("7b with a 100 samples", {"num_examples": 100}),
        ("train a 10 epochs run of 7b", {"num_epochs": 10}),
        ("7b epochs 3 gpus 8 samples 10k", {"num_epochs": 3, "num_gpus": 8, "num_examples": 10_000}),
        ("3 epochs 8 gpus 10k samples 7b", {"num_epochs": 3, "num_gpus": 8, "num_examples": 10_000}),
        (
            "7b bs 32 samples 10000 epochs 3",
            {"global_batch_size": 32, "num_examples": 10_000, "num_epochs": 3},
        ),
        ("7b 10k samples of 2k tokens", {"num_examples": 10_000, "sequence_length": 2048}),
        ("7b opt=adamw 8bit", {"optimizer": "adamw", "quantization": "int8", "method": "qlora"}),
        ("7b fine tune it", {}),
        ("how much would a full fine-tune of the 7b cost us, please?", {"method": "full"}),
        ("gpu hours for 7b", {}),
        ("how much gpu memory do i need for 7b full?", {"method": "full"}),
        ("can i fit 7b qlora on a single 4090", {"method": "qlora", "gpu": "rtx-4090", "num_gpus": 1}),
        ("7b w/ zero-2 over 50k samples", {"zero_stage": 2, "num_examples": 50_000}),
        ("7b（LoRA，r=16，3轮）", {"method": "lora", "lora_rank": 16, "num_epochs": 3}),
        ("模型：7b；显卡：4张h100；轮数：3", {"gpu": "h100-80gb", "num_gpus": 4, "num_epochs": 3}),
        ("8张4090能跑7b的qlora吗？大概多久", {"method": "qlora", "gpu": "rtx-4090", "num_gpus": 8}),
        ("四块4090微调7b，训练3个epoch", {"gpu": "rtx-4090", "num_gpus": 4, "num_epochs": 3}),
        ("预算500元，7b，竞价", {"budget": {"amount": "500", "currency": "CNY"}, "market": "spot"}),
        ("7b 开启梯度检查点 序列长度4k", {"activation_checkpointing": "full", "sequence_length": 4096}),
        ("7b 关闭重计算，每卡批次2", {"activation_checkpointing": "none", "micro_batch_size": 2}),
    ],
)  # fmt: skip
def test_a_sentence_reads_as_people_mean_it(names: Vocabulary, sentence: str, said: dict[str, Any]) -> None:
    assert _said(names, sentence) == {"model": "7b", **said}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "<@U0BOT>",
        "how much",
        "please give me a price",
        "请问多少钱？",
        "🔥",
        "help",
        "Help!",
        "help seq",
        "帮助",
    ],
)
def test_nothing_said_is_a_call_for_help(names: Vocabulary, text: str) -> None:
    assert read(text, names).outcome == "help"


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("undo", "undo", ""),
        ("<@U1> Undo!", "undo", ""),
        ("reset", "reset", ""),
        ("compare 7b | 13b lora", "compare", "7b | 13b lora"),
        ("models llama", "models", "llama"),
        ("gpus", "gpus", ""),
        ("gpus nvidia", "gpus", "nvidia"),
        ("prices h100", "prices", "h100"),
        ("recipe trl", "recipe", "trl"),
        ("budget", "budget", ""),
        ("budget set 5000 cny per month", "budget", "set 5000 cny per month"),
        ("budget 500usd", "budget", "500usd"),
        ("actual 4.2h 71gb", "actual", "4.2h 71gb"),
        ("history", "history", ""),
        ("settings lang=zh", "settings", "lang=zh"),
        ("vs root", "vs", "root"),
    ],
)
def test_a_first_word_that_is_no_spec_names_a_command(
    names: Vocabulary, text: str, command: str, arguments: str
) -> None:
    reading = read(text, names)
    assert (reading.outcome, reading.command, reading.arguments) == ("command", command, arguments)


@pytest.mark.parametrize("text", ["gpus 8 7b lora", "budget 500usd 7b"])
def test_what_reads_as_a_spec_is_one_even_if_it_begins_like_a_command(names: Vocabulary, text: str) -> None:
    assert _said(names, text)["model"] == "7b"


def test_the_same_value_twice_is_fine(names: Vocabulary) -> None:
    assert _said(names, "7b 7b bs=16 batch 16 8 gpus 8xh100")["num_gpus"] == 8


def _said(names: Vocabulary, text: str) -> dict[str, Any]:
    reading = read(text, names)
    assert reading.request is not None, (text, reading.problems)
    return reading.request.said()


def test_two_runs_are_compared_though_one_could_be_read_of_both(names: Vocabulary) -> None:
    found = read("compare 7b lora | 7b lora 8xh100", names)
    assert (found.command, found.arguments) == ("compare", "7b lora | 7b lora 8xh100")


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("70亿参数 lora", "7b"),
        ("七十亿参数的模型 全参微调", "7b"),
        ("微调一百三十亿参数", "13b"),
        ("微调一百三亿参数", "13b"),
        ("微调一百零五亿参数", "10.5b"),
        ("15亿参数 qlora", "1.5b"),
    ],
)
def test_parameters_counted_in_chinese_are_a_size(names: Vocabulary, text: str, model: str) -> None:
    spec = read(text, names).spec
    assert spec is not None
    assert spec.model == model


def test_a_line_of_a_shell_asks_for_no_reward_model(names: Vocabulary) -> None:
    assert read("7b lora; rm -rf /", names).not_done == ()
    assert read("7b lora rm", names).not_done == ("reward",)
