"""Modals and home tabs: what is open for whom, and what its fields hold."""

import hashlib
import json
from dataclasses import dataclass, field

from bot.playground.block_rules import block_problems
from bot.playground.block_types import HOME, MODAL
from bot.playground.elements import current_conversations, initial_state
from bot.playground.people import APP_ID, BOT_ID, TEAM_ID
from bot.playground.wire import Json, SlackError
from bot.playground.workspace import Workspace

MODALS_MOST = 3
PRIVATE_METADATA_MOST = 3000
TITLE_MOST = 24


@dataclass(slots=True)
class Stack:
    """The modals of one person, the topmost last."""

    view_ids: list[str] = field(default_factory=list)


class Views:
    """Every view by id, the stack of open modals and the home tab by person."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._views: dict[str, Json] = {}
        self._stacks: dict[str, Stack] = {}
        self._homes: dict[str, str] = {}

    def get(self, view_id: str) -> Json:
        """The view of this id as Slack sends it."""
        if (view := self._views.get(view_id)) is None:
            raise SlackError("not_found")
        return view

    def by_external_id(self, external_id: str) -> Json:
        """The view its author named so."""
        for view in self._views.values():
            if external_id and view.get("external_id") == external_id:
                return view
        raise SlackError("not_found")

    def top(self, user_id: str) -> Json | None:
        """The modal in front of the person, if one is open."""
        open_ids = self._stack(user_id).view_ids
        return self._views[open_ids[-1]] if open_ids else None

    def home(self, user_id: str) -> Json | None:
        """The person's home tab, once published."""
        view_id = self._homes.get(user_id)
        return self._views[view_id] if view_id else None

    def open(self, user_id: str, view: Json, *, channel: str = "") -> Json:
        """A modal in place of whatever was open."""
        checked_view(view, MODAL)
        self._stack(user_id).view_ids.clear()
        return self.push(user_id, view, channel=channel)

    def push(self, user_id: str, view: Json, *, channel: str = "") -> Json:
        """A modal on top of what is open; `channel` is where the person is, for menus that begin with it."""
        with self._workspace.lock:
            open_ids = self._stack(user_id).view_ids
            if len(open_ids) >= MODALS_MOST:
                raise SlackError("push_limit_reached")
            checked_view(view, MODAL)
            view_id = self._workspace.new_id("V")
            view = view | {"blocks": with_block_ids(view["blocks"], view_id)}
            family: Json = {"root_view_id": open_ids[0] if open_ids else view_id}
            family |= {"previous_view_id": open_ids[-1] if open_ids else None}
            stored = self._store(view_id, view, family, before=current_conversations(view["blocks"], channel))
            open_ids.append(view_id)
            self._show(user_id)
        return stored

    def update(self, view_id: str, view: Json, *, view_hash: str = "") -> Json:
        """Other contents for an open view; fields that stay keep what was typed."""
        with self._workspace.lock:
            old = self.get(view_id)
            if view_hash and view_hash != old["hash"]:
                raise SlackError("hash_conflict")
            checked_view(view, old["type"])
            family = {name: old[name] for name in ("root_view_id", "previous_view_id")}
            owner = self._owner(view_id)
            stored = self._store(view_id, view, family, before=old["state"]["values"])
            self._show(owner)
        return stored

    def publish(self, user_id: str, view: Json, *, view_hash: str = "") -> Json:
        """The person's home tab."""
        with self._workspace.lock:
            old = self.home(user_id)
            if view_hash and old and view_hash != old["hash"]:
                raise SlackError("hash_conflict")
            checked_view(view, HOME)
            view_id = self._homes.setdefault(user_id, self._workspace.new_id("V"))
            family = {"root_view_id": view_id, "previous_view_id": None}
            stored = self._store(view_id, view, family, before={})
            self._workspace.announce("home", {"view": stored}, user=user_id)
        return stored

    def type_into(self, view_id: str, values: Json) -> Json:
        """Keep what a person has typed and chosen so far."""
        with self._workspace.lock:
            old = self.get(view_id)
            merged = {
                name: old["state"]["values"].get(name, {}) | entries for name, entries in values.items()
            }
            self._views[view_id] = old | {"state": {"values": old["state"]["values"] | merged}}
        return self._views[view_id]

    def close(self, user_id: str, *, everything: bool = False) -> None:
        """Take the topmost modal away, or all of them."""
        with self._workspace.lock:
            open_ids = self._stack(user_id).view_ids
            del open_ids[0 if everything else -1 :]
            self._show(user_id)

    def complain(self, user_id: str, view_id: str, errors: Json) -> None:
        """Show errors at the fields of a modal."""
        self._workspace.announce("errors", {"view_id": view_id, "errors": errors}, user=user_id)

    def _stack(self, user_id: str) -> Stack:
        return self._stacks.setdefault(user_id, Stack())

    def _owner(self, view_id: str) -> str:
        owners = [user for user, stack in self._stacks.items() if view_id in stack.view_ids]
        homes = [user for user, home_id in self._homes.items() if home_id == view_id]
        if not owners + homes:
            raise SlackError("not_found")
        return (owners + homes)[0]

    def _show(self, user_id: str) -> None:
        self._workspace.announce(
            "view", {"view": self.top(user_id), "home": self.home(user_id)}, user=user_id
        )

    def _store(self, view_id: str, view: Json, family: Json, *, before: Json) -> Json:
        """The view with everything Slack adds to it."""
        blocks = with_block_ids(view["blocks"], view_id)
        digest = hashlib.sha256(
            json.dumps([view, self._workspace.new_ts()], sort_keys=True).encode()
        ).hexdigest()
        ours: Json = {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "title": None,
            "submit": None,
            "close": None,
        }
        ours |= {"clear_on_close": False, "notify_on_close": False} | view
        slacks: Json = {
            "id": view_id,
            "team_id": TEAM_ID,
            "app_id": APP_ID,
            "bot_id": BOT_ID,
            "hash": digest[:20],
        }
        state = {"blocks": blocks, "state": {"values": initial_state(blocks, before)}}
        self._views[view_id] = ours | slacks | family | state
        return self._views[view_id]


def checked_view(view: Json, surface: str) -> Json:
    """`view`, if Slack would take it on that surface."""
    if view.get("type") != surface:
        raise SlackError("invalid_arguments", messages=(f"type must be {surface} [json-pointer:/view/type]",))
    problems = list(block_problems(view.get("blocks"), surface))
    problems += [
        f"must be less than {TITLE_MOST + 1} characters [json-pointer:/view/{name}]"
        for name in ("title", "submit", "close")
        if len((view.get(name) or {}).get("text", "")) > TITLE_MOST
    ]
    if len(view.get("private_metadata", "")) > PRIVATE_METADATA_MOST:
        problems.append("must be less than 3001 characters [json-pointer:/view/private_metadata]")
    has_inputs = any(block.get("type") == "input" for block in view.get("blocks") or ())
    if surface == MODAL and "title" not in view:
        problems.append("missing required field: title [json-pointer:/view]")
    if surface == MODAL and has_inputs and not view.get("submit"):
        problems.append("missing required field: submit [json-pointer:/view]")
    if problems:
        raise SlackError("invalid_arguments", messages=tuple(problems))
    return view


def with_block_ids(blocks: list[Json], prefix: str) -> list[Json]:
    """`blocks`, each with a block_id; Slack gives one to those that have none."""
    named: list[Json] = []
    for index, block in enumerate(blocks):
        inside = (
            {"child_blocks": with_block_ids(block["child_blocks"], f"{prefix}.{index}")}
            if "child_blocks" in block
            else {}
        )
        named.append({"block_id": f"{prefix}.{index}"} | block | inside)
    return named
