"""Replies that change a number of the card by what it is, say it with an arrow, or leave out a seller."""

from typing import Any

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n import load_texts
from bot.language import Request, Vocabulary, message, read, read_plain

CARD = "qwen2.5-7b lora r=32 bs=16 seq=2k 2xa100 aws"
CHANGED: dict[str, dict[str, Any]] = {
    "r=32→64": {"lora_rank": 64},
    "bs=16 → 32": {"global_batch_size": 32},
    "bs 16->32": {"global_batch_size": 32},
    "bs=16 to 32": {"global_batch_size": 32},
    "r from 32 to 64": {"lora_rank": 64},
    "change the batch size from 16 to 32": {"global_batch_size": 32},
    "batch从16改到32": {"global_batch_size": 32},
    "from 2 to 4 gpus": {"num_gpus": 4},
    "从2张改到4张卡": {"num_gpus": 4},
    "double the batch": {"global_batch_size": 32},
    "let's double the batch size": {"global_batch_size": 32},
    "half the batch": {"global_batch_size": 8},
    "batch 翻倍": {"global_batch_size": 32},
    "把batch减半吧": {"global_batch_size": 8},
    "4x the batch": {"global_batch_size": 64},
    "twice as many gpus": {"num_gpus": 4},
    "half as many gpus": {"num_gpus": 1},
    "卡数翻倍": {"num_gpus": 4},
    "显卡减半": {"num_gpus": 1},
    "two more gpus": {"num_gpus": 4},
    "one fewer gpu": {"num_gpus": 1},
    "one gpu less": {"num_gpus": 1},
    "two gpus more": {"num_gpus": 4},
    "on a single one": {"num_gpus": 1},
    "add 2 gpus": {"num_gpus": 4},
    "再加两张卡": {"num_gpus": 4},
    "少用一张卡": {"num_gpus": 1},
    "序列长度翻倍": {"sequence_length": 4096},
    "triple the context": {"sequence_length": 6144},
    "one more epoch": {"num_epochs": 4.0},
    "another 2 epochs": {"num_epochs": 5.0},
    "再训两轮": {"num_epochs": 5.0},
    "500 more samples": {"num_examples": 10_500},
    "加1条": {"num_examples": 10_001},
    "half the epochs": {"num_epochs": 1.5},
    "能加两张卡吗": {"num_gpus": 4},
    "能加一张吗": {"num_gpus": 3},
    "可以再加两张卡吗": {"num_gpus": 4},
    "double the samples": {"num_examples": 20_000},
    "double the data": {"num_examples": 20_000},
    "with half the data": {"num_examples": 5_000},
    "use twice as much data": {"num_examples": 20_000},
    "10x the data": {"num_examples": 100_000},
    "1.5x the dataset": {"num_examples": 15_000},
    "只用一半数据": {"num_examples": 5_000},
    "数据量翻4倍": {"num_examples": 40_000},
    "数据扩大10倍": {"num_examples": 100_000},
    "use half the batch": {"global_batch_size": 8},
    "try half the batch size instead": {"global_batch_size": 8},
    "batch翻三倍": {"global_batch_size": 48},
    "batch减少一半": {"global_batch_size": 8},
    "两倍的卡": {"num_gpus": 4},
    "卡数变成2倍": {"num_gpus": 4},
    "卡多一倍": {"num_gpus": 4},
    "+2 gpus": {"num_gpus": 4},
    "plus two cards": {"num_gpus": 4},
    "-1 gpu": {"num_gpus": 1},
    "minus one gpu": {"num_gpus": 1},
    "what about 4 of them?": {"num_gpus": 4},
    "and with 8 of those": {"num_gpus": 8},
    "qlora with half the batch": {"method": "qlora", "global_batch_size": 8},
    "h100 and double the gpus": {"gpu": "h100-80gb", "num_gpus": 4},
    "seq=4k, double the epochs": {"sequence_length": 4096, "num_epochs": 6.0},
    "double the epochs and halve the batch": {"num_epochs": 6.0, "global_batch_size": 8},
    "数据翻倍，换成h100": {"num_examples": 20_000, "gpu": "h100-80gb"},
    "换成qlora，batch减半": {"method": "qlora", "global_batch_size": 8},
    "aws is not allowed": {"providers": None, "excluded_providers": ["aws"]},
    "we can't use aws": {"providers": None, "excluded_providers": ["aws"]},
    "不能用 aws": {"providers": None, "excluded_providers": ["aws"]},
    "aws不让用": {"providers": None, "excluded_providers": ["aws"]},
    "go with spot": {"market": "spot"},
    "use spot instead": {"market": "spot"},
    "改用竞价": {"market": "spot"},
    "switch to on-demand": {"market": "on_demand"},
}
WITHOUT_EFFECT = (
    "half the lr",
    "double the learning rate",
    "学习率减半",
    "warmup steps 翻倍",
    "保存步数减半",
)
OF_NOTHING = {
    "7b lora": ("two more gpus", "卡数翻倍"),
    "7b full mbs=2 ga=4": ("double the batch", "rank 翻倍"),
    "7b lora tokens=1B": ("double the samples", "one more epoch"),
    "7b lora 16xa100": ("double the nodes", "再加一个节点", "add another machine", "再加一台机器"),
    "7b lora steps=500": ("double the samples", "多训一轮"),
}
NOT_FOR_US = (
    *(
        "double it",
        "half precision",
        "half a day",
        "twice this week",
        "double the trouble",
        "two more people",
    ),
    *(
        "another meeting",
        "add 2 reviewers",
        "loss 2.3 → 1.8",
        "from 2 to 4 pm",
        "from 2 to 4 people",
        "再来一次",
    ),
    *(
        "加班到八点",
        "多谢",
        "减肥",
        "我们组能用aws吗",
        "aws is down",
        "acc from 60 to 70",
        "再多看一眼",
        "再跑一遍",
    ),
    *(
        "2 of them are wrong",
        "more tea please",
        "half of the team is out",
        "we lost two days",
        "twice the fun and half the price",
    ),
    *(
        "another batch",
        "one more example",
        "add 2 rows",
        "one more step",
        "another token",
        "再加一条",
        "多一步",
    ),
)


TOLD = {
    "we added two cards": {"num_gpus": 4},
    "I have just added 2 more gpus": {"num_gpus": 4},
    "we lost one gpu": {"num_gpus": 1},
    "加两张卡了": {"num_gpus": 4},
    "我们刚加了两张卡": {"num_gpus": 4},
    "batch翻倍了": {"global_batch_size": 32},
    "8 of them": {"num_gpus": 8},
}
"""What has happened, or is said of anything among people: a change where the bot is spoken to, else talk."""
SEVERAL_NODES = "7b lora 16xh100 nodes=2"
OF_NODES: dict[str, dict[str, Any]] = {
    "double the nodes": {"num_nodes": 4, "num_gpus": 32},
    "one more node": {"num_nodes": 3, "num_gpus": 24},
    "half the nodes": {"num_nodes": 1, "num_gpus": 8},
    "节点翻倍": {"num_nodes": 4, "num_gpus": 32},
    "double the machines": {"num_nodes": 4, "num_gpus": 32},
    "double the number of nodes": {"num_nodes": 4, "num_gpus": 32},
    "机器翻倍": {"num_nodes": 4, "num_gpus": 32},
    "double the gpus": {"num_nodes": 4, "num_gpus": 32},
    "half the gpus": {"num_nodes": 2, "num_gpus": 8},
}
ONE_MACHINE = "7b lora 8xh100"
OF_ONE_MACHINE: dict[str, dict[str, Any]] = {
    "double the nodes": {"num_nodes": 2, "num_gpus": 16},
    "再加一台机器": {"num_nodes": 2, "num_gpus": 16},
    "double the gpus": {"num_gpus": 16},
}
VAGUE = {
    "bigger batch": ("bs=32",),
    "what about fewer gpus": ("gpus=1",),
    "more data": ("n=20000",),
    "longer sequences": ("seq=4096",),
    "batch再大点": ("bs=32",),
    "更长的上下文": ("seq=4096",),
    "少点数据": ("n=5000",),
}


def _card(names: Vocabulary, text: str = CARD) -> Request:
    card = read(text, names).request
    assert card is not None
    return card


@pytest.mark.parametrize("reply", CHANGED)
def test_a_reply_changes_the_number_that_the_card_has(names: Vocabulary, reply: str) -> None:
    card = _card(names)
    wanted = {n: value for n, value in {**card.said(), **CHANGED[reply]}.items() if value is not None}
    for reading in (read_plain(reply, names, card), read(reply, names, card)):
        assert reading.request is not None, reading
        assert reading.request.said() == wanted


def test_half_an_epoch_of_the_card_is_kept(names: Vocabulary) -> None:
    request = read_plain("one more epoch", names, _card(names, "7b lora epochs=1.5")).request
    assert request is not None
    assert request.said()["num_epochs"] == 2.5


@pytest.mark.parametrize("reply", WITHOUT_EFFECT)
def test_what_costs_nothing_may_be_halved_for_nothing(names: Vocabulary, reply: str) -> None:
    reading = read_plain(reply, names, _card(names))
    assert (reading.command, reading.arguments.split()[0]) == ("ask", "no_effect")


@pytest.mark.parametrize(
    ("card", "reply"), [(card, each) for card, all_of in OF_NOTHING.items() for each in all_of]
)
def test_where_the_card_has_no_number_one_sentence_says_so(names: Vocabulary, card: str, reply: str) -> None:
    problems = read_plain(reply, names, _card(names, card)).problems
    assert [problem.code for problem in problems] == ["of_what"]
    assert reply in message(problems[0], load_texts("zh"))


@pytest.mark.parametrize("reply", TOLD)
def test_what_is_told_is_a_change_only_where_the_bot_is_told(names: Vocabulary, reply: str) -> None:
    card = _card(names)
    assert read_plain(reply, names, card).outcome == "conversation"
    request = read(reply, names, card).request
    assert request is not None
    assert request.said() == {**card.said(), **TOLD[reply]}


@pytest.mark.parametrize("reply", OF_NODES)
def test_nodes_come_with_their_gpus(names: Vocabulary, reply: str) -> None:
    card = _card(names, SEVERAL_NODES)
    request = read_plain(reply, names, card).request
    assert request is not None
    assert request.said() == {**card.said(), **OF_NODES[reply]}


@pytest.mark.parametrize("reply", OF_ONE_MACHINE)
def test_a_card_of_few_gpus_has_one_machine(names: Vocabulary, reply: str) -> None:
    card = _card(names, ONE_MACHINE)
    request = read_plain(reply, names, card).request
    assert request is not None
    assert request.said() == {**card.said(), **OF_ONE_MACHINE[reply]}


def test_data_is_of_what_the_card_counts(names: Vocabulary) -> None:
    request = read_plain("double the data", names, _card(names, "7b lora tokens=1B")).request
    assert request is not None
    assert request.said()["num_tokens"] == 2 * 10**9


@pytest.mark.parametrize("reply", VAGUE)
def test_where_only_the_way_is_said_it_is_asked_how_far(names: Vocabulary, reply: str) -> None:
    card = _card(names)
    assert read_plain(reply, names, card).outcome == "conversation"
    (problem,) = read(reply, names, card).problems
    assert (problem.code, problem.suggestions) == ("missing_value", VAGUE[reply])
    assert all(read(line, names, card).request for line in problem.suggestions)


@pytest.mark.parametrize("reply", NOT_FOR_US)
def test_what_people_say_to_each_other_is_left_alone(names: Vocabulary, reply: str) -> None:
    assert read_plain(reply, names, _card(names)).outcome == "conversation"


@pytest.mark.parametrize(
    "text", ["我们组有4张a100 7b lora", "我们课题组想用4090微调7b", "our team has 4 a100s, 7b lora"]
)
def test_for_whom_it_is_is_no_word_that_was_not_used(names: Vocabulary, text: str) -> None:
    assert read(text, names).unused == ()


@pytest.mark.untraced
@given(
    st.lists(
        st.sampled_from([*CHANGED, *NOT_FOR_US, "→", "double", "翻倍", "another", "0", "再加", "x"]),
        max_size=4,
    )
)
@settings(max_examples=draws(100, 600))
def test_any_mixture_of_them_raises_nothing(names: Vocabulary, pieces: list[str]) -> None:
    for mark in (" ", ""):
        read_plain(mark.join(pieces), names, _card(names))


@pytest.mark.parametrize("reply", ["add another machine", "one more server", "再加一台机器", "机器翻倍"])
def test_a_machine_comes_with_its_gpus(names: Vocabulary, reply: str) -> None:
    base = read("7b full 8xh100 nodes=1", names).request
    for reading in (read_plain(reply, names, base), read(reply, names, base)):
        assert reading.request is not None
        said = reading.request.said()
        assert (said["num_gpus"], said["num_nodes"]) == (16, 2)
