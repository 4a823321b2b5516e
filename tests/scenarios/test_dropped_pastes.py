"""Configurations, logs and files as people drop them into Slack; recipes as they come back."""

from pathlib import Path

import pytest
from said import SEED, answer_to, at_rest, card, reply_to, whispered, words

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.people import ALEX, ALEX_DM, MEI
from bot.playground.wire import Json

pytestmark = pytest.mark.usefixtures("shell")
EXAMPLES = Path(__file__).parent.parent / "bot" / "language" / "pastes" / "examples"
PICTURE: Json = {
    "id": "F9",
    "name": "cat.png",
    "mimetype": "image/png",
    "filetype": "png",
    "mode": "hosted",
    "size": 9,
}


def example(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


def command_of(message: Json) -> str:
    return str(message["metadata"]["event_payload"]["command"])


@pytest.fixture
def root(slack: SlackDouble) -> Json:
    slack.slash_command(SEED)
    return card(slack)


def next_in(slack: SlackDouble, root: Json, text: str, files: tuple[Json, ...] = ()) -> Json:
    number = len(slack.thread(root["ts"]))
    slack.say(text, thread_ts=root["ts"], files=files)
    return reply_to(slack, root["ts"], number=number + (1 if text or files else 0))


def test_a_configuration_in_a_direct_message_is_a_card_under_one_line(slack: SlackDouble) -> None:
    asked = slack.say(example("llamafactory.yaml"), channel=ALEX_DM)
    answer = answer_to(slack, asked)
    assert "zero3" in command_of(answer)
    assert "LLaMA-Factory" in words(answer)
    assert "template" in words(answer)


def test_a_mention_with_a_block_of_code_and_words_beside_it(slack: SlackDouble) -> None:
    asked = slack.mention(f"does this fit on 8xa100?\n```\n{example('axolotl.yaml')}```")
    answer = reply_to(slack, asked["ts"])
    assert "8xa100-80gb" in command_of(answer)
    assert "r=32" in command_of(answer)


def test_a_slash_command_takes_a_command_line(slack: SlackDouble) -> None:
    slack.slash_command(example("torchrun.txt"))
    assert "fsdp" in command_of(card(slack))


def test_a_file_in_a_direct_message_is_read(slack: SlackDouble) -> None:
    asked = slack.say("", channel=ALEX_DM, files=(slack.file(example("axolotl.yaml")),))
    assert "qlora" in command_of(answer_to(slack, asked))


def test_without_the_scope_one_sentence_says_so(slack: SlackDouble) -> None:
    slack.slack.may_read_files = False
    slack.say("", channel=ALEX_DM, files=(slack.file(example("axolotl.yaml")),))
    assert "files:read" in words(whispered(slack))


def test_a_file_that_is_too_long_or_no_configuration_is_said_to_be(slack: SlackDouble) -> None:
    slack.say("", channel=ALEX_DM, files=(slack.file("x: 1\n" * 9_000),))
    assert "20 kB" in words(whispered(slack))
    slack.say("", user=MEI, channel=f"D0{MEI[2:]}", files=(slack.file("shopping: milk\n"),))
    assert "LLaMA-Factory" in words(whispered(slack, MEI))


def test_a_part_of_a_configuration_changes_the_card_of_its_thread(slack: SlackDouble, root: Json) -> None:
    answer = next_in(slack, root, "", (slack.file(example("accelerate.yaml")),))
    assert "gpus=8" in command_of(answer)
    assert "accelerate" in words(answer)


def test_a_picture_in_a_thread_is_left_alone(slack: SlackDouble, shell: Shell, root: Json) -> None:
    slack.say("", thread_ts=root["ts"], files=(PICTURE,))
    at_rest(shell)
    assert len(slack.thread(root["ts"])) == 2
    assert slack.ephemerals(ALEX) == ()


def test_a_log_in_a_thread_is_compared_with_its_card(slack: SlackDouble, root: Json) -> None:
    answer = next_in(slack, root, example("hf_end.txt"))
    assert "slower" in words(answer)
    assert "actual 2.0236h" in words(answer)


def test_a_recipe_comes_as_a_file_to_copy(slack: SlackDouble, root: Json) -> None:
    answer = next_in(slack, root, "@FT Cost recipe llama-factory")
    assert "finetuning_type: full" in words(answer)
    assert "Launch: " in words(answer)


def test_an_unknown_tool_is_answered_with_those_that_are_known(slack: SlackDouble, root: Json) -> None:
    slack.say("@FT Cost recipe emacs", thread_ts=root["ts"])
    assert "torchtune" in words(whispered(slack))


def test_a_command_that_trains_nothing_is_left_alone_in_a_thread_and_answered_where_it_is_asked(
    slack: SlackDouble, shell: Shell, root: Json
) -> None:
    serve = "vllm serve Qwen/Qwen2.5-7B-Instruct --tensor-parallel-size 2"
    slack.say(serve, thread_ts=root["ts"])
    at_rest(shell)
    assert len(slack.thread(root["ts"])) == 2
    assert slack.ephemerals(ALEX) == ()
    slack.say(serve, channel=ALEX_DM)
    answer = whispered(slack)
    assert "trains nothing" in answer["text"]
    assert "qwen2.5-7b-instruct lora" in words(answer)
    assert "$" not in words(answer)
