"""What every listener has at hand: reading, answering, delivering, and the work after the acknowledgement."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Final

from bot.answers import ledger as money
from bot.answers.answers import Answerer, Asker, Reply
from bot.answers.forget import WORDS as FORGET
from bot.answers.forget import Forgetting, Place
from bot.answers.ledger import Bookkeeper
from bot.answers.ledger_tables import LedgerTables
from bot.answers.occasion import Occasion
from bot.answers.settings import answer_settings
from bot.answers.shown import shown_of
from bot.cards.block import Card
from bot.cards.notes import notice_card
from bot.cards.state import metadata, with_state
from bot.conversation.card_state import CardState
from bot.conversation.followups import first
from bot.conversation.preferences import Whose
from bot.conversation.recent import RecentEstimates
from bot.conversation.threads import FLAT, PostedCard, ThreadKey, ThreadState, ThreadStore
from bot.i18n import LANGUAGES, Language, Texts
from bot.language import Reading
from bot.ledger import ChannelKey
from bot.observe import Metrics, get_log
from bot.slack.background import Deduplicator, Work
from bot.slack.channels import ChannelFacts, Channels
from bot.slack.delivery import Delivery, RefusedError, UnsureError
from bot.slack.jobs import Job
from bot.slack.lookups import DEFAULT, Identity, UserLocales
from bot.slack.payloads import Destination, destination_of_record
from bot.slack.uploads import share
from bot.store import Entry
from bot.store.ahead import ReadAhead
from bot.store.scoped import ScopedStore

MOST_BUDGETS: Final = 10
"""Lines on a Home."""
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
    books: Bookkeeper
    tables: LedgerTables
    forgetting: Forgetting
    channels: Channels
    budget_managers: tuple[str, ...]
    """Who may book; empty: whoever made the channel, or everybody where Slack does not say who."""
    work: Work
    metrics: Metrics

    def later(self, destination: Destination, task: Callable[[], None]) -> None:
        """Do `task` after the acknowledgement; if it breaks, whoever asked gets a reference."""
        self._submit(destination, task)

    def has_room(self, destination: Destination) -> bool:
        """Whether one more of this person's would be done."""
        return self.work.has_room(destination.user_id)

    def turned_away(self, destination: Destination) -> str:
        """What is said to whoever asks for one too many; counted."""
        self.metrics.turned_away.inc()
        return self.hurried(destination, "busy").text

    def interrupted(self, record: Mapping[str, str]) -> None:
        """Tell whom a process left without an answer when it was killed."""
        destination = destination_of_record(record)
        self.work.say(self._job(destination, lambda: None), "interrupted")

    def _submit(
        self, destination: Destination, task: Callable[[], None], *, order: str = "", is_awaited: bool = True
    ) -> None:
        job = self._job(destination, task)
        self.work.submit(replace(job, order=order, waiting=job.waiting if is_awaited else {}))

    def _job(self, destination: Destination, task: Callable[[], None]) -> Job:
        return Job(
            task=task,
            tell=partial(self.tell, destination),
            person=destination.user_id,
            channel=destination.channel_id,
            waiting=destination.as_record(),
        )

    def once(self, task: Callable[[], None], act: str) -> Callable[[], None]:
        """`task`, unless the act that it answers was told of before; an act without a name is always new."""
        return lambda: task() if not act or self.seen.is_first(act) else None

    def in_thread(
        self, destination: Destination, task: Callable[[], None], *, is_awaited: bool = True
    ) -> None:
        """Likewise, after everything that was said in the same thread before.

        What was only overheard is not awaited: nobody is told that it takes long.
        """
        order = str(thread_of(destination)) if destination.is_continued else ""
        self._submit(destination, task, order=order, is_awaited=is_awaited)

    def at_home(self, destination: Destination, task: Callable[[], None]) -> None:
        """Likewise, after what the user did at their Home before: the last drawing is the newest."""
        self._submit(destination, task, order=f"home:{destination.user_id}", is_awaited=False)

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
        asker = self.asker(destination) if is_for_asker else self.asker_of(destination, base)
        if reading.command == "settings":
            reply = self._settings(reading, destination, asker)
        elif reading.command in money.COMMANDS:
            occasion = self._occasion(destination, asker, base)
            if (run := self.books.run_to_add(reading, occasion)) is not None:
                self._add_run(run, destination, occasion)
                return
            if (reading.command, reading.arguments) == money.EXPORT and not occasion.is_shared:
                self._export(destination, occasion)
                return
            reply = self.books.answer(reading, occasion)
        else:
            reply = self.answers.reply(reading, asker)
        self.deliver(reply, destination, answers=answers)
        self.metrics.answered.labels(reply.outcome).observe(perf_counter() - started)

    def _add_run(self, run: Reading, destination: Destination, occasion: Occasion) -> None:
        """The card of a run that goes into the budget at once, then the entry in its thread."""
        reply = self.answers.reply(run, occasion.asker)
        known = self.threads.known(thread_of(destination)) if destination.is_continued else None
        ts = self.deliver(reply, destination, known=known)
        if reply.command:
            thread_ts = destination.thread_ts or ts
            added = self.books.add(replace(occasion, command=reply.command, thread_ts=thread_ts))
            there = replace(destination, thread_ts=thread_ts, is_unanswered=False)
            self.deliver(added, destination if destination.is_flat else there)

    def ledger_of(self, destination: Destination) -> ChannelKey:
        """The ledger of the channel, under our own workspace: of a grid's channel several may speak."""
        team_id = self.identity.workspace_id or destination.team_id
        return ChannelKey(team_id=team_id, channel_id=destination.channel_id)

    def budgets_of(self, user_id: str, language: Language) -> tuple[str, ...]:
        """A line a budget of the channels that somebody is in, those shared with a company left out."""
        team_id = self.identity.workspace_id
        booked = self.books.channels(team_id)
        joined = self.channels.of_user(user_id) if booked else frozenset()
        lines: list[str] = []
        for channel_id in (each for each in booked if each in joined):
            said = self.books.sums(ChannelKey(team_id=team_id, channel_id=channel_id), language)
            if said and not self.channels.facts(channel_id).is_shared:
                lines.append(f"<#{channel_id}> {said}")
        return tuple(lines[:MOST_BUDGETS])

    def budget_at(self, destination: Destination, language: Language) -> str:
        """The budget of the channel where somebody is; empty where nobody may see one."""
        said = self.books.sums(self.ledger_of(destination), language)
        return said if said and not self.channels.facts(destination.channel_id).is_shared else ""

    def _export(self, destination: Destination, occasion: Occasion) -> None:
        """The ledger as a file where it was asked for; its newest lines where Slack takes none."""
        texts = self.answers.texts(occasion.asker.language)
        said, name = texts("ledger.export"), f"budget-{destination.channel_id}.csv"
        try:
            share(self.delivery, self.tables.lines(occasion.key), name, said, destination)
        except (RefusedError, UnsureError, LookupError) as trouble:
            needed = getattr(trouble, "needed", "")
            self.deliver(self.tables.shown(occasion, f"{trouble} {needed}".strip()), destination)

    def take_table(self, table: str, destination: Destination) -> None:
        """Book what `budget import` came with."""
        occasion = self._occasion(destination, self.asker(destination), None)
        self.deliver(self.tables.take(table, occasion), destination)

    def _occasion(self, destination: Destination, asker: Asker, base: CardState | None) -> Occasion:
        facts, who = self.channels.facts(destination.channel_id), destination.user_id
        return Occasion(
            key=self.ledger_of(destination),
            asker=asker,
            may_write=self._may_write(who, facts),
            is_shared=facts.is_shared,
            command=base.command if base else "",
            thread_ts=self._root_of(destination, base) if base else "",
            act=destination.act,
        )

    def _may_write(self, user_id: str, facts: ChannelFacts) -> bool:
        """Whether somebody may change what a channel booked."""
        managers = self.budget_managers or ((facts.creator,) if facts.creator else (user_id,))
        return user_id in managers

    def _root_of(self, destination: Destination, base: CardState) -> str:
        """The thread of a card; where cards stand flat, the first of those that led to it."""
        if not destination.is_flat:
            return destination.thread_ts
        return self.threads.known(thread_of(destination)).ts_of(base.root)

    def _with_budget(self, reply: Reply, destination: Destination) -> Reply:
        """The channel's budget under the card; never where another company reads along."""
        lined = self.books.line(reply, self.ledger_of(destination), destination.thread_ts)
        if lined is reply or self.channels.facts(destination.channel_id).is_shared:
            return reply
        return lined

    def _settings(self, reading: Reading, destination: Destination, asker: Asker) -> Reply:
        preferences, whose = self.readers.preferences, whose_at(destination)
        if reading.arguments.lower().startswith(FORGET):
            facts = self.channels.facts(destination.channel_id)
            place = Place(
                whose=whose,
                key=self.ledger_of(destination),
                asker=asker,
                may_write=self._may_write(destination.user_id, facts),
                is_shared=facts.is_shared,
            )
            if (forgotten := self.forgetting.answer(reading.arguments, place)) is not None:
                return forgotten
        spoken = self.readers.spoken(destination.user_id)
        return answer_settings(preferences, self.answers, reading, whose, asker, spoken=spoken)

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
        """
        reply = self._with_budget(reply, destination)
        if reply.command:  # before anybody sees the card: Home may be opened right away
            self.store.set_many([self._listed(reply, destination)])
        ts = ""
        if reply.for_everybody:
            ts = self._post(reply, destination, carried, known, answers)
        else:
            self.delivery.post_ephemeral(reply.card, destination)
        self.note(reply, destination)
        return ts

    def _listed(self, reply: Reply, destination: Destination, ts: str = "") -> Entry:
        """An estimate on the asker's Home, with a link where it stands somewhere."""
        link = self.link(destination.channel_id, ts, destination.thread_ts)
        return self.recent.entry(destination.user_id, reply.command, reply.card.text, link)

    def _post(
        self,
        reply: Reply,
        destination: Destination,
        carried: CardState | None,
        known: ThreadState | None,
        answers: str,
    ) -> str:
        """Show it to everybody; a card is remembered with its thread."""
        texts = self.answers.texts(reply.language)
        if not reply.command:
            return self.delivery.post(reply.card, destination, texts=texts)
        currency = reply.estimate.currency if reply.estimate else ""
        carried = carried or first(reply.command, reply.language, currency)
        carried = replace(carried, shown=shown_of(reply.estimate) if reply.estimate else None)
        described = metadata(carried, answers=answers)
        ts = self.delivery.post(
            with_state(reply.card, carried),
            destination,
            texts=texts,
            metadata=described,
            unseen=lambda: self._read_again(destination),
        )
        if not ts:
            return ""
        key = thread_of(destination, ts)
        with self._ahead(self.recent.key(destination.user_id), str(key)):
            posted = PostedCard(carried=carried, ts=ts, answers=answers)
            listed = self._listed(reply, destination, ts)
            self.store.set_many([listed, self.threads.entry(key, posted, known)])
        self.threads.noted(key)
        return ts

    def _ahead(self, *keys: str, lists: Mapping[str, int] | None = None) -> AbstractContextManager[None]:
        return self.reading.ahead([self.store.key(key) for key in keys], lists)

    def ahead(self, destination: Destination) -> AbstractContextManager[None]:
        """Read what an answer there needs in one trip: who asked, the thread, the channel's budget."""
        keys = (*self.readers.keys(whose_at(destination)), self.recent.key(destination.user_id))
        thread = (str(thread_of(destination)),) if destination.is_continued else ()
        return self._ahead(*keys, *thread, lists=self.books.unread(self.ledger_of(destination)))

    def _read_again(self, destination: Destination) -> None:
        """Nobody knows whether a card was posted there: the messages will tell."""
        if destination.is_continued:
            self.threads.forget(thread_of(destination))

    def link(self, channel_id: str, ts: str, thread_ts: str = "") -> str | None:
        """The address of a message; None while Slack has not said where the workspace is.

        Nor is there one of what was sent to a person: Slack knows in which channel that stands, we don't.
        """
        if not (ts and self.identity.workspace_url) or channel_id.startswith(("U", "W")):
            return None
        address = f"{self.identity.workspace_url}archives/{channel_id}/p{ts.replace('.', '')}"
        return f"{address}?thread_ts={thread_ts}&cid={channel_id}" if thread_ts not in ("", ts) else address

    def note(self, reply: Reply, destination: Destination) -> None:
        """Count and log an answer: the spec, unless it is private, and where it went."""
        self.metrics.answers.labels(reply.outcome).inc()
        private = reply.requested is not None and bool(reply.requested.request.private)
        said = "(private)" if private else reply.command
        _LOG.info("answered", outcome=reply.outcome, command=said, channel=destination.channel_id)

    def asker(self, destination: Destination) -> Asker:
        """Who asked, and in which language they read; may ask Slack."""
        language, chosen = self.readers.reader(whose_at(destination))
        user_id, currency = destination.user_id, chosen.currency
        public = self.answers.public is not None and self.channels.facts(destination.channel_id).is_shared
        return Asker(
            user_id=user_id, language=language, currency=currency, chosen=chosen, public_prices=public
        )

    def asker_in(self, destination: Destination, card: CardState | None) -> Asker:
        """Who asked, told in the language and the currency of the thread of `card`, whoever that is."""
        asker = self.asker(destination)
        if card is None:
            return asker
        language, currency = card.language or asker.language, card.currency or asker.currency
        return replace(asker, language=language, currency=currency)

    def asker_of(self, destination: Destination, card: CardState | None) -> Asker:
        """Likewise, where `card` itself says another language or currency than its thread began with."""
        asker = self.asker_in(destination, card)
        request = self.answers.request(card.command) if card else None
        if request is None:
            return asker
        currency = request.spec.currency or asker.currency
        return replace(asker, language=request.language or asker.language, currency=currency)

    def asker_reading(self, language: Language, destination: Destination) -> Asker:
        """Who asked, where their language is known."""
        return Asker(user_id=destination.user_id, language=language)

    def texts(self, destination: Destination) -> Texts:
        """The words of whoever asked; may ask Slack."""
        return self.answers.texts(self.readers.language(whose_at(destination)))

    def notify(self, destination: Destination, notice: str, **values: str | int) -> None:
        """One sentence of the locales, to the asker alone."""
        self.delivery.post_ephemeral(
            notice_card(notice, texts=self._surely(destination), **values), destination
        )

    def tell(self, destination: Destination, notice: str, **values: str | int) -> None:
        """Likewise, at once: nobody is asked for a language, and where none is known it is said in both."""
        if notice == "bug":
            self.notify(destination, notice, **values)
        else:
            self.delivery.post_ephemeral(self.hurried(destination, notice), destination)

    def hurried(self, destination: Destination, notice: str) -> Card:
        """One sentence of the locales for somebody who cannot wait."""
        known = self.readers.known(whose_at(destination))
        spoken = (known,) if known else LANGUAGES
        return Card("\n".join(self.answers.texts(each)(f"notice.{notice}") for each in spoken), ())

    def _surely(self, destination: Destination) -> Texts:
        """The words of whoever asked, or the default's: an apology needs nothing that is kept."""
        try:
            return self.texts(destination)
        except Exception as error:  # noqa: BLE001  -- whatever broke the answer may break this too
            _LOG.warning("no language for a notice", error=type(error).__name__)
            return self.answers.texts(DEFAULT)


def whose_at(destination: Destination) -> Whose:
    """Whose settings count there."""
    return Whose(user_id=destination.user_id, channel_id=destination.channel_id)


def thread_of(destination: Destination, ts: str = "") -> ThreadKey:
    """The thread that an answer stands in, or, if it stands in none, the one that it begins."""
    thread_ts = FLAT if destination.is_flat else destination.thread_ts or ts
    return ThreadKey(channel_id=destination.channel_id, thread_ts=thread_ts)
