"""What a channel booked, as Slack knows channels and people: who may see it, who may write, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.answers.answers import Answerer
from bot.answers.forget import WORDS as FORGET
from bot.answers.forget import Forgetting
from bot.answers.ledger import Bookkeeper
from bot.answers.ledger_tables import LedgerTables
from bot.answers.occasion import Occasion, reply_of, unread_reply
from bot.answers.reply import Asker, Reply
from bot.cards.ledger import told
from bot.conversation.card_state import CardState
from bot.conversation.threads import ThreadStore
from bot.i18n import Language
from bot.ledger import ChannelKey, UnreadableError
from bot.ledger.budget import keeper_of
from bot.slack.channels import ChannelFacts, Channels
from bot.slack.delivery import Delivery
from bot.slack.lookups import Identity
from bot.slack.payloads import Destination, thread_of, whose_at
from bot.slack.refusals import RefusedError, UnsureError
from bot.slack.uploads import share

MOST_BUDGETS: Final = 10
"""Of which channels a Home reads the ledgers."""
UNREADABLE: Final = "unreadable_closed"
"""Why a ledger is closed that cannot be read: the sentence of the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMoney:
    """The books of the channels that we speak in."""

    answers: Answerer
    books: Bookkeeper
    tables: LedgerTables
    forgetting: Forgetting
    delivery: Delivery
    identity: Identity
    channels: Channels
    threads: ThreadStore
    managers: tuple[str, ...]
    """Who may book; empty: whoever made the channel, or set its first limit where Slack does not say who."""

    def ledger_of(self, destination: Destination) -> ChannelKey:
        """The ledger of the channel, under our own workspace: of a grid's channel several may speak."""
        team_id = self.identity.workspace_id or destination.team_id
        return ChannelKey(team_id=team_id, channel_id=destination.channel_id)

    def unread(self, destination: Destination) -> Mapping[str, int]:
        """What of the channel's ledger is not in memory, for who reads ahead."""
        return self.books.unread(self.ledger_of(destination))

    def budgets_of(self, user_id: str, language: Language) -> tuple[str, ...]:
        """A line a budget of the channels that somebody is in, those shared with a company left out.

        A last line counts those that were not read: each is a ledger, and Home is drawn at every opening.
        """
        team_id = self.identity.workspace_id
        booked = self.books.channels(team_id)
        joined = self.channels.of_user(user_id) if booked else frozenset()
        lines: list[str] = []
        known = [each for each in booked if each in joined]
        for channel_id in known[:MOST_BUDGETS]:
            said = self.books.sums(ChannelKey(team_id=team_id, channel_id=channel_id), language)
            if said and not self.channels.facts(channel_id).is_shared:
                lines.append(f"<#{channel_id}> {said}")
        if (more := len(known) - MOST_BUDGETS) > 0:
            lines.append(self.answers.texts(language).counted("home.more_budgets", more, count=more))
        return tuple(lines)

    def budget_at(self, destination: Destination, language: Language) -> str:
        """The budget of the channel where somebody is; empty where nobody may see one."""
        said = self.books.sums(self.ledger_of(destination), language)
        return said if said and not self.channels.facts(destination.channel_id).is_shared else ""

    def with_budget(self, reply: Reply, destination: Destination) -> Reply:
        """The channel's budget under the card; never where another company reads along."""
        lined = self.books.line(reply, self.ledger_of(destination), destination.thread_ts)
        if lined is reply or self.channels.facts(destination.channel_id).is_shared:
            return reply
        return lined

    def occasion(self, destination: Destination, asker: Asker, base: CardState | None) -> Occasion:
        """Who says something about money, where, under which card."""
        facts, key = self.channels.facts(destination.channel_id), self.ledger_of(destination)
        closed, managers = facts.closed, self.managers
        try:
            managers = self._managers(facts, key)
        except UnreadableError:  # nobody knows who keeps it
            closed = closed or UNREADABLE
        return Occasion(
            key=key,
            asker=asker,
            may_write=not closed and (not managers or destination.user_id in managers),
            managers=managers,
            closed=closed,
            command=base.command if base else "",
            shown=base.shown if base else None,
            thread_ts=self._root_of(destination, base) if base else "",
            act=destination.act,
        )

    def _managers(self, facts: ChannelFacts, key: ChannelKey) -> tuple[str, ...]:
        """Who may write: those configured, whoever made the channel, or whoever set its first limit."""
        if self.managers or facts.creator:
            return self.managers or (facts.creator,)
        keeper = keeper_of(self.books.entries(key))
        return (keeper,) if keeper else ()

    def exported(self, destination: Destination, occasion: Occasion) -> Reply | None:
        """The ledger as a file where it was asked for; where Slack takes none, its newest lines to show."""
        texts = self.answers.texts(occasion.asker.language)
        said, name = texts("ledger.export"), f"budget-{destination.channel_id}.csv"
        try:
            if (lines := self.tables.lines(occasion.key)) is None:
                return reply_of(told("nothing_to_export", texts), texts)
            share(self.delivery, lines, name, said, destination)
        except UnreadableError:
            return unread_reply(texts)
        except (RefusedError, UnsureError) as trouble:
            needed = getattr(trouble, "needed", "")
            return self.tables.shown(occasion, f"{trouble} {needed}".strip())
        return None

    def forgotten(self, arguments: str, destination: Destination, asker: Asker) -> Reply | None:
        """The answer to `settings forget`; None where something else is asked."""
        if not arguments.lower().startswith(FORGET):
            return None
        occasion = self.occasion(destination, asker, None)
        if not (occasion.closed or occasion.managers):  # nobody's yet: whoever booked all of it may delete it
            try:
                booked = self.books.entries(occasion.key)
            except UnreadableError:
                occasion = replace(occasion, closed=UNREADABLE)
            else:
                alone = all(each.user_id == destination.user_id for each in booked)
                occasion = replace(occasion, may_write=alone)
        return self.forgetting.answer(arguments, whose_at(destination), occasion)

    def _root_of(self, destination: Destination, base: CardState) -> str:
        """The thread of a card; where cards stand flat, the first of those that led to it."""
        if not destination.is_flat:
            return destination.thread_ts
        return self.threads.known(thread_of(destination)).ts_of(base.root)
