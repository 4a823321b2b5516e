"""A channel's money from the first limit to the history."""

from dataclasses import replace
from pathlib import Path

import pytest
from said import SEED, answer_to, at_rest, card, reply_to, whispered, words

from bot.bootstrap import Shell
from bot.cards.action_ids import RUN_PREFIX
from bot.ledger import ChannelKey, Entry
from bot.playground import SlackDouble
from bot.playground.faults import RESPONSE_URL, failing
from bot.playground.people import ALEX, ALEX_DM, MEI, ML_TRAINING, TEAM_ID
from bot.playground.state import BOT_TOKEN
from bot.playground.wire import Json
from bot.slack.channels import ChannelFacts

pytestmark = pytest.mark.usefixtures("shell")


def _last(slack: SlackDouble, said: str) -> str:
    return slack.wait_for(
        lambda: next((text for each in slack.messages(ML_TRAINING) if said in (text := words(each))), None)
    )


def booked(shell: Shell, kind: str) -> list[Entry]:
    key = ChannelKey(team_id=TEAM_ID, channel_id=ML_TRAINING)
    return [each for each in shell.responder.money.books.entries(key) if each.kind == kind]


def test_from_the_limit_to_the_history(slack: SlackDouble) -> None:
    slack.slash_command("budget set 3 usd total")
    assert "3" in _last(slack, "Budget")
    slack.slash_command(SEED)
    posted = card(slack)
    shown = words(posted)
    assert "This run with its retries" in shown
    assert "would pass the limit" in shown
    slack.click(posted["ts"], "error_run_budget")
    added = reply_to(slack, posted["ts"])
    assert "committed" in words(added)
    slack.say("actual 4.2h 71gb $3", thread_ts=posted["ts"])
    measured = reply_to(slack, posted["ts"], number=3)
    assert "× the estimate" in words(measured)
    assert "$3" in words(measured)
    slack.slash_command("history")
    told = whispered(slack)
    assert "×)" in words(told)
    assert "data_visualization" in [each["type"] for each in told["blocks"]]


def test_a_channel_shared_with_another_company_has_no_budget(slack: SlackDouble, shell: Shell) -> None:
    object.__setattr__(shell.responder.money.channels, "facts", lambda _: ChannelFacts(is_shared=True))
    slack.slash_command("budget set 10 usd")
    assert "another company" in words(whispered(slack))


def test_whoever_does_not_manage_may_read(slack: SlackDouble, shell: Shell) -> None:
    object.__setattr__(shell.responder.money, "managers", ("U0SOMEBODY",))
    slack.slash_command("budget set 10 usd")
    assert "Only those" in words(whispered(slack))


def test_chinese(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget", user=MEI)
    assert "预算" in words(whispered(slack, MEI))


def test_what_slack_delivers_twice_is_booked_once(twice: SlackDouble, shell: Shell) -> None:
    twice.slash_command("budget set 300 usd")
    at_rest(shell)
    twice.slash_command("budget add 90 usd")
    at_rest(shell)
    assert [len(booked(shell, kind)) for kind in ("limit", "add")] == [1, 1]


def test_nor_is_it_booked_again_where_nobody_remembers_the_first(
    twice: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marks of de-duplication are a cache; the ledger itself knows what it was told."""
    monkeypatch.setattr(shell.responder.seen, "is_first", lambda *_acts, **_more: True)
    twice.slash_command("budget set 300 usd")
    at_rest(shell)
    twice.slash_command("budget add 90 usd")
    twice.slash_command("budget add 90 usd")
    at_rest(shell)
    assert [len(booked(shell, kind)) for kind in ("limit", "add")] == [1, 2]


def test_a_card_that_is_added_twice_is_one_entry_and_says_so(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    slack.slash_command(SEED)
    posted = card(slack)
    for _ in range(2):
        slack.say("budget add", thread_ts=posted["ts"])
        at_rest(shell)
    assert len(booked(shell, "add")) == 1
    assert "stays one entry" in words(whispered(slack))
    slack.say("bs=16", thread_ts=posted["ts"])
    at_rest(shell)
    assert "take the place of the" in words(slack.thread(posted["ts"])[-1])
    slack.say("budget add", thread_ts=posted["ts"])
    at_rest(shell)
    assert "It took the place of" in words(slack.thread(posted["ts"])[-1])


def test_the_button_of_a_card_adds_that_card_whatever_came_after_it(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)  # the card has the line of a budget that is there
    slack.slash_command(SEED)
    root = card(slack)
    at_rest(shell)
    slack.say("bs=16", thread_ts=root["ts"])
    at_rest(shell)
    slack.click(root["ts"], f"{RUN_PREFIX}budget")
    at_rest(shell)
    (entry,) = booked(shell, "add")
    assert entry.command == root["metadata"]["event_payload"]["command"]
    assert entry.thread_ts == root["ts"]


def test_a_card_whose_ledger_was_deleted_meanwhile_is_booked_without_a_limit(
    slack: SlackDouble, shell: Shell
) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)  # the card has the line of a budget that is there
    slack.slash_command(SEED)
    root = card(slack)
    at_rest(shell)
    slack.slash_command("settings forget channel now")
    at_rest(shell)
    slack.click(root["ts"], f"{RUN_PREFIX}budget")
    at_rest(shell)
    assert "This channel has no limit yet" in words(slack.thread(root["ts"])[-1])
    assert [len(booked(shell, kind)) for kind in ("limit", "add")] == [0, 1]


def test_a_run_that_is_added_outside_a_thread_is_posted_and_booked(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd per month")
    at_rest(shell)
    slack.slash_command(f"budget add {SEED}")
    at_rest(shell)
    posted = card(slack)
    assert len(slack.thread(posted["ts"])) == 2
    (added,) = booked(shell, "add")
    assert added.thread_ts == posted["ts"]
    assert added.command.startswith("7b")
    slack.say("budget add", thread_ts=posted["ts"])
    at_rest(shell)
    assert "stays one entry" in words(whispered(slack))
    slack.say("budget add bs=16", thread_ts=posted["ts"])
    at_rest(shell)
    assert "bs=16" in booked(shell, "add")[-1].command
    slack.say("budget drop", thread_ts=posted["ts"])
    at_rest(shell)
    assert len(booked(shell, "drop")) == 1


def test_a_private_run_is_not_booked(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    slack.slash_command(f"budget add {SEED} private")
    at_rest(shell)
    assert booked(shell, "add") == []
    assert "private estimate" in words(slack.ephemerals(ALEX)[-1])
    assert not [each for each in slack.messages(ML_TRAINING) if each.get("metadata")]


@pytest.mark.parametrize("spec", ["7b full n=many", "lots"])
def test_what_is_no_run_is_not_booked(slack: SlackDouble, shell: Shell, spec: str) -> None:
    slack.slash_command(f"budget add {spec}")
    at_rest(shell)
    assert words(whispered(slack))
    assert booked(shell, "add") == []


def exported(slack: SlackDouble) -> Json:
    """The message that a file stands in."""
    return slack.wait_for(
        lambda: next((each for each in slack.messages(ML_TRAINING) if each.get("files")), None)
    )


def test_the_ledger_leaves_as_a_file_and_comes_back_as_one(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd per month")
    at_rest(shell)
    slack.slash_command("budget add 90 usd")
    at_rest(shell)
    slack.slash_command("budget export")
    (file,) = exported(slack)["files"]
    content = slack.slack.file(f"{file['id']}/x", BOT_TOKEN)[1]
    assert content.decode().count("\n") == 3
    asked = slack.say("budget import", channel=ALEX_DM, files=(slack.file(content.decode(), "ledger.csv"),))
    assert "Imported 2 entries" in words(answer_to(slack, asked))
    again = slack.say("budget import", channel=ALEX_DM, files=(slack.file(content.decode(), "ledger.csv"),))
    at_rest(shell)
    assert "2 stood here already" in words(slack.ephemerals(ALEX)[-1]), again


def test_a_table_with_mistakes_is_not_imported(slack: SlackDouble, shell: Shell) -> None:
    table = "kind,amount,currency\nadd,much,CNY\n"
    slack.say("budget import", channel=ALEX_DM, files=(slack.file(table, "ledger.csv"),))
    assert "line 2: `much` is no `amount`" in words(whispered(slack))


def test_without_the_scope_the_newest_lines_are_told(slack: SlackDouble, shell: Shell) -> None:
    slack.slack.may_write_files = False
    slack.slash_command("budget add 90 usd")
    at_rest(shell)
    slack.slash_command("budget export")
    said = words(whispered(slack))
    assert "missing_scope" in said
    assert "entry_id,kind" in said


def test_budget_import_without_a_file_says_how(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget import")
    assert "CSV" in words(whispered(slack))


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


def measured(slack: SlackDouble, shell: Shell, hours: str, spec: str = SEED) -> Json:
    """A run that was estimated and took `hours`."""
    before = len(cards(slack))
    slack.slash_command(spec)
    at_rest(shell)
    posted = cards(slack)[before]
    slack.say(f"actual {hours}", thread_ts=posted["ts"])
    at_rest(shell)
    return posted


def cards(slack: SlackDouble) -> list[Json]:
    return [each for each in slack.messages() if each.get("metadata")]


def last_whispered(slack: SlackDouble) -> Json:
    return slack.ephemerals(ALEX)[-1]


def test_the_channels_own_correction_is_offered_marked_and_taken_back(
    slack: SlackDouble, shell: Shell
) -> None:
    for hours in ("0.4h", "0.8h"):
        measured(slack, shell, hours)
    slack.slash_command("history")
    at_rest(shell)
    assert "accessory" not in last_whispered(slack)["blocks"][0]  # two runs are no rule
    plain = measured(slack, shell, "0.6h")
    assert "By this channel" not in words(plain)  # nor is anything applied in silence
    slack.slash_command("history")
    at_rest(shell)
    shown = last_whispered(slack)
    assert "n=3" in words(shown)
    slack.click(shown["ts"], "error_run_correct")
    at_rest(shell)
    (chosen,) = booked(shell, "correction")
    assert chosen.factors
    assert chosen.factors["time"][3] == 3
    slack.slash_command("7b lora n=10000 bs=32")
    at_rest(shell)
    marked = words(cards(slack)[-1])
    assert "By this channel's own runs" in marked
    assert "n=3" in marked
    slack.slash_command("history uncorrect")
    at_rest(shell)
    slack.slash_command("7b qlora n=10000 bs=32")
    at_rest(shell)
    assert "By this channel" not in words(cards(slack)[-1])


def test_history_by_number_person_and_model(slack: SlackDouble, shell: Shell) -> None:
    measured(slack, shell, "0.4h")
    measured(slack, shell, "0.6h", "llama-3.1-8b lora n=10000")

    def rows(text: str, user: str = ALEX) -> list[str]:
        slack.slash_command(text, user=user)
        at_rest(shell)
        blocks = slack.ephemerals(user)[-1]["blocks"]
        tables = [each["rows"][1:] for each in blocks if each["type"] == "table"]
        return [str(row[0]["text"]) for rows in tables for row in rows]

    assert len(rows("history")) == 2
    assert ["llama-3.1-8b" in each for each in rows("history 1")] == [True]
    assert [" 7b " in each for each in rows("history 7b")] == [True]
    assert len(rows("history me")) == 2
    assert rows("历史 我", MEI) == []
    assert rows("history mistral") == []


def test_a_workspace_that_draws_no_charts_gets_the_table(slack: SlackDouble, shell: Shell) -> None:
    measured(slack, shell, "0.4h")
    slack.inject(failing(RESPONSE_URL, "invalid_blocks"))
    slack.slash_command("history")
    at_rest(shell)
    kinds = [each["type"] for each in last_whispered(slack)["blocks"]]
    assert "table" in kinds
    assert "data_visualization" not in kinds


def test_home_and_the_form_show_the_budgets_that_somebody_may_see(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd per month")
    at_rest(shell)
    slack.open_home()
    at_rest(shell)
    home = slack.home()
    assert home
    assert "Budgets of your channels" in words(home)
    assert f"<#{ML_TRAINING}>" in words(home)
    assert "$300" in words(home)
    slack.slash_command("")
    at_rest(shell)
    view = slack.view(ALEX)
    assert view
    assert "$300" in words(view)


def test_nobody_sees_the_budget_of_a_channel_that_they_are_not_in(
    slack: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.slash_command("budget set 300 usd per month")
    at_rest(shell)
    channel = slack.slack.workspace.channels[ML_TRAINING]
    members = {each for each in channel.members if each != MEI}
    slack.slack.workspace.channels[ML_TRAINING] = replace(channel, members=members)
    slack.open_home(user=MEI)
    at_rest(shell)
    home = slack.home(MEI)
    assert home
    assert "$300" not in words(home)


def test_what_is_stored_of_a_channel_is_deleted_after_a_question(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    slack.slash_command("settings forget channel")
    at_rest(shell)
    asked = last_whispered(slack)
    assert "(1 entry:" in words(asked)
    assert len(booked(shell, "limit")) == 1
    slack.click(asked["ts"], "error_run_forget")
    at_rest(shell)
    assert booked(shell, "limit") == []
    slack.slash_command("budget")
    at_rest(shell)
    assert "no budget" in words(last_whispered(slack))


def test_what_is_stored_of_a_person_is_deleted(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("settings cur=eur")
    slack.slash_command(SEED)
    at_rest(shell)
    assert shell.responder.recent.of(ALEX)
    slack.slash_command("settings forget")
    at_rest(shell)
    assert "Deleted" in words(last_whispered(slack))
    assert shell.responder.recent.of(ALEX) == ()
    slack.slash_command("settings")
    at_rest(shell)
    assert "EUR" not in words(last_whispered(slack))


def test_whoever_does_not_manage_forgets_no_channel(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 300 usd")
    at_rest(shell)
    object.__setattr__(shell.responder.money, "managers", ("U0SOMEBODY",))
    slack.slash_command("settings forget channel now")
    at_rest(shell)
    assert "Only those" in words(last_whispered(slack))
    assert len(booked(shell, "limit")) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("预算设为每月5000元", "预算 ¥5,000"),
        ("预算", "本频道没有预算"),
        ("预算 加入 90元", "已记账"),
        ("历史", "还没有实测"),
        ("budget note 新机器", "已记账"),
        ("预算 import", "CSV"),
    ],
)
def test_chinese_commands_and_answers(slack: SlackDouble, shell: Shell, typed: str, said: str) -> None:
    slack.slash_command(typed, user=MEI)
    at_rest(shell)
    told = [words(each) for each in (*slack.messages(), *slack.ephemerals(MEI))]
    assert any(said in each for each in told), told


def test_a_chinese_thread_from_the_card_to_the_history(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("预算设为总计300美元", user=MEI)
    at_rest(shell)
    slack.slash_command(SEED, user=MEI)
    at_rest(shell)
    posted = cards(slack)[-1]
    assert "本次含重试" in words(posted)
    slack.say("预算 加入", thread_ts=posted["ts"], user=MEI)
    at_rest(shell)
    assert "预留" in words(slack.thread(posted["ts"])[-1])
    slack.say("实测 0.5小时 60gb $2", thread_ts=posted["ts"], user=MEI)
    at_rest(shell)
    told = words(slack.thread(posted["ts"])[-1])
    assert "为估算的" in told
    assert "取代已预留的" in told
    slack.slash_command("历史 我", user=MEI)
    at_rest(shell)
    assert "实测与估算对比，1 次运行" in words(slack.ephemerals(MEI)[-1])


def test_what_is_added_over_the_limit_is_told_what_would_stay_under(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("budget set 20 usd")
    at_rest(shell)
    slack.slash_command("budget add 15 usd")
    at_rest(shell)
    slack.slash_command(f"budget add {SEED}")
    at_rest(shell)
    said = words(slack.thread(card(slack)["ts"])[-1])
    assert "The limit is passed by" in said
    assert "stays under it" in said or "Cheapest that stays under" in said
