"""Modals as Slack stacks them, and what a form's answer does to them."""

from typing import Any

import pytest

from bot.playground import SlackDouble
from bot.playground.people import ALEX
from bot.playground.transport import Answer, Retry
from bot.playground.wire import Json, SlackError


class ScriptedApp:
    """An app that answers each payload with the next body of a script."""

    def __init__(self, *bodies: str) -> None:
        self._bodies = list(bodies)
        self.heard: list[Json] = []

    def command(self, form: Json) -> Answer:
        return self.interactive(form)

    def interactive(self, payload: Json) -> Answer:
        self.heard.append(payload)
        return Answer(status=200, body=self._bodies.pop(0).encode() if self._bodies else b"")

    def event(self, body: Json, _retry: Retry | None) -> Answer:
        return self.interactive(body)


def modal(**changed: Any) -> Json:
    name = {"type": "plain_text_input", "action_id": "name"}
    field = {
        "type": "input",
        "block_id": "name",
        "label": {"type": "plain_text", "text": "Name"},
        "element": name,
    }
    words = {
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Send"},
    }
    return {"type": "modal", "callback_id": "form", "blocks": [field], **words, **changed}


def test_three_modals_may_stand_on_each_other_and_no_fourth(double: SlackDouble) -> None:
    views = double.slack.views
    first, second, third = views.open(ALEX, modal()), views.push(ALEX, modal()), views.push(ALEX, modal())
    assert (second["previous_view_id"], third["root_view_id"]) == (first["id"], first["id"])
    with pytest.raises(SlackError, match="push_limit_reached"):
        views.push(ALEX, modal())
    views.close(ALEX)
    assert double.view() == second
    views.close(ALEX, everything=True)
    assert double.view() is None


def test_an_update_against_an_old_hash_is_refused(double: SlackDouble) -> None:
    view = double.slack.views.open(ALEX, modal())
    double.slack.views.update(view["id"], modal(), view_hash=view["hash"])
    with pytest.raises(SlackError, match="hash_conflict"):
        double.slack.views.update(view["id"], modal(), view_hash=view["hash"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": {"type": "plain_text", "text": "x" * 25}},
        {"private_metadata": "x" * 3001},
        {"submit": None},
        {"type": "home"},
        {"blocks": [{"type": "markdown", "text": "messages only"}]},
    ],
)
def test_a_modal_slack_would_refuse_is_refused(double: SlackDouble, wrong: Json) -> None:
    with pytest.raises(SlackError, match="invalid_arguments"):
        double.slack.views.open(ALEX, modal(**wrong))


def test_the_answer_to_a_form_decides_what_comes_next(double: SlackDouble) -> None:
    errors = '{"response_action": "errors", "errors": {"name": "Too short"}}'
    app = ScriptedApp(errors, '{"response_action": "clear"}')
    double.transport = lambda: app
    view = double.slack.views.open(ALEX, modal())
    double.submit_view(view["id"], {"name": "x"})
    assert double.slack.workspace.changes[-1].data == {"view_id": view["id"], "errors": {"name": "Too short"}}
    double.submit_view(view["id"], {"name": "xyz"})
    assert double.view() is None
    assert app.heard[1]["view"]["state"]["values"]["name"]["name"]["value"] == "xyz"


def test_closing_is_told_to_those_who_asked(double: SlackDouble) -> None:
    app = ScriptedApp()
    double.transport = lambda: app
    double.close_view(double.slack.views.open(ALEX, modal())["id"])
    double.close_view(double.slack.views.open(ALEX, modal(notify_on_close=True))["id"])
    assert [payload["type"] for payload in app.heard] == ["view_closed"]


def test_a_menu_that_begins_with_the_current_channel_does(double: SlackDouble) -> None:
    menu = {"type": "conversations_select", "action_id": "where", "default_to_current_conversation": True}
    block = {
        "type": "input",
        "block_id": "where",
        "label": {"type": "plain_text", "text": "Where"},
        "element": menu,
    }
    view = double.slack.views.open(ALEX, modal(blocks=[block]), channel="C0GENERAL1")
    assert view["state"]["values"]["where"]["where"]["selected_conversation"] == "C0GENERAL1"
    app = ScriptedApp()
    double.transport = lambda: app
    menu["response_url_enabled"] = True
    double.submit_view(double.slack.views.open(ALEX, modal(blocks=[block]), channel="C0GENERAL1")["id"])
    assert app.heard[0]["response_urls"][0]["channel_id"] == "C0GENERAL1"


def test_replicas_are_asked_in_turn(double: SlackDouble) -> None:
    double.connect("http://127.0.0.1:1/a", "http://127.0.0.1:1/b")
    first, second, third = (double.transport() for _ in range(3))
    assert first is third is not second
