"""What mistakes, help, the maths and the lists say."""

import re
from decimal import Decimal

from card_examples import (
    DEFAULTS,
    MULTI,
    NO_WAY,
    OFFER,
    PROBLEMS,
    TERMS,
    TYPED,
    WORKED,
    assumption,
    but,
)
from read_cards import by_action, said

from bot.cards import action_ids, button_values
from bot.cards.block import words_in
from bot.cards.error import corrected, error_card, marked
from bot.cards.help import help_card, is_topic
from bot.cards.listings import gpus_card, models_card, prices_card
from bot.cards.maths import assumptions_card, copy_card, maths_card
from bot.cards.slack_limits import violations
from bot.cards.told import told_view
from bot.i18n import Texts
from estimator import TrainingSpec
from estimator.errors import Problem


class TestError:
    def test_every_problem_is_in_one_message(self, english: Texts) -> None:
        shown = said(error_card(PROBLEMS, TYPED, texts=english))
        assert "batchsize:32" in shown
        assert "epochs goes from 0.01 to 1000" in shown
        assert "Did you mean ep=3?" in shown

    def test_what_was_typed_is_code_with_its_wrong_words_bold(self) -> None:
        assert marked(TYPED, ["batchsize:32", "ep=1e9"]) == (
            "`7b fp16 n=10000` *`batchsize:32`* *`ep=1e9`* `&lt;!channel&gt;`"
        )
        assert marked("7b `x`", []) == "`7b x`"

    def test_one_problem_offers_each_of_its_suggestions(self) -> None:
        problem = Problem(code="unknown_model", token="lama", suggestions=("llama-7b", "gamma"))
        assert list(corrected("lama bs=1", [problem])) == [
            ("llama-7b", "llama-7b bs=1"),
            ("gamma", "gamma bs=1"),
        ]

    def test_several_problems_are_put_right_at_once_or_not_at_all(self) -> None:
        assert [line for _, line in corrected(TYPED, PROBLEMS)] == ["7b fp16 n=10000 bs=32 ep=3 <!channel>"]
        hopeless = Problem(code="x", token="7b")
        assert list(corrected(TYPED, (*PROBLEMS, hopeless))) == []

    def test_the_first_correction_is_the_primary_button(self, texts: Texts) -> None:
        card = error_card(PROBLEMS, TYPED, texts=texts)
        first = by_action(card, f"{action_ids.RUN_PREFIX}0")
        assert first["style"] == "primary"
        assert by_action(card, action_ids.EDIT)
        assert by_action(card, action_ids.HELP)


class TestHelp:
    def test_every_key_of_the_grammar_is_a_topic(self, texts: Texts) -> None:
        shown = said(help_card(texts, DEFAULTS, topic="keys"))
        for key in ("seq", "bs", "mbs", "epochs", "zero", "ckpt", "budget", "deadline"):
            assert key in shown

    def test_one_key_is_told_in_full(self, english: Texts) -> None:
        shown = said(help_card(english, DEFAULTS, topic="batch size"))
        assert shown.startswith("bs")
        assert "batch_size" in shown
        assert "Default: 32" in shown

    def test_the_words_that_carry_nothing_are_a_topic(self, texts: Texts) -> None:
        shown = said(help_card(texts, DEFAULTS, topic="fillers"))
        assert "please" in shown
        assert "帮" in shown

    def test_what_is_no_key_is_said_with_those_there_are(self, texts: Texts) -> None:
        shown = said(help_card(texts, DEFAULTS, topic="nonsense"))
        assert "nonsense" in shown
        assert "epochs" in shown
        assert not is_topic("nonsense", texts, DEFAULTS)
        assert is_topic("batch size", texts, DEFAULTS)

    def test_the_first_example_can_be_pressed(self, texts: Texts) -> None:
        button = by_action(help_card(texts, DEFAULTS), f"{action_ids.EXAMPLE_PREFIX}0")
        assert button_values.state_of(button["value"])["c"] == "7b fp16 n=10000 bs=32"


class TestMaths:
    def test_each_term_has_its_formula_and_its_numbers(self, english: Texts) -> None:
        shown = said(maths_card(WORKED, TERMS, texts=english))
        assert "base parameters × bytes each / shards = 6,738,415,616 × 2" in " ".join(shown.split())

    def test_its_lines_add_up_to_its_sum(self, texts: Texts) -> None:
        parts = next(each for each in maths_card(WORKED, texts=texts).blocks if each["type"] == "table")
        *shown, total = (Decimal(words_in(row[-1])) for row in parts["rows"][1:])
        assert sum(shown) == total

    def test_a_window_shows_the_table_as_pairs(self, texts: Texts) -> None:
        view = told_view(maths_card(WORKED, TERMS, texts=texts), "maths", texts=texts)
        assert violations(view, "modal") == ()
        pairs = [each["text"] for block in view["blocks"] for each in block.get("fields", ())]
        assert len(pairs) == 2 * (len(TERMS) + 1)

    def test_without_terms_the_parts_are_listed(self, english: Texts) -> None:
        assert re.search(r"gradients\W+12\.8", said(maths_card(WORKED, texts=english)))

    def test_time_and_cost_follow(self, english: Texts) -> None:
        shown = said(maths_card(WORKED, texts=english))
        assert "matrix products 11.1 s (85%)" in shown
        assert "3.45 h × ¥34.74 per GPU-hour = ¥117.25" in shown
        assert "1 h (evaluation, checkpoints) × 3 tries = 3 h" in shown

    def test_a_converted_price_shows_the_conversion(self, english: Texts) -> None:
        assert "$6.02 × 7.113 = ¥42.80 (ECB reference rates, Nov 23, 2026)" in said(
            maths_card(MULTI, texts=english)
        )

    def test_where_no_plan_is_there_the_rule_remains(self, english: Texts) -> None:
        assert "batch × seq × hidden" in said(maths_card(NO_WAY, texts=english))

    def test_each_assumption_has_its_reason(self, english: Texts) -> None:
        shown = said(assumptions_card(WORKED, texts=english))
        assert "seq=1024 no sequence length was given" in shown
        assert "Alibaba Cloud price list" in shown

    def test_an_assumption_that_the_locales_do_not_know_stands_without_a_reason(self, english: Texts) -> None:
        odd = but(WORKED, assumptions=(assumption("stack", "hf", "no_such_code"),))
        assert "• stack=hf" in said(assumptions_card(odd, texts=english))

    def test_the_command_can_be_copied(self, texts: Texts) -> None:
        text = copy_card("7b lora", texts=texts).blocks[0]["text"]["text"]
        assert "```/ftcost 7b lora```" in text
        assert "```ftcost 7b lora```" in text


class TestLists:
    def test_nothing_found_is_said(self, texts: Texts) -> None:
        assert models_card((), texts=texts).text == texts("lists.models.none")
        assert gpus_card((), texts=texts).text == texts("lists.gpus.none")

    def test_prices_are_per_card_with_their_day(self, english: Texts) -> None:
        eight = OFFER.model_copy(update={"num_gpus": 8, "stale": False})
        card = prices_card(TrainingSpec(gpu="a100-80gb"), (OFFER, eight), texts=english)
        rows = [[words_in(each) for each in row] for row in card.blocks[1]["rows"]]
        assert rows[1] == ["Alibaba Cloud cn-hangzhou", "¥34.74", "Dec 30, 2024, old"]
        assert rows[2] == ["Alibaba Cloud cn-hangzhou", "¥4.34 × 8", "Dec 30, 2024"]
