"""What Slack sends to an app, in its own shapes: commands, interactions, events.

Source: docs.slack.dev (slash commands, interaction payloads, Events API), read 2026-11-24. What Slack leaves
out is left out here, too: no locale and no thread in a command, no message in a click on an ephemeral one.
"""

from bot.playground.people import APP_ID, BOT_USER, TEAM_DOMAIN, TEAM_ID, Channel, Person
from bot.playground.wire import Json

VERIFICATION_TOKEN = "playground-verification"  # noqa: S105  -- Slack's deprecated token; it opens nothing


def slash_command(
    command: str, text: str, *, person: Person, channel: Channel, trigger_id: str, response_url: str
) -> Json:
    """The form fields of a slash command; `text` is raw, as with `should_escape: false`."""
    who = {"user_id": person.id, "user_name": person.name}
    where = {"channel_id": channel.id, "channel_name": channel.name_in_commands}
    team = {"token": VERIFICATION_TOKEN, "team_id": TEAM_ID, "team_domain": TEAM_DOMAIN, "api_app_id": APP_ID}
    permits = {"response_url": response_url, "trigger_id": trigger_id, "is_enterprise_install": "false"}
    return team | who | where | {"command": command, "text": text} | permits


def interaction(kind: str, person: Person) -> Json:
    """What every interactive payload begins with."""
    user = {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM_ID}
    team = {"id": TEAM_ID, "domain": TEAM_DOMAIN}
    app = {
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }
    return {"type": kind, "user": user, "team": team} | app


def message_place(message: Json, channel: Channel) -> Json:
    """The part of a payload that says which message was used; ephemeral ones are named, not shown."""
    container: Json = {"type": "message", "message_ts": message["ts"], "channel_id": channel.id}
    container |= {"is_ephemeral": bool(message.get("is_ephemeral"))}
    if root_ts := message.get("thread_ts"):
        container |= {"thread_ts": root_ts}
    place: Json = {"container": container, "channel": {"id": channel.id, "name": channel.name_in_commands}}
    if not message.get("is_ephemeral"):
        place |= {"message": {name: value for name, value in message.items() if name != "metadata"}}
    return place


def view_place(view: Json) -> Json:
    """The part of a payload that says which view was used."""
    return {"container": {"type": "view", "view_id": view["id"]}, "view": view}


def block_actions(
    person: Person,
    place: Json,
    actions: list[Json],
    *,
    state: Json,
    trigger_id: str,
    response_url: str | None,
) -> Json:
    """A button pressed, a menu used, a field that dispatches."""
    used = {"actions": actions, "state": {"values": state}, "trigger_id": trigger_id}
    answer = {"response_url": response_url} if response_url else {}
    return interaction("block_actions", person) | place | used | answer


def block_suggestion(person: Person, place: Json, *, action_id: str, block_id: str, value: str) -> Json:
    """Letters typed into an external menu."""
    return (
        interaction("block_suggestion", person)
        | place
        | {"action_id": action_id, "block_id": block_id, "value": value}
    )


def view_submission(person: Person, view: Json, *, trigger_id: str, response_urls: list[Json]) -> Json:
    """A form sent."""
    return interaction("view_submission", person) | {
        "view": view,
        "trigger_id": trigger_id,
        "response_urls": response_urls,
    }


def view_closed(person: Person, view: Json, *, is_cleared: bool) -> Json:
    """A form closed without sending."""
    return interaction("view_closed", person) | {"view": view, "is_cleared": is_cleared}


def global_shortcut(person: Person, callback_id: str, *, trigger_id: str, action_ts: str) -> Json:
    """The lightning menu."""
    named = {"callback_id": callback_id, "trigger_id": trigger_id, "action_ts": action_ts}
    return interaction("shortcut", person) | named


def event_callback(event: Json, *, event_id: str, event_time: int) -> Json:
    """The envelope of the Events API."""
    authorization = {"enterprise_id": None, "team_id": TEAM_ID, "user_id": BOT_USER, "is_bot": True}
    ids = {"event_id": event_id, "event_time": event_time, "event_context": f"4-{event_id}"}
    team = {"token": VERIFICATION_TOKEN, "team_id": TEAM_ID, "context_team_id": TEAM_ID, "api_app_id": APP_ID}
    flags = {
        "authorizations": [authorization | {"is_enterprise_install": False}],
        "is_ext_shared_channel": False,
    }
    return team | {"event": event, "type": "event_callback"} | ids | flags


def message_event(message: Json, channel: Channel) -> Json:
    """A `message` event, also the inside of a `message_changed`."""
    where = {"channel": channel.id, "channel_type": channel.event_kind, "event_ts": message["ts"]}
    return {name: value for name, value in message.items() if name != "reply_count"} | where


def mention_event(message: Json, channel: Channel) -> Json:
    """The `app_mention` twin of a message that names the app."""
    kept = ("user", "ts", "client_msg_id", "text", "team", "thread_ts", "blocks", "files")
    named = {name: message[name] for name in kept if name in message}
    return {"type": "app_mention"} | named | {"channel": channel.id, "event_ts": message["ts"]}


def changed_event(before: Json, after: Json, channel: Channel, event_ts: str) -> Json:
    """`message_changed`: somebody edited."""
    where = {"channel": channel.id, "channel_type": channel.event_kind, "ts": event_ts, "event_ts": event_ts}
    return {
        "type": "message",
        "subtype": "message_changed",
        "message": after,
        "previous_message": before,
    } | where


def deleted_event(before: Json, channel: Channel, event_ts: str) -> Json:
    """`message_deleted`: somebody took it back."""
    where = {"channel": channel.id, "channel_type": channel.event_kind, "ts": event_ts, "event_ts": event_ts}
    gone = {"hidden": True, "deleted_ts": before["ts"], "previous_message": before}
    return {"type": "message", "subtype": "message_deleted"} | gone | where


def home_opened_event(person: Person, dm: Channel, view: Json | None, event_ts: str) -> Json:
    """`app_home_opened`, with the view that stands there already."""
    opened: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": dm.id,
        "tab": "home",
        "event_ts": event_ts,
    }
    return opened | ({"view": view} if view else {})
