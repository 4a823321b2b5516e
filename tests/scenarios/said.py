"""What a message or a view shows to a reader."""

from collections.abc import Iterator
from typing import Any

from patience import until

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.people import ALEX, ALEX_DM, ML_TRAINING
from bot.playground.wire import Json

SEED = "7b fp16 n=10000 bs=32"


def at_rest(*shells: Shell) -> None:
    """Wait until nothing that was acknowledged is unfinished: after that, silence is silence.

    The gauge is raised before the acknowledgement, so what a gesture set off is counted when it returns.
    """
    until(lambda: not any(shell.metrics.registry.get_sample_value("ftcost_working") for shell in shells))


def words(message: Json) -> str:
    """Everything that the blocks show; what buttons carry is not shown."""
    return " ".join(_shown(message["blocks"]))


def _shown(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (each for name, each in part.items() if name == "text" and isinstance(each, str))
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _shown(each)


def card(slack: SlackDouble, channel: str = ML_TRAINING) -> Json:
    """The one card of the channel, once it is there."""
    return slack.wait_for(
        lambda: next((each for each in slack.messages(channel) if each.get("metadata")), None)
    )


def whispered(slack: SlackDouble, user: str = ALEX) -> Json:
    """The first message that `user` alone sees, once it is there."""
    return slack.wait_for(lambda: next(iter(slack.ephemerals(user)), None))


def answer_to(slack: SlackDouble, asked: Json, channel: str = ALEX_DM) -> Json:
    """The first card that stands flat after `asked`, once it is there."""

    def found() -> Json | None:
        after = (each for each in slack.messages(channel) if float(each["ts"]) > float(asked["ts"]))
        return next((each for each in after if each.get("bot_id")), None)

    return slack.wait_for(found)


def reply_to(slack: SlackDouble, root_ts: str, *, number: int = 1, channel: str = ML_TRAINING) -> Json:
    """The reply of this number in a thread, once it is there."""
    return slack.wait_for(
        lambda: thread[number] if len(thread := slack.thread(root_ts, channel)) > number else None
    )
