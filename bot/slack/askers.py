"""Who asked, in which language and currency they read, and a sentence to them alone."""

from dataclasses import dataclass, replace

from bot.answers.answers import Answerer
from bot.answers.reply import Asker
from bot.cards.block import Card
from bot.cards.notes import notice_card
from bot.conversation.card_state import CardState
from bot.i18n import LANGUAGES, Language, Texts
from bot.observe import get_log
from bot.slack.channels import Channels
from bot.slack.delivery import Delivery
from bot.slack.lookups import DEFAULT, UserLocales
from bot.slack.payloads import Destination, whose_at

_LOG = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Askers:
    """People by where they asked, as Slack and what they chose tell of them."""

    answers: Answerer
    delivery: Delivery
    readers: UserLocales
    channels: Channels

    def at(self, destination: Destination) -> Asker:
        """Who asked, and in which language they read; may ask Slack."""
        language, chosen = self.readers.reader(whose_at(destination))
        user_id, currency = destination.user_id, chosen.currency
        public = self.answers.public is not None and self.channels.facts(destination.channel_id).is_shared
        return Asker(
            user_id=user_id, language=language, currency=currency, chosen=chosen, public_prices=public
        )

    def in_thread_of(self, destination: Destination, card: CardState | None) -> Asker:
        """Who asked, told in the language and the currency of the thread of `card`, whoever that is."""
        asker = self.at(destination)
        if card is None:
            return asker
        language, currency = card.language or asker.language, card.currency or asker.currency
        return replace(asker, language=language, currency=currency)

    def of_card(self, destination: Destination, card: CardState | None) -> Asker:
        """Likewise, where `card` itself says another language or currency than its thread began with."""
        asker = self.in_thread_of(destination, card)
        request = self.answers.request(card.command) if card else None
        if request is None:
            return asker
        currency = request.spec.currency or asker.currency
        return replace(asker, language=request.language or asker.language, currency=currency)

    def of_language(self, language: Language, destination: Destination) -> Asker:
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
