"""The Web API: method names, their arguments as they arrive, their answers and refusals."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from bot.playground import web_chat
from bot.playground.people import BOT_ID, BOT_USER, TEAM_DOMAIN, TEAM_ID
from bot.playground.state import Slack
from bot.playground.wire import Json, SlackError

Method = Callable[[Slack, Json], Json]
_JSON_FIELDS = frozenset({"blocks", "metadata", "view", "attachments", "files"})
_PAGE_MOST = 1000


def arguments_of(content_type: str, body: bytes, query: str) -> Json:
    """Arguments of a call, from its address and a JSON or form body; a form nests as JSON text."""
    given: Json = dict(parse_qsl(query, keep_blank_values=True))
    if content_type.startswith("application/json"):
        return Json(given | json.loads(body or b"{}"))
    given |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    for name in _JSON_FIELDS & given.keys():
        given[name] = json.loads(given[name])
    return given


def answer_call(slack: Slack, method: str, arguments: Json, token: str) -> Json:
    """What Slack answers; a refusal is an answer too."""
    try:
        _check(slack, method, token)
        return METHODS[method](slack, arguments)
    except SlackError as refusal:
        return refusal.as_answer()


def token_of(headers: Mapping[str, str], arguments: Json) -> str:
    """The token of a call: in its header or among its arguments."""
    return headers.get("Authorization", "").removeprefix("Bearer ") or str(arguments.pop("token", ""))


def _check(slack: Slack, method: str, token: str) -> None:
    """Refuse an unknown method, no token, a wrong one, or one of the wrong kind."""
    if method not in METHODS:
        raise SlackError("unknown_method")
    wanted = slack.app_token if method == "apps.connections.open" else slack.bot_token
    if not token:
        raise SlackError("not_authed")
    if token != wanted:
        known = (slack.app_token, slack.bot_token)
        raise SlackError("invalid_auth" if token not in known else "not_allowed_token_type")


def _auth_test(slack: Slack, _arguments: Json) -> Json:
    who = {"user": "ftcost", "user_id": BOT_USER, "bot_id": BOT_ID, "is_enterprise_install": False}
    return {"ok": True, "url": f"{slack.url}/", "team": TEAM_DOMAIN, "team_id": TEAM_ID} | who


def _users_info(slack: Slack, arguments: Json) -> Json:
    with_locale = str(arguments.get("include_locale", "")).lower() in ("1", "true")
    return {
        "ok": True,
        "user": slack.workspace.person(arguments.get("user", "")).as_user(with_locale=with_locale),
    }


def _conversations_info(slack: Slack, arguments: Json) -> Json:
    return {"ok": True, "channel": slack.workspace.channel(arguments.get("channel", "")).as_channel()}


def _conversations_open(slack: Slack, arguments: Json) -> Json:
    channel = slack.workspace.direct_channel(str(arguments.get("users", "")).split(",")[0])
    return {"ok": True, "channel": {"id": channel.id}}


def _conversations_history(slack: Slack, arguments: Json) -> Json:
    channel = _readable_channel(slack, arguments)
    return _page(slack.workspace.history(channel)[::-1], arguments)


def _conversations_replies(slack: Slack, arguments: Json) -> Json:
    channel = _readable_channel(slack, arguments)
    found = slack.workspace.thread(channel, _root_of(slack, channel, arguments.get("ts", "")))
    if not found:
        raise SlackError("thread_not_found")
    return _page(found, arguments)


def _readable_channel(slack: Slack, arguments: Json) -> str:
    """The channel's id, if the app may read there."""
    channel = slack.workspace.channel(arguments.get("channel", ""))
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel.id


def _root_of(slack: Slack, channel: str, ts: str) -> str:
    """The root of the thread a message stands in: Slack takes a reply's timestamp here too."""
    try:
        return str(slack.workspace.message(channel, ts).get("thread_ts", ts))
    except SlackError:
        return ts


def _page(messages: tuple[Json, ...], arguments: Json) -> Json:
    """Messages within `oldest`, `latest` and `limit`, after `cursor`; metadata only when asked for."""
    oldest, latest = str(arguments.get("oldest", "0")), str(arguments.get("latest", "9" * 10))
    inclusive = str(arguments.get("inclusive", "")).lower() in ("1", "true")
    wanted = [m for m in messages if oldest < m["ts"] < latest or (inclusive and m["ts"] in (oldest, latest))]
    start, limit = int(arguments.get("cursor") or 0), min(int(arguments.get("limit") or 100), _PAGE_MOST)
    with_metadata = str(arguments.get("include_all_metadata", "")).lower() in ("1", "true")
    shown = [m if with_metadata else {k: v for k, v in m.items() if k != "metadata"} for m in wanted]
    more = len(shown) > start + limit
    cursor = {"response_metadata": {"next_cursor": str(start + limit) if more else ""}}
    return {"ok": True, "messages": shown[start : start + limit], "has_more": more} | cursor


def _views_open(slack: Slack, arguments: Json) -> Json:
    trigger = slack.permits.spend_trigger(arguments.get("trigger_id", ""))
    return {"ok": True, "view": slack.views.open(trigger.user, arguments["view"], channel=trigger.channel)}


def _views_push(slack: Slack, arguments: Json) -> Json:
    trigger = slack.permits.spend_trigger(arguments.get("trigger_id", ""))
    return {"ok": True, "view": slack.views.push(trigger.user, arguments["view"], channel=trigger.channel)}


def _views_update(slack: Slack, arguments: Json) -> Json:
    view_id = arguments.get("view_id") or slack.views.by_external_id(arguments.get("external_id", ""))["id"]
    view = slack.views.update(view_id, arguments["view"], view_hash=arguments.get("hash") or "")
    return {"ok": True, "view": view}


def _views_publish(slack: Slack, arguments: Json) -> Json:
    user = slack.workspace.person(arguments.get("user_id", "")).id
    view = slack.views.publish(user, arguments["view"], view_hash=arguments.get("hash") or "")
    return {"ok": True, "view": view}


def _connections_open(slack: Slack, _arguments: Json) -> Json:
    return {
        "ok": True,
        "url": f"{slack.url.replace('http', 'ws', 1)}/link/?ticket={slack.workspace.new_id('K')}",
    }


def _upload_address(slack: Slack, arguments: Json) -> Json:
    if not slack.may_write_files:
        raise SlackError("missing_scope")
    file = slack.upload(b"", str(arguments.get("filename") or "file"))
    return {"ok": True, "file_id": file["id"], "upload_url": f"{slack.url}/upload/v1/{file['id']}"}


def _uploaded(slack: Slack, arguments: Json) -> Json:
    """files.completeUploadExternal: the files stand in a message of the app's."""
    channel = web_chat.postable_channel(slack, arguments.get("channel_id", ""))
    files = [slack.uploaded(str(each.get("id", ""))) for each in arguments["files"]]
    message = web_chat.app_message(slack, {"text": arguments.get("initial_comment") or " "})
    if root_ts := arguments.get("thread_ts"):
        message |= {"thread_ts": web_chat.thread_root(slack, channel.id, root_ts)}
    slack.workspace.add(channel.id, message | {"files": files})
    return {"ok": True, "files": files}


def _users_conversations(slack: Slack, arguments: Json) -> Json:
    """Channels that both somebody and the app are in."""
    user = str(arguments.get("user") or BOT_USER)
    found = [
        each.as_channel()
        for each in slack.workspace.channels.values()
        if {user, BOT_USER} <= set(each.members) and not each.id.startswith("D")
    ]
    return {"ok": True, "channels": found, "response_metadata": {"next_cursor": ""}}


METHODS: dict[str, Method] = {
    "api.test": lambda _slack, arguments: {"ok": True, "args": arguments},
    "apps.connections.open": _connections_open,
    "auth.test": _auth_test,
    "chat.delete": web_chat.delete,
    "chat.getPermalink": web_chat.get_permalink,
    "chat.postEphemeral": web_chat.post_ephemeral,
    "chat.postMessage": web_chat.post_message,
    "chat.update": web_chat.update,
    "conversations.history": _conversations_history,
    "conversations.info": _conversations_info,
    "conversations.open": _conversations_open,
    "conversations.replies": _conversations_replies,
    "files.completeUploadExternal": _uploaded,
    "files.getUploadURLExternal": _upload_address,
    "users.conversations": _users_conversations,
    "users.info": _users_info,
    "views.open": _views_open,
    "views.publish": _views_publish,
    "views.push": _views_push,
    "views.update": _views_update,
}
