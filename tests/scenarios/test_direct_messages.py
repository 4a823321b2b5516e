"""Direct messages: answered flat, a bare line follows on the last card, a whole question stands alone."""

import pytest
from said import SEED, answer_to, at_rest, card, whispered, words

from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.conversation.threads import FLAT, ThreadKey
from bot.playground import SlackDouble
from bot.playground.people import ALEX, ALEX_DM
from bot.playground.wire import Json
from bot.slack.payloads import Destination

pytestmark = pytest.mark.usefixtures("shell")


def said(slack: SlackDouble, text: str) -> Json:
    """The card that answers `text` in Alex's direct message."""
    return answer_to(slack, slack.say(text, channel=ALEX_DM))


def command_of(message: Json) -> str:
    return str(message["metadata"]["event_payload"]["command"])


class TestFlat:
    def test_an_answer_stands_flat_and_a_bare_line_follows_on_it(self, slack: SlackDouble) -> None:
        first = said(slack, SEED)
        assert "thread_ts" not in first
        then = said(slack, "bs=16")
        assert "thread_ts" not in then
        assert command_of(then) == "7b fp16 n=10000 bs=16"
        assert "bs 32 → 16" in then["text"]

    def test_a_whole_question_stands_alone(self, slack: SlackDouble) -> None:
        said(slack, SEED)
        assert command_of(said(slack, "13b qlora 2x4090")) == "13b qlora 2xrtx-4090"
        assert command_of(said(slack, "what about 7b?")) == "7b qlora 2xrtx-4090"

    def test_a_comparison_asked_for_with_its_models_stands_alone(self, slack: SlackDouble) -> None:
        said(slack, SEED)
        answer = said(slack, "13b qlora on a 4090 or an a100?")
        assert any(block["type"] == "table" for block in answer["blocks"])
        assert "10000" not in words(answer)

    def test_the_way_back_is_flat_too(self, slack: SlackDouble) -> None:
        said(slack, SEED)
        said(slack, "bs=16")
        assert command_of(said(slack, "undo")) == SEED

    def test_a_press_on_a_flat_card_is_answered_flat(self, slack: SlackDouble) -> None:
        first = said(slack, "7b full 8xa100")
        slack.click(first["ts"], action_ids.LORA)
        then = answer_to(slack, first)
        assert "thread_ts" not in then
        assert "lora" in command_of(then)

    def test_a_slash_command_there_begins_a_conversation_too(self, slack: SlackDouble) -> None:
        slack.slash_command(SEED, channel=ALEX_DM)
        card(slack, ALEX_DM)
        assert command_of(said(slack, "bs=16")) == "7b fp16 n=10000 bs=16"

    def test_a_flushed_conversation_is_read_once_from_its_messages(
        self, slack: SlackDouble, shell: Shell
    ) -> None:
        said(slack, "13b lora")
        said(slack, SEED)
        at_rest(shell)
        shell.responder.store.delete(str(ThreadKey(channel_id=ALEX_DM, thread_ts=FLAT)))
        assert command_of(said(slack, "bs=16")) == "7b fp16 n=10000 bs=16"

    def test_a_thread_under_ones_own_question_goes_on_from_its_answer(
        self, slack: SlackDouble, shell: Shell
    ) -> None:
        asked = slack.say(SEED, channel=ALEX_DM)
        answer_to(slack, asked)
        said(slack, "13b lora 2x4090")
        for line in ("bs=16", "n=20k"):
            slack.say(line, channel=ALEX_DM, thread_ts=asked["ts"])
            at_rest(shell)
        thread = [each for each in slack.thread(asked["ts"], ALEX_DM) if each.get("metadata")]
        assert [command_of(each) for each in thread] == ["7b fp16 n=10000 bs=16", "7b fp16 n=20000 bs=16"]
        assert command_of(said(slack, "bs=8")) == "13b lora bs=8 2xrtx-4090"

    def test_what_is_private_is_said_where_nobody_else_reads_and_goes_on(self, slack: SlackDouble) -> None:
        assert command_of(said(slack, f"{SEED} private")) == f"{SEED} private"
        assert command_of(said(slack, "bs=16")) == "7b fp16 n=10000 bs=16 private"

    def test_a_private_command_typed_in_a_direct_message_may_be_read_by_another(
        self, slack: SlackDouble, shell: Shell
    ) -> None:
        slack.slash_command(f"{SEED} private", channel=ALEX_DM)
        at_rest(shell)
        assert slack.ephemerals(ALEX)
        assert not any(each.get("bot_id") for each in slack.messages(ALEX_DM))


class TestManners:
    @pytest.mark.parametrize("text", ["hi", "thanks a lot!", "你好", "谢谢啦", "good morning :wave:"])
    def test_a_greeting_gets_one_friendly_line_with_three_examples(
        self, slack: SlackDouble, text: str
    ) -> None:
        slack.say(text, channel=ALEX_DM)
        greeted = whispered(slack)
        assert len(greeted["blocks"]) == 1
        assert greeted["text"].count("`") == 8  # three examples, and the way to help
        assert "\n" not in greeted["text"]

    def test_an_empty_mention_is_greeted_likewise(self, slack: SlackDouble) -> None:
        slack.mention("")
        greeted = whispered(slack)
        assert len(greeted["blocks"]) == 1
        assert greeted["text"].count("`") == 8

    def test_thanks_after_a_card_change_nothing(self, slack: SlackDouble, shell: Shell) -> None:
        said(slack, SEED)
        slack.say("thanks!", channel=ALEX_DM)
        at_rest(shell)
        assert len(slack.messages(ALEX_DM)) == 3
        assert "`" in slack.ephemerals(ALEX)[-1]["text"]


class TestMoney:
    def test_a_flat_card_is_booked_once_and_dropped(self, slack: SlackDouble, shell: Shell) -> None:
        slack.say("budget set 500 usd", channel=ALEX_DM)
        at_rest(shell)
        said(slack, "7b lora 1xa100")
        for line in ("budget add", "bs=16", "budget add", "budget drop"):
            slack.say(line, channel=ALEX_DM)
            at_rest(shell)
        place = Destination(team_id="", channel_id=ALEX_DM, user_id=ALEX)
        entries = shell.responder.money.books.entries(shell.responder.money.ledger_of(place))
        assert entries is not None
        assert [each.kind for each in entries] == ["limit", "add", "add", "drop"]
        assert len({each.thread_ts for each in entries if each.kind in ("add", "drop")}) == 1
