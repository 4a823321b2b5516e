"""What every listener has at hand: reading, answering, delivering, and the work after the acknowledgement."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from bot.answer import Answers, Asker, Reply
from bot.cards.notices import notice_card
from bot.cards.texts import Language, Texts
from bot.language import Reading
from bot.listeners.delivery import Delivery, Place
from bot.listeners.identity import Identity
from bot.listeners.readers import Readers
from bot.listeners.recent import RecentEstimates
from bot.listeners.seen import Seen
from bot.listeners.work import Work
from bot.observe import Metrics, get_log

_LOG = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts, wired by `bot.listeners.app.open_desk`."""

    answers: Answers
    delivery: Delivery
    identity: Identity
    readers: Readers
    seen: Seen
    recent: RecentEstimates
    work: Work
    metrics: Metrics

    def later(self, place: Place, task: Callable[[], None]) -> None:
        """Do `task` after the acknowledgement; if it breaks, whoever asked gets a reference."""
        self.work.submit(task, lambda reference: self.notify(place, "bug", reference=reference))

    def answer(self, reading: Reading, place: Place) -> None:
        """Answer and deliver: to everybody where it is an estimate, to the asker alone where it is not."""
        started = perf_counter()
        reply = self.answers.reply(reading, self.asker(place))
        self.deliver(reply, place)
        self.metrics.answered.labels(reply.outcome).observe(perf_counter() - started)

    def deliver(self, reply: Reply, place: Place) -> None:
        """Post the reply, or show it to the asker alone."""
        if reply.for_everybody:
            texts = self.answers.texts(reply.language)
            self.delivery.post(reply.card, place, texts=texts, command=reply.command)
        else:
            self.delivery.whisper(reply.card, place)
        if reply.command:
            self.recent.add(place.user_id, reply.command, reply.card.text)
        self.note(reply, place)

    def note(self, reply: Reply, place: Place) -> None:
        """Count and log an answer: the spec and where it went, no other word of anybody's."""
        self.metrics.answers.labels(reply.outcome).inc()
        _LOG.info("answered", outcome=reply.outcome, command=reply.command, channel=place.channel_id)

    def asker(self, place: Place) -> Asker:
        """Who asked, and in which language they read; may ask Slack."""
        return self.asker_reading(self.readers.language(place.user_id), place)

    def asker_reading(self, language: Language, place: Place) -> Asker:
        """Who asked, where their language is known."""
        return Asker(user_id=place.user_id, language=language)

    def texts(self, place: Place) -> Texts:
        """The words of whoever asked; may ask Slack."""
        return self.answers.texts(self.readers.language(place.user_id))

    def notify(self, place: Place, notice: str, **values: str | int) -> None:
        """One sentence of the locales, to the asker alone."""
        self.delivery.whisper(notice_card(notice, texts=self.texts(place), **values), place)
