"""What there is to say of price sources is said once a thread, and again only when there is news."""

from dataclasses import replace

import pytest
from fakes import NoHub
from prices_on_a_day import ChangedPrices, prices_as_of

from bot.answers.answers import Answerer
from bot.answers.estimates import EstimateService
from bot.answers.followups import alternatives, stepped
from bot.answers.noted import as_posted
from bot.answers.reply import Asker, Reply
from bot.cards.state import metadata, posted_by_message, with_state
from bot.conversation.card_state import CardState
from bot.conversation.followups import Step, at_prices_shown, first, moved
from bot.files import load_catalog
from bot.prices import GatheredPrices, Prices
from estimator.result import Note, NoteCode

ALEX = Asker(language="en", user_id="U1")
DOWN = "o prices now"
"""`No prices now from …`, `… gives no prices now`."""


def down(source: str, code: NoteCode = NoteCode.SOURCE_DOWN) -> Note:
    return Note(code=code, parameters={"source": source, "why": "timed out"})


class Failing(ChangedPrices):
    """The bundled prices, and what their sources have to say."""

    def __init__(self, prices: Prices, *notes: Note) -> None:
        super().__init__(prices)
        self.notes = notes

    def changed(self, found: GatheredPrices) -> GatheredPrices:
        return replace(found, notes=self.notes)


class Thread:
    """A thread in which each card is known from its message alone."""

    def __init__(self, *notes: Note) -> None:
        self.prices = Failing(prices_as_of(), *notes)
        self.answers = Answerer(EstimateService(load_catalog(), self.prices, NoHub()))
        first_card = self.answers.reply(self.answers.read("7b full n=10000 bs=32"), ALEX)
        self.first, self.head = self._posted(first_card, first(first_card.command))

    def say(self, text: str) -> str:
        reading = self.answers.read(text, self.answers.request(self.head.command))
        move = moved(reading, self.head, self.answers.request)
        assert isinstance(move, Step)
        step = at_prices_shown(move, lambda _: None)
        said, self.head = self._posted(stepped(self.answers, step, ALEX), step.after)
        return said

    def compare(self) -> str:
        request = self.answers.request(self.head.command)
        assert request is not None
        return str(alternatives(self.answers, request, ALEX, self.head.noted).card.blocks)

    def _posted(self, reply: Reply, carried: CardState) -> tuple[str, CardState]:
        carried = as_posted(carried, reply)
        blocks = with_state(reply.card, carried).blocks
        by_metadata = posted_by_message({"ts": "1", "metadata": metadata(carried)})
        by_button = posted_by_message({"ts": "1", "blocks": blocks})
        assert by_metadata is not None
        assert by_button is not None
        assert by_button.carried.noted in (by_metadata.carried.noted, "")  # a full card has no room
        return str(reply.card.blocks), by_metadata.carried


@pytest.fixture
def thread() -> Thread:
    return Thread(down("runpod"), down("azure"))


def test_the_first_card_says_what_is_down_and_those_after_it_do_not(thread: Thread) -> None:
    assert DOWN in thread.first
    assert DOWN not in thread.say("bs=16")
    assert DOWN not in thread.say("seq=2k")
    assert DOWN not in thread.say("undo")
    assert DOWN not in thread.compare()


def test_one_more_that_is_down_is_news_and_one_less_is_not(thread: Thread) -> None:
    thread.prices.notes = (down("runpod"),)
    assert DOWN not in thread.say("bs=16")
    thread.prices.notes = (down("runpod"), down("azure"))
    assert DOWN not in thread.say("bs=8")
    thread.prices.notes = (down("runpod"), down("vast"))
    assert DOWN in thread.say("bs=4")


def test_a_trouble_that_comes_back_is_said_again(thread: Thread) -> None:
    thread.prices.notes = ()
    thread.say("bs=16")
    thread.prices.notes = (down("runpod"),)
    assert DOWN in thread.say("bs=8")


def test_a_source_that_was_being_asked_and_is_down_is_news() -> None:
    thread = Thread(down("runpod", NoteCode.REFRESHING))
    thread.prices.notes = (down("runpod"),)
    assert "timed out" in thread.say("bs=16")
