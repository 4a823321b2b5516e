"""A log in a thread becomes what was measured of its run."""

from pathlib import Path

import pytest
from booked import booked
from said import SEED, at_rest, card, reply_to, words

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.wire import Json

pytestmark = pytest.mark.usefixtures("shell")


LOG = "{'train_runtime': 7284.9, 'train_samples_per_second': 4.1, 'train_loss': 1.03, 'epoch': 3.0}"


SUMMARY = (Path(__file__).parent.parent / "bot/language/pastes/examples/wandb.json").read_text(
    encoding="utf-8"
)


@pytest.fixture
def committed(slack: SlackDouble, shell: Shell) -> Json:
    """A card whose run is in the budget."""
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    slack.slash_command(f"budget add {SEED}")
    at_rest(shell)
    return card(slack)


def test_a_pasted_log_is_kept_by_its_button(slack: SlackDouble, shell: Shell, committed: Json) -> None:
    slack.say(LOG, thread_ts=committed["ts"])
    offered = reply_to(slack, committed["ts"], number=3)
    assert "actual 2.0236h" in words(offered)
    slack.click(offered["ts"], "error_run_actual")
    at_rest(shell)
    (entry,) = booked(shell, "actual")
    assert entry.hours == pytest.approx(2.0236)
    said = words(slack.thread(committed["ts"])[-1])
    assert "× the estimate" in said
    assert "At the price of the card" in said
    assert "stays" in said
    slack.click(slack.thread(committed["ts"])[-1]["ts"], "error_run_actual")
    at_rest(shell)
    assert booked(shell, "actual")[-1].amount
    assert "takes the place of" in words(slack.thread(committed["ts"])[-1])


def test_a_log_is_kept_beside_the_card_that_it_was_held_against(
    slack: SlackDouble, shell: Shell, committed: Json
) -> None:
    slack.say(LOG, thread_ts=committed["ts"])
    offered = reply_to(slack, committed["ts"], number=3)
    at_rest(shell)
    slack.say("70b", thread_ts=committed["ts"])
    at_rest(shell)
    slack.click(offered["ts"], "error_run_actual")
    at_rest(shell)
    (entry,) = booked(shell, "actual")
    assert entry.command == committed["metadata"]["event_payload"]["command"]


def test_a_log_beside_the_word_actual_is_booked(slack: SlackDouble, shell: Shell, committed: Json) -> None:
    slack.say(f"actual $3.50\n```\n{SUMMARY}```", thread_ts=committed["ts"])
    at_rest(shell)
    (entry,) = booked(shell, "actual")
    assert entry.hours == pytest.approx(2.0236)
    assert entry.amount == "3.50"
    assert entry.process_bytes == round(66.5 * 2**30)
    said = words(slack.thread(committed["ts"])[-1])
    assert "takes the place of" in said
    assert "Left before" in said


def test_the_summary_of_a_tracker_as_a_file_under_our_card(
    slack: SlackDouble, shell: Shell, committed: Json
) -> None:
    slack.say("实测", thread_ts=committed["ts"], files=(slack.file(SUMMARY, "wandb-summary.json"),))
    at_rest(shell)
    assert booked(shell, "actual")[0].process_bytes == round(66.5 * 2**30)


def test_a_run_that_ran_out_of_memory_is_no_actual(slack: SlackDouble, shell: Shell, committed: Json) -> None:
    said = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB"
    slack.say(said, thread_ts=committed["ts"])
    assert "actual" not in words(reply_to(slack, committed["ts"], number=3))
