"""The shipped manifests satisfy Slack's schema, and name exactly what the app listens to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.app import LISTENERS
from bot.cli.manifest import MANIFESTS
from bot.files import config_dir, read_yaml

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "slack-manifest.schema.json").read_text())
HISTORY = {"message.channels": "channels:history", "message.groups": "groups:history"} | {
    "message.im": "im:history",
    "message.mpim": "mpim:history",
}


def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(config_dir() / "manifest" / f"{name}.yaml")
    return found


def test_every_manifest_is_offered_and_nothing_else_is() -> None:
    assert {path.stem for path in (config_dir() / "manifest").glob("*.yaml")} == set(MANIFESTS)


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_satisfies_slacks_schema(name: str) -> None:
    validator = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
    assert [error.message for error in validator.iter_errors(manifest(name))] == []


def test_the_schema_notices_what_is_missing() -> None:
    validator = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
    broken = manifest("socket-listen")
    del broken["display_information"]
    assert list(validator.iter_errors(broken))


@pytest.mark.parametrize("name", MANIFESTS)
def test_over_http_each_way_in_has_an_address_and_over_a_socket_none_has(name: str) -> None:
    slack = manifest(name)
    settings = slack["settings"]
    places = [
        slack["features"]["slash_commands"][0].get("url"),
        settings["event_subscriptions"].get("request_url"),
        settings["interactivity"].get("request_url"),
        settings["interactivity"].get("message_menu_options_url"),
    ]
    assert settings["socket_mode_enabled"] is name.startswith("socket")
    assert len(set(places)) == 1
    assert (places[0] is None) is name.startswith("socket")


@pytest.mark.parametrize("name", MANIFESTS)
def test_the_scopes_are_those_that_the_events_and_calls_need(name: str) -> None:
    slack = manifest(name)
    scopes = set(slack["oauth_config"]["scopes"]["bot"])
    events = set(slack["settings"]["event_subscriptions"]["bot_events"])
    always = {"chat:write", "commands", "files:read", "files:write", "users:read", "app_mentions:read"}
    always |= {"channels:read", "groups:read"}  # whether a channel is shared with another company
    assert scopes == always | {HISTORY[event] for event in events if event in HISTORY}


def test_the_mention_profile_reads_direct_messages_only() -> None:
    for name in ("socket-mention", "http-mention"):
        events = manifest(name)["settings"]["event_subscriptions"]["bot_events"]
        assert [event for event in events if event.startswith("message.")] == ["message.im"]


class RecordingApp:
    """Stands in for Bolt's App and keeps what is registered, as `kind:name`."""

    def __init__(self) -> None:
        self.heard: set[str] = set()

    def __getattr__(self, kind: str) -> Callable[..., Callable[[object], object]]:
        def register(name: object = "", *_rest: object) -> Callable[[object], object]:
            self.heard.add(f"{kind}:{name}")
            return lambda listener: listener

        return register


@pytest.fixture
def heard() -> set[str]:
    """What the app listens to, of the kinds that a manifest declares."""
    app: Any = RecordingApp()
    for kind in LISTENERS:
        kind.register(app, None)
    return {each for each in app.heard if each.partition(":")[0] in ("command", "shortcut", "event")}


@pytest.mark.parametrize("name", MANIFESTS)
def test_what_a_manifest_names_is_listened_to_and_the_reverse(name: str, heard: set[str]) -> None:
    slack = manifest(name)
    named = {f"command:{each['command']}" for each in slack["features"]["slash_commands"]}
    named |= {f"shortcut:{each['callback_id']}" for each in slack["features"]["shortcuts"]}
    named |= {
        f"event:{each.partition('.')[0]}" for each in slack["settings"]["event_subscriptions"]["bot_events"]
    }
    assert named == heard
