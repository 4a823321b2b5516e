"""Buttons, menus, the form, the shortcut and Home, as Slack sends them."""

from typing import Any

import pytest
from said import SEED, at_rest, card, reply_to, whispered, words

from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.cards.block import actions, button, external_select, plain_text
from bot.cards.form import form_view
from bot.conversation.recent import Asked
from bot.files import load_catalog
from bot.i18n import load_texts
from bot.playground import SlackDouble
from bot.playground.faults import failing, slow
from bot.playground.people import ALEX, ALEX_DM, BOT_ID, BOT_USER, GENERAL, MEI, ML_TRAINING
from bot.playground.wire import Json
from bot.store.updates import write_updates
from estimator.spec import TrainingSpec

pytestmark = pytest.mark.usefixtures("shell")


@pytest.fixture
def root(slack: SlackDouble) -> Json:
    """A card in the channel."""
    slack.slash_command(SEED)
    return card(slack)


def form(slack: SlackDouble, user: str = ALEX) -> Json:
    return slack.wait_for(lambda: slack.view(user))


def fields(view: Json) -> list[str]:
    return [block["block_id"] for block in view["blocks"]]


def strip(message: Json) -> None:
    """Take from the card's buttons what they carry."""
    block = next(block for block in message["blocks"] if block["type"] == "actions")
    block["block_id"] = "other"
    for element in block["elements"]:
        element.pop("value", None)


def lonely_button() -> Json:
    return actions(button("Compare", action_ids.COMPARE), block_id="other")


class TestTheCard:
    def test_compare_answers_in_the_thread_with_setups_to_choose_from(
        self, slack: SlackDouble, root: Json
    ) -> None:
        assert slack.click(root["ts"], action_ids.COMPARE).body == b""
        compared = reply_to(slack, root["ts"])
        [rows] = [block["rows"] for block in compared["blocks"] if block["type"] == "table"]
        assert len(rows) > 2
        menu = next(e for b in compared["blocks"] if b["type"] == "actions" for e in b["elements"])
        slack.select(compared["ts"], action_ids.USE, menu["options"][-1]["value"])
        taken = reply_to(slack, root["ts"], number=2)
        assert taken["metadata"]["event_payload"]["command"].startswith("7b fp16 n=10000 bs=32")

    def test_lora_answers_with_what_changed(self, slack: SlackDouble, root: Json) -> None:
        slack.click(root["ts"], action_ids.LORA)
        changed = reply_to(slack, root["ts"])
        assert "lora" in words(changed).lower()
        assert changed["metadata"]["event_payload"]["command"] == "7b lora fp16 n=10000 bs=32"

    def test_undo_goes_back_to_what_the_card_was_compared_with(self, slack: SlackDouble, root: Json) -> None:
        slack.click(root["ts"], action_ids.LORA)
        slack.click(reply_to(slack, root["ts"])["ts"], action_ids.UNDO)
        undone = reply_to(slack, root["ts"], number=2)
        assert undone["metadata"]["event_payload"]["command"] == SEED

    @pytest.mark.parametrize("choice", action_ids.MORE_CHOICES)
    def test_the_menu_answers_its_user_alone(
        self, slack: SlackDouble, shell: Shell, root: Json, choice: str
    ) -> None:
        slack.click(root["ts"], action_ids.MORE, value=choice)
        if choice == action_ids.RECIPE:
            told = whispered(slack)
            assert "thread_ts" not in told  # nobody sees an ephemeral message in a closed thread
        else:
            told = slack.wait_for(slack.view)
        assert SEED in str(told)
        at_rest(shell)
        assert len(slack.thread(root["ts"])) == 1

    def test_where_no_window_opens_the_menu_answers_in_the_open_thread(
        self, slack: SlackDouble, root: Json
    ) -> None:
        slack.say("hm", thread_ts=root["ts"])
        slack.inject(failing("views.open", "expired_trigger_id"))
        slack.click(root["ts"], action_ids.MORE, value=action_ids.COPY)
        assert whispered(slack)["thread_ts"] == root["ts"]

    def test_a_card_that_does_not_fit_offers_changes_that_do(self, slack: SlackDouble) -> None:
        slack.slash_command("7b full bf16 2x4090 n=1000")
        unfit = card(slack)
        slack.click(unfit["ts"], f"{action_ids.FIX_PREFIX}0")
        fixed = reply_to(slack, unfit["ts"])
        assert fixed["metadata"]["event_payload"]["command"] != unfit["metadata"]["event_payload"]["command"]

    def test_a_button_of_an_older_version_answers_with_a_notice(self, slack: SlackDouble, root: Json) -> None:
        block = next(block for block in root["blocks"] if block["type"] == "actions")
        block["elements"].append({**block["elements"][0], "action_id": "estimate_v0_something"})
        slack.click(root["ts"], "estimate_v0_something")
        assert "older version" in whispered(slack)["text"]

    def test_a_button_without_its_command_is_known_by_its_thread(
        self, slack: SlackDouble, root: Json
    ) -> None:
        strip(root)
        slack.click(root["ts"], action_ids.LORA)
        assert "lora" in words(reply_to(slack, root["ts"]))

    def test_a_button_of_which_nobody_knows_anything_says_so(self, slack: SlackDouble) -> None:
        stranger = {"user": BOT_USER, "bot_id": BOT_ID, "text": "x", "blocks": [lonely_button()]}
        posted = slack.slack.workspace.add(ML_TRAINING, stranger)
        slack.click(posted["ts"], action_ids.COMPARE)
        assert "no longer know" in whispered(slack)["text"]

    def test_a_button_works_without_anything_but_the_message(self, slack: SlackDouble, root: Json) -> None:
        root.pop("metadata")
        slack.click(root["ts"], action_ids.LORA, user=MEI)
        assert "lora" in words(reply_to(slack, root["ts"]))


class TestTheErrorCard:
    def test_its_button_runs_the_corrected_line(self, known: SlackDouble) -> None:
        known.slash_command("7b lora ecpochs=3")
        told = whispered(known)
        known.click(told["ts"], f"{action_ids.RUN_PREFIX}0")
        assert card(known)["metadata"]["event_payload"]["command"].startswith("7b lora")

    def test_help_shows_an_example_that_runs(self, known: SlackDouble) -> None:
        known.slash_command("help")
        known.click(whispered(known)["ts"], f"{action_ids.EXAMPLE_PREFIX}0")
        assert card(known)["metadata"]["event_payload"]["command"] == SEED


class TestTheForm:
    def test_the_shortcut_opens_it_and_its_card_goes_to_the_chosen_channel(self, slack: SlackDouble) -> None:
        slack.shortcut()
        view = form(slack)
        offered = slack.suggest(action_ids.MODEL_OPTIONS, "llama-3.1")
        assert "llama-3.1-8b" in [option["value"] for option in offered]
        answer = slack.submit_view(
            view["id"], {"model": "llama-3.1-8b", "n": "5k", "channel": GENERAL, "advanced": "packing"}
        )
        assert answer.body == b""
        assert card(slack, GENERAL)["metadata"]["event_payload"]["command"].startswith("llama-3.1-8b full")

    def test_mistakes_are_shown_at_their_fields(self, slack: SlackDouble, shell: Shell) -> None:
        slack.shortcut()
        view = form(slack)
        slack.suggest(action_ids.MODEL_OPTIONS, "7b")
        answer = slack.submit_view(
            view["id"], {"model": "7b", "bs": "0", "channel": ML_TRAINING, "advanced": "zzz=1"}
        )
        errors = answer.payload()["errors"]
        assert "bs=0" in errors["bs"]
        assert "zzz=1" in errors["advanced"]
        at_rest(shell)
        assert slack.messages() == ()

    def test_editing_a_card_answers_in_its_thread(self, slack: SlackDouble, root: Json) -> None:
        slack.click(root["ts"], action_ids.EDIT)
        view = form(slack)
        slack.submit_view(view["id"], {"bs": "16"})
        changed = reply_to(slack, root["ts"])
        assert changed["metadata"]["event_payload"]["command"].endswith("bs=16")

    def test_choosing_lora_brings_the_field_of_its_rank(self, slack: SlackDouble) -> None:
        slack.shortcut()
        view = form(slack)
        assert "r" not in fields(view)
        slack.use_view(view["id"], action_ids.METHOD_CHOICE, "lora")
        redrawn = slack.wait_for(lambda: form(slack) if "r" in fields(form(slack)) else None)
        assert redrawn["id"] == view["id"]

    def test_the_gpu_menu_finds_cards_by_what_people_call_them(self, slack: SlackDouble) -> None:
        slack.shortcut()
        form(slack)
        offered = slack.suggest(action_ids.GPU_OPTIONS, "4090")
        assert "rtx-4090" in [option["value"] for option in offered]

    def test_what_it_may_cost_and_who_sells_it_have_fields(self, slack: SlackDouble, root: Json) -> None:
        slack.click(root["ts"], action_ids.EDIT)
        view = form(slack)
        offered = slack.suggest(action_ids.SELLER_OPTIONS, "阿里")
        assert "alibaba" in [option["value"] for option in offered]
        slack.suggest(action_ids.SELLER_OPTIONS, "runp")
        typed = {"provider": "runpod", "cur": "EUR", "budget": "500 元", "deadline": "2 days"}
        slack.submit_view(view["id"], typed)
        changed = reply_to(slack, root["ts"])
        command = changed["metadata"]["event_payload"]["command"]
        assert command.endswith("runpod budget=500cny cur=EUR deadline=48h")

    def test_a_budget_that_is_none_is_shown_at_its_field(self, slack: SlackDouble, root: Json) -> None:
        slack.click(root["ts"], action_ids.EDIT)
        answer = slack.submit_view(form(slack)["id"], {"budget": "much"})
        assert "budget" in answer.payload()["errors"]

    def test_a_form_that_slack_no_longer_opens_says_so(self, slack: SlackDouble, root: Json) -> None:
        slack.inject(failing("views.open", "expired_trigger_id"))
        slack.click(root["ts"], action_ids.EDIT)
        assert "press again" in whispered(slack)["text"].lower()


class TestThePast:
    def test_a_form_of_an_older_version_says_so(self, slack: SlackDouble) -> None:
        form = form_view(TrainingSpec(model="7b"), defaults=load_catalog().defaults, texts=load_texts("en"))
        view = {**form, "callback_id": "ftcost_old"}
        opened = slack.slack.views.open(ALEX, view, channel=ML_TRAINING)
        assert slack.submit_view(opened["id"], {}).ok
        assert "older version" in whispered(slack)["text"]

    def test_a_menu_of_an_older_version_offers_nothing(self, slack: SlackDouble) -> None:
        old = external_select("old_menu", "x", min_query_length=1)
        row = {"type": "section", "block_id": "old", "text": plain_text("x"), "accessory": old}
        message = {"user": BOT_USER, "bot_id": BOT_ID, "text": "x", "blocks": [row]}
        posted = slack.slack.workspace.add(ML_TRAINING, message)
        assert slack.suggest("old_menu", "7b", message_ts=posted["ts"]) == []


class TestHome:
    def test_home_shows_recent_estimates_and_runs_them_again(self, slack: SlackDouble, root: Json) -> None:
        slack.open_home()
        view = slack.wait_for(slack.home)
        assert SEED in words(view)
        slack.use_view(view["id"], f"{action_ids.HOME_RUN_PREFIX}0")
        slack.wait_for(
            lambda: [call for call in slack.calls("chat.postMessage") if call["channel"] != ML_TRAINING]
        )

    def test_what_was_asked_is_listed_in_the_language_of_who_reads_it(
        self, slack: SlackDouble, shell: Shell, root: Json
    ) -> None:
        slack.say("bs=16", thread_ts=root["ts"])
        slack.wait_for(lambda: len(slack.thread(root["ts"])) > 2)
        at_rest(shell)
        slack.open_home()
        view = slack.wait_for(slack.home)
        newest = next(each for each in view["blocks"] if each["block_id"] == "recent0")["text"]["text"]
        assert newest.startswith("*7B full fine-tune* · `bs=16`\n")
        assert "with 3 tries" in newest
        slack.use_view(view["id"], action_ids.HOME_LANGUAGE, "zh")
        slack.wait_for(lambda: len(slack.calls("views.publish")) > 1)
        assert "*7B 全参微调* · `bs=16`" in words(slack.wait_for(slack.home))
        assert "with 3 tries" not in words(slack.wait_for(slack.home))

    def test_a_card_that_was_sent_to_a_person_has_no_link(
        self, slack: SlackDouble, shell: Shell, root: Json
    ) -> None:
        at_rest(shell)
        slack.open_home()
        home = slack.wait_for(slack.home)
        assert "archives" in words(home)
        slack.use_view(home["id"], f"{action_ids.HOME_RUN_PREFIX}0")
        sent = slack.wait_for(lambda: slack.messages(ALEX_DM))[0]
        assert sent["metadata"]["event_payload"]["command"] == SEED
        slack.open_home()
        at_rest(shell)
        assert "archives" not in words(slack.wait_for(slack.home))

    def test_an_estimate_is_listed_before_its_card_can_be_seen(
        self, slack: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post, listed = shell.responder.delivery.post, list[str]()

        def looking_home(*arguments: Any, **named: Any) -> str:
            listed.extend(each.asked.command for each in shell.responder.recent.of(ALEX))
            return post(*arguments, **named)

        monkeypatch.setattr(shell.responder.delivery, "post", looking_home)
        slack.slash_command(SEED)
        card(slack)
        assert listed == [SEED]
        at_rest(shell)
        assert [each.link is not None for each in shell.responder.recent.of(ALEX)] == [True]

    def test_what_is_asked_elsewhere_while_a_card_is_posted_stays_listed(
        self, slack: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post = shell.responder.delivery.post

        def asking_elsewhere(*arguments: Any, **named: Any) -> str:
            recent = shell.responder.recent
            other = recent.with_asked(ALEX, Asked(command="13b"), before=recent.kept(ALEX))
            write_updates(shell.responder.store, [other])
            return post(*arguments, **named)

        monkeypatch.setattr(shell.responder.delivery, "post", asking_elsewhere)
        slack.slash_command(SEED)
        card(slack)
        at_rest(shell)
        listed = {each.asked.command: each.link for each in shell.responder.recent.of(ALEX)}
        assert listed.keys() == {SEED, "13b"}
        assert listed[SEED]

    def test_what_is_pressed_at_home_shows_that_something_happens(
        self, slack: SlackDouble, root: Json
    ) -> None:
        slack.open_home()
        home = slack.wait_for(slack.home)
        slack.use_view(home["id"], f"{action_ids.HOME_RUN_PREFIX}0")
        assert "Messages" in words(slack.wait_for(slack.view))
        assert root["ts"]

    def test_help_at_home_is_a_window(self, slack: SlackDouble) -> None:
        slack.open_home()
        slack.use_view(slack.wait_for(slack.home)["id"], action_ids.HELP)
        assert "in any order" in words(slack.wait_for(slack.view))

    def test_a_slow_drawing_does_not_cover_a_newer_one(self, slack: SlackDouble, shell: Shell) -> None:
        slack.open_home()
        view = slack.wait_for(slack.home)
        slack.inject(slow("views.publish", 0.2))
        slack.open_home()
        slack.use_view(view["id"], action_ids.HOME_LANGUAGE, "zh")
        at_rest(shell)
        assert "还没有估算" in words(slack.wait_for(slack.home))

    def test_a_chosen_language_beats_that_of_slack(self, slack: SlackDouble) -> None:
        slack.open_home()
        view = slack.wait_for(slack.home)
        slack.use_view(view["id"], action_ids.HOME_LANGUAGE, "zh")
        slack.wait_for(lambda: len(slack.calls("views.publish")) > 1)
        slack.slash_command(SEED)
        assert "全参" in card(slack)["text"]
