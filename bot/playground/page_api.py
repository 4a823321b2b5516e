"""The page's side of the double: its files, what it shows, and what its visitor does."""

from collections.abc import Callable
from importlib import resources
from pathlib import PurePosixPath

from bot.playground.clicks import Gestures
from bot.playground.people import ALEX
from bot.playground.stream import snapshot
from bot.playground.wire import Json, SlackError

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def page_file(path: str) -> tuple[str, bytes] | None:
    """Content type and bytes of one file of the page; an address of a message is the page itself."""
    name = "index.html" if path == "/" or path.startswith("/archives/") else path.removeprefix("/page/")
    suffix = PurePosixPath(name).suffix
    file = resources.files("bot.playground") / "page" / name
    if "/" in name or suffix not in _TYPES or not file.is_file():
        return None
    return f"{_TYPES[suffix]}; charset=utf-8", file.read_bytes()


class PageApi:
    """Verbs of the page; each takes one JSON object and names its visitor in `user`."""

    def __init__(self, hands: Gestures) -> None:
        self._hands = hands
        self._verbs: dict[str, Callable[[str, Json], Json | None]] = {
            "action": self._action,
            "close": self._close,
            "dismiss": self._dismiss,
            "file": self._file,
            "home": self._home,
            "locale": self._locale,
            "send": self._send,
            "shortcut": self._shortcut,
            "submit": self._submit,
            "suggest": self._suggest,
        }

    def state(self, user: str) -> Json:
        """Everything `user` sees."""
        known = user if user in self._hands.slack.workspace.people else ALEX
        return snapshot(self._hands.slack, known)

    def act(self, verb: str, body: Json) -> tuple[int, Json]:
        """Carry out one verb: HTTP status and answer."""
        if verb not in self._verbs:
            return 404, {"error": "unknown_verb"}
        try:
            return 200, self._verbs[verb](body["user"], body) or {"ok": True}
        except (SlackError, LookupError) as refusal:
            return 409, {"error": str(refusal)}

    def _send(self, user: str, body: Json) -> None:
        self._hands.type_line(
            body["text"], user=user, channel=body["channel"], thread_ts=body.get("thread_ts") or None
        )

    def _action(self, user: str, body: Json) -> Json:
        chosen, block_id, action_id = body.get("chosen"), body["block_id"], body["action_id"]
        if view_id := body.get("view_id"):
            self._hands.slack.views.type_into(view_id, body.get("values", {}))
            answer = self._hands.use_view(view_id, action_id, chosen, user=user, block_id=block_id)
        else:
            answer = self._hands.click(
                body["message_ts"], action_id, user=user, block_id=block_id, value=chosen
            )
        return {"ok": answer.ok}

    def _suggest(self, user: str, body: Json) -> Json:
        place = {"view_id": body.get("view_id", ""), "message_ts": body.get("message_ts", "")}
        return {"options": self._hands.suggest(body["action_id"], body["value"], user=user, **place)}

    def _submit(self, user: str, body: Json) -> Json:
        self._hands.slack.views.type_into(body["view_id"], body["values"])
        return {"ok": self._hands.submit_view(body["view_id"], user=user).ok}

    def _close(self, user: str, body: Json) -> None:
        self._hands.close_view(body["view_id"], user=user, everything=bool(body.get("everything")))

    def _shortcut(self, user: str, body: Json) -> Json:
        return {"ok": self._hands.shortcut(body["callback_id"], user=user, channel=body["channel"]).ok}

    def _home(self, user: str, _body: Json) -> None:
        self._hands.open_home(user=user)

    def _dismiss(self, _user: str, body: Json) -> None:
        self._hands.slack.workspace.dismiss(body["ts"])

    def _file(self, _user: str, body: Json) -> Json:
        return {"text": self._hands.slack.file_content(body["file_id"]).decode(errors="replace")}

    def _locale(self, user: str, body: Json) -> None:
        person = self._hands.slack.workspace.person(user)
        person.locale = body["locale"]
        self._hands.slack.workspace.announce("person", {"user": person.as_user(with_locale=True)})
