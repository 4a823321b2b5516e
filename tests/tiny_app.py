"""A small Bolt app over sample cards: what the double and its page are tested with."""

import json
from pathlib import Path
from typing import Any

from patience import PATIENCE_SECONDS
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

CARDS = Path(__file__).parent / "bot" / "playground" / "cards"
Json = dict[str, Any]


def card(name: str) -> Json:
    """One sample message or view."""
    loaded: Json = json.loads((CARDS / f"{name}.json").read_text())
    return loaded


def make_tiny_app(*, slack_api_url: str, signing_secret: str, bot_token: str) -> SlackRequestHandler:
    """The app as the playground wants it made."""
    return SlackRequestHandler(tiny_app(slack_api_url, signing_secret, bot_token))


def tiny_app(slack_api_url: str, signing_secret: str, bot_token: str) -> App:
    """Answerer a command, replies, buttons, forms, a shortcut and the home tab."""
    client = WebClient(token=bot_token, base_url=slack_api_url, timeout=PATIENCE_SECONDS)
    app = App(client=client, signing_secret=signing_secret)
    _register_words(app)
    _register_home(app)
    _register_gestures(app)
    _register_form(app)
    return app


def _register_words(app: App) -> None:
    @app.command("/ftcost")
    def handle_command(ack: Any, command: Json, client: WebClient) -> None:
        match command["text"]:
            case "help":
                ack(**card("help"))
            case "batchsize=32":
                ack(**card("error"))
            case "" | "form":
                ack()
                view = card("every.modal" if command["text"] else "edit.modal")
                client.views_open(trigger_id=command["trigger_id"], view=view)
            case _:
                ack(response_type="in_channel")
                name = {"nofit": "nofit", "zh": "cost.zh", "blocks": "blocks"}.get(command["text"], "seed")
                client.chat_postMessage(channel=command["channel_id"], **card(name))

    @app.event("app_mention")
    def handle_mention(event: Json, client: WebClient) -> None:
        root_ts = event.get("thread_ts") or event["ts"]
        client.chat_postMessage(channel=event["channel"], thread_ts=root_ts, **card("diff"))

    @app.event("message")
    def handle_message(event: Json, client: WebClient) -> None:
        is_reply = "thread_ts" in event and "<@" not in event.get("text", "")
        if event.get("subtype") is None and is_reply:
            client.chat_postMessage(channel=event["channel"], thread_ts=event["thread_ts"], **card("diff"))


def _register_home(app: App) -> None:
    @app.event("app_home_opened")
    def handle_home(event: Json, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view=HOME)


def _register_gestures(app: App) -> None:
    @app.action("compare")
    def handle_compare(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        message = body["message"]
        root_ts = message.get("thread_ts", message["ts"])
        client.chat_postMessage(channel=body["channel"]["id"], thread_ts=root_ts, **card("compare"))

    @app.action("pick_gpu")
    def handle_pick(ack: Any, body: Json, respond: Any) -> None:
        ack()
        chosen = body["actions"][0]["selected_option"]
        respond(text=f"Picked {chosen['value']}", replace_original=False)

    @app.action("run")
    def handle_run(ack: Any, respond: Any) -> None:
        ack()
        respond(text="Running it with `bs=32`.", replace_original=True)

    @app.action("edit")
    def handle_edit(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=card("edit.modal"))

    @app.shortcut("ftcost_new")
    def handle_shortcut(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=card("edit.modal"))


def _register_form(app: App) -> None:
    @app.options("model")
    @app.options("gpu")
    def handle_options(ack: Any, payload: Json) -> None:
        typed = payload["value"].lower()
        names = ("7b", "13b", "llama-3.1-8b", "qwen2.5-7b", "A100 80GB", "H100 80GB", "RTX 4090")
        found = [name for name in names if typed in name.lower()]
        ack(options=[{"text": {"type": "plain_text", "text": name}, "value": name} for name in found])

    @app.action("method")
    def handle_method(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        view, chosen = card("edit.modal"), body["actions"][0]["selected_option"]["value"]
        if chosen != "full":
            view["blocks"].insert(2, RANK_FIELD)
        client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)

    @app.view("ftcost_edit")
    def handle_form(ack: Any, body: Json, client: WebClient) -> None:
        values = body["view"]["state"]["values"]
        if int(values["n"]["n"]["value"]) == 13:
            ack(response_action="errors", errors={"n": "Thirteen brings bad luck: take one more."})
            return
        ack()
        client.chat_postMessage(channel="C0MLTRAIN1", **card("seed"))


RANK_FIELD: Json = {
    "type": "input",
    "block_id": "rank",
    "label": {"type": "plain_text", "text": "LoRA rank"},
    "element": {
        "type": "number_input",
        "action_id": "rank",
        "is_decimal_allowed": False,
        "initial_value": "16",
    },
}

HOME: Json = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "Recent estimates"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*7b full fp16*\n¥117 · 3.4 h · 1× A100 80GB"},
            "accessory": {
                "type": "button",
                "action_id": "edit",
                "text": {"type": "plain_text", "text": "Edit…"},
                "value": "7b",
            },
        },
    ],
}
