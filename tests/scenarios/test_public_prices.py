"""Where another company reads along, nobody is shown what the installation alone pays."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from said import at_rest, card, reply_to, whispered, words
from shells import served, shell_of

from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.playground import SlackDouble
from bot.playground.people import ALEX, ALEX_DM, ML_TRAINING
from bot.slack.channels import ChannelFacts
from bot.store.memory import MemoryStore

OURS = """
reference:
  - {gpu: a100-80gb, provider: alibaba, amount: "11.11", currency: CNY, source: "our contract"}
overrides:
  - {provider: in-house, gpu: a100-80gb, amount: "0.77", currency: USD, as_of: 2026-11-01, source: "finance"}
"""
ASKED = "7b pure fp16 n=10000 bs=32 1xa100"
OWN = ("n-house", "11.11")

Open = Callable[..., Shell]


@contextmanager
def opened(slack: SlackDouble, home: Path, shared_with: str, *, shown: str = "public") -> Iterator[Shell]:
    (home / "config").mkdir()
    (home / "config" / "prices.yaml").write_text(OURS)
    shell = shell_of(slack, home, MemoryStore(), config_dir=home / "config", shared_channel_prices=shown)
    facts = shell.responder.money.channels.facts
    object.__setattr__(
        shell.responder.money.channels,
        "facts",
        lambda channel: ChannelFacts(is_shared=True) if channel == shared_with else facts(channel),
    )
    with served(slack, shell):
        yield shell


@pytest.fixture
def open_shell(slack: SlackDouble, tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as stack:
        yield lambda shared_with="", **more: stack.enter_context(opened(slack, tmp_path, shared_with, **more))


def own_in(text: str) -> list[str]:
    return [each for each in OWN if each in text]


def test_colleagues_see_what_they_pay(slack: SlackDouble, open_shell: Open) -> None:
    open_shell()
    slack.slash_command(ASKED)
    assert "11.11" in own_in(words(card(slack)))
    slack.slash_command("prices a100-80gb")
    assert own_in(words(whispered(slack))) == ["n-house"]


def test_in_a_shared_channel_every_answer_has_public_prices_and_says_so(
    slack: SlackDouble, open_shell: Open
) -> None:
    shell = open_shell(ML_TRAINING)
    slack.slash_command(ASKED)
    root = card(slack)
    assert "Public prices only" in words(root)
    slack.say("bs=16", thread_ts=root["ts"])
    reply_to(slack, root["ts"])
    slack.click(root["ts"], action_ids.COMPARE)
    slack.say(f"<@U0FTCOST01> compare {ASKED} | {ASKED} bs=16")
    slack.say("<@U0FTCOST01> prices a100-80gb")
    slack.slash_command("prices a100-80gb")
    slack.slash_command(f"{ASKED} private")
    slack.slash_command(f"recipe sky {ASKED}")
    slack.say("recipe sky", thread_ts=root["ts"])
    slack.select(root["ts"], action_ids.MORE, action_ids.MATHS)
    at_rest(shell)
    everything = [*slack.messages(ML_TRAINING), *slack.thread(root["ts"]), *slack.ephemerals(ALEX)]
    shown = " ".join(repr(each) for each in (*everything, slack.view(ALEX)))
    assert len(everything) > 6
    assert own_in(shown) == []


def test_elsewhere_the_same_people_see_their_own(slack: SlackDouble, open_shell: Open) -> None:
    open_shell(ML_TRAINING)
    slack.slash_command(ASKED, channel=ALEX_DM)
    shown = words(card(slack, ALEX_DM))
    assert "11.11" in own_in(shown)
    assert "Public prices only" not in shown


def test_who_says_so_shows_them_everywhere(slack: SlackDouble, open_shell: Open) -> None:
    open_shell(ML_TRAINING, shown="own")
    slack.slash_command("prices a100-80gb")
    assert own_in(words(whispered(slack))) == ["n-house"]


def test_where_nothing_is_our_own_slack_is_not_asked(slack: SlackDouble, shell: Shell) -> None:
    assert shell.responder.answers.public is None
    slack.slash_command(ASKED)
    assert "Public prices only" not in words(card(slack))
