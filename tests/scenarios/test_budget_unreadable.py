"""A ledger that cannot be read is never taken for one in which nothing stands."""

from typing import Final

import pytest
from said import SEED, at_rest, card, words

from bot.bootstrap import Shell
from bot.ledger import ChannelKey, Entry, Ledger, UnreadableError
from bot.ledger import ledger as ledger_module
from bot.playground import SlackDouble
from bot.playground.people import ALEX, MEI, ML_TRAINING, TEAM_ID

pytestmark = pytest.mark.usefixtures("shell")

KEY: Final = ChannelKey(team_id=TEAM_ID, channel_id=ML_TRAINING)
UNREAD: Final = ("cannot be read", "Not booked", "暂时无法读取", "没有记账")


class Away:
    """Reads of ledgers that fail, the next `most` of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most = 0
        read = Ledger._lines

        def lines(ledger: Ledger, *asked: object) -> tuple[bytes, ...]:
            if self.most:
                self.most -= 1
                raise UnreadableError("it does not answer")
            return read(ledger, *asked)  # type: ignore[arg-type]

        monkeypatch.setattr(Ledger, "_lines", lines)
        monkeypatch.setattr(ledger_module, "AWAY_PAUSES_SECONDS", (0.0,))


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Away:
    return Away(monkeypatch)


def booked(shell: Shell) -> tuple[Entry, ...]:
    return shell.responder.money.books.entries(KEY)


def told(slack: SlackDouble, shell: Shell, line: str, user: str, thread_ts: str = "") -> str:
    """What everybody and the asker is told."""
    before = len(slack.messages()), len(slack.ephemerals(user))
    if thread_ts:
        slack.say(line, thread_ts=thread_ts, user=user)
    else:
        slack.slash_command(line, user=user)
    at_rest(shell)
    return " ".join(map(words, [*slack.messages()[before[0] :], *slack.ephemerals(user)[before[1] :]]))


@pytest.mark.parametrize("user", [ALEX, MEI])
@pytest.mark.parametrize(
    "line",
    [
        *("budget", "budget set 5 usd", "budget add 90", "history", "budget export", "history correct"),
        *("settings forget channel now", "budget note new disks"),
        *("thread: budget drop", "thread: budget add", "thread: actual drop", "thread: actual +$5"),
    ],
)
def test_nothing_is_said_or_done_on_what_nobody_could_read(
    slack: SlackDouble, shell: Shell, away: Away, line: str, user: str
) -> None:
    told(slack, shell, "budget set 300 cny", ALEX)
    told(slack, shell, SEED, ALEX)
    thread_ts = card(slack)["ts"]
    told(slack, shell, "budget add", ALEX, thread_ts)
    told(slack, shell, "actual 4h ¥20", ALEX, thread_ts)
    before = booked(shell)
    assert [each.kind for each in before] == ["limit", "add", "actual"]
    away.most = 1_000
    where, _, typed = line.rpartition(": ")
    said = told(slack, shell, typed, user, thread_ts if where else "")
    away.most = 0
    assert any(each in said for each in UNREAD), said
    assert booked(shell) == before


def test_one_that_can_be_read_in_a_moment_is_waited_for(slack: SlackDouble, shell: Shell, away: Away) -> None:
    """An amount alone is one of the limit's money, with its rate, and not of the asker's."""
    told(slack, shell, "budget set 300 cny", ALEX)
    away.most = 1
    told(slack, shell, "budget add 90", ALEX)
    away.most = 1
    told(slack, shell, "budget add 20 usd", ALEX)
    _, yuan, dollars = booked(shell)
    assert (yuan.amount, yuan.currency) == ("90", "CNY")
    assert dollars.rate_currency == "CNY"
    assert dollars.rate


def test_a_home_says_that_it_cannot_be_read(slack: SlackDouble, shell: Shell, away: Away) -> None:
    told(slack, shell, "budget set 300 cny", ALEX)
    away.most = 1_000
    slack.open_home()
    at_rest(shell)
    home = slack.home()
    assert home
    assert "cannot be read" in words(home)
