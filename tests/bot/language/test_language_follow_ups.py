"""Replies in a card's thread: what they change, what they drop, and which of them are left alone."""
# ruff: noqa: SIM905, E501  -- lists of words read as text

import random
from pathlib import Path
from typing import Any

import pytest
from chatter import chatter
from draws import draws

from bot.language import Request, Vocabulary, read, read_plain

FOLDER = Path(__file__).parent
TWEAKS = (FOLDER / "tweaks.txt").read_text(encoding="utf-8").splitlines()
CHAT = (FOLDER / "chat.txt").read_text(encoding="utf-8").splitlines()
BASE = "7b lora r=8 n=10000 bs=32 2xh100 price=2usd"

CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    (BASE, "bs=16", {"global_batch_size": 16}),
    (BASE, "lora r=16", {"lora_rank": 16}),
    (BASE, "on 2x 4090", {"gpu": "rtx-4090", "price_per_gpu_hour": None}),
    (BASE, "epochs 1", {"num_epochs": 1}),
    (BASE, "same but qlora", {"method": "qlora"}),
    (BASE, "换成 a100", {"gpu": "a100-80gb", "price_per_gpu_hour": None}),
    (BASE, "h100", {}),
    (BASE, "4xh100", {"num_gpus": 4}),
    (BASE, "gpu=any", {"gpu": None, "num_gpus": None, "price_per_gpu_hour": None}),
    (
        BASE,
        "any gpu, bs=16",
        {"gpu": None, "num_gpus": None, "price_per_gpu_hour": None, "global_batch_size": 16},
    ),
    (BASE, "gpus=auto", {"num_gpus": None}),
    (BASE, "bs=auto", {"global_batch_size": None}),
    (BASE, "aws gcp", {"providers": ["aws", "gcp"], "price_per_gpu_hour": None}),
    (
        BASE,
        "aws price=3usd",
        {"providers": ["aws"], "price_per_gpu_hour": {"amount": "3", "currency": "USD"}},
    ),
    (BASE, "tokens=30m", {"num_tokens": 30_000_000, "num_examples": None}),
    (BASE, "full", {"method": "full", "lora_rank": None}),
    (BASE, "freeze", {"method": "freeze", "lora_rank": None}),
    (BASE, "dora", {"method": "dora"}),
    (BASE, "4bit", {"method": "qlora", "quantization": "nf4"}),
    (BASE, "method=rule", {"rule_of_thumb": True}),
    (BASE, "13b", {"model": "13b"}),
    (BASE, "private", {"private": True}),
    ("7b tokens=30m", "n=10k", {"num_examples": 10_000, "num_tokens": None}),
    ("7b qlora 4bit r=8", "lora", {"method": "lora", "quantization": None}),
    ("7b qlora 4bit r=8", "r=16", {"lora_rank": 16}),
    ("7b qlora 4bit r=8", "8bit", {"quantization": "int8"}),
    ("7b qlora 4bit r=8", "dora", {"method": "dora"}),
    ("7b qlora 4bit r=8", "method=auto", {"method": None, "quantization": None, "lora_rank": None}),
    ("7b qlora prepare-kbit", "full", {"method": "full", "prepare_kbit": None}),
    ("7b hf@4.48", "torchtitan", {"stack": "torchtitan", "stack_release": None}),
    ("7b dora 4bit", "r=4", {"lora_rank": 4}),
    ("7b full", "r=4", {"method": "lora", "lora_rank": 4}),
    ("7b full", "targets=qv", {"method": "lora", "lora_targets": ["q_proj", "v_proj"]}),
    ("7b full", "dropout=0.1", {"method": "lora", "lora_dropout": 0.1}),
    ("7b freeze", "8bit", {"method": "qlora", "quantization": "int8"}),
    ("7b aws gcp", "azure", {"providers": ["azure"]}),
    ("7b aws", "provider=any", {"providers": None}),
    ("7b no-vast", "can't use runpod", {"excluded_providers": ["vast", "runpod"]}),
    ("7b no-vast", "we can't use runpod or aws", {"excluded_providers": ["vast", "runpod", "aws"]}),
    ("7b aws gcp", "anything but aws", {"providers": ["gcp"], "excluded_providers": ["aws"]}),
    ("7b no-vast", "aws is not allowed", {"excluded_providers": ["vast", "aws"]}),
    ("7b no-vast", "aws", {"providers": ["aws"], "excluded_providers": None}),
    ("7b spot", "spot is not an option", {"market": "on_demand"}),
    ("7b packing", "packing is disabled", {"packing": False}),
    ("7b lora", "attention only", {"lora_targets": ["q_proj", "k_proj", "v_proj", "o_proj"]}),
    ("7b price=2usd", "provider=any gpu=any", {}),
    ("7b opt=adamw-foreach", "opt=lion", {"optimizer": "lion", "optimizer_implementation": None}),
    ("7b opt=adamw-foreach", "opt=auto", {"optimizer": None, "optimizer_implementation": None}),
    ("7b 16xh100 nodes=2", "gpu=any", {"gpu": None, "num_gpus": None, "num_nodes": None}),
    ("7b ckpt packing", "no-ckpt no-packing", {"activation_checkpointing": "none", "packing": False}),
    ("7b ckpt", "ckpt=auto", {"activation_checkpointing": None}),
    (
        "7b bs=32 mbs=4 ga=8 1xa100",
        "bs=16",
        {"global_batch_size": 16, "gradient_accumulation_steps": None},
    ),
    (
        "7b bs=32 mbs=4 ga=8 1xa100",
        "mbs=2",
        {"micro_batch_size": 2, "gradient_accumulation_steps": None},
    ),
    ("7b bs=32 mbs=4 ga=8 1xa100", "ga=4", {"gradient_accumulation_steps": 4, "global_batch_size": None}),
    ("7b bs=32 mbs=4 ga=8 1xa100", "2xa100", {"num_gpus": 2, "gradient_accumulation_steps": None}),
]

NOT_FOR_US = [
    *(
        "",
        "how much",
        "thanks!",
        "🔥",
        ":tada:",
        "go full",
        "make it full please",
        "spot",
        "use spot",
        "let's use spot",
    ),
    *(
        "any",
        "on",
        "packing on",
        "full flash",
        "selective",
        "undo that",
        "undo please",
        "please undo",
        "reset it",
    ),
    *(
        "vs",
        "lr 1e-4 is too high",
        "lr 0.3 warmup 512",
        "warmup took 5 minutes",
        "help",
        "history repeats",
        "budget talks",
        "actual numbers differ",
        "compare 7b | 13b",
        "gpus",
        "models llama",
    ),
    *(
        "foo: 3",
        "note: 7b is too small",
        "7b is great",
        "x >= 5",
        "a -> b",
        "if a=>b",
    ),
    *(
        "yes/no",
        "and/or",
        "w/o",
        "bf16/fp16",
        "24/7",
        "https://x.y?a=b",
        "see <https://example.com|the docs>",
    ),
    *("in 30m", "give me 5m", "step 2", "to step 1", "give me one example", "try v4", "that 一步一步来"),
    *("一步一步来", "再来一轮吧朋友", "多少钱", "请问", "试试吧", "我们用全参吧大家"),
    *("bs", "seq", "epochs", "batch lora", "32", "4k", "0xh100", "r 16", "n 10000"),
    *("nvidia a100", "0.3的数据集", "20%的数据集"),
    "x" * 2100,
    "lora " * 101,
]

ANSWERED = [
    ("bs=0", "out_of_range"),
    ("ecpochs=3", "unknown_key"),
    ("try bs=0 please", "out_of_range"),
    ("bs: 0", "out_of_range"),
    ("bs 0", "out_of_range"),
    ("0 epochs", "out_of_range"),
    ("n=10,00", "bad_comma"),
    ("7b n=nan", "not_a_number"),
    ("seq = 10b", "out_of_range"),
    ("bs=16 bs=32", "said_twice"),
    ("full qlora", "two_methods"),
    ("full r=8", "no_adapters"),
    ("tp=3", "split_does_not_divide"),
    ("8xh100 tp=3", "split_does_not_divide"),
]
OF_EXPERTS = [
    ("mixtral-8x7b lora 8xh100", "ep=2", ["maybe_experts"]),
    ("mixtral-8x7b lora 8xh100", "epochs=2", []),
    ("mixtral-8x7b lora 1xh100", "ep=2", []),
    ("7b lora 8xh100", "ep=2", []),
]


@pytest.mark.parametrize(("base", "reply", "changed"), CHANGES)
def test_a_reply_changes_only_what_it_names(
    names: Vocabulary, base: str, reply: str, changed: dict[str, Any]
) -> None:
    before = _request(names, base)
    after = read(reply, names, before).request
    assert after is not None
    expected = {**before.said(), **changed}
    assert after.said() == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize(
    ("base", "reply", "dropped"),
    [
        (BASE, "full", [("lora_rank", "method")]),
        (BASE, "a100", [("price_per_gpu_hour", "gpu")]),
        (BASE, "aws", [("price_per_gpu_hour", "providers")]),
        (BASE, "tokens=30m", [("num_examples", "num_tokens")]),
        ("7b qlora 4bit r=8", "lora", [("quantization", "method")]),
        ("7b full", "r=4", []),
        (BASE, "bs=16", []),
    ],
)
def test_the_reading_says_what_was_dropped(
    names: Vocabulary, base: str, reply: str, dropped: list[tuple[str, str]]
) -> None:
    reading = read(reply, names, _request(names, base))
    assert [(one.field, one.because) for one in reading.dropped] == dropped


def test_the_reading_says_what_was_named_and_not_what_followed(names: Vocabulary) -> None:
    reading = read("bs=16 r=4 gpu=any", names, _request(names, "7b full"))
    assert reading.changes == ("global_batch_size", "lora_rank", "gpu")


def test_there_are_two_hundred_genuine_tweaks() -> None:
    assert len(set(TWEAKS)) >= 200


@pytest.mark.untraced
def test_a_genuine_tweak_is_a_follow_up(names: Vocabulary) -> None:
    base = _request(names, BASE)
    for reply in TWEAKS:
        reading = read_plain(reply, names, base)
        assert reading.outcome in {"spec", "command"}, (reply, reading)


@pytest.mark.parametrize("reply", NOT_FOR_US)
def test_conversation_is_left_alone(names: Vocabulary, reply: str) -> None:
    assert read_plain(reply, names, _request(names, BASE)).outcome == "conversation"


@pytest.mark.parametrize(
    "reply", ["budget", "预算", "history", "历史 5", "history me", "actual", "实测", "actual -3h"]
)
def test_a_command_of_the_ledger_alone_is_for_us(names: Vocabulary, reply: str) -> None:
    assert read_plain(reply, names, _request(names, BASE)).outcome == "command"


@pytest.mark.untraced
def test_what_colleagues_say_is_left_alone(names: Vocabulary) -> None:
    base = _request(names, BASE)
    assert [line for line in CHAT if read_plain(line, names, base).outcome != "conversation"] == []


@pytest.mark.parametrize(("reply", "code"), ANSWERED)
def test_a_reply_of_good_words_with_a_mistake_is_answered(names: Vocabulary, reply: str, code: str) -> None:
    reading = read_plain(reply, names, _request(names, BASE))
    assert [problem.code for problem in reading.problems] == [code]


@pytest.mark.parametrize(("base", "reply", "codes"), OF_EXPERTS)
def test_ep_of_a_card_with_experts_is_asked_back(
    names: Vocabulary, base: str, reply: str, codes: list[str]
) -> None:
    assert [problem.code for problem in read(reply, names, _request(names, base)).problems] == codes


@pytest.mark.parametrize("reply", ["undo", "Undo!", "UNDO.", "reset", "`reset`", "vs root", "撤销"])
def test_undo_and_reset_count_as_the_whole_message(names: Vocabulary, reply: str) -> None:
    assert read_plain(reply, names, _request(names, BASE)).outcome == "command"


@pytest.mark.untraced
def test_thousands_of_made_up_lines_of_chat_are_left_alone(names: Vocabulary) -> None:
    """Lines of the grammar's own words around words that it does not know."""
    dice, base = random.Random(5), _request(names, BASE)
    known = (
        "we lora the 7b full h100 bs=16 spot run on aws fp16 training epochs 3 please what about flash "
        "用 全参 换成 qlora gpu seq 4k model 8 cards price 4090 data undo"
    ).split()
    other = (
        "loss looks spiky yesterday because reviewers said merge branch meeting lunch OOM again checkpointing eval "
        "tokenizer slipped weights diverged wandb curve cluster queue 今天 我们 觉得 太慢 了 看看 warmup "
        "sweep ablation paper results benchmark latency serving vllm inference prompt dataset_v2 cleaned dedup"
    ).split()
    for _ in range(draws(300, 3000)):
        line = dice.choices(known, k=dice.randint(1, 7))
        line.insert(dice.randint(0, len(line)), dice.choice(other))
        text = " ".join(line)
        assert read_plain(text, names, base).outcome == "conversation", text


@pytest.mark.untraced
def test_thousands_of_lines_of_ordinary_talk_are_left_alone(names: Vocabulary) -> None:
    base = _request(names, BASE)
    lines = chatter(draws(1_000, 20_000), seed=7)
    assert len(set(lines)) == len(lines)
    assert [line for line in lines if read_plain(line, names, base).outcome != "conversation"] == []


def _request(names: Vocabulary, text: str) -> Request:
    request = read(text, names).request
    assert request is not None
    return request


@pytest.mark.parametrize("reply", ["bs=16 lr=2e-4", "seed=42 4xa100"])
def test_what_changes_no_estimate_is_answered_and_listed(names: Vocabulary, reply: str) -> None:
    reading = read_plain(reply, names, _request(names, BASE))
    assert reading.outcome == "spec"
    assert reading.unused


@pytest.mark.parametrize("reply", ["recipe trl", "Recipe llama-factory", "配方 axolotl", "recipe foo"])
def test_a_recipe_of_a_tool_is_asked_for_in_a_plain_reply(names: Vocabulary, reply: str) -> None:
    reading = read_plain(reply, names, read("7b lora", names).request)
    assert (reading.outcome, reading.command) == ("command", "recipe")


@pytest.mark.parametrize(
    "reply",
    [
        "recipe",
        "recipe please",
        "recipe works",
        "recipe for disaster",
        "a recipe for trl?",
        "the recipe is trl",
    ],
)
def test_other_recipes_are_conversation(names: Vocabulary, reply: str) -> None:
    assert read_plain(reply, names, read("7b lora", names).request).outcome == "conversation"
