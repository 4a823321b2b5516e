"""Connections to Slack, kept open between calls: a handshake costs two trips and milliseconds of work.

The SDK opens one a call; its clients here are its own but for that.
"""

import time
from collections.abc import Callable
from email.message import Message
from http.client import HTTPMessage
from io import BytesIO
from ssl import SSLContext
from typing import Any, Final, cast
from urllib.error import HTTPError, URLError
from urllib.request import Request

import urllib3
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient, WebhookResponse
from typing_extensions import override
from urllib3.exceptions import HTTPError as LineError
from urllib3.exceptions import NameResolutionError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as TooLong

MOST_KEPT: Final = 128
"""To one host: one for each thread that may have something to send."""
KEPT_SECONDS: Final = 60.0


class Connections:
    """Connections by host, each used by one call at a time; one that was hung up on is opened anew."""

    def __init__(
        self, context: SSLContext | None, proxy: str | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._context, self._proxy, self._clock = context, proxy, clock
        self._since, self._pool = clock(), self._new_pool()

    def _new_pool(self) -> urllib3.PoolManager:
        named: dict[str, Any] = {"maxsize": MOST_KEPT, "retries": False, "ssl_context": self._context}
        return urllib3.ProxyManager(self._proxy, **named) if self._proxy else urllib3.PoolManager(**named)

    def _fresh(self) -> urllib3.PoolManager:
        """None of them has been silent for long: what lies between drops such a one without a word."""
        if self._clock() - self._since > KEPT_SECONDS:
            self._since, self._pool = self._clock(), self._new_pool()
        return self._pool

    def post(self, request: Request, timeout_seconds: float) -> tuple[int, Message, str]:
        """Status, headers and text of the answer; nothing is sent twice.

        Raises:
            HTTPError: the answer is a refusal.
            OSError: there is none; `URLError` where the connection was never made.
        """
        try:
            answer = self._fresh().request(
                "POST",
                request.full_url,
                body=cast("bytes | None", request.data),
                headers=dict(request.header_items()),
                timeout=timeout_seconds,
                redirect=False,
            )
        except LineError as error:
            raise _as_known(error) from error
        headers = HTTPMessage()
        for name, value in answer.headers.items():
            headers[name] = value
        if answer.status >= 300:
            raise HTTPError(request.full_url, answer.status, "", headers, BytesIO(answer.data))
        return answer.status, headers, answer.data.decode(headers.get_content_charset() or "utf-8")


def _as_known(error: LineError) -> OSError:
    """The trouble as `urllib` tells it, which is what the SDK and its callers know."""
    if isinstance(error, (NewConnectionError, NameResolutionError)):
        return URLError(error.__cause__ if isinstance(error.__cause__, OSError) else str(error))
    if isinstance(error, SSLError):
        return URLError(str(error))
    return TimeoutError(str(error)) if isinstance(error, TooLong) else ConnectionError(str(error))


class KeptClient(WebClient):
    """The SDK's client over kept connections."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.connections = Connections(self.ssl, self.proxy)

    @override
    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        status, headers, text = self.connections.post(req, self.timeout)
        return {"status": status, "headers": headers, "body": text}


class KeptWebhook(WebhookClient):
    """A response address over the connections of a client."""

    def __init__(self, url: str, connections: Connections, *, timeout_seconds: int) -> None:
        super().__init__(url, timeout=timeout_seconds, retry_handlers=[])
        self._connections = connections

    @override
    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        status, headers, text = self._connections.post(req, self.timeout)
        return WebhookResponse(url=url, status_code=status, body=text, headers=dict(headers.items()))
