"""Replies to a card in people's own words: back, into the budget, without something, dearer than wished."""

from typing import Any

import pytest

from bot.language import Reading, Request, Vocabulary, read, read_plain

CARD = "qwen2.5-14b qlora n=20k bs=32 1xh100"
COMMANDS = {
    "go back": "undo",
    "Go back please": "undo",
    "take that back": "undo",
    "上一个": "undo",
    "回到上一步": "undo",
    "退回去": "undo",
    "back to the first one": "reset",
    "start over": "reset",
    "回到最开始": "reset",
    "compare with the first one": "vs root",
    "跟第一个比": "vs root",
    "add to budget": "budget add",
    "Add it to the budget.": "budget add",
    "加入预算": "budget add",
    "把它加入预算": "budget add",
    "remove from the budget": "budget drop",
    "移出预算": "budget drop",
    "how much budget is left?": "budget",
    "还剩多少预算": "budget",
    "预算还剩多少？": "budget",
    "axolotl config?": "recipe axolotl",
    "give me the axolotl config": "recipe axolotl",
    "can you show me the llama-factory yaml": "recipe llama-factory",
    "config for torchtune please": "recipe torchtune",
    "llama-factory的配置": "recipe llama-factory",
}
CHANGED: dict[str, dict[str, Any]] = {
    "without quantization": {"method": "lora"},
    "no quantization": {"method": "lora"},
    "what about without quantization?": {"method": "lora"},
    "unquantized": {"method": "lora"},
    "no 4bit": {"method": "lora"},
    "quant=none": {"method": "lora"},
    "不量化": {"method": "lora"},
    "不用量化呢": {"method": "lora"},
    "去掉量化": {"method": "lora"},
    "on spot": {"market": "spot"},
    "用竞价": {"market": "spot"},
    "no flash attention": {"attention": "sdpa"},
    "关掉 flash": {"attention": "sdpa"},
    "no checkpointing": {"activation_checkpointing": "none"},
    "不用重算呢": {"activation_checkpointing": "none"},
    "too expensive": {"rank_by": "cost"},
    "还是太贵了": {"rank_by": "cost"},
    "too slow": {"rank_by": "time"},
    "太慢了": {"rank_by": "time"},
    "ok lora then": {"method": "lora"},
    "那就 lora": {"method": "lora"},
    "那就用 4090": {"gpu": "rtx-4090"},
    "还是 runpod 吧": {"providers": ["runpod"]},
    "还是用 lora 吧": {"method": "lora"},
    "oops seq=4k": {"sequence_length": 4096},
    "错了，是3万5千条": {"num_examples": 35_000},
    "n=30k not 35k": {"num_examples": 30_000},
    "n=30k，不是 35k": {"num_examples": 30_000},
    "bs=32->64": {"global_batch_size": 64},
    "hmm what if we only do 1 epoch": {"num_epochs": 1},
    "um, how about 2 gpus": {"num_gpus": 2},
    "序列改成 4k": {"sequence_length": 4096},
    "spot?": {"market": "spot"},
    "按需？": {"market": "on_demand"},
    "改回4090": {"gpu": "rtx-4090"},
    "同样的配置 70b": {"model": "70b"},
    "其他不变，换成 a100": {"gpu": "a100-80gb"},
    "a100 -> l40s": {"gpu": "l40s"},
    "h100 → h200": {"gpu": "h200"},
    "14b → 32b": {"model": "32b"},
    "qlora -> lora": {"method": "lora"},
    "from h100 to a100": {"gpu": "a100-80gb"},
    "switch from 14b to 7b": {"model": "7b"},
    "swap the h100 for l40s": {"gpu": "l40s"},
    "replace h100 with 4090": {"gpu": "rtx-4090"},
    "h100换4090": {"gpu": "rtx-4090"},
    "把h100换成a100试试": {"gpu": "a100-80gb"},
    "bs换成16": {"global_batch_size": 16},
    "h100 is too expensive, what about 4090": {"gpu": "rtx-4090"},
    "h100s are sold out, try a100": {"gpu": "a100-80gb"},
    "h100太贵了，用4090呢": {"gpu": "rtx-4090"},
    "hmm too slow, try h200": {"gpu": "h200"},
    "thx, what about h200": {"gpu": "h200"},
    "ok let's do 8xh100": {"num_gpus": 8},
    "scale to 16 gpus": {"num_gpus": 16},
    "down to 4 cards": {"num_gpus": 4},
    "加到8张": {"num_gpus": 8},
    "俩3090": {"gpu": "rtx-3090", "num_gpus": 2},
    "full finetune instead": {"method": "full"},
    "24g够吗": {"gpu_memory_gb": 24},
    "what if we drop to 2 epochs": {"num_epochs": 2},
    "can we cut it to 1 epoch?": {"num_epochs": 1},
    "go down to 5k samples": {"num_examples": 5000},
    "cut it to 500 steps": {"num_steps": 500},
    "降到2轮": {"num_epochs": 2},
    "let's say 1 epoch": {"num_epochs": 1},
    "make it under $50": {"budget": {"amount": "50", "currency": "USD"}},
    "can we get it under 20 bucks?": {"budget": {"amount": "20", "currency": "USD"}},
    "bring the cost down to $20": {"budget": {"amount": "20", "currency": "USD"}},
    "控制在100元以内": {"budget": {"amount": "100", "currency": "CNY"}},
    "能不能压到50块以内": {"budget": {"amount": "50", "currency": "CNY"}},
    "keep it below 10 hours": {"deadline_seconds": 36_000},
    "finish it within 2 days": {"deadline_seconds": 172_800},
    "10小时内跑完": {"deadline_seconds": 36_000},
    "能不能控制在5小时以内": {"deadline_seconds": 18_000},
    "no lora": {"method": "full"},
    "drop the lora": {"method": "full"},
    "full instead": {"method": "full"},
    "don't use spot": {"market": "on_demand"},
    "不要竞价": {"market": "on_demand"},
    "不开checkpointing": {"activation_checkpointing": "none"},
    "同样的但是14b lora": {"model": "14b", "method": "lora"},
    "ok so 4xh100 lora r=32 then": {"num_gpus": 4, "method": "lora", "lora_rank": 32},
    "so what about 13b?": {"model": "13b"},
    "one gpu more": {"num_gpus": 2},
    "actually 50k rows": {"num_examples": 50_000},
    "i meant 5k samples": {"num_examples": 5000},
    "把flash关了": {"attention": "sdpa"},
    "用a100的话呢": {"gpu": "a100-80gb"},
    "on a single one?": {},
}
AMONG_PEOPLE = [
    *("my config", "the config is broken", "axolotl config is on the drive", "from Monday to Friday"),
    *("ok use your brain", "cool, how about lunch", "too slow, try harder", "swap the meeting for a call"),
    *("back", "I'm back", "oops", "ok lunch then", "ok then", "那就这样", "那就这么定了", "还是算了吧"),
    *("70b when?", "h100 什么时候", "spot", "a -> b", "n=1 is not a sample", "hmm what if", "序列"),
    *("drop to my place", "cut it out", "down to 2 people now", "let's say yes", "so what?", "so 3 said no"),
    *("we did it in under 5 hours", "I keep it under $50 usually", "keep it", "5小时内开会", "在3小时以内"),
    *(
        "no, 3",
        "sorry 3pm",
        "actually 3 of us",
        "sorry, 2 more minutes",
        "把群关了",
        "把音乐关掉",
        "有空的话",
    ),
    *("no lora today", "revert the PR", "one thing more", "2 hours less sleep", "just one", "不过是14b"),
    *("too expensive for me lol", "太贵了吧大家", "same here", "错了", "不量化怎么行", "go back to sleep"),
]


def _base(names: Vocabulary) -> Request:
    request = read(CARD, names).request
    assert request is not None
    return request


def _both(text: str, names: Vocabulary) -> tuple[Reading, Reading]:
    """As a plain reply, and as one that mentions us."""
    base = _base(names)
    return read_plain(text, names, base), read(text, names, base)


@pytest.mark.parametrize(("reply", "command"), COMMANDS.items())
def test_a_whole_reply_is_the_command_that_it_means(names: Vocabulary, reply: str, command: str) -> None:
    for reading in _both(reply, names):
        assert f"{reading.command} {reading.arguments}".strip() == command


@pytest.mark.parametrize(("reply", "changed"), CHANGED.items())
def test_a_whole_reply_changes_what_it_names(names: Vocabulary, reply: str, changed: dict[str, Any]) -> None:
    before = _base(names).said()
    for reading in _both(reply, names):
        assert reading.request is not None
        said = reading.request.said()
        assert {name: value for name, value in said.items() if before.get(name) != value} == changed


@pytest.mark.parametrize(
    ("reply", "gpu"),
    {"the 40gb version?": "a100-40gb", "40gb?": "a100-40gb", "换成80g的": "a100-80gb"}.items(),
)
def test_a_memory_alone_is_of_the_gpu_that_comes_with_it(names: Vocabulary, reply: str, gpu: str) -> None:
    base = read("7b lora 4xa100", names).request
    request = read(reply, names, base).request
    assert request is not None
    assert request.said() == {**read("7b lora 4xa100", names).request.said(), "gpu": gpu}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("reply", "other"),
    {
        "compare with lora": {"method": "lora"},
        "vs 8xh100": {"num_gpus": 8},
        "how does a100 compare": {"gpu": "a100-80gb"},
        "和a100比": {"gpu": "a100-80gb"},
        "跟7b比一下": {"model": "7b"},
    }.items(),
)
def test_what_is_set_beside_the_card_is_compared_with_it(
    names: Vocabulary, reply: str, other: dict[str, Any]
) -> None:
    reading = read(reply, names, _base(names))
    assert [each.said() for each in reading.compared] == [
        _base(names).said(),
        {**_base(names).said(), **other},
    ]


@pytest.mark.parametrize("reply", AMONG_PEOPLE)
def test_what_people_say_to_each_other_stays_theirs(names: Vocabulary, reply: str) -> None:
    assert _both(reply, names)[0].outcome == "conversation"
