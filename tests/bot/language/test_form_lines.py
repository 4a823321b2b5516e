"""The form, opened on a card and sent as it is, says the card's run again."""

from typing import Any

import pytest
from any_request import NAMES, requests
from draws import draws
from hypothesis import given, settings

from bot.cards.form import form_text, form_view
from bot.files import load_catalog
from bot.i18n import load_texts
from bot.language import Request, read
from bot.listeners.views import advanced_line
from estimator.spec import Method

DEFAULTS = load_catalog().defaults


def submitted(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`view.state.values` of the form sent as it opened."""
    elements = {each["block_id"]: each["element"] for each in view["blocks"]}
    return {
        block_id: {
            element["action_id"]: {
                "value": element.get("initial_value"),
                "selected_option": element.get("initial_option"),
            }
        }
        for block_id, element in elements.items()
    }


@pytest.mark.untraced
@given(requests)
@settings(max_examples=draws(50, 200))
def test_a_form_sent_as_it_opened_says_the_same_run(asked: Request) -> None:
    view = form_view(
        asked.spec, defaults=DEFAULTS, texts=load_texts("en"), advanced=advanced_line(asked), channel=None
    )
    line = form_text(submitted(view))
    read_again = read(line, NAMES)
    wanted = asked.fields()
    if asked.spec.method is None:
        wanted["method"] = Method.FULL  # the form cannot leave it open; the listener does
    assert read_again.request == Request.of_fields(wanted), (line, read_again.problems)
