"""One bounded HTTP request: a time-out on each wait, a deadline for the whole, a cap on the size."""

import json as json_lib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests

from bot.http.deadline import Deadline, watched_session
from bot.prices.port import SourceDown, TimeLeft

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0
DEADLINE_SECONDS: Final = 60.0
"""Of one request, within what is left of all."""
CHUNK_BYTES: Final = 1 << 16
USER_AGENT: Final = "ftcost (GPU price look-up)"


def fetched_json(
    url: str,
    time_left: TimeLeft,
    *,
    max_bytes: int,
    json: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
) -> Any:
    """The JSON document at `url`; numbers as floats, as its writer had them.

    Raises:
        SourceDown: no answer, not a good one, too slow, too large, or no JSON.
    """
    body = fetched_bytes(url, time_left, max_bytes=max_bytes, json=json, params=params)
    try:
        return json_lib.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceDown(f"{_host(url)}: no JSON but {_beginning(body)}") from error


def fetched_bytes(
    url: str,
    time_left: TimeLeft,
    *,
    max_bytes: int,
    json: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
) -> bytes:
    """The body at `url`: GET, or POST of `json`.

    Raises:
        SourceDown: no answer, not a good one, too slow, or too large.
    """
    return b"".join(fetched_chunks(url, time_left, max_bytes=max_bytes, json=json, params=params))


def fetched_chunks(
    url: str,
    time_left: TimeLeft,
    *,
    max_bytes: int,
    json: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
    most_seconds: float = DEADLINE_SECONDS,
) -> Iterator[bytes]:
    """The same, a piece at a time; a file may need more than `most_seconds` of a page."""
    deadline_seconds = time_left.seconds(most_seconds)
    with Deadline(deadline_seconds) as deadline, watched_session(deadline) as session:
        try:
            with session.request(
                "GET" if json is None else "POST",
                url,
                json=json,
                params=params,
                headers={"User-Agent": USER_AGENT},
                timeout=(min(CONNECT_SECONDS, deadline_seconds), min(READ_SECONDS, deadline_seconds)),
                stream=True,
            ) as response:
                response.raise_for_status()
                yield from _capped(response.iter_content(CHUNK_BYTES), max_bytes)
        except (requests.RequestException, OSError) as error:
            why = "its answer did not end in time" if deadline.is_over else _reason(error)
            raise SourceDown(f"{_host(url)}: {why}", retry_after_seconds=_retry_after(error)) from error
        if deadline.is_over:
            raise SourceDown(f"{_host(url)}: its answer did not end in time")


def _capped(chunks: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise SourceDown(f"its answer is larger than {max_bytes} bytes")
        yield chunk


def _host(url: str) -> str:
    return url.split("/")[2]


def _beginning(body: bytes) -> str:
    """What came instead, as far as a log line should tell."""
    start = body[:200].lstrip().lower()
    if not start:
        return "nothing"
    return "a web page" if start.startswith((b"<!doctype", b"<html")) else f"{len(body)} bytes of something"


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP {response.status_code}"
    return "timed out" if isinstance(error, requests.Timeout) else type(error).__name__


def _retry_after(error: Exception) -> float | None:
    """Seconds that the server asks to be left alone, said as a number or a day (RFC 9110 10.2.3)."""
    response = getattr(error, "response", None)
    said = "" if response is None else response.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
