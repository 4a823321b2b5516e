"""`settings forget`: what is stored of a person or of a channel, deleted on their word."""

from typing import Final

from bot.answers.answers import Answerer
from bot.answers.occasion import Occasion, barred, reply_of, unread_reply
from bot.answers.reply import Reply
from bot.answers.settings import CHANNEL_WORDS
from bot.cards import ledger as cards
from bot.conversation.preferences import Preferences, UserInChannel
from bot.conversation.recent import RecentEstimates
from bot.ledger import Ledger, UnreadableError

WORDS: Final = ("forget", "删除", "忘记")
NOW: Final = ("now", "确认")
"""What the button of the question says: a ledger does not come back."""
SURE: Final = f"settings {WORDS[0]} {CHANNEL_WORDS[0]} {NOW[0]}"


class Forgetting:
    """What the store has of somebody, and the end of it."""

    def __init__(
        self, ledger: Ledger, answers: Answerer, preferences: Preferences, recent: RecentEstimates
    ) -> None:
        self._ledger, self._answers = ledger, answers
        self._preferences, self._recent = preferences, recent

    def answer(self, arguments: str, whose: UserInChannel, occasion: Occasion) -> Reply | None:
        """The reply to `settings forget [channel]`; None where it asks for something else."""
        words = arguments.lower().split()
        if not words or words[0] not in WORDS:
            return None
        if len(words) > 1 and words[1] in CHANNEL_WORDS:
            return self._channel(whose, occasion, is_sure=words[-1] in NOW)
        return self._person(whose, occasion)

    def _person(self, whose: UserInChannel, occasion: Occasion) -> Reply:
        """Settings, the list on Home, the language that Slack told; the channels' ledgers stay."""
        texts, user_id = self._answers.texts(occasion.asker.language), whose.user_id
        self._recent.forget(user_id)
        done = self._preferences.forget(whose, "user")
        return reply_of(cards.told("forgot_person" if done else "unreadable", texts), texts)

    def _channel(self, whose: UserInChannel, occasion: Occasion, *, is_sure: bool) -> Reply:
        texts = self._answers.texts(occasion.asker.language)
        if (why_not := barred(occasion, texts)) is not None:
            return why_not
        try:
            entries = self._ledger.entries_soon(occasion.key)
        except UnreadableError:
            return unread_reply(texts)
        if not is_sure:
            return reply_of(cards.forget_card(len(entries), SURE, texts), texts)
        done = self._preferences.forget(whose, "channel") and self._ledger.forget(occasion.key)
        if not done:
            return unread_reply(texts)
        said = texts.counted("ledger.forgot_channel", len(entries), count=len(entries))
        return reply_of(cards.said_card(said, said), texts, for_everybody=True)
