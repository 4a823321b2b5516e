"""What Slack itself says when an app does not answer or is not there, in the person's language."""

from bot.i18n import load_texts
from bot.playground.people import SLACKBOT
from bot.playground.state import Slack
from bot.playground.wire import Json


def slackbot_text(slack: Slack, user: str, key: str, **words: str) -> str:
    """One sentence of Slack's, in the language of `user`."""
    locale = slack.workspace.person(user).locale
    texts = load_texts("zh" if locale.startswith("zh") else "en")
    return texts(f"slackbot.{key}", **words)


def slackbot_says(
    slack: Slack, user: str, channel: str, key: str, *, thread_ts: str = "", **words: str
) -> Json:
    """Say it to `user` alone."""
    message: Json = {"user": SLACKBOT, "text": slackbot_text(slack, user, key, **words), "blocks": []}
    return slack.workspace.post_ephemeral(
        user, channel, message | ({"thread_ts": thread_ts} if thread_ts else {})
    )


def error_of(status: int, reason: str) -> str:
    """Slack's word for an app that did not acknowledge."""
    return "operation_timeout" if not status and reason == "http_timeout" else "dispatch_failed"
