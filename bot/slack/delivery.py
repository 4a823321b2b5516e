"""How a card reaches Slack: checked, posted, and when Slack refuses it, something else that the user sees.

Retried is only a refusal to come back later (429): nothing was posted. A connection that never stood is a
refusal, too, so that another way is tried. After a broken one or a 5xx nobody knows, and a second try could
be a second card: the asker alone is told.
"""

import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.error import HTTPError

from slack_sdk.errors import SlackApiError

from bot.cards import phrases
from bot.cards.block import Card
from bot.cards.slack_limits import violations
from bot.i18n import Texts
from bot.observe import Metrics, get_log
from bot.slack.connections import KeptClient, KeptWebhook
from bot.slack.payloads import Destination
from bot.slack.refusals import (
    BAD_METADATA,
    INVALID,
    TOO_RICH,
    RefusedError,
    UnsureError,
    answer_of,
    as_refusal,
    has_no_access,
    never_stood,
    refusal_in,
)
from bot.slack.tasks import HELD_SECONDS, Holds

TIMEOUT_SECONDS: Final = 5
PATIENCE_SECONDS: Final = 15.0
"""How long a 429 is waited out, in all; before a card that everybody shall see, `HELD_SECONDS`."""

LEAST_PAUSE_SECONDS: Final = 1.0
"""Between two tries: a refusal may forget to say how long to wait."""
_LOG = get_log(__name__)
Pause = Callable[[float], object]
SlackMethod = Any
"""A method of `WebClient`, such as `client.chat_postMessage`."""


def slack_client(token: str, base_url: str) -> KeptClient:
    """A client that neither retries nor waits on its own account."""
    context = ssl.create_default_context() if base_url.startswith("https:") else None
    return KeptClient(token=token, base_url=base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[], ssl=context)


class Delivery:
    """Sends cards for one bot user."""

    def __init__(
        self, client: KeptClient, metrics: Metrics, *, pause: Pause, holds: Holds | None = None
    ) -> None:
        self.client, self._metrics, self._pause = client, metrics, pause
        self._holds = holds or Holds()
        self.token_refused = ""
        """Slack's word for a token that is worth nothing any more; empty while it is good."""
        self._was_accepted = False

    def post(
        self,
        card: Card,
        destination: Destination,
        *,
        texts: Texts,
        metadata: Mapping[str, Any] | None = None,
        unseen: Callable[[], None] = lambda: None,
    ) -> str:
        """The `ts` of the message with `card`; empty when it went another way, which the user was told.

        `metadata` travels with the message; `unseen` hears that it may stand there without our knowing where.
        """
        card = self._checked(card)
        try:
            return self._posted(card, destination, metadata)
        except RefusedError as refusal:
            if has_no_access(refusal.code) and destination.response_url:
                self._post_as_response(card, destination, texts, metadata)
                unseen()
            else:
                self._tell_failure(card, destination, texts, refusal)
        except UnsureError:
            unseen()
            self.post_ephemeral(Card(texts("notice.unsure", text=card.text), ()), destination)
        return ""

    def post_ephemeral(self, card: Card, destination: Destination) -> bool:
        """Show `card` to the asker alone, by whatever way is open; whether one was."""
        card = self._checked(card)
        ways = [self._post_ephemeral_in_channel, self._write_directly]
        if destination.response_url:
            ways.insert(1 if destination.open_thread_ts else 0, self._whisper_as_response)
        return any(self._went(way, card, destination) for way in ways)

    def call(self, method: SlackMethod, **arguments: Any) -> Mapping[str, Any]:
        """One call of the Web API through the client's `method`; 429 is waited out within our patience.

        A channel that Slack wants left alone is left alone by everybody.

        Raises:
            RefusedError: Slack said no.
            UnsureError: nobody knows whether it was done.
        """
        return self._patiently(method, arguments, PATIENCE_SECONDS)

    def _patiently(
        self, method: SlackMethod, arguments: Mapping[str, Any], patience_seconds: float
    ) -> Mapping[str, Any]:
        channel = str(arguments.get("channel", "")) if method.__name__.startswith("chat_") else ""
        wait_seconds = self._holds.seconds_left(channel)
        while True:
            if wait_seconds > patience_seconds:
                raise RefusedError("ratelimited", wait_seconds=wait_seconds)
            if wait_seconds:
                patience_seconds -= wait_seconds
                self._pause(wait_seconds)
            try:
                return self._once(method, arguments)
            except RefusedError as refusal:
                self._metrics.slack_errors.labels(method.__name__, refusal.code).inc()
                self._judge_token(refusal.code)
                if refusal.code != "ratelimited":
                    raise
                wait_seconds = max(refusal.wait_seconds, LEAST_PAUSE_SECONDS)
                if channel:
                    self._holds.hold(channel, wait_seconds)

    def _judge_token(self, code: str) -> None:
        """Remember, and log once, that the token is worth nothing; `/readyz` says so.

        One that was never worth anything ends the start, which says so itself.
        """
        if code in INVALID and not self.token_refused:
            if self._was_accepted:
                _LOG.error("SLACK_BOT_TOKEN: Slack refuses it", error=code)
            self.token_refused = code

    def _once(self, method: SlackMethod, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer = answer_of(method(**arguments))
        except SlackApiError as error:
            raise as_refusal(error) from error
        except (OSError, ValueError) as error:  # URLError is an OSError; ValueError: no JSON in the answer
            if never_stood(error):
                raise RefusedError("connection_failed") from error
            raise UnsureError(type(error).__name__) from error
        self.token_refused = ""
        self._was_accepted = True
        return answer

    def _posted(self, card: Card, destination: Destination, metadata: Mapping[str, Any] | None) -> str:
        message = {"channel": destination.channel_id, **_quiet(card), **_in_thread(destination.thread_ts)}
        if metadata:
            message["metadata"] = metadata
        try:
            return str(self._patiently(self.client.chat_postMessage, message, HELD_SECONDS)["ts"])
        except RefusedError as refusal:
            if refusal.code in TOO_RICH and card.blocks:
                return self._posted(card.lighter(), destination, metadata)
            if refusal.code in BAD_METADATA and metadata:
                return self._posted(card, destination, None)
            raise

    def _post_as_response(
        self, card: Card, destination: Destination, texts: Texts, metadata: Mapping[str, Any] | None
    ) -> None:
        message = {**_quiet(card), **_in_thread(destination.thread_ts), "response_type": "in_channel"}
        try:
            self._respond(destination, {**message, "metadata": metadata} if metadata else message)
        except RefusedError as refusal:
            self._tell_failure(card, destination, texts, refusal)
        except UnsureError:
            self._tell_failure(card, destination, texts, RefusedError("no_answer"))
        else:
            self.post_ephemeral(Card(texts("notice.invite"), ()), destination)

    def _tell_failure(
        self, card: Card, destination: Destination, texts: Texts, refusal: RefusedError
    ) -> None:
        """An honest word to the asker, with the answer in it: the sentence at least gets through."""
        _LOG.warning(
            "card not posted", error=refusal.code, needed=refusal.needed, channel=destination.channel_id
        )
        if refusal.code == "ratelimited":
            said = texts("notice.rate_limited", seconds=round(refusal.wait_seconds), text=card.text)
        else:
            code = phrases.joined(refusal.code, refusal.needed, texts=texts, by="space")
            said = texts("notice.not_posted", error=code, text=card.text)
        self.post_ephemeral(Card(said, ()), destination)

    def _went(self, way: Callable[[Card, Destination], None], card: Card, destination: Destination) -> bool:
        try:
            way(card, destination)
        except RefusedError as refusal:
            if refusal.code in TOO_RICH and card.blocks:
                return self._went(way, card.lighter(), destination)
            _LOG.warning("could not tell the user", way=way.__name__, error=refusal.code)
            return False
        except UnsureError as error:
            _LOG.warning("could not tell the user", way=way.__name__, error=str(error))
            return False
        return True

    def _whisper_as_response(self, card: Card, destination: Destination) -> None:
        thread = _in_thread(destination.open_thread_ts)
        self._respond(
            destination, {**_quiet(card), **thread, "response_type": "ephemeral", "replace_original": False}
        )

    def _post_ephemeral_in_channel(self, card: Card, destination: Destination) -> None:
        self.call(
            self.client.chat_postEphemeral,
            channel=destination.channel_id,
            user=destination.user_id,
            **_in_thread(destination.open_thread_ts),
            **_shown(card),
        )

    def _write_directly(self, card: Card, destination: Destination) -> None:
        self.call(self.client.chat_postMessage, channel=destination.user_id, **_quiet(card))

    def _respond(self, destination: Destination, message: dict[str, Any]) -> None:
        client = KeptWebhook(
            destination.response_url, self.client.connections, timeout_seconds=TIMEOUT_SECONDS
        )
        try:
            answer = client.send_dict(message)
        except HTTPError as error:
            raise RefusedError(f"http_{error.code}") from error
        except (OSError, ValueError) as error:
            raise UnsureError(type(error).__name__) from error
        if code := refusal_in(answer.body, answer.status_code):
            raise RefusedError(code)

    def _checked(self, card: Card) -> Card:
        """`card`, or its sentence alone where Slack would refuse the blocks: never rendered anew."""
        if not card.blocks or not (broken := violations(card, "message")):
            return card
        _LOG.error("card breaks a limit of Slack", violations=broken)
        return Card(card.text, ())


def _shown(card: Card) -> dict[str, Any]:
    return card.as_message() if card.blocks else {"text": card.text}


def _quiet(card: Card) -> dict[str, Any]:
    """A message that unfurls nothing."""
    return {**_shown(card), "unfurl_links": False, "unfurl_media": False}


def _in_thread(thread_ts: str) -> dict[str, str]:
    return {"thread_ts": thread_ts} if thread_ts else {}
