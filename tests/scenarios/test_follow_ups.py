"""The conversation in a card's thread, as Slack sends it: replies, mentions, the way back, two at once."""

import re

import pytest
from said import SEED, answer_to, at_rest, card, reply_to, whispered, words

from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.conversation.threads import ThreadKey
from bot.playground import SlackDouble
from bot.playground.faults import broken, failing
from bot.playground.people import ALEX, ALEX_DM, BOT_ID, BOT_USER, MEI, ML_TRAINING, SAM, TEAM_ID
from bot.playground.wire import Json

pytestmark = pytest.mark.usefixtures("shell")


@pytest.fixture
def root(slack: SlackDouble) -> Json:
    """A card in the channel."""
    slack.slash_command(SEED)
    return card(slack)


def command_of(message: Json) -> str:
    return str(message["metadata"]["event_payload"]["command"])


def said_then(slack: SlackDouble, root: Json, text: str, *, user: str = ALEX) -> Json:
    """The card that follows when `user` says `text` in the thread."""
    number = len(slack.thread(root["ts"]))
    slack.say(text, user=user, thread_ts=root["ts"])
    return reply_to(slack, root["ts"], number=number + 1)


def cards_in(slack: SlackDouble, root: Json) -> list[Json]:
    """The cards that followed the first."""
    return [each for each in slack.thread(root["ts"])[1:] if each.get("metadata")]


def flushed(shell: Shell, root: Json) -> None:
    """The store forgets the thread, once the newest card is in it."""
    at_rest(shell)
    key = ThreadKey(channel_id=ML_TRAINING, thread_ts=root["ts"])
    shell.responder.store.delete(str(key))


class TestPlainReplies:
    def test_a_tweak_is_answered_with_what_changed_and_its_base(self, slack: SlackDouble, root: Json) -> None:
        answer = said_then(slack, root, "bs=16")
        assert command_of(answer) == "7b fp16 n=10000 bs=16"
        assert "bs 32 → 16" in answer["text"]
        assert f"archives/{ML_TRAINING}/p{root['ts'].replace('.', '')}" in words(answer)

    def test_deltas_chain_and_undo_reset_and_vs_root_find_the_others(
        self, slack: SlackDouble, root: Json
    ) -> None:
        commands = [
            command_of(said_then(slack, root, text))
            for text in ("bs=16", "lora r=8", "undo", "seq=2k", "undo", "undo", "seq=512", "vs root", "reset")
        ]
        assert commands == [
            "7b fp16 n=10000 bs=16",
            "7b lora fp16 n=10000 bs=16 r=8",
            "7b fp16 n=10000 bs=16",
            "7b fp16 n=10000 seq=2048 bs=16",
            "7b fp16 n=10000 bs=16",
            SEED,
            "7b fp16 n=10000 seq=512 bs=32",
            "7b fp16 n=10000 seq=512 bs=32",
            SEED,
        ]

    def test_a_default_is_doubled_and_a_way_back_to_a_method_is_read(self, slack: SlackDouble) -> None:
        slack.slash_command("7b lora 8xa100")
        bare = card(slack)
        doubled = said_then(slack, bare, "double the data")
        assert command_of(doubled) == "7b lora n=20000 8xa100-80gb"
        assert "n 10000 → 20000" in words(doubled)
        assert command_of(said_then(slack, bare, "back to full")) == "7b full n=20000 8xa100-80gb"
        assert command_of(said_then(slack, bare, "go back to lora")) == "7b lora n=20000 8xa100-80gb"

    def test_a_reply_to_a_reply_leads_to_its_base_in_the_thread(self, slack: SlackDouble, root: Json) -> None:
        base = said_then(slack, root, "bs=16")
        shown = words(said_then(slack, root, "seq=2k"))
        address = f"archives/{ML_TRAINING}/p{base['ts'].replace('.', '')}"
        assert f"{address}?thread_ts={root['ts']}&cid={ML_TRAINING}|" in shown

    def test_conversation_is_left_alone(self, slack: SlackDouble, shell: Shell, root: Json) -> None:
        for text in ("looks good to me", "can we run it on spot?", "16", "<@U0SAM00001> bs=16", "flash"):
            slack.say(text, thread_ts=root["ts"])
        said_then(slack, root, "bs=16")
        at_rest(shell)
        answers = [each for each in slack.thread(root["ts"])[1:] if each["user"] == BOT_USER]
        assert [command_of(each) for each in answers] == ["7b fp16 n=10000 bs=16"]
        assert slack.ephemerals(ALEX) == ()

    def test_a_reply_in_a_thread_of_others_is_left_alone(self, slack: SlackDouble, shell: Shell) -> None:
        theirs = slack.say("which batch size?", user=SAM)
        slack.say("bs=16", thread_ts=theirs["ts"])
        slack.say("bs=32", thread_ts=theirs["ts"])
        slack.slash_command(SEED)
        card(slack)
        at_rest(shell)
        assert len(slack.thread(theirs["ts"])) == 3
        assert len(slack.calls("conversations.replies")) == 1

    def test_a_wrong_tweak_is_answered_to_its_author_alone(self, slack: SlackDouble, root: Json) -> None:
        slack.say("bs=0", user=MEI, thread_ts=root["ts"])
        told = whispered(slack, MEI)
        assert told["thread_ts"] == root["ts"]
        assert "bs=0" in words(told)

    def test_its_button_runs_the_corrected_tweak_over_the_card(self, slack: SlackDouble, root: Json) -> None:
        slack.say("ecpochs=5", thread_ts=root["ts"])
        told = whispered(slack)
        slack.click(told["ts"], f"{action_ids.RUN_PREFIX}0")
        slack.wait_for(lambda: any("epochs" in each["text"] for each in slack.thread(root["ts"])[1:]))

    def test_what_the_card_says_already_is_one_line(self, slack: SlackDouble, root: Json) -> None:
        answer = said_then(slack, root, "bs=32")
        assert "No change: bs is `32` already." in words(answer)
        assert len(answer["blocks"]) == 1

    def test_what_was_assumed_already_is_no_change_either(self, slack: SlackDouble, root: Json) -> None:
        answer = said_then(slack, root, "epochs=3")
        assert "No change: epochs is `3` already." in words(answer)
        assert command_of(said_then(slack, root, "bs=16")) == "7b fp16 n=10000 bs=16"

    def test_to_pin_what_the_planner_chose_is_a_change(self, slack: SlackDouble, root: Json) -> None:
        chosen = re.search(r"\d× ([\w ]+)", words(root))
        assert chosen
        key = chosen[1].strip().lower().replace(" ", "-")
        answer = said_then(slack, root, f"gpu={key}")
        assert key in command_of(answer)
        assert "No change" not in words(answer)

    def test_what_lost_its_meaning_is_said(self, slack: SlackDouble) -> None:
        slack.slash_command("7b lora r=8 price=2usd on a100")
        root = card(slack)
        assert "r=8" in words(said_then(slack, root, "full bs=8"))
        assert "price=2 USD" in words(said_then(slack, root, "h100"))

    def test_there_is_nothing_before_the_first_card(self, slack: SlackDouble, root: Json) -> None:
        slack.say("undo", thread_ts=root["ts"])
        assert "nothing to go back to" in whispered(slack)["text"]

    def test_another_language_is_the_same_card_in_it(self, slack: SlackDouble, root: Json) -> None:
        assert "全参" in said_then(slack, root, "lang=zh")["text"]

    def test_a_broadcast_reply_counts_and_an_edit_does_not(self, slack: SlackDouble, root: Json) -> None:
        said_then(slack, root, "bs=16")
        slack.edit(slack.thread(root["ts"])[1]["ts"], "bs=8")
        assert command_of(said_then(slack, root, "seq=2k")) == "7b fp16 n=10000 seq=2048 bs=16"


class TestMentions:
    def test_a_mention_in_the_thread_is_always_answered(self, slack: SlackDouble, root: Json) -> None:
        slack.mention("what about bs=16 please", thread_ts=root["ts"])
        assert command_of(reply_to(slack, root["ts"], number=2)) == "7b fp16 n=10000 bs=16"
        slack.mention("do my homework", thread_ts=root["ts"])
        assert "/ftcost" in words(whispered(slack))

    def test_a_thread_under_a_mention_is_a_cards_thread_too(self, slack: SlackDouble) -> None:
        asked = slack.mention(SEED)
        reply_to(slack, asked["ts"])
        assert command_of(said_then(slack, asked, "bs=16")) == "7b fp16 n=10000 bs=16"

    def test_a_mention_in_a_thread_of_others_begins_a_conversation_there(self, slack: SlackDouble) -> None:
        theirs = slack.say("how much would a 7b be?", user=SAM)
        slack.mention(SEED, thread_ts=theirs["ts"])
        reply_to(slack, theirs["ts"], number=2)
        assert command_of(said_then(slack, theirs, "bs=16")) == "7b fp16 n=10000 bs=16"

    def test_a_thread_of_direct_messages_needs_no_mention(self, slack: SlackDouble) -> None:
        root = answer_to(slack, slack.say(SEED, channel=ALEX_DM))
        slack.say("make it 16 batch please", channel=ALEX_DM, thread_ts=root["ts"])
        slack.say("bs=16", channel=ALEX_DM, thread_ts=root["ts"])
        slack.wait_for(lambda: any("bs 32 → 16" in e["text"] for e in slack.thread(root["ts"], ALEX_DM)))

    def test_compare_alone_compares_the_card(self, slack: SlackDouble, root: Json) -> None:
        slack.mention("compare", thread_ts=root["ts"])
        answer = reply_to(slack, root["ts"], number=2)
        assert any(block["type"] == "table" for block in answer["blocks"])


class TestMemory:
    def test_a_flushed_thread_is_read_once(self, shell: Shell, slack: SlackDouble, root: Json) -> None:
        at_rest(shell)  # the card is remembered a moment after it can be seen
        said_then(slack, root, "bs=16")
        at_rest(shell)
        flushed(shell, root)
        assert command_of(said_then(slack, root, "lora r=8")) == "7b lora fp16 n=10000 bs=16 r=8"
        assert command_of(said_then(slack, root, "undo")) == "7b fp16 n=10000 bs=16"
        assert command_of(said_then(slack, root, "undo")) == SEED
        at_rest(shell)
        assert len(slack.calls("conversations.replies")) == 1

    def test_a_message_that_was_answered_before_the_flush_is_not_answered_again(
        self, shell: Shell, slack: SlackDouble, root: Json
    ) -> None:
        said_then(slack, root, "bs=16")
        [_, asked, _] = slack.thread(root["ts"])
        flushed(shell, root)
        event = {**asked, "channel": ML_TRAINING, "channel_type": "channel", "event_ts": asked["ts"]}
        shell.responder.store.delete(f"seen:message:{TEAM_ID}:{ML_TRAINING}:{asked['ts']}")
        assert slack.http.event(slack.event_body(event), None).ok
        assert command_of(said_then(slack, root, "seq=2k")) == "7b fp16 n=10000 seq=2048 bs=16"
        at_rest(shell)
        assert sum(each["user"] == BOT_USER for each in slack.thread(root["ts"])) == 3

    def test_metadata_of_somebody_else_is_not_believed(
        self, slack: SlackDouble, shell: Shell, root: Json
    ) -> None:
        theirs = slack.say("bs=?", user=SAM)
        forged = {**root["metadata"], "event_payload": {"command": "7b bs=1"}}
        other = {"user": "U0OTHERBOT", "bot_id": "B0OTHER", "text": "x", "blocks": [], "metadata": forged}
        slack.slack.workspace.add(ML_TRAINING, {**other, "thread_ts": theirs["ts"]})
        slack.say("bs=16", thread_ts=theirs["ts"])
        said_then(slack, root, "bs=16")
        at_rest(shell)
        assert len(slack.thread(theirs["ts"])) == 3

    def test_where_messages_may_not_be_read_a_mention_says_so_and_buttons_work(
        self, shell: Shell, slack: SlackDouble, root: Json
    ) -> None:
        flushed(shell, root)
        slack.inject(failing("conversations.replies", "missing_scope", times=9))
        slack.mention("bs=16", thread_ts=root["ts"])
        assert "may not read" in whispered(slack)["text"]
        slack.click(root["ts"], action_ids.LORA)
        after = slack.wait_for(lambda: slack.thread(root["ts"])[2:])[0]
        assert command_of(after) == "7b lora fp16 n=10000 bs=32"
        slack.click(after["ts"], action_ids.UNDO)
        assert command_of(slack.wait_for(lambda: slack.thread(root["ts"])[3:])[0]) == SEED

    def test_a_whole_command_needs_no_memory(self, shell: Shell, slack: SlackDouble, root: Json) -> None:
        flushed(shell, root)
        slack.inject(failing("conversations.replies", "missing_scope"))
        slack.mention("13b lora", thread_ts=root["ts"])
        assert command_of(reply_to(slack, root["ts"], number=2)) == "13b lora"

    def test_a_thread_that_cannot_be_read_just_now_is_not_silent(
        self, shell: Shell, slack: SlackDouble, root: Json
    ) -> None:
        flushed(shell, root)
        slack.inject(broken("conversations.replies", 500, times=3))
        slack.say("bs=16", thread_ts=root["ts"])
        assert "may not read" in whispered(slack)["text"]

    def test_a_card_a_year_old_goes_on(self, slack: SlackDouble) -> None:
        message = {"user": BOT_USER, "bot_id": BOT_ID, "text": "7B", "blocks": [old_row()]}
        posted_then = {"ts": "1700000000.000100", "metadata": OLD_METADATA}
        old = slack.slack.workspace.add(ML_TRAINING, message | posted_then)
        assert command_of(said_then(slack, old, "bs=16")) == "7b bs=16"
        slack.click(old["ts"], "estimate_undo")
        assert command_of(reply_to(slack, old["ts"], number=3)) == "7b bs=64"

    @pytest.mark.parametrize("value", ['{"v":9,"spec":"7b"}', '{"v":1,"c":"7b"}'])
    def test_a_button_of_another_version_says_so(self, slack: SlackDouble, value: str) -> None:
        row = old_row()
        row["elements"][0]["value"] = value
        message = {"user": BOT_USER, "bot_id": BOT_ID, "text": "7B", "blocks": [row]}
        posted = slack.slack.workspace.add(ML_TRAINING, message)
        slack.click(posted["ts"], "estimate_compare")
        assert "another version" in whispered(slack)["text"]


class TestTwoAtOnce:
    def test_both_are_answered_and_each_names_its_base(self, slack: SlackDouble, root: Json) -> None:
        for user, text in ((ALEX, "bs=16"), (MEI, "seq=2k"), (SAM, "lora r=8")):
            slack.say(text, user=user, thread_ts=root["ts"])
        answers = slack.wait_for(lambda: three if len(three := cards_in(slack, root)) == 3 else None)
        befores = [each["metadata"]["event_payload"]["before"] for each in answers]
        assert befores == [SEED, *(command_of(each) for each in answers[:-1])]
        assert command_of(answers[-1]) == "7b lora fp16 n=10000 seq=2048 bs=16 r=8"

    def test_a_button_means_its_own_card_whatever_came_after(self, slack: SlackDouble, root: Json) -> None:
        said_then(slack, root, "bs=16")
        slack.click(root["ts"], action_ids.LORA)
        after = reply_to(slack, root["ts"], number=3)
        assert command_of(after) == "7b lora fp16 n=10000 bs=32"
        assert command_of(said_then(slack, root, "undo")) == SEED


OLD_METADATA: Json = {"event_type": "ftcost_estimate", "event_payload": {"command": "7b bs=32"}}


def old_row() -> Json:
    """Buttons that say the least: no name, no first card."""
    text = {"type": "plain_text", "text": "x"}
    compare = {"type": "button", "action_id": "estimate_compare", "text": text}
    undo = {"type": "button", "action_id": "estimate_undo", "text": text}
    return {
        "type": "actions",
        "block_id": "do:7b bs=32",
        "elements": [
            {**compare, "value": '{"v":2,"c":"7b bs=32"}'},
            {**undo, "value": '{"v":2,"c":"7b bs=32","b":"7b bs=64"}'},
        ],
    }
