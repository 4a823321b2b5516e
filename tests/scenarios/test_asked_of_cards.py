"""Questions about the card in its thread: one line of the card's own fields, in the reader's language."""

import pytest
from said import SEED, card, reply_to, whispered, words

from bot.playground import SlackDouble
from bot.playground.wire import Json

pytestmark = pytest.mark.usefixtures("shell")


@pytest.fixture
def root(slack: SlackDouble) -> Json:
    """A card in the channel."""
    slack.slash_command(SEED)
    return card(slack)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what's the memory per gpu?", "GiB* per GPU"),
        ("what batch size did you use?", "batch 32 = micro"),
        ("which optimizer is that?", "AdamW"),
        ("what rank?", "no adapters"),
        ("how many samples did you assume?", "10,000 ×"),
        ("how many steps is that?", "steps ×"),
        ("which seller?", "per GPU-hour"),
        ("is it with spot?", "on demand"),
        ("how many gpus?", "B200"),
        ("does it use flash attention?", "attention"),
        ("why is it so slow?", "bound by"),
        ("does that include evaluation?", "evaluation"),
        ("why is it so expensive?", "per GPU-hour"),
        ("how many retries?", "3 tries"),
        ("how many tokens per second?", "tokens/s"),
        ("why 3 tries?", "3 tries"),
        ("will it oom?", "GiB* per GPU"),
        ("is it qlora?", "full fine-tune"),
        ("does it use unsloth", "attention"),
        ("is that on h100?", "B200"),
        ("how much is full?", "per GPU-hour"),
        ("lr 1e-4", "No effect on memory, time or cost: `lr`"),
        ("学习率 1e-4", "No effect on memory, time or cost: `学习率`"),
        ("batch 是 64 吗", "batch 32"),
        ("会爆显存吗", "GiB"),
        ("这个价格是哪家的", "per GPU-hour"),
        ("用了多少显存", "GiB"),
        ("batch是多少", "batch 32"),
        ("优化器用的什么", "AdamW"),
        ("micro batch是几", "micro"),
        ("这个含评估吗", "evaluation"),
    ],
)
def test_a_question_of_the_card_is_answered_in_one_line(
    slack: SlackDouble, root: Json, text: str, said: str
) -> None:
    slack.say(text, thread_ts=root["ts"])
    answer = reply_to(slack, root["ts"], number=2)
    assert said in words(answer)
    assert len(answer["blocks"]) == 1
    assert len(slack.thread(root["ts"])) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what do you make of this?", "Under a card I read changes"),
        ("your turn, bot", "Under a card I read changes"),
        ("thanks!", "You're welcome"),
        ("谢谢", "You're welcome"),
    ],
)
def test_who_mentions_us_under_a_card_is_not_greeted_as_a_newcomer(
    slack: SlackDouble, root: Json, text: str, said: str
) -> None:
    slack.mention(text, thread_ts=root["ts"])
    assert said in words(whispered(slack))


def test_a_recipe_of_an_unknown_tool_names_those_that_are(slack: SlackDouble, root: Json) -> None:
    slack.say("recipe foo", thread_ts=root["ts"])
    assert "llama-factory" in words(whispered(slack))


def test_a_chinese_card_answers_in_chinese(slack: SlackDouble) -> None:
    slack.slash_command(f"{SEED} lang=zh")
    root = card(slack)
    slack.say("这个含评估吗", thread_ts=root["ts"])
    assert "评估" in words(reply_to(slack, root["ts"], number=2))
