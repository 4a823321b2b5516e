"""The form and the Home: filled in from a spec, read back as a line of the language."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from card_examples import DEFAULTS

from bot.cards import action_ids, button_values
from bot.cards.form import OWN_FIELDS, form_channel, form_errors, form_text, form_view, options_of
from bot.cards.help import help_card
from bot.cards.home import home_view
from bot.cards.slack_limits import violations
from bot.conversation.preferences import Chosen
from bot.conversation.recent import MAX_RECENT, Asked, HomeLine, Recent
from bot.files import load_catalog
from bot.i18n import LANGUAGES, Texts
from estimator.spec import Method, Precision, TrainingSpec

LORA = TrainingSpec(
    model="llama-3.1-8b",
    method=Method.LORA,
    lora_rank=8,
    precision=Precision.BF16,
    mixed_precision=True,
    num_examples=10_000,
    num_epochs=2.5,
    gpu="a100-80gb",
    num_gpus=2,
)


def blocks_of(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["block_id"]: each for each in view["blocks"] if "block_id" in each}


def submitted(view: dict[str, Any], **typed: str) -> dict[str, dict[str, Any]]:
    """`view.state.values` of the form sent as it opened, with `typed` over it."""
    values: dict[str, dict[str, Any]] = {}
    for block in view["blocks"]:
        element = block["element"]
        held = {
            "type": element["type"],
            "value": element.get("initial_value"),
            "selected_option": element.get("initial_option"),
            "selected_conversation": element.get("initial_conversation"),
        }
        if block["block_id"] in typed:
            held["value"] = typed[block["block_id"]]
        values[block["block_id"]] = {element["action_id"]: held}
    return values


@pytest.mark.parametrize("spec", [TrainingSpec(), LORA], ids=["empty", "filled"])
def test_the_form_is_within_slacks_limits(spec: TrainingSpec, texts: Texts) -> None:
    assert violations(form_view(spec, defaults=DEFAULTS, texts=texts, advanced="x" * 3000), "modal") == ()


def test_a_form_sent_as_it_opened_says_its_spec(english: Texts) -> None:
    view = form_view(LORA, defaults=DEFAULTS, texts=english, advanced="zero3 spot")
    assert form_text(submitted(view)) == (
        "model=llama-3.1-8b lora bf16 amp r=8 n=10000 epochs=2.5 gpu=a100-80gb gpus=2 zero3 spot"
    )


def test_what_is_typed_over_it_is_said(english: Texts) -> None:
    view = form_view(TrainingSpec(model="7b"), defaults=DEFAULTS, texts=english)
    assert form_text(submitted(view, bs="16", advanced="on 4090")) == "model=7b full bs=16 on 4090"


def test_the_rank_is_asked_for_only_where_there_are_adapters(texts: Texts) -> None:
    assert "r" in blocks_of(form_view(LORA, defaults=DEFAULTS, texts=texts))
    assert "r" not in blocks_of(form_view(TrainingSpec(method=Method.FULL), defaults=DEFAULTS, texts=texts))
    by_default = DEFAULTS.model_copy(update={"method": Method.LORA})
    assert "r" in blocks_of(form_view(TrainingSpec(model="7b"), defaults=by_default, texts=texts))


def test_choosing_a_method_is_told_at_once(texts: Texts) -> None:
    assert blocks_of(form_view(LORA, defaults=DEFAULTS, texts=texts))["method"]["dispatch_action"] is True


def test_model_and_gpu_are_searched_in_the_catalogs(texts: Texts) -> None:
    blocks = blocks_of(form_view(LORA, defaults=DEFAULTS, texts=texts))
    assert blocks["model"]["element"]["action_id"] == action_ids.MODEL_OPTIONS
    assert blocks["gpu"]["element"]["action_id"] == action_ids.GPU_OPTIONS
    assert blocks["gpu"]["element"]["initial_option"]["value"] == "a100-80gb"


def test_the_form_offers_this_channel_first(texts: Texts) -> None:
    view = form_view(LORA, defaults=DEFAULTS, texts=texts, channel="C123")
    assert form_channel(submitted(view)) == "C123"
    assert "channel" not in blocks_of(form_view(LORA, defaults=DEFAULTS, texts=texts, channel=None))
    assert form_channel({}) is None


def test_what_comes_back_with_the_form_went_out_with_it(texts: Texts) -> None:
    view = form_view(LORA, defaults=DEFAULTS, texts=texts, metadata={"c": "7b lora", "ch": "C1"})
    assert json.loads(view["private_metadata"]) == {"c": "7b lora", "ch": "C1"}


def test_a_field_that_the_form_has_is_a_field_of_the_spec() -> None:
    assert set(TrainingSpec.model_fields) >= OWN_FIELDS


def test_an_error_stands_at_its_field() -> None:
    shown = frozenset({"bs", "n", "advanced"})
    assert form_errors({"bs=0": "too small", "n=-1": "negative"}, shown) == {
        "bs": "too small",
        "n": "negative",
    }


def test_errors_without_a_field_stand_together_at_the_advanced_line() -> None:
    wrong = {"tp=3": "does not divide", "blah": "unknown"}
    assert form_errors(wrong, frozenset({"bs", "advanced"})) == {"advanced": "does not divide unknown"}


def test_a_search_answers_a_hundred_lines_that_a_menu_can_hold() -> None:
    names = ((f"model {at}", "x" * 200 if at == 0 else f"m{at}") for at in range(300))
    answered = options_of(names)
    assert len(answered) == 100
    assert answered[0]["value"] == "m1"


def recent(at: int, link: str | None = None) -> Recent:
    return Recent(
        asked=Asked(
            command=f"7b bs={at + 1}",
            said=dict.fromkeys(LANGUAGES, HomeLine("7B <!here>", "about ¥117 <!here>")),
        ),
        asked_at=datetime(2026, 11, 24, 8, at, tzinfo=UTC),
        link=link,
    )


def test_the_home_is_within_slacks_limits(texts: Texts) -> None:
    view = home_view([recent(at) for at in range(30)], texts=texts, budgets=["a"], defaults=["b"])
    assert violations(view, "home") == ()
    assert sum(each["block_id"].startswith("recent") for each in view["blocks"]) == MAX_RECENT + 1


def test_a_recent_estimate_can_be_run_again(texts: Texts) -> None:
    view = home_view([recent(0, "https://s.example/p1")], texts=texts)
    block = blocks_of(view)["recent0"]
    assert button_values.state_of(block["accessory"]["value"])["c"] == "7b bs=1"
    assert block["accessory"]["action_id"] == f"{action_ids.HOME_RUN_PREFIX}0"
    assert "<https://s.example/p1|" in block["text"]["text"]
    assert "<!here>" not in block["text"]["text"]


def test_the_home_shows_the_chosen_language_or_that_slack_chooses(texts: Texts) -> None:
    def chosen(view: dict[str, Any]) -> str:
        row = blocks_of(view)["home"]["elements"]
        menu = next(each for each in row if each["action_id"] == action_ids.HOME_LANGUAGE)
        return str(menu["initial_option"]["value"])

    assert chosen(home_view([], texts=texts)) == "auto"
    assert chosen(home_view([], texts=texts, chosen=Chosen(language="zh"))) == "zh"


def test_a_home_without_estimates_says_so(texts: Texts) -> None:
    assert blocks_of(home_view([], texts=texts))["recent"]["text"]["text"] == texts("home.nothing")


def test_help_and_the_form_say_the_defaults_of_the_installation(tmp_path: Path, texts: Texts) -> None:
    (tmp_path / "defaults.yaml").write_text("num_examples: 50000\nlora_rank: 64\n", encoding="utf-8")
    own = load_catalog(tmp_path).defaults
    form = form_view(LORA, defaults=own, texts=texts)
    said = (help_card(texts, own), help_card(texts, own, topic="n"), form)
    assert ["50,000" in str(each) for each in said] == [True, True, True]
    assert not any("10,000" in str(each) for each in said)
    assert texts("form.rank_hint", lora_rank="64") in str(said[2])
