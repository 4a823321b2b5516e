"""What Slack itself says when an app does not answer or is not there, in the person's language."""

from bot.playground.people import SLACKBOT
from bot.playground.slack import Slack
from bot.playground.wire import Json

TEXTS = {
    "en": {
        "failed": "{command} failed with the error “{error}”",
        "unknown_command": "{command} is not a valid command. This workspace knows `/ftcost` and `/invite`.",
        "in_thread": "{command} is not supported in threads. Reply with just the change, e.g. `bs=16`.",
        "not_here": "<@{app}> is not in this channel. Type `/invite @FT Cost` to bring it in.",
        "joined": "was added to the channel",
        "interaction_failed": "FT Cost did not answer (“{error}”). Nothing was changed.",
    },
    "zh": {
        "failed": "{command} 执行失败，错误为“{error}”",
        "unknown_command": "{command} 不是有效的命令。本工作区只有 `/ftcost` 和 `/invite`。",
        "in_thread": "抱歉，消息列中不能使用 {command}。直接回复要改的参数即可，例如 `bs=16`。",
        "not_here": "<@{app}> 不在此频道中。输入 `/invite @FT Cost` 邀请它。",
        "joined": "已加入频道",
        "interaction_failed": "FT Cost 没有回应（“{error}”），未做任何更改。",
    },
}


def slackbot_text(slack: Slack, user: str, key: str, **words: str) -> str:
    """One sentence of Slack's, in the language of `user`."""
    locale = slack.workspace.person(user).locale
    return TEXTS["zh" if locale.startswith("zh") else "en"][key].format(**words)


def slackbot_says(
    slack: Slack, user: str, channel: str, key: str, *, thread_ts: str = "", **words: str
) -> Json:
    """Say it to `user` alone."""
    message: Json = {"user": SLACKBOT, "text": slackbot_text(slack, user, key, **words), "blocks": []}
    return slack.workspace.whisper(user, channel, message | ({"thread_ts": thread_ts} if thread_ts else {}))


def error_of(status: int, reason: str) -> str:
    """Slack's word for an app that did not acknowledge."""
    return "operation_timeout" if not status and reason == "http_timeout" else "dispatch_failed"
