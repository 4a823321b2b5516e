"""(text, who) -> Reply: the one place where a mistake of the user becomes a card."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from bot.answers.estimates import EstimateService, PricedEstimate, as_problem
from bot.answers.house_prices import under_settings
from bot.answers.kept import KeptAnswers
from bot.answers.opened import with_way_under
from bot.answers.reply import CURRENCY_OF, Asker, Reply
from bot.cards.block import Block, Card
from bot.cards.error import error_card
from bot.cards.estimate import estimate_card
from bot.cards.help import help_card, is_topic
from bot.cards.notes import notice_card, with_not_done, with_told
from bot.cards.requested import RequestedEstimate, written
from bot.cards.sections import PROGRAM, Surface
from bot.conversation.shown import Shown
from bot.files import load_sellers
from bot.i18n import Language, Texts, load_texts
from bot.language import (
    Reading,
    Request,
    read,
    read_plain,
    vocabulary_of,
)
from bot.language.pastes.text import may_be_paste
from estimator.base import ByIdentity
from estimator.errors import EstimatorError, Problem
from estimator.result import Option
from estimator.spec import TrainingSpec

if TYPE_CHECKING:
    from bot.answers.listings import Listings
    from bot.language.pastes.paste import Paste

NOTICES: Final = {
    **dict.fromkeys(("undo", "reset", "vs"), "not_in_thread"),
    **dict.fromkeys(("budget", "actual", "history"), "in_channels"),
    "settings": "settings_in_slack",
}
"""What answers a command that has nothing to work on here."""


_ANY_CARD = Request.of_fields({"model": "7b"})
"""A card of which nothing is known."""
Drawn = tuple[ByIdentity[tuple[Option, ...]], str, Request, tuple[Language, str, Surface]]
"""All that a card depends on: options are those of one kept estimate."""


class PartlyUsed(Protocol):
    """A text, with what of it was not used and what is not estimated."""

    @property
    def unused(self) -> tuple[str, ...]:
        """Words that were set aside, as typed."""
        ...

    @property
    def not_done(self) -> tuple[str, ...]:
        """Codes of what was asked for and is not estimated."""
        ...


class Answerer:
    """Reads a text, answers it, and says it in the reader's language."""

    def __init__(
        self,
        service: EstimateService,
        *,
        public: EstimateService | None = None,
        override_dir: Path | None = None,
    ) -> None:
        self.service, self.public = service, public
        """The second, for readers of another company, where the first has prices that are not for them."""
        self.vocabulary = vocabulary_of(service.catalog, load_sellers(override_dir))
        self._override_dir = override_dir
        self._cards = KeptAnswers[Drawn, Card]()

    @cached_property
    def listings(self) -> "Listings":
        """What the catalogs hold and sellers ask."""
        return self._listings_of(self.service)

    @cached_property
    def _public_listings(self) -> "Listings":
        return self._listings_of(self.public or self.service)

    def _listings_of(self, service: EstimateService) -> "Listings":
        from bot.answers.listings import Listings  # noqa: PLC0415  -- an estimate needs none

        return Listings(service, self.vocabulary)

    def read(self, text: str, base: Request | None = None) -> Reading:
        """What `text` asks for; quick, and nobody is asked."""
        return self._pasted(text, base) or read(text, self.vocabulary, base)

    def request(self, command: str) -> Request | None:
        """The request of a canonical command; None where it means nothing any more."""
        return self.read(command).request if command else None

    def read_plain(self, text: str, base: Request | None = None) -> Reading:
        """Likewise of a reply that is not addressed to us: mostly conversation, which is left alone."""
        pasted = self._pasted(text, base)
        if pasted is None:
            return read_plain(text, self.vocabulary, base)
        trains_nothing = pasted.paste is not None and pasted.paste.trains_nothing
        return Reading(outcome="conversation") if trains_nothing else pasted

    def may_follow(self, text: str) -> bool:
        """Whether a plain reply may mean something to a card not read yet, as `double the data` does."""
        return any(self.read_plain(text, base).outcome != "conversation" for base in (None, _ANY_CARD))

    def _pasted(self, text: str, base: Request | None) -> Reading | None:
        if not may_be_paste(text):
            return None
        from bot.language.pasted import read_paste  # noqa: PLC0415  -- as in `told`

        return read_paste(text, self.vocabulary, base)

    def texts(self, language: Language) -> Texts:
        """The words of `language`."""
        return load_texts(language, self._override_dir)

    def instant(self, reading: Reading, asker: Asker) -> Reply | None:
        """The answer where it needs nothing but the text: its problems, or help."""
        language = reading.language or asker.language
        texts = self.texts(language)
        if reading.outcome == "help":
            is_wanted = reading.command == "help"
            card = self._help(texts, asker, reading.arguments) if is_wanted else self._greeting(texts, asker)
            return Reply(
                card=with_not_done(card, reading.not_done, texts),
                outcome="help",
                language=language,
                is_found=self._has_help(reading, texts) if is_wanted else not reading.text.strip(),
            )
        if reading.outcome == "problems":
            refused = self.problems_reply(reading.problems, reading.text, language)
            return replace(refused, card=with_not_done(refused.card, reading.not_done, texts))
        return None

    def reply(self, reading: Reading, asker: Asker, shown: Shown | None = None) -> Reply:
        """The whole answer; prices and the model hub may be asked, within their budgets.

        `shown` is what the card of the thread showed, which a log is held against.
        """
        if (instant := self.instant(reading, asker)) is not None:
            return instant
        if reading.request is not None:
            estimated = self.estimate(reading.request, reading.text, asker, paste=reading.paste)
            return self.remarked(estimated, reading)
        if reading.paste is not None:
            return self._paste(reading.paste, reading.base, asker, shown)
        return self.remarked(self._command(reading, asker), reading)

    def remarked(self, reply: Reply, said: PartlyUsed) -> Reply:
        """`reply`, saying which words were not used and what is not estimated."""
        if reply.outcome in {"problems", "help", "not_here"}:
            return reply
        card = with_told(reply.card, said.unused, said.not_done, texts=self.texts(reply.language))
        return replace(reply, card=card, unused=said.unused, not_done=said.not_done)

    def told(self, reply: Reply, paste: "Paste | None", asker: Asker) -> Reply:
        """A `reply` that is drawn already under the line that says how a paste was read."""
        if paste is None or paste.is_log:
            return reply
        from bot.cards import pastes  # noqa: PLC0415  -- few texts are pastes, and a start is not to wait for them

        texts = self.texts(reply.language)
        request = reply.requested.request if reply.requested else None
        card = pastes.with_reading(reply.card, paste, request=request, texts=texts, surface=asker.surface)
        return replace(reply, card=card)

    def _paste(self, paste: "Paste", base: Request | None, asker: Asker, shown: Shown | None) -> Reply:
        from bot.answers.pastes import paste_reply  # noqa: PLC0415  -- as in `told`

        return paste_reply(self, paste, base, asker, shown)

    def _recipe(self, reading: Reading, asker: Asker) -> Reply:
        from bot.answers.recipes import recipe_of_text  # noqa: PLC0415  -- as in `told`

        return recipe_of_text(self, reading, asker)

    def _comparison(self, reading: Reading, asker: Asker) -> Reply:
        from bot.answers.comparison import comparison  # noqa: PLC0415  -- as in `told`

        return comparison(self, reading, asker)

    def estimate(self, request: Request, text: str, asker: Asker, *, paste: "Paste | None" = None) -> Reply:
        """The card of one request; its problems are shown in `text`; `paste` is what it was read from."""
        asker = replace(asker, language=request.language or asker.language)
        answered = self.answered(request.spec, asker)
        if not isinstance(answered, PricedEstimate):
            refused = self.problems_reply(written(answered, request, self.vocabulary), text, asker.language)
            return self.told(refused, paste, asker)
        requested = RequestedEstimate.of(request, answered.estimate)
        drawn = with_way_under(requested, lambda spec: self.answered(spec, asker))
        above = self._reading_of(paste, request, asker)
        is_kept = drawn is requested and bool(requested.estimate.options)  # else its options are its own
        return Reply(
            card=self._kept_card(drawn, asker) if is_kept and not above else self._card(drawn, asker, above),
            outcome="fits" if answered.estimate.fits else "does_not_fit",
            language=asker.language,
            for_everybody=not request.private,
            requested=requested,
        )

    def _kept_card(self, requested: RequestedEstimate, asker: Asker) -> Card:
        """The card, which is the same as long as the options and what is said of them are."""
        estimate, shown = requested.estimate, (asker.language, asker.user_id, asker.surface)
        question = (ByIdentity(estimate.options), repr(estimate.notes), requested.request, shown)
        if (card := self._cards.get(question)) is None:
            card = self._card(requested, asker)
            self._cards.put(question, card)
        return card

    def _card(self, requested: RequestedEstimate, asker: Asker, above: Block | None = None) -> Card:
        texts, who = self.texts(asker.language), asker.user_id or None
        return estimate_card(requested, texts=texts, asker=who, surface=asker.surface, above=above)

    def _reading_of(self, paste: "Paste | None", request: Request, asker: Asker) -> Block | None:
        """The line that says how a pasted configuration was read."""
        if paste is None or paste.is_log:
            return None
        from bot.cards import pastes  # noqa: PLC0415  -- as in `told`

        return pastes.reading_of(paste, request=request, texts=self.texts(asker.language))

    def service_of(self, asker: Asker) -> EstimateService:
        """Whose prices are for the eyes of `asker`."""
        return self.public if asker.public_prices and self.public else self.service

    def answered(self, spec: TrainingSpec, asker: Asker) -> PricedEstimate | tuple[Problem, ...]:
        """The estimate of one spec in the reader's currency at their house's prices, or what is wrong."""
        spec, notes = under_settings(spec, asker.chosen)
        answered = self.service_of(asker).estimate(
            spec, currency=asker.currency or CURRENCY_OF[asker.language]
        )
        if not isinstance(answered, PricedEstimate) or not notes:
            return answered
        estimate = answered.estimate
        return replace(answered, estimate=replace(estimate, notes=(*estimate.notes, *notes)))

    def problems_reply(self, problems: Sequence[Problem], text: str, language: Language) -> Reply:
        """What is wrong with `text`, for the asker alone."""
        card = error_card(problems, text, texts=self.texts(language))
        return Reply(card=card, outcome="problems", language=language, problems=problems)

    def maths(self, requested: RequestedEstimate, language: Language, surface: Surface = "slack") -> Card:
        """How every number of an estimate comes about."""
        best, spec = requested.estimate.headline, requested.estimate.spec
        terms = self.service.memory_terms(best, spec) if best else ()
        from bot.cards.maths import maths_card  # noqa: PLC0415  -- looked at by a button

        return maths_card(requested, terms, texts=self.texts(language), surface=surface)

    def sources(self, requested: RequestedEstimate, language: Language, surface: Surface = "slack") -> Card:
        """What was assumed, and who says so."""
        from bot.cards.maths import assumptions_card  # noqa: PLC0415  -- likewise

        return assumptions_card(requested, texts=self.texts(language), surface=surface)

    def _greeting(self, texts: Texts, asker: Asker) -> Card:
        """One friendly line with three examples, for a text that asks for nothing."""
        return notice_card("greeting", texts=texts, program=PROGRAM[asker.surface])

    def _has_help(self, reading: Reading, texts: Texts) -> bool:
        return is_topic(reading.arguments, texts, self.service.catalog.defaults)

    def _help(self, texts: Texts, asker: Asker, topic: str = "") -> Card:
        defaults = self.service.catalog.defaults
        return help_card(texts, defaults, program=PROGRAM[asker.surface], topic=topic)

    def _command(self, reading: Reading, asker: Asker) -> Reply:
        language = reading.language or asker.language
        asker = replace(asker, language=language)
        if reading.command == "compare":
            return self._comparison(reading, asker)
        if reading.command == "recipe":
            return self._recipe(reading, asker)
        texts = self.texts(language)
        if (notice := NOTICES.get(reading.command)) is not None:
            said = notice_card(notice, texts=texts, command=reading.command)
            return Reply(card=said, outcome="not_here", language=language)
        try:
            currency = asker.currency or CURRENCY_OF[language]
            listings = self._public_listings if asker.public_prices else self.listings
            card = listings.card(reading.command, reading.arguments, texts, asker.surface, currency)
        except EstimatorError as error:
            return self.problems_reply((as_problem(error),), reading.text, language)
        if card is not None:
            found = self.listings.has(reading.command, reading.arguments)
            return Reply(card=card, outcome="listing", language=language, is_found=found)
        return Reply(card=self._help(texts, asker), outcome="help", language=language)
