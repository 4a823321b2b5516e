"""What a reader meets first: a lead without repetition, need beside have, tables that a phone shows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from card_examples import ASSUMPTIONS, COMMAND, RULE, TERMS, TOO_LARGE, WORKED, but, usd
from card_setups import gpu_setups
from test_cards_real import answered, gathered

from bot.cards.block import Card, words_in
from bot.cards.compare import compare_card
from bot.cards.delta import delta_card
from bot.cards.estimate import estimate_card
from bot.cards.history import history_card
from bot.cards.ledger import AskedRun, budget_line, with_line, with_note
from bot.cards.maths import assumptions_card, maths_card
from bot.cards.slack_limits import MAX_CARD_BYTES
from bot.cards.told import told_view
from bot.cli.render import styled
from bot.i18n import Texts
from bot.language import message
from bot.ledger import Budget, Entry
from estimator.errors import Problem
from estimator.ranges import Range
from estimator.units import GIB

FULL = "7b fp16 n=10000 gpu=b200 gpus=2"
LORA = "7b fp16 n=10000 gpu=4090 gpus=1 lora r=16"


def lead(card: Card) -> str:
    return styled(card.blocks[0]["text"]["text"]).plain


def rows_of(card: Card) -> list[list[str]]:
    table = next(block for block in card.blocks if block["type"] == "table")
    return [[words_in(each) for each in row] for row in table["rows"]]


TODAY = date(2026, 11, 29)
ACTUAL = Entry(entry_id="1", kind="actual", user_id="U123", at="2026-11-09T08:00:00Z", command="7b lora")
LIMIT = Entry(
    entry_id="2", kind="limit", user_id="U123", at="2026-11-09T08:00:00Z", amount="5000", currency="CNY"
)


def test_a_method_is_named_with_its_rank_and_gpus_once(english: Texts) -> None:
    first, *_ = lead(delta_card(answered(FULL), answered(LORA), texts=english)).split(" · ¥")
    assert first == "method full → lora r=16 · 2× B200 → 1× RTX 4090"
    back, *_ = lead(delta_card(answered(LORA), answered(FULL), texts=english)).split(" · ¥")
    assert back == "method lora r=16 → full · 1× RTX 4090 → 2× B200"


def test_what_is_said_and_was_so_already_moves_nowhere(english: Texts) -> None:
    best = answered("7b fp16 n=10000").estimate.options[0].plan
    pinned = answered(f"7b fp16 n=10000 {best.num_gpus}x{best.gpu}")
    said = lead(delta_card(answered("7b fp16 n=10000"), pinned, texts=english))
    assert said == "4× A100 80GB PCIe · cost and time as before"


def test_gpus_that_the_planner_changed_stand_behind_what_was_asked(english: Texts) -> None:
    before, after = answered("7b n=10000"), answered("7b lora n=10000")
    said = lead(delta_card(before, after, texts=english))
    gpus = [each.estimate.headline.plan.gpu for each in (before, after) if each.estimate.headline]
    assert gpus[0] != gpus[1]
    assert said.startswith("method full → lora r=16")
    assert said.count("×") >= 2
    assert "gpu " not in said


def test_where_no_plan_is_left_the_need_stands_beside_what_there_is(english: Texts) -> None:
    card = estimate_card(but(TOO_LARGE, options=()), texts=english)
    shown = [styled(line).plain for line in card.blocks[1]["text"]["text"].splitlines()]
    assert shown[0] == "✗ Does not fit: needs 58.7 of 23.5 GiB per GPU"
    assert shown[1] == "Short by 35.2 GiB; largest part: optimizer"


def test_a_comparison_has_three_columns_and_says_gib_where_they_decide(texts: Texts) -> None:
    rows = rows_of(compare_card(gpu_setups((WORKED, TOO_LARGE), texts), texts=texts, command=COMMAND))
    assert {len(row) for row in rows} == {3}
    unit = texts("compare.priced", name="", price="", seller="").split("/")[1]
    assert [unit in row[0] for row in rows] == [False, True, False]  # heads, what fits, what does not
    assert ["GiB" in row[0] for row in rows] == [False, False, True]


@pytest.mark.parametrize("card_of", [maths_card, assumptions_card])
def test_a_window_does_not_ask_for_a_reply_that_nobody_can_give_in_it(
    card_of: Callable[..., Card], texts: Texts
) -> None:
    assert texts("context.reply") not in str(told_view(card_of(WORKED, texts=texts), "maths", texts=texts))


def test_the_sum_of_the_maths_stands_alone(texts: Texts) -> None:
    view = told_view(maths_card(WORKED, TERMS, texts=texts), "maths", texts=texts)
    pairs = [each["text"] for block in view["blocks"] for each in block.get("fields", ())]
    assert pairs[-2] == f"*{texts('maths.sum')}*"


def test_one_run_has_no_range_and_what_was_not_measured_no_column(texts: Texts) -> None:
    card = history_card([ACTUAL._replace(hours=4.0, estimated_hours=2.0)], texts, TODAY)
    assert len(rows_of(card)[0]) == 2
    assert "n=1" not in str(card.blocks)
    assert rows_of(card)[1][0] == "11-09 7b lora"


def test_a_run_of_another_year_says_the_year(texts: Texts) -> None:
    card = history_card([ACTUAL._replace(hours=4.0, estimated_hours=2.0)], texts, date(2027, 1, 2))
    assert rows_of(card)[1][0] == "2026-11-09 7b lora"


def test_both_of_two_measured_quantities_have_a_column(texts: Texts) -> None:
    ran = ACTUAL._replace(hours=4.0, estimated_hours=2.0)
    held = ACTUAL._replace(process_bytes=60 * GIB, estimated_bytes=64 * GIB)
    card = history_card([ran, held], texts, TODAY)
    assert len(rows_of(card)[0]) == 3


def test_a_run_without_a_rate_to_the_budget_says_so(texts: Texts) -> None:
    budget = Budget(limit=LIMIT._replace(currency="XOF"))
    said = budget_line(budget, AskedRun(estimate=WORKED.estimate, rates=()), texts)
    assert texts("ledger.no_rate", run="§").split("§")[1] in said
    assert texts("ledger.period.total") in said


def test_the_budget_line_has_no_stray_space(texts: Texts) -> None:
    said = budget_line(Budget(limit=LIMIT), AskedRun(estimate=WORKED.estimate, rates=gathered().rates), texts)
    assert ("。 " in said) is False
    assert texts("ledger.leaves", left="¥4,648.25") in said


def test_a_cheaper_plan_says_what_speaks_against_it(english: Texts) -> None:
    for text, said in (
        ("7b full n=10k cur=usd", "Cheaper, on more GPUs, sold in China: 8× A800 80GB"),
        ("32b full n=10k cur=usd", "Cheaper, in 8 machines: 8× GH200 96GB"),
        ("7b lora cur=usd runpod", "Cheaper, on more GPUs, slower: 2× RTX A5000"),
    ):
        assert said in str(estimate_card(answered(text), texts=english).blocks[-1])


def test_where_something_near_is_known_that_is_said_instead_of_what_is_expected(english: Texts) -> None:
    wrong = Problem(code="unknown_gpu", token="gpu=h1000", suggestions=("gpu=h100", "gpu=h200"))
    assert message(wrong, english) == (
        "I don't know the GPU in `gpu=h1000`. Did you mean `gpu=h100`, `gpu=h200`?"
    )
    assert "I expected" in message(replace(wrong, suggestions=()), english)


def test_what_the_steps_leave_of_a_short_run_is_said(english: Texts) -> None:
    best = WORKED.estimate.options[0]
    time = best.time
    likely = time.run_seconds.likely * 1.5
    longer = Range(low=likely, likely=likely, high=likely)
    slow = replace(best, time=time._replace(run_seconds=longer))
    verdict = estimate_card(but(WORKED, options=(slow,)), texts=english).blocks[1]["text"]["text"]
    assert "start-up, checkpoints" in verdict
    assert "start-up" not in estimate_card(WORKED, texts=english).blocks[1]["text"]["text"]


def test_the_rule_of_thumb_says_its_cost_in_the_money_of_the_card_too(english: Texts) -> None:
    rule = replace(RULE, cost_in_currency=usd("12.21"))
    verdict = estimate_card(but(WORKED, rule_of_thumb=rule), texts=english).blocks
    assert "= *¥81.24* ≈ $12.21 (1× A100 80GB)" in str(verdict)
    assert "≈" not in str(estimate_card(WORKED, texts=english).blocks)


def test_a_comparison_counts_the_tries_where_all_have_as_many(english: Texts) -> None:
    setups = gpu_setups((WORKED, WORKED), english)
    assert rows_of(compare_card(setups, texts=english, command=COMMAND))[0][1] == "3 tries"
    mixed = (setups[0], replace(setups[1], retries=1.0))
    assert rows_of(compare_card(mixed, texts=english, command=COMMAND))[0][1] == "With retries"


def test_a_card_says_what_its_ranges_are(texts: Texts) -> None:
    shown = str(estimate_card(but(WORKED, assumptions=ASSUMPTIONS[:2]), texts=texts).blocks[-1])
    assert texts("estimate.ranges") in shown


def test_what_was_asked_before_and_the_command_outlive_a_budget_that_needs_room(texts: Texts) -> None:
    before, after = answered("13b lora r=64 fp16 n=52k seq=2k epochs=2.5 4xa100"), answered("7b fp16 n=10000")
    link = "https://s.example/archives/C1/p1"
    card = delta_card(before, after, texts=texts, asker="U123", base_link=link)
    line = budget_line(Budget(limit=LIMIT), AskedRun(estimate=after.estimate, rates=gathered().rates), texts)
    told = with_line(with_note(card, "x" * 200), line, texts)
    assert told.size_bytes <= MAX_CARD_BYTES
    assert link in str(told.blocks)
    assert "/ftcost 7b fp16 n=10000" in str(told.blocks[-2])
