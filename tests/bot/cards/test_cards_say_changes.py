"""What a change and a comparison say, and how they are gone on from."""

import json
from dataclasses import replace
from typing import Any

import pytest
from card_examples import (
    ALIBABA,
    COMMAND,
    H100S,
    HALF_BATCH,
    L40S,
    MULTI,
    NO_WAY,
    OFFER,
    TOO_LARGE,
    UNPRICED,
    WORKED,
    but,
)
from card_setups import gpu_setups
from read_cards import by_action, elements, said

from bot.cards import action_ids, button_values
from bot.cards.block import words_in
from bot.cards.compare import compare_card, spec_setups
from bot.cards.delta import delta_card
from bot.cli.render import styled
from bot.i18n import Texts
from estimator import TrainingSpec


class TestDelta:
    def test_it_leads_with_what_changed_and_by_how_much(self, english: Texts) -> None:
        card = delta_card(WORKED, HALF_BATCH, texts=english)
        assert styled(card.blocks[0]["text"]["text"]).plain == (
            "bs 32 → 16 · ¥351.75 → ¥372.30 with 3 tries (+5.8%) · 3.5 h → 3.6 h a run (+5.1%)"
        )

    @pytest.mark.parametrize(
        ("limit", "said_of_it"),
        [
            ({"deadline_seconds": 3600.0}, "deadline none → 1 h"),
            ({"budget": {"amount": "500", "currency": "USD"}}, "budget none → 500 USD"),
        ],
    )
    def test_a_limit_is_said_as_it_is_typed_and_was_not_there_before(
        self, limit: dict[str, Any], said_of_it: str, english: Texts
    ) -> None:
        spec = TrainingSpec.model_validate({**WORKED.estimate.spec.said(), **limit})
        card = delta_card(WORKED, but(WORKED, spec=spec), texts=english)
        assert styled(card.blocks[0]["text"]["text"]).plain.startswith(said_of_it)

    def test_its_table_has_the_rows_that_moved(self, english: Texts) -> None:
        card = delta_card(WORKED, HALF_BATCH, texts=english)
        table = next(block for block in card.blocks if block["type"] == "table")
        rows = [[words_in(each) for each in row] for row in table["rows"]]
        assert rows[0] == ["Metric", "Before", "After", "Change"]
        assert ["Steps", "939", "1,875", "+100%"] in rows
        assert all(row[1] != row[2] for row in rows[1:])

    def test_it_says_what_the_planner_does_otherwise(self, english: Texts) -> None:
        assert "Plan: 1× A100 80GB, passes 4 → 2" in said(delta_card(WORKED, HALF_BATCH, texts=english))

    def test_it_names_its_base_with_a_link(self, english: Texts) -> None:
        card = delta_card(WORKED, HALF_BATCH, texts=english, base_link="https://s.example/p1")
        assert "compared with <https://s.example/p1|the estimate before>" in json.dumps(list(card.blocks))

    def test_undo_knows_both_ways(self, english: Texts) -> None:
        undo = by_action(delta_card(WORKED, HALF_BATCH, texts=english), action_ids.UNDO)
        state = button_values.state_of(undo["value"])
        assert (state["c"], state["b"]) == (HALF_BATCH.command, WORKED.command)

    def test_no_change_is_one_line(self, texts: Texts) -> None:
        card = delta_card(WORKED, WORKED, texts=texts)
        assert len(card.blocks) == 1
        assert COMMAND in said(card)

    def test_a_change_that_no_longer_fits_offers_the_fixes(self, english: Texts) -> None:
        spec = WORKED.estimate.spec.model_copy(update={"gpu": "rtx-4090"})
        card = delta_card(WORKED, but(TOO_LARGE, spec=spec), texts=english)
        assert "LoRA fits on 1× RTX 4090, a full fine-tune does not fit" in card.text
        assert by_action(card, f"{action_ids.FIX_PREFIX}0")

    def test_costs_of_two_currencies_are_not_compared(self, english: Texts) -> None:
        dollars = replace(
            HALF_BATCH.estimate.options[0],
            quotes=(replace(MULTI.estimate.options[0].quotes[0], in_currency=None),),
        )
        card = delta_card(WORKED, but(HALF_BATCH, options=(dollars,)), texts=english)
        assert styled(card.blocks[0]["text"]["text"]).plain.startswith(
            "bs 32 → 16 · $18.06 with 3 tries · 3.5 h → 3.6 h a run"
        )


class TestCompare:
    def test_the_verdict_comes_first(self, english: Texts) -> None:
        setups = gpu_setups((WORKED, but(WORKED, options=(L40S,)), TOO_LARGE), english)
        card = compare_card(setups, texts=english, command=COMMAND)
        assert card.text == "Cheapest that fits: 4× L40S, ¥135.00, 2.0 h."

    def test_rows_are_sorted_by_cost_and_what_does_not_fit_is_last(self, english: Texts) -> None:
        setups = gpu_setups((TOO_LARGE, WORKED, UNPRICED, MULTI), english)
        card = compare_card(setups, texts=english, command=COMMAND)
        rows = [[words_in(each) for each in row] for row in card.blocks[1]["rows"][1:]]
        assert [row[1] for row in rows] == ["¥128.40", "¥351.75", "–", "–"]
        assert rows[-1][0] == "✗ 1× RTX 4090, too small: 59 of 24 GiB"

    def test_the_fastest_is_named_where_it_is_another_one(self, english: Texts) -> None:
        dear = replace(
            H100S,
            quotes=(
                replace(
                    ALIBABA, with_retries=replace(ALIBABA.run_cost, likely=OFFER.price_per_hour.times(27))
                ),
            ),
        )
        setups = gpu_setups((WORKED, but(WORKED, options=(dear,))), english)
        assert compare_card(setups, texts=english, command=COMMAND).text == (
            "Cheapest that fits: 1× A100 80GB, ¥351.75, 3.5 h. Fastest: 8× H100 80GB, ¥938.03, 17 min."
        )

    def test_each_setup_that_fits_can_be_taken(self, english: Texts) -> None:
        card = compare_card(gpu_setups((WORKED, TOO_LARGE), english), texts=english, command=COMMAND)
        menu = by_action(card, action_ids.USE)
        assert [each["value"] for each in menu["options"]] == [COMMAND]

    def test_runs_are_named_by_model_method_and_cards(self, english: Texts) -> None:
        names = [each.name for each in spec_setups((WORKED, TOO_LARGE), english)]
        assert names == ["7B full fine-tune, 1× A100 80GB", "7B full fine-tune, 1× RTX 4090"]

    def test_where_none_fits_it_says_so_and_offers_none(self, english: Texts) -> None:
        card = compare_card(gpu_setups((TOO_LARGE, NO_WAY), english), texts=english, command=COMMAND)
        assert card.text == "None of these setups fits."
        assert elements(card) == []
