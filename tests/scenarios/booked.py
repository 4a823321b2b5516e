"""What a channel has booked, and what was shown of it."""

from said import SEED, at_rest

from bot.bootstrap import Shell
from bot.ledger import ChannelKey, Entry
from bot.playground import SlackDouble
from bot.playground.people import ALEX, ML_TRAINING, TEAM_ID
from bot.playground.wire import Json


def booked(shell: Shell, kind: str) -> list[Entry]:
    key = ChannelKey(team_id=TEAM_ID, channel_id=ML_TRAINING)
    return [each for each in shell.responder.money.books.entries(key) if each.kind == kind]


def cards(slack: SlackDouble) -> list[Json]:
    return [each for each in slack.messages() if each.get("metadata")]


def last_whispered(slack: SlackDouble) -> Json:
    return slack.ephemerals(ALEX)[-1]


def measured(slack: SlackDouble, shell: Shell, hours: str, spec: str = SEED) -> Json:
    """A run that was estimated and took `hours`."""
    before = len(cards(slack))
    slack.slash_command(spec)
    at_rest(shell)
    posted = cards(slack)[before]
    slack.say(f"actual {hours}", thread_ts=posted["ts"])
    at_rest(shell)
    return posted
