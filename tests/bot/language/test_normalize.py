"""What Slack and keyboards add is undone; emoji carry nothing; Chinese is cut into words."""

from typing import Any

import pytest

from bot.language import Vocabulary, read

LORA_16 = {"model": "7b", "method": "lora", "global_batch_size": 16}


@pytest.mark.parametrize(
    "text",
    [
        "<@U0BOT> 7b lora bs=16",
        "<@U0BOT|ftcost> 7b lora bs=16",
        "7b lora bs=16 <@W12345>",
        "`7b` `lora` `bs=16`",
        "`7b lora bs=16`",
        "```7b lora bs=16```",
        "```\n7b\nlora\nbs=16\n```",
        "*7b* _lora_ ~bs=16~",
        "*7b lora bs=16*",
        "**7b** __lora__ bs=16",
        "`*_7b_*` lora bs=16",
        "“7b” ‘lora’ 'bs=16'",
        '"7b" lora bs="16"',
        "「7b」 lora bs=16",
        "7b, lora; bs=16.",
        "7b lora bs=16?!",
        "7b: lora: bs=16:",
        "7b — lora – bs=16",
        "7b—lora—bs=16",
        "7b\u00a0lora\u00a0bs=16",
        "> 7b lora bs=16",
        "&gt; 7b lora bs=16",
        "• 7b\n• lora\n• bs=16",
        "- 7b\n- lora\n- bs=16",
        "* 7b\n* lora\n* bs=16",
        "> - 7b lora\n> - bs=16",
        "7b 🔥 lora 🚀🚀 bs=16 👍🏽",
        "7b :fire: lora bs=16 :+1::skin-tone-2:",
        "7b lora:rocket: bs=16 :100:",
        ":fire:7b lora bs=16",
        "7b --lora -- bs=16",
        "7b lora bs=16 ☺️ ❤️ 1️⃣",
        "７ｂ　ｌｏｒａ　ｂｓ＝１６",
        "7b，lora；bs＝16",
        "7b、lora、bs=16",
        "<https://example.com|7b> lora bs=16",
        "7B LORA BS=16",
        "bs=16 lora 7b",
        "7b lo\u200bra bs=16\u200f",
        "\u202e7b lora bs=16\u202c",
        "7b\tlora\r\nbs=16",
        "(7b) [lora] bs=16",
    ],
)
def test_marks_around_words_change_nothing(names: Vocabulary, text: str) -> None:
    assert _said(names, text) == LORA_16


@pytest.mark.parametrize(
    ("link", "model"),
    [
        ("<https://huggingface.co/Qwen/Qwen2.5-7B>", "qwen2.5-7b"),
        ("<https://huggingface.co/Qwen/Qwen2.5-7B|huggingface.co/Qwen/Qwen2.5-7B>", "qwen2.5-7b"),
        ("https://huggingface.co/Qwen/Qwen2.5-7B/tree/main", "qwen2.5-7b"),
        ("<https://hf.co/some-org/New-Model_9B>", "some-org/New-Model_9B"),
        ("<https://modelscope.cn/models/some-org/New-Model-9B>", "some-org/New-Model-9B"),
        ("<https://huggingface.co/Qwen/Qwen2.5-7B|mistral-7b>", "mistral-7b"),
    ],
)
def test_a_link_to_a_model_hub_is_the_model(names: Vocabulary, link: str, model: str) -> None:
    assert _said(names, f"{link} lora") == {"model": model, "method": "lora"}


@pytest.mark.parametrize(
    "token",
    [
        "https://example.com",
        "https://huggingface.co/datasets/a/b",
        "<!channel>",
        "<!subteam^S123|@ops>",
        "<#C123|general>",
        "javascript:alert(1)",
    ],
)
def test_other_links_and_calls_are_unknown_tokens(names: Vocabulary, token: str) -> None:
    typed = f"<{token}>" if token.startswith("https") else token
    reading = read(f"7b {typed}", names)
    assert [problem.code for problem in reading.problems] == ["unknown_word"]
    assert reading.problems[0].token.strip("()") in token


@pytest.mark.parametrize(
    "token", ["n=10²", "n=１０³", "n=٣", "n=१०", "n=①", "n=½", "bs=𝟏𝟔", "7ᵇ", "٧b", "n=₃"]
)
def test_superscripts_and_digits_of_other_scripts_are_refused(names: Vocabulary, token: str) -> None:
    problem = read(f"7b lora {token}", names).problems[0]
    assert problem.code == "refused_digits"


def test_entities_are_undone_once(names: Vocabulary) -> None:
    assert read("7b &lt;!channel&gt;", names).problems[0].token == "<!channel>"
    assert read("7b &amp;lt; lora", names).unused == ("&lt",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("用两张4090全参微调7b", {"gpu": "rtx-4090", "num_gpus": 2, "method": "full"}),
        ("全参微调7b", {"method": "full"}),
        ("全参微调7b，长度2k", {"method": "full", "sequence_length": 2048}),
        ("7b长度2k", {"sequence_length": 2048}),
        ("7b 长度 2k", {"sequence_length": 2048}),
        ("7b 长度：2k", {"sequence_length": 2048}),
        ("7b换成h100", {"gpu": "h100-80gb"}),
        ("7b 换成 h100", {"gpu": "h100-80gb"}),
        ("1万条数据训练7b三轮", {"num_examples": 10_000, "num_epochs": 3}),
        ("7b 长度:2k轮次:3", {"sequence_length": 2048, "num_epochs": 3}),
        ("7b n=1万长度=2k", {"num_examples": 10_000, "sequence_length": 2048}),
        ("7b 1 万条 3 轮", {"num_examples": 10_000, "num_epochs": 3}),
        ("7b 3千条", {"num_examples": 3000}),
        ("7b 两万条", {"num_examples": 20_000}),
        ("7b 一万零五百条", {"num_examples": 10_500}),
        ("7b 预算 5万韩元", {"budget": {"amount": "50000", "currency": "KRW"}}),
        ("7b 语言=英语", {"language": "en"}),
        ("7b 十二轮", {"num_epochs": 12}),
        ("7b 8卡a100", {"gpu": "a100-80gb", "num_gpus": 8}),
        ("单卡a100跑7b", {"gpu": "a100-80gb", "num_gpus": 1}),
        ("双卡4090 7b", {"gpu": "rtx-4090", "num_gpus": 2}),
        ("7b 2节点16卡h100", {"gpu": "h100-80gb", "num_gpus": 16, "num_nodes": 2}),
        ("7b 批次32 轮次2 重试1", {"global_batch_size": 32, "num_epochs": 2, "retries": 1}),
        ("7b 长度2048，3轮，8卡", {"sequence_length": 2048, "num_epochs": 3, "num_gpus": 8}),
        ("7b 混合精度 全量", {"mixed_precision": True, "method": "full"}),
        (
            "请问在阿里云上用8张a100微调7b要多少钱？",
            {"providers": ["alibaba"], "gpu": "a100-80gb", "num_gpus": 8},
        ),
        ("帮我算一下 7b lora 一个", {"method": "lora"}),
        (
            "7b用lora训练1万条数据，batch_size=16",
            {"method": "lora", "num_examples": 10_000, "global_batch_size": 16},
        ),
        ("7b的 price=27.08元/小时", {"price_per_gpu_hour": {"amount": "27.08", "currency": "CNY"}}),
        ("如果 7b 改为 qlora 呢", {"method": "qlora"}),
        ("7b。lora。500步", {"method": "lora", "num_steps": 500}),
    ],
)
def test_chinese_needs_no_spaces(names: Vocabulary, text: str, said: dict[str, Any]) -> None:
    assert _said(names, text) == {"model": "7b", **said}


def test_unknown_chinese_is_one_token(names: Vocabulary) -> None:
    assert read("7b 今晚聚餐 lora", names).unused == ("今晚聚餐",)


def _said(names: Vocabulary, text: str) -> dict[str, Any]:
    reading = read(text, names)
    assert reading.request is not None, (text, reading.problems)
    return reading.request.said()


@pytest.mark.parametrize("text", ["7b lora --bf16 True", "7b lora --bf16 true n=10k", "--bf16 True 7b lora"])
def test_a_switch_of_the_trainer_is_no_word_for_16_bit_throughout(names: Vocabulary, text: str) -> None:
    request = read(text, names).request
    assert request is not None
    assert (request.spec.precision, request.spec.mixed_precision) == ("bf16", None)
