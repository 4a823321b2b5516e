"""A file dropped into a conversation: its first bytes, where we may read it."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from slack_sdk import WebClient

from bot.language.pastes.text import MAX_BYTES
from bot.observe import get_log

TIMEOUT_SECONDS: Final = 5
FILE_HOSTS: Final = ("slack.com", "slack-gov.com", "slack-files.com")
"""Our token goes nowhere else."""
_PAGE: Final = (b"<!doctype html", b"<html")
_LOG: Final = get_log(__name__)


class UnreadableFile(Exception):  # noqa: N818  -- reads as the sentence it raises
    """Slack did not hand the file over: the scope is missing, or the connection broke."""


class FileTooLong(Exception):  # noqa: N818  -- likewise
    """The file is longer than what is read."""


def content_of(client: WebClient, file: Mapping[str, Any], most_bytes: int = MAX_BYTES) -> str:
    """The text of a file that stands in an event.

    Raises:
        FileTooLong: it has more than `most_bytes`, those of a paste.
        UnreadableFile: Slack answered with its own page, as it does without `files:read`, or not at all.
    """
    if int(file.get("size") or 0) > most_bytes:
        raise FileTooLong
    address = str(file.get("url_private_download") or file.get("url_private") or "")
    if not is_slacks(address, client.base_url):
        raise UnreadableFile
    raw = _fetched(address, client.token or "", most_bytes)
    if len(raw) > most_bytes:
        raise FileTooLong
    if raw[:200].lstrip().lower().startswith(_PAGE):
        raise UnreadableFile
    return raw.decode("utf-8", errors="replace")


def _fetched(address: str, token: str, most_bytes: int) -> bytes:
    asked = Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310  -- `is_slacks` looked at it
    try:
        with urlopen(asked, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  -- likewise
            return bytes(answer.read(most_bytes + 1))
    except (URLError, OSError, ValueError) as error:
        _LOG.warning("file not read", error=type(error).__name__)
        raise UnreadableFile from error


def is_slacks(address: str, base_url: str) -> bool:
    """Whether it is a file of Slack's, or of the double that stands in for it."""
    parts, api = urlsplit(address), urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme == "https" and any(host == each or host.endswith(f".{each}") for each in FILE_HOSTS):
        return True
    return (parts.scheme, parts.netloc) == (api.scheme, api.netloc)
