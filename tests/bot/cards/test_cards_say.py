"""What each card says: the sentences and buttons that its reader needs."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from card_examples import (
    A100,
    ALIBABA,
    ASSUMPTIONS,
    COMMAND,
    H100S,
    MULTI,
    NO_WAY,
    RULE,
    RULED,
    TOO_LARGE,
    UNPRICED,
    WORKED,
    assumption,
    but,
    cards,
    cny,
    usd,
)
from read_cards import by_action, elements, said

from bot.cards import action_ids, button_values
from bot.cards.block import Card, words_in
from bot.cards.estimate import estimate_card
from bot.cards.maths import maths_card
from bot.cards.phrases import cheapest_to_book
from bot.cards.rule_of_thumb import paper_gb
from bot.cli.render import styled
from bot.i18n import Language, Texts, load_texts
from estimator.spec import Method
from estimator.workload import Assumption


class TestCost:
    def test_the_answer_is_the_header(self, english: Texts) -> None:
        header = estimate_card(WORKED, texts=english).blocks[0]
        assert header["type"] == "header"
        assert header["text"]["text"] == "¥351.75 with 3 tries · 3.5 h a run · 1× A100 80GB"

    def test_it_shows_cost_time_plan_memory_price_and_who_asked(self, english: Texts) -> None:
        shown = said(estimate_card(WORKED, texts=english, asker="U123"))
        for fact in (
            "¥117.25 (¥101.90–139.40)",
            "939 steps × 13.1 s (11.4–15.6)",
            "3.5 h (3.0–4.1)",
            "batch 32 = micro 8 × 4",
            "not sharded",
            "full checkpointing",
            "63.9 of 79.3 GiB",
            "¥34.74 per GPU-hour: Alibaba Cloud cn-hangzhou, on demand, price of Dec 30, 2024",
            "old price",
            f"/ftcost {COMMAND}",
            "@U123",
        ):
            assert fact in shown

    def test_the_rule_of_thumb_stands_there_with_its_four_numbers(self, texts: Texts) -> None:
        shown = said(estimate_card(WORKED, texts=texts))
        for number in ("56 + 9 = 65 GB", "939", "23 ", "¥81.24", "¥27.08"):
            assert number in shown

    def test_it_says_why_the_rule_differs(self, english: Texts) -> None:
        shown = said(estimate_card(WORKED, texts=english))
        assert (
            "1.5 s a step would be 294% of the peak of 1× A100 80GB; measured runs reach 34%: 13.1 s."
            in shown
        )
        assert "Without full checkpointing 65 GB would not do." in shown

    def test_a_rule_that_is_slower_than_the_estimate_is_told_the_other_way(self, english: Texts) -> None:
        shown = said(estimate_card(MULTI, texts=english))
        assert "a step takes 940 ms, not 1.5 s" in shown

    def test_seconds_that_were_given_are_not_called_measured(self, english: Texts) -> None:
        given = but(WORKED, schedule=replace(WORKED.estimate.schedule, mfu=0.337))
        shown = said(estimate_card(given, texts=english))
        assert "at the 34% of the peak of 1× A100 80GB that was given, a step takes 13.1 s" in shown
        assert "as measured" not in shown

    def test_a_price_that_was_given_has_no_seller_and_no_day(self, english: Texts) -> None:
        quotes = (replace(WORKED.estimate.options[0].quotes[0], provider="pinned", stale=False, as_of=None),)
        option = replace(WORKED.estimate.options[0], quotes=quotes)
        assert "¥34.74 per GPU-hour as given\n" in said(
            estimate_card(but(WORKED, options=(option,)), texts=english)
        )

    def test_a_seller_with_one_price_everywhere_has_no_region(self, english: Texts) -> None:
        quotes = (replace(WORKED.estimate.options[0].quotes[0], provider="lambda", region="all"),)
        option = replace(WORKED.estimate.options[0], quotes=quotes)
        assert ": Lambda, on demand, price of" in said(
            estimate_card(but(WORKED, options=(option,)), texts=english)
        )

    @pytest.mark.parametrize("card", [estimate_card, maths_card])
    @pytest.mark.parametrize(
        ("language", "sentence"),
        [
            ("en", "Cheapest to book: $1.35, Hyperstack, Dec 30, 2024"),
            ("zh", "可订的最低价：$1.35，Hyperstack，2024年12月30日"),
        ],
    )
    def test_the_cheapest_to_book_is_named_where_one_is_below_the_middle(
        self, card: Callable[..., Card], language: Language, sentence: str
    ) -> None:
        cheaper = replace(
            ALIBABA, provider="hyperstack", region="", price_per_hour=usd("1.35"), is_bookable=True
        )
        for quotes, told in (
            ((ALIBABA, cheaper), True),
            ((ALIBABA, replace(cheaper, is_bookable=False)), False),
        ):
            option = replace(WORKED.estimate.options[0], quotes=quotes)
            shown = said(card(but(WORKED, options=(option,)), texts=load_texts(language)))
            assert (sentence in shown) is told

    @pytest.mark.parametrize(
        ("language", "terms"), [("en", "listed as 8 × 1 GPU"), ("zh", "标价为 8 × 1 卡")]
    )
    def test_the_cheapest_to_book_has_its_terms_where_they_are_its_own(
        self, language: Language, terms: str
    ) -> None:
        machine = replace(ALIBABA, num_gpus=8, listed_gpus=8)
        single = replace(ALIBABA, num_gpus=8, listed_gpus=1, scaled=True)
        for above, least, told in (
            (machine, single, True),
            (single, single, False),
            (single, machine, False),
        ):
            line = cheapest_to_book((above, replace(least, is_bookable=True)), load_texts(language))
            assert (terms in line) is told

    @pytest.mark.parametrize("billions", [0.124, 1.1, 6.74, 7, 13.016, 72.7])
    def test_the_papers_sums_are_those_of_what_is_seen(self, billions: float) -> None:
        rule = replace(
            RULE,
            weights_gb=2 * billions,
            gradients_gb=2 * billions,
            optimizer_gb=4 * billions,
            fixed_gb=8 * billions,
            total_gb=8 * billions + RULE.dynamic_gb,
        )
        _, seen = paper_gb(rule)
        assert seen["weights"] + seen["gradients"] + seen["optimizer"] == seen["fixed"]
        assert seen["fixed"] + seen["dynamic"] == seen["total"]
        assert float(seen["total"]) == pytest.approx(rule.total_gb, abs=0.6)

    def test_a_small_sum_of_the_rule_comes_out(self, english: Texts) -> None:
        small = replace(
            RULE,
            weights_gb=0.2,
            gradients_gb=0.3,
            optimizer_gb=0.5,
            fixed_gb=1.0,
            dynamic_gb=0.6,
            total_gb=1.6,
        )
        assert "1.0 + 0.6 = 1.6 GB" in said(estimate_card(but(WORKED, rule_of_thumb=small), texts=english))

    def test_seconds_that_are_the_rules_own_need_no_reason(self, english: Texts) -> None:
        same = but(WORKED, schedule=replace(WORKED.estimate.schedule, step_seconds=1.5))
        assert "1.5 s a step would be" not in said(estimate_card(same, texts=english))

    def test_the_rule_beside_an_adapter_is_said_to_count_a_full_fine_tune(self, texts: Texts) -> None:
        option = replace(
            WORKED.estimate.options[0], workload=replace(WORKED.estimate.workload, method=Method.LORA)
        )
        shown = said(estimate_card(but(WORKED, options=(option,)), texts=texts))
        assert texts("rule.full_only", total="65") in shown

    def test_a_pinned_card_without_a_price_is_not_called_too_small(self, english: Texts) -> None:
        rule = replace(RULE, price_per_hour=None, cost=None)
        shown = said(estimate_card(but(WORKED, rule_of_thumb=rule), texts=english))
        assert "billed as 3 h with retries; no price known (1× A100 80GB)" in shown

    def test_a_card_that_the_rule_finds_too_small_is_called_so(self, english: Texts) -> None:
        note = Assumption(what="num_gpus", value="1", code="rule_no_pool")
        small = but(WORKED, rule_of_thumb=replace(RULE, gpu="rtx-4090", notes=(note,)))
        assert "65 GB, which 1× RTX 4090 does not hold" in said(estimate_card(small, texts=english))

    def test_six_assumptions_are_on_it_and_the_others_are_counted(self, texts: Texts) -> None:
        shown = said(estimate_card(WORKED, texts=texts))
        assert ASSUMPTIONS[0].value in shown
        assert ASSUMPTIONS[-1].value not in shown.splitlines()[-1]

    def test_assumptions_beyond_its_room_are_counted(self, english: Texts) -> None:
        many = tuple(assumption("lora_targets", "x" * 50) for _ in range(40))
        shown = said(estimate_card(but(WORKED, assumptions=many), texts=english))
        assert "40 assumptions" in shown or "more" in shown

    def test_a_price_in_another_currency_shows_its_rate_and_day(self, english: Texts) -> None:
        shown = said(estimate_card(MULTI, texts=english))
        assert "$2.69 per GPU-hour × 8: RunPod, on demand, price of Nov 20, 2026; 1 USD = 7.11" in shown
        assert "¥42.8" in shown

    def test_without_a_price_no_amount_is_made_up(self, texts: Texts) -> None:
        card = estimate_card(UNPRICED, texts=texts)
        assert "¥" not in card.text
        assert "¥" not in card.blocks[0]["text"]["text"]
        assert texts("estimate.unpriced") in card.text

    def test_its_picks_stand_in_a_table_of_three_columns(self, english: Texts) -> None:
        card = estimate_card(WORKED, texts=english)
        table = next(block for block in card.blocks if block["type"] == "table")
        rows = [[words_in(each) for each in row] for row in table["rows"]]
        assert rows[0] == ["Pick", "3 tries", "1 run"]
        assert rows[1] == ["Fewest GPUs: 1× A100 80GB", "¥351.75", "3.5 h"]
        assert rows[2] == ["Fastest: 8× H100 80GB", "¥128.40", "17 min"]

    def test_a_plan_without_a_choice_has_no_table(self, texts: Texts) -> None:
        card = estimate_card(but(WORKED, options=(A100,)), texts=texts)
        assert all(block["type"] != "table" for block in card.blocks)

    def test_a_run_over_its_budget_is_red_and_says_what_is_under_it(self, english: Texts) -> None:
        over = Assumption(
            what="budget",
            value="150cny",
            code="over_budget",
            parameters={"over": cny("201.75"), "budget": cny("150")},
        )
        card = estimate_card(but(WORKED, options=(replace(A100, warnings=(over,)), H100S)), texts=english)
        assert (
            card.blocks[0]["text"]["text"]
            == "🔴 ¥351.75 of a ¥150.00 budget with 3 tries · 3.5 h a run · 1× A100 80GB"
        )
        shown = said(card)
        assert "Over the budget by ¥201.75. With 1 try it would be under it." in shown
        assert "Cheapest pick within it: 8× H100 80GB, ¥128.40, 17 min a run." in shown

    def test_a_run_past_its_deadline_is_red(self, english: Texts) -> None:
        late = Assumption(
            what="deadline_seconds",
            value="3600s",
            code="past_deadline",
            parameters={"late_seconds": 8900.0, "deadline_seconds": 3600.0},
        )
        card = estimate_card(but(WORKED, options=(replace(A100, warnings=(late,)), H100S)), texts=english)
        assert card.blocks[0]["text"]["text"].startswith("🔴 3.5 h a run, 1 h allowed · ¥351.75")
        assert "Cheapest pick within it: 8× H100 80GB" in said(card)

    def test_what_a_run_breaks_is_a_warning(self, english: Texts) -> None:
        late = Assumption(
            what="deadline_seconds",
            value="3600 s",
            code="past_deadline",
            parameters={"late_seconds": 7200.0},
        )
        over = Assumption(what="budget", value="5usd", code="over_budget", parameters={"over": usd("12.50")})
        shown = said(
            estimate_card(but(WORKED, options=(replace(A100, warnings=(late, over)),)), texts=english)
        )
        assert "! Past the deadline by 2.0 h." in shown
        assert "! Over the budget by $12.50." in shown

    def test_a_notice_stands_under_the_verdict(self, english: Texts) -> None:
        card = estimate_card(WORKED, texts=english, notice=":warning: Over the line")
        assert card.blocks[1]["text"]["text"].endswith(":warning: Over the line")

    def test_every_button_finds_the_command(self, texts: Texts) -> None:
        """In its own value, or where the card has no room for that in the id of its row."""
        card = estimate_card(WORKED, texts=texts)
        pressed = [each for each in elements(card) if each["type"] == "button"]
        assert [each["action_id"] for each in pressed] == [
            "estimate_compare",
            "estimate_lora",
            "estimate_edit",
        ]
        row = next(block for block in card.blocks if block["type"] == "actions")
        assert button_values.command_in_id(row["block_id"]) == COMMAND
        assert {button_values.state_of(each["value"])["c"] for each in pressed if "value" in each} == {
            COMMAND
        }

    def test_a_run_with_adapters_is_not_told_to_try_them(self, texts: Texts) -> None:
        lora = but(WORKED, workload=replace(WORKED.estimate.workload, method=Method.LORA, lora_rank=16))
        assert all(
            each["action_id"] != action_ids.LORA for each in elements(estimate_card(lora, texts=texts))
        )


class TestRule:
    def test_it_is_the_headline_where_it_was_asked_for(self, texts: Texts) -> None:
        card = estimate_card(RULED, texts=texts)
        assert "¥81.24" in card.blocks[0]["text"]["text"]
        assert "65 GB" in card.blocks[0]["text"]["text"]

    def test_it_explains_why_memory_does_not_pool_and_the_two_ways_out(self, texts: Texts) -> None:
        shown = said(estimate_card(RULED, texts=texts))
        for word in ("2× V100 32GB", "64 GB", "ZeRO", "FSDP", "DeepSpeed", "Megatron-LM", "Colossal-AI"):
            assert word in shown

    def test_the_detailed_estimate_stands_beneath_it(self, english: Texts) -> None:
        shown = said(estimate_card(RULED, texts=english))
        assert "Detailed estimate on 1× A100 80GB" in shown
        assert "One clean run ¥117.25" in shown

    def test_it_says_whose_price_it_is(self, texts: Texts) -> None:
        shown = said(estimate_card(RULED, texts=texts))
        assert texts("source.an-article-s-reading") in shown
        assert "reference: " not in shown

    def test_without_a_card_that_holds_it_there_is_no_price(self, texts: Texts) -> None:
        bare = but(RULED, rule_of_thumb=replace(RULE, gpu=None, price_per_hour=None, cost=None))
        assert "¥81" not in said(estimate_card(bare, texts=texts))

    def test_it_stands_even_where_no_plan_was_found(self, texts: Texts) -> None:
        bare = but(RULED, options=())
        assert styled(texts("rule.detailed_none")).plain in said(estimate_card(bare, texts=texts))


class TestNoFit:
    def test_it_has_no_cost_in_its_headline(self, texts: Texts) -> None:
        assert "¥" not in estimate_card(TOO_LARGE, texts=texts).blocks[0]["text"]["text"]

    def test_it_names_the_shortfall_and_the_largest_part(self, english: Texts) -> None:
        shown = said(estimate_card(TOO_LARGE, texts=english))
        assert "Short by 35.2 GiB; largest part: optimizer" in shown

    def test_each_fix_has_its_figures_and_its_button(self, english: Texts) -> None:
        card = estimate_card(TOO_LARGE, texts=english)
        assert "1× RTX 4090 · 17.8 of 23.5 GiB per GPU · 4.2 h a run · ¥128.40 with 3 tries" in said(card)
        for at, fix in enumerate(TOO_LARGE.fixes):
            button = by_action(card, f"{action_ids.FIX_PREFIX}{at}")
            assert button_values.state_of(button["value"])["c"] == fix.command
            assert fix.change in button["accessibility_label"]

    def test_where_nothing_helps_it_says_so(self, texts: Texts) -> None:
        assert texts("nofit.no_fix") in estimate_card(NO_WAY, texts=texts).text


@pytest.mark.parametrize("action_id", ["estimate_compare", "estimate_more", "error_run_0", "help_open"])
def test_the_names_of_actions_are_those_that_listeners_know(action_id: str, english: Texts) -> None:
    made = [card for card, _ in cards(english).values() if isinstance(card, Card)]
    assert any(each["action_id"] == action_id for card in made for each in elements(card))
