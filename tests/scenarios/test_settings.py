"""Settings of a user and a channel, and the form of a bare command."""

import re
from functools import partial

import pytest
from said import SEED, at_rest, card, reply_to, whispered, words

from bot.bootstrap import Shell, playground_settings
from bot.cards import action_ids
from bot.conversation.preferences import Preferences, UserInChannel
from bot.playground import SlackDouble
from bot.playground.faults import failing
from bot.playground.people import ALEX, GENERAL, MEI
from bot.playground.state import BOT_TOKEN
from bot.slack.lookups import UserLocales

pytestmark = pytest.mark.usefixtures("shell")


def test_a_users_language_and_currency_hold_everywhere(slack: SlackDouble) -> None:
    slack.slash_command("settings lang=zh cur=eur")
    assert "EUR" in words(whispered(slack))
    slack.slash_command(SEED, channel=GENERAL)
    posted = card(slack, GENERAL)
    assert "全参" in posted["text"]
    assert "€" in posted["text"]


def test_a_channels_settings_hold_for_whoever_has_none(slack: SlackDouble) -> None:
    slack.slash_command("settings channel lang=en cur=usd")
    assert "English" in words(whispered(slack))
    slack.slash_command(SEED, user=MEI)
    assert "$" in card(slack)["text"]


def test_a_channels_sellers_hold_in_it_and_in_its_threads(slack: SlackDouble) -> None:
    slack.slash_command("settings providers=azure")
    assert "`azure`" in words(whispered(slack))
    slack.slash_command("7b lora 8xh100")
    posted = card(slack)
    assert "by the settings of the channel: `azure`" in words(posted)
    assert "Azure" in words(posted)
    slack.say("epochs=2", thread_ts=posted["ts"])
    assert "Azure" in words(reply_to(slack, posted["ts"], number=2))


def test_sellers_that_the_workspace_and_the_channel_leave_out_add_up(slack: SlackDouble) -> None:
    slack.slash_command("settings workspace providers=-cudo,-crusoe")
    slack.wait_for(partial(_more_whispers_than, 0, slack))
    slack.slash_command("settings providers=-lambda")
    slack.wait_for(partial(_more_whispers_than, 1, slack))
    slack.slash_command("7b lora 1xh100")
    posted = words(card(slack))
    assert "by the settings of the workspace: `no-cudo no-crusoe`" in posted
    assert "by the settings of the channel: `no-lambda`" in posted
    assert "Crusoe" not in posted


def test_a_follow_up_says_that_the_settings_have_changed_and_not_the_prices(slack: SlackDouble) -> None:
    slack.slash_command("7b lora 8xh100")
    posted = card(slack)
    slack.slash_command("settings providers=azure")
    slack.wait_for(partial(_more_whispers_than, 0, slack))
    slack.say("epochs=2", thread_ts=posted["ts"])
    said = words(reply_to(slack, posted["ts"], number=2))
    assert "The settings have changed since that card" in said
    assert "Prices have changed" not in said


def test_a_slip_of_a_region_is_said_where_it_is_set(slack: SlackDouble) -> None:
    slack.slash_command("settings region=us-est-1")
    said = words(whispered(slack))
    assert "No price here is one of the region `us-est-1`; did you mean `region=us-east-1`?" in said


def test_what_is_no_setting_is_said(slack: SlackDouble) -> None:
    slack.slash_command("settings colour=blue")
    assert "colour" in words(whispered(slack))


def test_the_corrected_line_of_a_setting_is_a_setting(known: SlackDouble) -> None:
    known.slash_command("settings lnag=zh")
    known.click(whispered(known)["ts"], f"{action_ids.RUN_PREFIX}0")
    known.wait_for(lambda: any("当前生效" in each["text"] for each in known.ephemerals(ALEX)))


def test_home_keeps_a_currency(slack: SlackDouble) -> None:
    slack.open_home()
    view = slack.wait_for(slack.home)
    assert "n=10000" in words(view)
    slack.use_view(view["id"], action_ids.HOME_CURRENCY, "EUR")
    slack.wait_for(lambda: len(slack.calls("views.publish")) > 1)
    slack.slash_command(SEED)
    assert "€" in card(slack)["text"]


def _more_whispers_than(before: int, slack: SlackDouble) -> bool:
    return len(slack.ephemerals(ALEX)) > before


def test_the_locale_of_slack_is_asked_once(slack: SlackDouble, shell: Shell) -> None:
    for _ in range(3):
        before = len(slack.ephemerals(ALEX))
        slack.slash_command("7b bs=0")
        slack.wait_for(partial(_more_whispers_than, before, slack))
    at_rest(shell)
    assert len(slack.calls("users.info")) == 1


def test_the_language_switch_of_the_playground_holds_at_once(shell: Shell, slack: SlackDouble) -> None:
    addresses = {"slack_api_url": slack.api_url, "signing_secret": "s", "bot_token": BOT_TOKEN}
    settings = playground_settings(shell.settings, shell.settings.state_dir, **addresses)
    preferences, seconds = Preferences(shell.store), settings.locale_seconds
    readers = UserLocales(shell.responder.delivery, shell.store, preferences, locale_seconds=seconds)
    assert readers.language(UserInChannel(user_id=MEI)) == "zh"
    slack.slack.workspace.person(MEI).locale = "en-US"
    assert readers.known(UserInChannel(user_id=MEI)) is None
    assert readers.language(UserInChannel(user_id=MEI)) == "en"


@pytest.mark.parametrize("text", ["", "   "])
def test_a_bare_command_opens_the_form(slack: SlackDouble, shell: Shell, text: str) -> None:
    assert slack.slash_command(text).body == b""
    assert slack.wait_for(slack.view)["callback_id"] == action_ids.FORM
    at_rest(shell)
    assert slack.ephemerals(ALEX) == ()


def test_where_the_form_does_not_open_there_is_help(slack: SlackDouble) -> None:
    slack.inject(failing("views.open", "expired_trigger_id"))
    slack.slash_command("")
    assert "n=10000" in words(whispered(slack))


@pytest.mark.parametrize("text", ["undo", "reset", "vs root"])
def test_the_way_back_needs_a_thread(slack: SlackDouble, text: str) -> None:
    slack.slash_command(text)
    assert "card's thread" in whispered(slack)["text"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("help seq", "`seq`"), ("models qwen", "qwen"), ("gpus 4090", "4090"), ("prices h100", "H100")],
)
def test_lists_and_topics_are_for_the_asker(slack: SlackDouble, shell: Shell, text: str, shown: str) -> None:
    slack.slash_command(text)
    assert shown in words(whispered(slack))
    at_rest(shell)
    assert slack.messages() == ()


def test_the_form_speaks_the_language_of_whoever_opened_it(shell: Shell, slack: SlackDouble) -> None:
    slack.shortcut(user=MEI)
    view = slack.wait_for(lambda: slack.view(MEI))
    assert view["submit"]["text"] == "估算"
    slack.suggest(action_ids.MODEL_OPTIONS, "7b", user=MEI)
    answer = slack.submit_view(view["id"], {"model": "7b", "bs": "0"}, user=MEI)
    assert re.search(r"[\u4e00-\u9fff]", answer.payload()["errors"]["bs"])
