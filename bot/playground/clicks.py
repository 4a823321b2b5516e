"""What people do with a pointer: buttons, menus, forms, shortcuts, the home tab."""

from typing import Any

from bot.playground import events
from bot.playground.composer import Speech
from bot.playground.elements import action_of, find_element, initial_state, state_entry, whole_option
from bot.playground.people import ALEX, ML_TRAINING
from bot.playground.slackbot import error_of, slackbot_text
from bot.playground.transport import Answer
from bot.playground.wire import Json, SlackError


class Gestures(Speech):
    """Everything a person presses, chooses and sends."""

    def click(
        self,
        message_ts: str,
        action_id: str,
        *,
        user: str = ALEX,
        block_id: str | None = None,
        value: Any = None,
    ) -> Answer:
        """ButtonPress a button of a message, or choose `value` from one of its menus."""
        channel_id, message = self.slack.workspace.find(message_ts)
        block, element = find_element(message["blocks"], action_id, block_id)
        channel = self.slack.workspace.channels[channel_id]
        state = initial_state(message["blocks"], {})
        if element["type"] not in ("button", "overflow"):
            state.setdefault(block["block_id"], {})[action_id] = state_entry(element, value)
        name = self.slack.permits.response_url(
            user, channel_id, message_ts=message_ts, thread_ts=message.get("thread_ts")
        )
        payload = events.block_actions(
            self.slack.workspace.person(user),
            events.message_place(message, channel),
            [action_of(block, element, value, self.slack.workspace.new_ts())],
            state=state,
            trigger_id=self.slack.permits.trigger(user, channel=channel_id),
            response_url=f"{self.slack.url}/response/{name}",
        )
        return self.send(payload, user)

    def select(self, message_ts: str, action_id: str, value: Any, *, user: str = ALEX) -> Answer:
        """Choose from a menu of a message."""
        return self.click(message_ts, action_id, user=user, value=value)

    def use_view(
        self,
        view_id: str,
        action_id: str,
        value: Any = None,
        *,
        user: str = ALEX,
        block_id: str | None = None,
    ) -> Answer:
        """ButtonPress or choose something in a modal or a home tab."""
        view = self.slack.views.get(view_id)
        block, element = find_element(view["blocks"], action_id, block_id)
        if element["type"] not in ("button", "overflow"):
            view = self.slack.views.type_into(
                view_id, {block["block_id"]: {action_id: state_entry(element, value)}}
            )
        payload = events.block_actions(
            self.slack.workspace.person(user),
            events.view_place(view),
            [action_of(block, element, value, self.slack.workspace.new_ts())],
            state=view["state"]["values"],
            trigger_id=self.slack.permits.trigger(user),
            response_url=None,
        )
        return self.send(payload, user)

    def suggest(
        self, action_id: str, value: str, *, user: str = ALEX, view_id: str = "", message_ts: str = ""
    ) -> list[Json]:
        """Type into an external menu of a message or a view (by default the open one); what it offers."""
        if message_ts:
            channel_id, thing = self.slack.workspace.find(message_ts)
            place = events.message_place(thing, self.slack.workspace.channels[channel_id])
        else:
            thing = self.slack.views.get(view_id) if view_id else self._open_view(user)
            place = events.view_place(thing)
        block, _ = find_element(thing["blocks"], action_id)
        person = self.slack.workspace.person(user)
        question = events.block_suggestion(
            person, place, action_id=action_id, block_id=block["block_id"], value=value
        )
        offered = self.send(question, user).payload()
        groups = [option for group in offered.get("option_groups", ()) for option in group["options"]]
        return [*offered.get("options", ()), *groups]

    def submit_view(self, view_id: str, values: Json | None = None, *, user: str = ALEX) -> Answer:
        """Send a form; `values` by action id or block id, menus by the value of an option."""
        self.fill(view_id, values or {})
        view = self.slack.views.get(view_id)
        payload = events.view_submission(
            self.slack.workspace.person(user),
            view,
            trigger_id=self.slack.permits.trigger(user),
            response_urls=self._response_urls(view, user),
        )
        answer = self.send(payload, user)
        if answer.ok:
            self._after_submission(answer.payload(), view_id, user)
        return answer

    def fill(self, view_id: str, values: Json) -> None:
        """Type into the fields of a form without sending it."""
        view = self.slack.views.get(view_id)
        for name, chosen in values.items():
            by_block = next((b for b in view["blocks"] if b["block_id"] == name and "element" in b), None)
            action_id = by_block["element"]["action_id"] if by_block else name
            block, element = find_element(view["blocks"], action_id)
            self.slack.views.type_into(
                view_id, {block["block_id"]: {action_id: state_entry(element, chosen)}}
            )

    def close_view(self, view_id: str, *, user: str = ALEX, everything: bool = False) -> None:
        """Close a form without sending it."""
        view = self.slack.views.get(view_id)
        self.slack.views.close(user, everything=everything)
        if view["notify_on_close"]:
            person = self.slack.workspace.person(user)
            self.send(events.view_closed(person, view, is_cleared=everything), user)

    def shortcut(
        self, callback_id: str = "ftcost_new", *, user: str = ALEX, channel: str = ML_TRAINING
    ) -> Answer:
        """Choose a global shortcut while looking at `channel`; Slack tells the app nothing of the channel."""
        person, trigger_id = (
            self.slack.workspace.person(user),
            self.slack.permits.trigger(user, channel=channel),
        )
        action_ts = self.slack.workspace.new_ts()
        return self.send(
            events.global_shortcut(person, callback_id, trigger_id=trigger_id, action_ts=action_ts), user
        )

    def open_home(self, *, user: str = ALEX) -> Answer | None:
        """Open the app's home tab."""
        person, dm = self.slack.workspace.person(user), self.slack.workspace.direct_channel(user)
        event = events.home_opened_event(
            person, dm, self.slack.views.home(user), self.slack.workspace.new_ts()
        )
        return self.tell("app_home_opened", event)

    def send(self, payload: Json, user: str) -> Answer:
        """Deliver an interactive payload; a failure is shown to `user`."""
        answer = self.transport().interactive(payload)
        if not answer.ok:
            error = error_of(answer.status, answer.reason)
            text = slackbot_text(self.slack, user, "interaction_failed", error=error)
            self.slack.workspace.announce("notice", {"text": text}, user=user)
        return answer

    def option(self, view_id: str, action_id: str, value: str) -> Json:
        """The whole option of a menu in a view."""
        return whole_option(find_element(self.slack.views.get(view_id)["blocks"], action_id)[1], value)

    def _open_view(self, user: str) -> Json:
        if (view := self.slack.views.top(user)) is None:
            raise LookupError(f"no modal is open for {user}")
        return view

    def _response_urls(self, view: Json, user: str) -> list[Json]:
        """Addresses for the channels chosen in menus that ask for one."""
        made: list[Json] = []
        for block in view["blocks"]:
            element = block.get("element", {})
            if not element.get("response_url_enabled"):
                continue
            entry = view["state"]["values"][block["block_id"]][element["action_id"]]
            if not (channel := entry["selected_conversation"]):
                continue
            url = f"{self.slack.url}/response/{self.slack.permits.response_url(user, channel)}"
            ids = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel}
            made.append(ids | {"response_url": url})
        return made

    def _after_submission(self, body: Json, view_id: str, user: str) -> None:
        """Do what the app's answer to a form asks for."""
        try:
            match body.get("response_action"):
                case "errors":
                    self.slack.views.complain(user, view_id, body["errors"])
                case "update":
                    self.slack.views.update(view_id, body["view"])
                case "push":
                    self.slack.views.push(user, body["view"])
                case "clear":
                    self.slack.views.close(user, everything=True)
                case _:
                    self.slack.views.close(user)
        except SlackError as refusal:
            text = slackbot_text(self.slack, user, "interaction_failed", error=refusal.code)
            self.slack.workspace.announce("notice", {"text": text}, user=user)
