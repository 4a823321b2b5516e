"""chat.*: what the app says in channels, threads and ears."""

import json

from bot.playground.block_rules import block_problems
from bot.playground.block_types import MESSAGE, MESSAGE_CHARACTERS_MOST
from bot.playground.people import APP_ID, BOT_ID, BOT_USER, TEAM_ID, Channel
from bot.playground.state import Slack
from bot.playground.views import with_block_ids
from bot.playground.wire import Json, SlackError

TEXT_MOST = 40_000
_BOT_PROFILE = {"id": BOT_ID, "app_id": APP_ID, "name": "FT Cost", "team_id": TEAM_ID, "deleted": False}


def post_message(slack: Slack, arguments: Json) -> Json:
    """chat.postMessage."""
    channel = postable_channel(slack, arguments.get("channel", ""))
    message = app_message(slack, arguments)
    if root_ts := arguments.get("thread_ts"):
        message |= {"thread_ts": thread_root(slack, channel.id, root_ts)}
    stored = slack.workspace.add(channel.id, message)
    return {"ok": True, "channel": channel.id, "ts": stored["ts"], "message": stored}


def update(slack: Slack, arguments: Json) -> Json:
    """chat.update, of the app's own messages alone."""
    channel = slack.workspace.channel(arguments.get("channel", ""))
    old = slack.workspace.message(channel.id, arguments.get("ts", ""))
    if old.get("user") != BOT_USER:
        raise SlackError("cant_update_message")
    changed = app_message(slack, arguments)
    if "metadata" not in arguments:
        changed.pop("metadata", None)
    edited = {"edited": {"user": BOT_USER, "ts": slack.workspace.new_ts()}}
    stored = slack.workspace.replace(channel.id, old["ts"], changed | edited)
    return {"ok": True, "channel": channel.id, "ts": old["ts"], "text": stored["text"], "message": stored}


def post_ephemeral(slack: Slack, arguments: Json) -> Json:
    """chat.postEphemeral."""
    channel = postable_channel(slack, arguments.get("channel", ""))
    if arguments.get("user") not in channel.members:
        raise SlackError("user_not_in_channel")
    message = app_message(slack, arguments)
    if root_ts := arguments.get("thread_ts"):
        message |= {"thread_ts": thread_root(slack, channel.id, root_ts)}
    stored = slack.workspace.post_ephemeral(arguments["user"], channel.id, message)
    return {"ok": True, "message_ts": stored["ts"]}


def delete(slack: Slack, arguments: Json) -> Json:
    """chat.delete, of the app's own messages alone."""
    channel = slack.workspace.channel(arguments.get("channel", ""))
    old = slack.workspace.message(channel.id, arguments.get("ts", ""))
    if old.get("user") != BOT_USER:
        raise SlackError("cant_delete_message")
    slack.workspace.remove(channel.id, old["ts"])
    return {"ok": True, "channel": channel.id, "ts": old["ts"]}


def get_permalink(slack: Slack, arguments: Json) -> Json:
    """chat.getPermalink: an address the page opens."""
    channel = slack.workspace.channel(arguments.get("channel", ""))
    message = slack.workspace.message(channel.id, arguments.get("message_ts", ""))
    link = f"{slack.url}/archives/{channel.id}/p{message['ts'].replace('.', '')}"
    if (root_ts := message.get("thread_ts", message["ts"])) != message["ts"]:
        link += f"?thread_ts={root_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def postable_channel(slack: Slack, channel_id: str) -> Channel:
    """The channel, if the app may post there; a person's id means their direct messages."""
    if channel_id.startswith("U"):
        return slack.workspace.direct_channel(channel_id)
    channel = slack.workspace.channel(channel_id)
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def thread_root(slack: Slack, channel_id: str, root_ts: str) -> str:
    """`root_ts`, if it is a message under which replies may stand; a reply is none."""
    try:
        root = slack.workspace.message(channel_id, root_ts)
    except SlackError:
        raise SlackError("thread_not_found") from None
    if root.get("thread_ts", root_ts) != root_ts:
        raise SlackError("cannot_reply_to_message")
    return root_ts


def app_message(slack: Slack, arguments: Json) -> Json:
    """A message of the app's, judged as Slack judges it."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not text and not blocks:
        raise SlackError("no_text")
    if len(text) > TEXT_MOST:
        raise SlackError("msg_too_long")
    if problems := block_problems(blocks, MESSAGE):
        raise SlackError("invalid_blocks", messages=tuple(f"[ERROR] {problem}" for problem in problems))
    if (
        blocks
        and len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MESSAGE_CHARACTERS_MOST
    ):
        raise SlackError("msg_blocks_too_long")
    author: Json = {
        "user": BOT_USER,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "team": TEAM_ID,
        "bot_profile": _BOT_PROFILE,
    }
    said = {"text": text, "blocks": with_block_ids(blocks, slack.workspace.new_id("b"))}
    return author | said | _metadata(arguments)


def _metadata(arguments: Json) -> Json:
    """Message metadata: event_type and a payload of flat values, as Slack takes them."""
    if not (metadata := arguments.get("metadata")):
        return {}
    payload = metadata.get("event_payload")
    if not metadata.get("event_type") or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_format")
    if any(not _is_flat(value) for value in payload.values()):
        raise SlackError("invalid_metadata_schema")
    return {"metadata": metadata}


def _is_flat(value: object) -> bool:
    """A scalar, a flat object, or an array of those."""
    if isinstance(value, list):
        return all(not isinstance(one, list) and _is_flat(one) for one in value)
    if isinstance(value, dict):
        return all(isinstance(one, str | int | float | bool) for one in value.values())
    return isinstance(value, str | int | float | bool)
