"""Slack's check of the address, as docs/slack-setup.md tells it: create, secret, start, Retry."""

import json

import pytest

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.transport import JSON, Answer, HttpTransport
from bot.settings import serving_settings_from

CHALLENGE = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"


def checked(address: str, secret: str) -> Answer:
    question = {"token": "Jhj5dZrVaK7ZwHHjRyZWjbDl", "challenge": CHALLENGE, "type": "url_verification"}
    return HttpTransport(address, secret).post(json.dumps(question).encode(), JSON)


def test_before_the_bot_is_started_nothing_answers() -> None:
    assert checked("http://127.0.0.1:9/slack/events", "secret").reason == "connection_failed"


def test_retry_is_answered_once_the_bot_has_its_secret(slack: SlackDouble, shell: Shell) -> None:
    answer = checked(slack.http.app_url, slack.signing_secret)
    assert answer.status == 200
    assert json.loads(answer.body) == {"challenge": CHALLENGE}


@pytest.mark.parametrize("secret", ["another", ""])
def test_with_another_secret_the_answer_is_a_401(slack: SlackDouble, shell: Shell, secret: str) -> None:
    assert checked(slack.http.app_url, secret).status == 401


def test_http_without_a_secret_does_not_start() -> None:
    with pytest.raises(Exception, match="SLACK_SIGNING_SECRET is missing: HTTP mode refuses to start"):
        serving_settings_from({"SLACK_BOT_TOKEN": "xoxb-1", "HOME": "/nowhere"})
