"""Posts to a response address: the app's way to answer where it may not post."""

from bot.playground.people import BOT_USER
from bot.playground.state import Slack
from bot.playground.tickets import ResponseUrl
from bot.playground.web_chat import app_message
from bot.playground.wire import Json, SlackError

_STATUS = {
    "expired_url": 404,
    "used_url": 404,
    "no_text": 400,
    "invalid_blocks": 400,
    "msg_blocks_too_long": 400,
}


def answer_response(slack: Slack, name: str, body: Json) -> tuple[int, Json]:
    """HTTP status and body of one post to the address `name`."""
    try:
        permit = slack.permits.spend_response_url(name)
        _carry_out(slack, permit, body)
    except SlackError as refusal:
        return _STATUS.get(refusal.code, 400), refusal.as_answer()
    return 200, {"ok": True}


def _carry_out(slack: Slack, permit: ResponseUrl, body: Json) -> None:
    """Delete or replace the message that was clicked, or say something new."""
    if body.get("delete_original"):
        _delete(slack, permit)
    elif body.get("replace_original") and permit.message_ts:
        _replace(slack, permit.message_ts, app_message(slack, body))
    else:
        respond(slack, permit.user, permit.channel, body)


def respond(slack: Slack, user: str, channel: str, body: Json) -> Json:
    """Say `body` to the channel or, as is the default, to `user` alone."""
    message = app_message(slack, body)
    if root_ts := body.get("thread_ts"):
        message |= {"thread_ts": root_ts}
    if body.get("response_type") == "in_channel":
        return slack.workspace.add(channel, message)
    return slack.workspace.post_ephemeral(user, channel, message)


def _replace(slack: Slack, ts: str, message: Json) -> None:
    channel, old = slack.workspace.find(ts)
    if old.get("is_ephemeral"):
        slack.workspace.repost_ephemeral(ts, message)
    elif old["user"] == BOT_USER:
        slack.workspace.replace(channel, ts, message)


def _delete(slack: Slack, permit: ResponseUrl) -> None:
    if permit.message_ts is None:
        return
    channel, old = slack.workspace.find(permit.message_ts)
    if old.get("is_ephemeral"):
        slack.workspace.dismiss(permit.message_ts)
    else:
        slack.workspace.remove(channel, permit.message_ts)
