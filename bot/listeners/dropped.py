"""Files and snippets that people drop: read as if their text had been pasted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.answers.ledger import IMPORT
from bot.language.pastes.paste import recognised
from bot.language.pastes.text import MAX_BYTES, is_too_long
from bot.ledger.import_csv import MOST_BYTES
from bot.slack.files import FileTooLong, UnreadableFile, content_of
from bot.slack.responder import Responder

_TEXT_KINDS: Final = frozenset(
    {"text", "yaml", "yml", "json", "python", "shell", "bash", "sh", "log", "markdown", "toml", "csv", "ini"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFile:
    """What a message with a file says; or why the file says nothing, as a notice of the locales."""

    text: str = ""
    notice: str = ""
    table: str = ""
    """A CSV that `budget import` came with."""


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


def _imports(responder: Responder, event: Mapping[str, Any]) -> bool:
    """Whether its words are `budget import`."""
    reading = responder.answers.read(str(event.get("text", "")))
    return (reading.command, reading.arguments) == IMPORT


def _text(responder: Responder, file: Mapping[str, Any], most_bytes: int, too_long: str) -> DroppedFile:
    try:
        return DroppedFile(text=content_of(responder.delivery.client, file, most_bytes))
    except FileTooLong:
        return DroppedFile(notice=too_long)
    except UnreadableFile:
        return DroppedFile(notice="file_unread")


def dropped(responder: Responder, event: Mapping[str, Any]) -> DroppedFile:
    """The words of the message around the text of its first file."""
    files = files_of(event)
    if not files:
        return DroppedFile(notice="file_unknown")
    if _imports(responder, event):
        table = _text(responder, files[0], MOST_BYTES, "table_too_long")
        return table if table.notice else DroppedFile(table=table.text or "\n")
    found = _text(responder, files[0], MAX_BYTES, "file_too_long")
    if found.notice:
        return found
    text = found.text
    if is_too_long(text):
        return DroppedFile(notice="file_too_long")
    fenced = f"{event.get('text', '')}\n```\n{text.replace('```', '')}\n```"
    for whole in (fenced, text):
        if recognised(whole, responder.answers.vocabulary) is not None:
            return DroppedFile(text=whole)
    return DroppedFile(notice="file_unknown")
