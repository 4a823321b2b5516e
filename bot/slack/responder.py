"""What every listener has at hand: reading, answering, delivering, and the work after the acknowledgement."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from bot.answers.answers import Answers, Asker, Reply
from bot.answers.settings import answer_settings
from bot.cards.notes import notice_card
from bot.cards.state import carrying, metadata
from bot.conversation.card_state import Carried
from bot.conversation.followups import first
from bot.conversation.preferences import Whose
from bot.conversation.recent import RecentEstimates
from bot.conversation.threads import Known, Posted, ThreadKey, Threads
from bot.i18n import Language, Texts
from bot.language import Reading
from bot.observe import Metrics, get_log
from bot.slack.background import Seen, Strands, Work
from bot.slack.delivery import Delivery
from bot.slack.lookups import Identity, Readers
from bot.slack.payloads import Place

_LOG = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts, wired by `bot.app.open_desk`."""

    answers: Answers
    delivery: Delivery
    identity: Identity
    readers: Readers
    seen: Seen
    recent: RecentEstimates
    threads: Threads
    strands: Strands
    work: Work
    metrics: Metrics

    def later(self, place: Place, task: Callable[[], None]) -> None:
        """Do `task` after the acknowledgement; if it breaks, whoever asked gets a reference."""
        self.work.submit(task, lambda reference: self.notify(place, "bug", reference=reference))

    def in_thread(self, place: Place, task: Callable[[], None]) -> None:
        """Likewise, after everything that was said in the same thread before."""
        if place.thread_ts:
            self._in_order(str(thread_of(place)), place, task)
        else:
            self.later(place, task)

    def at_home(self, place: Place, task: Callable[[], None]) -> None:
        """Likewise, after what the user did at their Home before: the last drawing is the newest."""
        self._in_order(f"home:{place.team_id}:{place.user_id}", place, task)

    def _in_order(self, name: str, place: Place, task: Callable[[], None]) -> None:
        self.strands.submit(name, task, lambda reference: self.notify(place, "bug", reference=reference))

    def answer(self, reading: Reading, place: Place, *, answers: str = "") -> None:
        """Answer and deliver: to everybody where it is an estimate, to the asker alone where it is not.

        `answers` is the timestamp of the message that asked.
        """
        started, asker = perf_counter(), self.asker(place)
        if reading.command == "settings":
            reply = self._settings(reading, place, asker)
        else:
            reply = self.answers.reply(reading, asker)
        self.deliver(reply, place, answers=answers)
        self.metrics.answered.labels(reply.outcome).observe(perf_counter() - started)

    def _settings(self, reading: Reading, place: Place, asker: Asker) -> Reply:
        preferences, whose = self.readers.preferences, whose_at(place)
        spoken = self.readers.spoken(place.user_id)
        return answer_settings(preferences, self.answers, reading, whose, asker, spoken=spoken)

    def deliver(
        self,
        reply: Reply,
        place: Place,
        *,
        carried: Carried | None = None,
        known: Known | None = None,
        answers: str = "",
    ) -> None:
        """Post the reply, or show it to the asker alone.

        `carried` is its place in a conversation, if not the first; `known` is the thread before.
        """
        self._list(reply, place)  # before anybody sees the card: Home may be opened right away
        if reply.for_everybody:
            self._post(reply, place, carried, known, answers)
        else:
            self.delivery.whisper(reply.card, place)
        self.note(reply, place)

    def _list(self, reply: Reply, place: Place, ts: str = "") -> None:
        """Put an estimate on the asker's Home, with a link once it stands somewhere."""
        if reply.command:
            link = self.link(place.channel_id, ts, place.thread_ts)
            self.recent.add(place.user_id, reply.command, reply.card.text, link)

    def _post(
        self, reply: Reply, place: Place, carried: Carried | None, known: Known | None, answers: str
    ) -> None:
        """Show it to everybody; a card is remembered with its thread."""
        texts = self.answers.texts(reply.language)
        if not reply.command:
            self.delivery.post(reply.card, place, texts=texts)
            return
        carried = carried or first(reply.command)
        described = metadata(carried, answers=answers)
        ts = self.delivery.post(carrying(reply.card, carried), place, texts=texts, metadata=described)
        if ts:
            self._list(reply, place, ts)
            posted = Posted(carried=carried, ts=ts, answers=answers)
            self.threads.add(thread_of(place, ts), posted, known)
        elif place.thread_ts:
            self.threads.forget(thread_of(place))

    def link(self, channel_id: str, ts: str, thread_ts: str = "") -> str | None:
        """The address of a message; None while Slack has not said where the workspace is.

        Nor is there one of what was sent to a person: Slack knows in which channel that stands, we don't.
        """
        if not (ts and self.identity.workspace_url) or channel_id.startswith(("U", "W")):
            return None
        address = f"{self.identity.workspace_url}archives/{channel_id}/p{ts.replace('.', '')}"
        return f"{address}?thread_ts={thread_ts}&cid={channel_id}" if thread_ts not in ("", ts) else address

    def note(self, reply: Reply, place: Place) -> None:
        """Count and log an answer: the spec and where it went, no other word of anybody's."""
        self.metrics.answers.labels(reply.outcome).inc()
        _LOG.info("answered", outcome=reply.outcome, command=reply.command, channel=place.channel_id)

    def asker(self, place: Place) -> Asker:
        """Who asked, and in which language they read; may ask Slack."""
        language, currency = self.readers.reader(whose_at(place))
        return Asker(user_id=place.user_id, language=language, currency=currency)

    def asker_reading(self, language: Language, place: Place) -> Asker:
        """Who asked, where their language is known."""
        return Asker(user_id=place.user_id, language=language)

    def texts(self, place: Place) -> Texts:
        """The words of whoever asked; may ask Slack."""
        return self.answers.texts(self.readers.language(whose_at(place)))

    def notify(self, place: Place, notice: str, **values: str | int) -> None:
        """One sentence of the locales, to the asker alone."""
        self.delivery.whisper(notice_card(notice, texts=self.texts(place), **values), place)


def whose_at(place: Place) -> Whose:
    """Whose settings count there."""
    return Whose(user_id=place.user_id, channel_id=place.channel_id)


def thread_of(place: Place, ts: str = "") -> ThreadKey:
    """The thread that an answer stands in, or, if it stands in none, the one that it begins."""
    return ThreadKey(team_id=place.team_id, channel_id=place.channel_id, thread_ts=place.thread_ts or ts)
