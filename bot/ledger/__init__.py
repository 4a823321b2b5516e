"""What a channel spends on its runs: a limit, what was committed, what happened. Entries, never edits."""

from bot.ledger.budget import Budget, budget_of
from bot.ledger.entries import Entry, EntryKind
from bot.ledger.ledger import Booked, ChannelKey, Ledger, UnreadableError

__all__ = ["Booked", "Budget", "ChannelKey", "Entry", "EntryKind", "Ledger", "UnreadableError", "budget_of"]
