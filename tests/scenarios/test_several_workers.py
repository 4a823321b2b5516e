"""`ftcost serve` as several processes: they answer as one, and none of them ends the others."""

import os
import re
import signal
from pathlib import Path

from patience import PATIENCE_SECONDS, until
from real_redis import LEAVES_SOCKETS, SERVERS, running
from said import SEED, card
from serving import Serve, command_line, get, workers_of

from bot.playground import SlackDouble
from bot.playground.state import APP_TOKEN

pytestmark = LEAVES_SOCKETS


def answered_in(metrics: str) -> float:
    """How many answers all workers together have counted."""
    return sum(
        map(float, re.findall(r'^ftcost_answers_total\{outcome="fits"\} (\S+)$', metrics, re.MULTILINE))
    )


def test_two_workers_answer_on_one_port_count_together_and_are_begun_again(
    serve: Serve, slack: SlackDouble
) -> None:
    process = serve(FTCOST_WORKERS="2")
    address = process.address()
    until(lambda: len(workers_of(process.process)) == 2)
    slack.connect(f"{address}/slack/events")
    for number in range(20):
        assert slack.slash_command(f"7b fp16 n={1000 + number}").ok
    until(lambda: answered_in(get(address, "/metrics")[1]) == 20)
    assert all(answered_in(get(address, "/metrics")[1]) == 20 for _ in range(5))  # whichever is asked
    before = workers_of(process.process)
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(workers_of(process.process) - {min(before)}) == 2)
    assert slack.slash_command("7b fp16 n=2000").ok
    until(lambda: answered_in(get(address, "/metrics")[1]) == 21)
    status, log, seconds = process.stop()
    assert (status, "beginning it again" in log) == (0, True)
    assert seconds < 20


def serving(worker: int) -> str:
    """What that worker says when it has begun, or begun again."""
    return f'"mode": "http", "worker": {worker}\\b'


def test_a_worker_begun_again_while_a_required_store_is_away_ends_no_other(
    serve: Serve, slack: SlackDouble, tmp_path: Path
) -> None:
    with running(SERVERS[0], tmp_path / "redis") as port:
        process = serve(FTCOST_WORKERS="2", FTCOST_REQUIRE_STORE="1", REDIS_URL=f"redis://127.0.0.1:{port}/0")
        address = process.address()
        for number in range(2):
            process.until_it_says(serving(number))
        process.until_it_says("store works")
    process.log.clear()
    first = min(workers_of(process.process))
    os.kill(first, signal.SIGKILL)
    process.until_it_says(f"{serving(0)}|cannot start|FTCOST_REQUIRE_STORE")
    slack.connect(f"{address}/slack/events")
    assert slack.slash_command(SEED).ok
    card(slack)
    assert len(workers_of(process.process) - {first}) == 2
    assert process.stop()[0] == 0


def test_workers_end_with_the_first_process(serve: Serve, tmp_path: Path) -> None:
    process = serve(FTCOST_WORKERS="2", REDIS_URL="redis://127.0.0.1:9/0")
    process.address()
    until(lambda: len(workers_of(process.process)) == 2)
    workers = workers_of(process.process)
    process.process.kill()
    process.process.communicate(timeout=PATIENCE_SECONDS)
    until(lambda: not any(command_line(Path(f"/proc/{each}")) for each in workers))
    left = set(tmp_path.glob("ftcost-metrics-*"))
    assert len(left) == 1  # nobody was there to clear it away
    serve(FTCOST_WORKERS="2", REDIS_URL="redis://127.0.0.1:9/0").address()
    assert len(set(tmp_path.glob("ftcost-metrics-*")) - left) == 1
    assert not left & set(tmp_path.glob("ftcost-metrics-*"))


def test_each_worker_has_a_web_socket_of_its_own(serve: Serve, slack: SlackDouble) -> None:
    process = serve(SLACK_APP_TOKEN=APP_TOKEN, FTCOST_WORKERS="2")
    process.address()
    until(lambda: slack.hub.connections == 2)
    assert slack.slash_command(SEED).ok
    card(slack)
    assert process.stop()[0] == 0
    until(lambda: slack.hub.connections == 0)


def test_a_token_that_slack_refuses_ends_all_workers_with_one_line(serve: Serve) -> None:
    process = serve(SLACK_BOT_TOKEN="xoxb-wrong", FTCOST_LOG="json:error", FTCOST_WORKERS="2")
    _, said = process.process.communicate(timeout=PATIENCE_SECONDS)
    assert process.process.returncode == 1
    assert said.splitlines() == ["SLACK_BOT_TOKEN: Slack refuses it (invalid_auth)"]


def test_workers_serve_without_a_state_directory_as_one_does(
    serve: Serve, slack: SlackDouble, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    process = serve(FTCOST_WORKERS="2", FTCOST_STATE_DIR=str(tmp_path / "file" / "state"))
    slack.connect(f"{process.address()}/slack/events")
    assert slack.slash_command(SEED).ok
    card(slack)
    status, log, _ = process.stop()
    assert status == 0
    assert "FTCOST_STATE_DIR cannot be made" in log
