"""Eighty questions about models of a hub that hangs: each is acknowledged, and others have their card."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hostile_hub import HostileHub
from said import SEED, words
from shells import served, shell_of

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.people import ALEX, GENERAL, MEI, ML_TRAINING
from bot.store.memory import MemoryStore

HANGING = 80
ACKNOWLEDGED_SECONDS = 20.0
"""Whoever waited for the hub in turn would wait for forty; the bench has the figure, well under 0.1."""


@pytest.fixture
def shell(slack: SlackDouble, tmp_path: Path) -> Iterator[Shell]:
    with HostileHub() as hub:
        shell = shell_of(slack, tmp_path, MemoryStore(), hub_endpoint=hub.url, hub_offline=False)
        with served(slack, shell):
            yield shell


def test_names_that_hang_cost_others_nothing(slack: SlackDouble, shell: Shell) -> None:
    def ask(number: int) -> float:
        answer = slack.slash_command(f"org/hangs-{number} qlora", user=ALEX, channel=ML_TRAINING)
        assert answer.ok
        return answer.seconds

    with ThreadPoolExecutor(16) as people:
        assert max(people.map(ask, range(HANGING))) < ACKNOWLEDGED_SECONDS
    assert slack.slash_command(SEED, user=MEI, channel=GENERAL).ok
    cards = slack.wait_for(lambda: [m for m in slack.messages(GENERAL) if m.get("bot_id")])
    assert "A100" in words(cards[0])
    said = slack.wait_for(lambda: m if len(m := slack.ephemerals(ALEX)) >= HANGING else None)
    assert len(said) == HANGING
