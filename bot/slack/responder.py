"""What every listener has at hand: reading, answering, delivering, and the work after the acknowledgement."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

from bot.answers.answers import Answerer
from bot.answers.asked import asked
from bot.answers.ledger import EXPORT, MONEY_COMMANDS
from bot.answers.noted import as_posted
from bot.answers.occasion import Occasion
from bot.answers.reply import Asker, Reply
from bot.answers.settings import answer_settings
from bot.cards.state import metadata, with_state
from bot.conversation.card_state import CardState
from bot.conversation.recent import RecentEstimates
from bot.conversation.threads import PostedCard, ThreadState, ThreadStore
from bot.language import Reading
from bot.observe import Metrics, get_log
from bot.slack.askers import Askers
from bot.slack.background import Work
from bot.slack.channel_money import ChannelMoney
from bot.slack.delivery import Delivery
from bot.slack.lookups import Identity, UserLocales
from bot.slack.payloads import Destination, destination_of_record, thread_of, whose_at
from bot.slack.seen import Deduplicator, remembered
from bot.slack.tasks import Task
from bot.store.ahead import ReadAhead
from bot.store.port import Claim
from bot.store.scoped import ScopedStore
from bot.store.updates import Update, write_updates

_LOG = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """The parts, wired by `bot.app.open_desk`."""

    answers: Answerer
    delivery: Delivery
    identity: Identity
    readers: UserLocales
    seen: Deduplicator
    recent: RecentEstimates
    threads: ThreadStore
    store: ScopedStore
    """Of our workspace."""
    reading: ReadAhead
    """What reads ahead in it."""
    money: ChannelMoney
    askers: Askers
    work: Work
    metrics: Metrics

    def later(self, destination: Destination, do: Callable[[], None]) -> None:
        """Do `do` after the acknowledgement; if it breaks, whoever asked gets a reference."""
        self._submit(destination, do)

    def has_room(self, destination: Destination) -> bool:
        """Whether one more of this person's would be done."""
        return self.work.has_room(destination.user_id)

    def turned_away(self, destination: Destination) -> str:
        """What is said to whoever asks for one too many; counted."""
        self.metrics.turned_away.inc()
        return self.askers.hurried(destination, "busy").text

    def interrupted(self, record: Mapping[str, str]) -> None:
        """Tell whom a process left without an answer when it was killed, unless somebody took that over."""
        destination = destination_of_record(record)
        if self.seen.is_in_hand(destination.act):
            return
        self.work.say(self._task(destination, lambda: None), "interrupted")

    def _submit(
        self, destination: Destination, do: Callable[[], None], *, order: str = "", is_awaited: bool = True
    ) -> None:
        task = self._task(destination, do)
        self.work.submit(replace(task, order=order, waiting=task.waiting if is_awaited else {}))

    def _task(self, destination: Destination, do: Callable[[], None]) -> Task:
        return Task(
            do=do,
            tell=partial(self.askers.tell, destination),
            person=destination.user_id,
            channel=destination.channel_id,
            waiting=destination.as_record(),
        )

    def once(self, destination: Destination, do: Callable[[], None], act: str) -> Callable[[], None]:
        """`do`, unless the act that it answers was told of before; an act with no name is always new."""

        def new_task() -> None:
            with self.new_act(destination, remembered(act)) as is_new:
                if is_new:
                    do()

        return new_task

    @contextmanager
    def new_act(self, destination: Destination, acts: Mapping[str, float]) -> Iterator[bool]:
        """Whether none of `acts` was told of before; at the end of the block they are done.

        What an answer there needs is read on the same way, unless a thread has to be waited for.
        """
        with ExitStack() as stack:
            if destination.is_continued or not acts:
                is_new = not acts or self.seen.is_first(acts)
            else:
                claim = self.seen.claim(acts)
                is_new = self.seen.begin(claim, stack.enter_context(self.ahead(destination, claim)))
            try:
                yield is_new
            finally:
                self.seen.finish()

    def in_thread(self, destination: Destination, do: Callable[[], None], *, is_awaited: bool = True) -> None:
        """Likewise, after everything that was said in the same thread before.

        What was only overheard is not awaited: nobody is told that it takes long.
        """
        order = str(thread_of(destination)) if destination.is_continued else ""
        self._submit(destination, do, order=order, is_awaited=is_awaited)

    def at_home(self, destination: Destination, do: Callable[[], None]) -> None:
        """Likewise, after what the user did at their Home before: the last drawing is the newest."""
        self._submit(destination, do, order=f"home:{destination.user_id}", is_awaited=False)

    def answer(
        self, reading: Reading, destination: Destination, *, answers: str = "", base: CardState | None = None
    ) -> None:
        """Answer and deliver: to everybody where it is an estimate, to the asker alone where it is not.

        `answers` is the timestamp of the message that asked, `base` the card of its thread.
        """
        with self.ahead(destination):
            self._answer(reading, destination, answers, base)

    def _answer(
        self, reading: Reading, destination: Destination, answers: str, base: CardState | None
    ) -> None:
        started = perf_counter()
        is_for_asker = reading.command == "settings" or reading.outcome in ("problems", "help")
        asker = self.askers.at(destination) if is_for_asker else self.askers.of_card(destination, base)
        if reading.command == "settings":
            reply = self._settings(reading, destination, asker)
        elif reading.command in MONEY_COMMANDS:
            occasion = self.money.occasion(destination, asker, base)
            if (run := self.money.books.run_to_add(reading, occasion)) is not None:
                self._add_run(run, destination, occasion)
                return
            if (reading.command, reading.arguments) == EXPORT and not occasion.closed:
                self._export(destination, occasion)
                return
            reply = self.money.books.answer(reading, occasion)
        else:
            reply = self.answers.reply(reading, asker, base.shown if base else None)
        self.deliver(reply, destination, answers=answers)
        self.metrics.answered.labels(reply.outcome).observe(perf_counter() - started)

    def _add_run(self, run: Reading, destination: Destination, occasion: Occasion) -> None:
        """The card of a run that goes into the budget at once, then the entry in its thread."""
        reply = self.answers.reply(run, occasion.asker)
        known = self.threads.known(thread_of(destination)) if destination.is_continued else None
        with self.seen.not_yet_done():
            ts = self.deliver(reply, destination, known=known)
        if reply.command:
            thread_ts = destination.thread_ts or ts
            added = self.money.books.add(
                replace(occasion, command=reply.command, thread_ts=thread_ts, shown=None)
            )
            there = replace(destination, thread_ts=thread_ts, is_unanswered=not destination.thread_ts)
            self.deliver(added, destination if destination.is_flat else there)

    def _export(self, destination: Destination, occasion: Occasion) -> None:
        if (instead := self.money.exported(destination, occasion)) is not None:
            self.deliver(instead, destination)

    def take_table(self, table: str, destination: Destination) -> None:
        """Book what `budget import` came with."""
        occasion = self.money.occasion(destination, self.askers.at(destination), None)
        self.deliver(self.money.tables.take(table, occasion), destination)

    def _settings(self, reading: Reading, destination: Destination, asker: Asker) -> Reply:
        if (forgotten := self.money.forgotten(reading.arguments, destination, asker)) is not None:
            return forgotten
        preferences, spoken = self.readers.preferences, self.readers.spoken(destination.user_id)
        return answer_settings(
            preferences, self.answers, reading, whose_at(destination), asker, spoken=spoken
        )

    def deliver(
        self,
        reply: Reply,
        destination: Destination,
        *,
        carried: CardState | None = None,
        known: ThreadState | None = None,
        answers: str = "",
    ) -> str:
        """Post the reply, or show it to the asker alone; the `ts` of what everybody sees, as far as known.

        `carried` is its place in a conversation, if not the first; `known` is the thread before.
        Nothing is, where another process took over what this one had stood still at.
        """
        if not self.seen.is_still_ours():
            return ""
        reply = self.money.with_budget(reply, destination)
        listed = self._list(reply, destination, carried) if reply.command else None
        ts = ""
        if not reply.for_everybody and not (reply.command and destination.is_between_us):
            self.delivery.post_ephemeral(reply.card, destination)
        elif not reply.command:
            ts = self.delivery.post(reply.card, destination, texts=self.answers.texts(reply.language))
        else:
            carried = as_posted(carried, reply)
            if ts := self._post(reply, destination, carried, answers):
                posted = PostedCard(carried=carried, ts=ts, answers=answers)
                self._remember(reply, destination, posted, known, listed)
        self.note(reply, destination)
        return ts

    def _list(self, reply: Reply, destination: Destination, carried: CardState | None) -> bytes:
        """Put an estimate on the asker's Home before anybody sees the card: Home may be opened right away."""
        before = self.recent.kept(destination.user_id)
        listing = self._listing(reply, destination, carried, before)
        return write_updates(self.store, [listing])[listing.key]

    def _listing(
        self,
        reply: Reply,
        destination: Destination,
        carried: CardState | None,
        before: bytes | None,
        ts: str = "",
    ) -> Update:
        """An estimate on the asker's Home, with a link where it stands somewhere."""
        link = self.identity.link(destination.channel_id, ts, destination.thread_ts)
        said = asked(self.answers, reply, carried)
        return self.recent.with_asked(destination.user_id, said, link, before=before)

    def _post(self, reply: Reply, destination: Destination, carried: CardState, answers: str) -> str:
        """Show an estimate to everybody; the `ts` of its card, as far as known."""
        return self.delivery.post(
            with_state(reply.card, carried),
            destination,
            texts=self.answers.texts(reply.language),
            metadata=metadata(carried, answers=answers),
            unseen=lambda: self._read_again(destination),
        )

    def _remember(
        self,
        reply: Reply,
        destination: Destination,
        posted: PostedCard,
        known: ThreadState | None,
        listed: bytes | None,
    ) -> None:
        """The card in its thread and on Home, where `listed` stands, and that what asked for it is done.

        In one trip, unless somebody said something in the thread or asked elsewhere meanwhile.
        """
        key = thread_of(destination, posted.ts)
        before = known if destination.is_continued else None
        listing = self._listing(reply, destination, posted.carried, listed, posted.ts)
        updates = [listing, self.threads.with_card(key, posted, before)]
        write_updates(self.store, updates, self.seen.last_marks())
        self.threads.noted(key)

    def ahead(
        self, destination: Destination, claim: Claim | None = None
    ) -> AbstractContextManager[tuple[bytes, ...]]:
        """Read what an answer there needs in one trip: who asked, the thread, the channel's budget.

        With a claim, who has each of its names is what the block is given.
        """
        keys = (*self.readers.keys(whose_at(destination)), self.recent.key(destination.user_id))
        thread = (str(thread_of(destination)),) if destination.is_continued else ()
        scoped = [self.store.key(key) for key in (*keys, *thread)]
        here = claim and self.store.claim_here(claim)
        return self.reading.ahead(scoped, self.money.unread(destination), here)

    def _read_again(self, destination: Destination) -> None:
        """Nobody knows whether a card was posted there: the messages will tell."""
        if destination.is_continued:
            self.threads.forget(thread_of(destination))

    def note(self, reply: Reply, destination: Destination) -> None:
        """Count and log an answer: the spec, unless it is private, and where it went."""
        self.metrics.answers.labels(reply.outcome).inc()
        private = reply.requested is not None and bool(reply.requested.request.private)
        said = "(private)" if private else reply.command
        _LOG.info("answered", outcome=reply.outcome, command=said, channel=destination.channel_id)
