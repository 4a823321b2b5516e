"""Files and snippets that people drop: read as if their text had been pasted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.language.pastes import recognised
from bot.language.pastes.text import is_too_long
from bot.slack.files import FileTooLong, UnreadableFile, text_of
from bot.slack.responder import Responder

_TEXT_KINDS: Final = frozenset(
    {"text", "yaml", "yml", "json", "python", "shell", "bash", "sh", "log", "markdown", "toml", "csv", "ini"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """What a message with a file says; or why the file says nothing, as a notice of the locales."""

    text: str = ""
    notice: str = ""


def files_of(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The files of a message that may hold a configuration or a log; pictures do not."""
    found = event.get("files") or ()
    return [each for each in found if isinstance(each, Mapping) and _is_text(each)]


def _is_text(file: Mapping[str, Any]) -> bool:
    """By what Slack says of it; without the scope Slack says nothing but an id."""
    if file.get("file_access") == "check_file_info" or not file.get("mimetype"):
        return True
    is_snippet, kind = file.get("mode") == "snippet", str(file.get("filetype", "")).lower()
    return is_snippet or kind in _TEXT_KINDS or str(file["mimetype"]).startswith("text/")


def dropped(responder: Responder, event: Mapping[str, Any]) -> Dropped:
    """The words of the message around the text of its first file."""
    files = files_of(event)
    if not files:
        return Dropped(notice="file_unknown")
    try:
        text = text_of(responder.delivery.client, files[0])
    except FileTooLong:
        return Dropped(notice="file_too_long")
    except UnreadableFile:
        return Dropped(notice="file_unread")
    if is_too_long(text):
        return Dropped(notice="file_too_long")
    fenced = f"{event.get('text', '')}\n```\n{text.replace('```', '')}\n```"
    for whole in (fenced, text):
        if recognised(whole, responder.answers.vocabulary) is not None:
            return Dropped(text=whole)
    return Dropped(notice="file_unknown")
