"""Shapes and text as they travel between Slack and an app."""

import re
from typing import Any

Json = dict[str, Any]
"""One JSON object of Slack's; kept as it travels, because the double must not know more than Slack does."""

_HTML = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_LINK = re.compile(r"https?://[^\s<>|]+")


class SlackError(Exception):
    """An answer `{"ok": false, "error": code}` of the Web API."""

    def __init__(self, code: str, *, messages: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages

    def as_answer(self) -> Json:
        """The body Slack answers with."""
        answer: Json = {"ok": False, "error": self.code}
        if self.messages:
            answer |= {"errors": list(self.messages), "response_metadata": {"messages": list(self.messages)}}
        return answer


def escaped(text: str) -> str:
    """`text` with the three characters escaped that Slack escapes, and bare web addresses as links."""
    for raw, safe in _HTML:
        text = text.replace(raw, safe)
    return _LINK.sub(lambda found: f"<{found.group()}>", text)


def rich_text(text: str) -> Json:
    """The `rich_text` block Slack's clients put beside the text a person types."""
    return {
        "type": "rich_text",
        "block_id": "typed",
        "elements": [{"type": "rich_text_section", "elements": _rich_elements(text)}],
    }


def _rich_elements(text: str) -> list[Json]:
    """`text` split into mentions and the words between them."""
    pieces = re.split(r"(<@[A-Z0-9]+>)", text)
    return [
        {"type": "user", "user_id": piece[2:-1]}
        if piece.startswith("<@")
        else {"type": "text", "text": piece}
        for piece in pieces
        if piece
    ]
