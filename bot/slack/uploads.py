"""A text as a file in a channel or thread: written to disk first, sent from there, never whole in memory."""

import tempfile
from collections.abc import Iterable
from typing import IO, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from bot.slack.delivery import Delivery
from bot.slack.files import is_slacks
from bot.slack.payloads import Destination
from bot.slack.refusals import RefusedError, UnsureError

TIMEOUT_SECONDS: Final = 30


def share(delivery: Delivery, lines: Iterable[str], name: str, said: str, destination: Destination) -> None:
    """Put a file with these lines where `destination` says, under the words `said`.

    Raises:
        RefusedError: Slack said no, for example because the scope `files:write` is missing.
        UnsureError: nobody knows whether it arrived.
    """
    with tempfile.TemporaryFile() as file:
        for line in lines:
            file.write(line.encode())
        length = file.tell()
        file.seek(0)
        client = delivery.client
        place = delivery.call(client.files_getUploadURLExternal, filename=name, length=length)
        _send(file, length, str(place["upload_url"]), client.base_url)
    delivery.call(
        client.files_completeUploadExternal,
        files=[{"id": place["file_id"], "title": name}],
        channel_id=destination.channel_id,
        initial_comment=said,
        **({"thread_ts": destination.thread_ts} if destination.thread_ts else {}),
    )


def _send(file: IO[bytes], length: int, address: str, base_url: str) -> None:
    if not is_slacks(address, base_url):
        raise RefusedError("upload_address")
    headers = {"Content-Length": str(length), "Content-Type": "application/octet-stream"}
    asked = Request(address, data=file, headers=headers, method="POST")  # noqa: S310  -- `is_slacks` looked at it
    try:
        with urlopen(asked, timeout=TIMEOUT_SECONDS):  # noqa: S310  -- likewise
            return
    except HTTPError as error:
        raise RefusedError(f"http_{error.code}") from error
    except (URLError, OSError, ValueError) as error:
        raise UnsureError(type(error).__name__) from error
