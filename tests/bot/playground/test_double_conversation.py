"""The double and a real Bolt app over HTTP: commands, threads, buttons, forms."""

import pytest

from bot.playground import SlackDouble
from bot.playground.people import ALEX, GENERAL, ML_TRAINING, RANDOM


def test_a_command_is_echoed_and_its_card_posted(tiny_slack: SlackDouble) -> None:
    answer = tiny_slack.slash_command("7b fp16 n=10000 bs=32")
    card = tiny_slack.wait_for(lambda: [m for m in tiny_slack.messages() if m.get("bot_id")])[0]
    assert answer.status == 200
    assert tiny_slack.messages()[0]["text"] == "/ftcost 7b fp16 n=10000 bs=32"
    assert card["blocks"][0]["text"]["text"].startswith("≈ ¥117")
    assert tiny_slack.calls("chat.postMessage")[0]["channel"] == ML_TRAINING


def test_an_acknowledgement_with_text_is_seen_by_the_asker_alone(tiny_slack: SlackDouble) -> None:
    tiny_slack.slash_command("help")
    assert [m["blocks"][0]["block_id"] for m in tiny_slack.ephemerals(ALEX)] == ["usage"]
    assert tiny_slack.messages() == ()


def test_a_reply_and_a_mention_are_answered_in_their_threads(tiny_slack: SlackDouble) -> None:
    root = tiny_slack.say("which GPU?", channel=GENERAL)
    tiny_slack.say("bs=16", thread_ts=root["ts"], channel=GENERAL)
    tiny_slack.wait_for(lambda: len(tiny_slack.thread(root["ts"], GENERAL)) == 3)
    tiny_slack.mention("7b", channel=GENERAL, thread_ts=root["ts"])
    tiny_slack.wait_for(lambda: len(tiny_slack.thread(root["ts"], GENERAL)) == 5)
    assert tiny_slack.messages(GENERAL)[0]["reply_count"] == 4


def test_a_button_reaches_the_app_with_its_message_and_a_menu_with_its_option(
    tiny_slack: SlackDouble,
) -> None:
    tiny_slack.slash_command("7b")
    card = tiny_slack.wait_for(lambda: [m for m in tiny_slack.messages() if m.get("bot_id")])[0]
    assert tiny_slack.click(card["ts"], "compare").ok
    compare = tiny_slack.wait_for(lambda: tiny_slack.thread(card["ts"])[1:])[0]
    tiny_slack.select(compare["ts"], "pick_gpu", "l40s:4")
    assert tiny_slack.wait_for(tiny_slack.ephemerals)[0]["text"] == "Picked l40s:4"


def test_a_button_of_an_ephemeral_message_replaces_it(tiny_slack: SlackDouble) -> None:
    tiny_slack.slash_command("batchsize=32")
    (error,) = tiny_slack.ephemerals()
    tiny_slack.click(error["ts"], "run")
    tiny_slack.wait_for(lambda: tiny_slack.ephemerals()[0]["text"] == "Running it with `bs=32`.")
    assert len(tiny_slack.ephemerals()) == 1


def test_a_form_offers_options_grows_a_field_complains_and_is_sent(tiny_slack: SlackDouble) -> None:
    tiny_slack.shortcut("ftcost_new")
    view = tiny_slack.wait_for(tiny_slack.view)
    assert [option["value"] for option in tiny_slack.suggest("model", "qwen")] == ["qwen2.5-7b"]
    tiny_slack.fill(view["id"], {"n": "777"})
    tiny_slack.use_view(view["id"], "method", "lora")
    tiny_slack.wait_for(lambda: "rank" in tiny_slack.slack.views.get(view["id"])["state"]["values"])
    assert tiny_slack.slack.views.get(view["id"])["state"]["values"]["n"]["n"]["value"] == "777"
    tiny_slack.submit_view(view["id"], {"n": "13"})
    assert tiny_slack.view() is not None
    tiny_slack.submit_view(view["id"], {"n": "14", "model": "13b"})
    assert tiny_slack.view() is None
    assert tiny_slack.wait_for(tiny_slack.messages)


def test_the_home_tab_is_published_when_it_is_opened(tiny_slack: SlackDouble) -> None:
    tiny_slack.open_home()
    home = tiny_slack.wait_for(tiny_slack.home)
    assert home["blocks"][0]["text"]["text"] == "Recent estimates"


def test_the_app_hears_nothing_of_a_channel_it_is_not_in_until_it_is_invited(tiny_slack: SlackDouble) -> None:
    tiny_slack.mention("7b", channel=RANDOM)
    assert "is not in this channel" in tiny_slack.ephemerals()[0]["text"]
    tiny_slack.invite(channel=RANDOM)
    said = tiny_slack.mention("7b", channel=RANDOM)
    tiny_slack.wait_for(lambda: len(tiny_slack.thread(said["ts"], RANDOM)) == 2)


def test_an_app_that_is_not_there_is_reported_as_slack_reports_it(double: SlackDouble) -> None:
    double.connect("http://127.0.0.1:9/slack/events")
    answer = double.slash_command("7b")
    assert (answer.status, answer.reason) == (0, "connection_failed")
    assert "dispatch_failed" in double.ephemerals()[0]["text"]


def test_a_wrong_signature_gets_nowhere(tiny_slack: SlackDouble) -> None:
    answer = tiny_slack.http.post(
        b"command=/ftcost", "application/x-www-form-urlencoded", {"X-Slack-Signature": "v0=0"}
    )
    assert answer.status == 401


@pytest.mark.parametrize("text", ["<!channel>", "a < b & c", "@FT Cost hi"])
def test_typed_text_reaches_the_app_escaped(double: SlackDouble, text: str) -> None:
    said = double.say(text)["text"]
    assert "<!" not in said
    assert said in ("&lt;!channel&gt;", "a &lt; b &amp; c", "<@U0FTCOST01> hi")
