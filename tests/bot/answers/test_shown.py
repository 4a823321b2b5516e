"""The past stays as it was said: a follow-up is told against the number that stood on the card."""

from dataclasses import replace
from decimal import Decimal

import pytest
from fakes import NoHub
from prices_on_a_day import ChangedPrices, prices_as_of

from bot.answers.answers import Answerer
from bot.answers.estimates import EstimateService
from bot.answers.followups import stepped
from bot.answers.ledger import Bookkeeper
from bot.answers.occasion import Occasion
from bot.answers.reply import Asker, Reply
from bot.answers.shown import as_shown, moved_line, shown_of
from bot.cards import format as fmt
from bot.cards.state import metadata, posted_by_message, with_state
from bot.conversation.card_state import CardState
from bot.conversation.followups import Step, at_prices_shown, first, moved
from bot.conversation.shown import Shown, shown_in
from bot.files import load_catalog
from bot.ledger import ChannelKey, Entry, Ledger
from bot.prices import GatheredPrices, Prices
from bot.store.memory import MemoryStore
from estimator.prices.book import PriceBook

ALEX = Asker(language="en", user_id="U1")


class Moving(ChangedPrices):
    """The bundled prices, times a factor that moves."""

    factor = Decimal(1)

    def changed(self, found: GatheredPrices) -> GatheredPrices:
        offers = tuple(
            offer.model_copy(update={"price_per_hour": offer.price_per_hour.times(self.factor)})
            for offer in found.offers
        )
        return replace(found, offers=offers, book=PriceBook(offers, found.rates))


class Talk:
    """A thread: what is said, and the cards that come."""

    def __init__(self, answers: Answerer) -> None:
        self.answers, self.cards = answers, list[CardState]()

    def say(self, text: str) -> Reply:
        if not self.cards:
            reply = self.answers.reply(self.answers.read(text), ALEX)
            return self._posted(reply, first(reply.command))
        base = self.cards[-1]
        reading = self.answers.read(text, self.answers.request(base.command))
        move = moved(reading, base, self.answers.request)
        assert isinstance(move, Step)
        step = at_prices_shown(move, self._shown)
        return self._posted(stepped(self.answers, step, ALEX), step.after)

    def _posted(self, reply: Reply, carried: CardState) -> Reply:
        """As Slack keeps it: whatever does not fit in metadata is lost."""
        assert reply.estimate is not None
        carried = replace(carried, shown=shown_of(reply.estimate))
        kept = posted_by_message({"ts": "1.0", "metadata": metadata(carried)})
        assert kept is not None
        self.cards.append(kept.carried)
        return reply

    def _shown(self, command: str) -> Shown | None:
        return next((each.shown for each in reversed(self.cards) if each.command == command), None)


@pytest.fixture(scope="module")
def bundled() -> Prices:
    return prices_as_of()


@pytest.fixture
def prices(bundled: Prices) -> Moving:
    return Moving(bundled)


@pytest.fixture
def talk(prices: Moving) -> Talk:
    return Talk(Answerer(EstimateService(load_catalog(), prices, NoHub())))


def test_a_budget_takes_the_number_that_was_shown_and_says_that_prices_moved(
    talk: Talk, prices: Moving
) -> None:
    shown = header(talk.say("7b lora 8xh100 cur=usd")).split()[0]
    card, key = talk.cards[-1], ChannelKey(team_id="T1", channel_id="C1")
    limit = Entry(
        entry_id="l", kind="limit", user_id="U1", at="2026-11-01T00:00:00Z", amount="9", currency="USD"
    )
    said = Occasion(
        key=key, asker=ALEX, may_write=True, command=card.command, shown=card.shown, thread_ts="1.1"
    )

    def added() -> str:
        ledger = Ledger(MemoryStore())
        ledger.book(key, limit)
        return str(Bookkeeper(ledger, talk.answers).answer(talk.answers.read("budget add"), said).card.blocks)

    assert f"committed · {shown}" in added()
    assert "Prices have changed" not in added()
    prices.factor = Decimal(2)
    assert f"committed · {shown}" in added()
    assert f"Prices have changed since that card: {shown} is $" in added()


def header(reply: Reply) -> str:
    return str(reply.card.blocks[0]["text"]["text"])


def test_before_is_the_number_that_was_shown(talk: Talk, prices: Moving) -> None:
    old = header(talk.say("7b lora 8xh100 cur=usd")).split()[0]
    prices.factor = Decimal(2)
    reply = talk.say("epochs=6")
    said = str(reply.card.blocks)
    assert f"{old} → " in header(reply)
    assert f"Prices have changed since that card: {old} is $" in said
    prices.factor = Decimal(1)
    doubled = talk.answers.reply(talk.answers.read("7b lora 8xh100 cur=usd"), ALEX)
    assert header(doubled).split()[0] == old


def test_undo_shows_the_old_number_and_what_it_is_today(talk: Talk, prices: Moving) -> None:
    old = header(talk.say("7b lora 8xh100 cur=usd")).split()[0]
    talk.say("epochs=6")
    prices.factor = Decimal(2)
    back = talk.say("undo")
    assert f"→ *{old}* with" in header(back)
    assert f"Prices have changed since that card: {old} is $" in str(back.card.blocks)
    assert old in back.card.text
    again = talk.say("epochs=6")
    assert f"{old} → " in header(again)


def test_where_prices_stand_nothing_is_said_of_them(talk: Talk) -> None:
    talk.say("7b lora 8xh100 cur=cny")
    for text in ("epochs=6", "undo"):
        reply = talk.say(text)
        assert "Prices have changed" not in str(reply.card.blocks)
    assert "middle of" in str(talk.say("epochs=6").card.blocks)


def test_a_plan_that_leads_no_more_is_still_the_one_that_was_shown(talk: Talk, prices: Moving) -> None:
    reply = talk.say("7b lora")
    shown = talk.cards[-1].shown
    assert reply.estimate is not None
    assert shown is not None
    other = next(
        option
        for option in reply.estimate.options[1:]
        if option.quotes and option.plan.gpu != reply.estimate.options[0].plan.gpu
    )
    today = replace(reply.estimate, options=(other, *reply.estimate.options))
    then = as_shown(today, shown).headline
    assert then is not None
    assert (then.plan.gpu, then.plan.num_gpus) == (shown.gpu, shown.num_gpus)
    assert moved_line(today, shown, talk.answers.texts("en")) == ""


def test_a_price_that_nobody_asks_any_more_is_said(talk: Talk) -> None:
    reply = talk.say("7b lora 8xh100")
    assert reply.estimate is not None
    unpriced = replace(
        reply.estimate, options=tuple(replace(option, quotes=()) for option in reply.estimate.options)
    )
    for language in ("en", "zh"):
        assert moved_line(unpriced, talk.cards[-1].shown, talk.answers.texts(language))


def test_what_was_shown_survives_a_button_and_strangers_do_not(talk: Talk) -> None:
    reply = talk.say("7b lora 8xh100 cur=cny")
    shown = talk.cards[-1].shown
    assert shown is not None
    assert shown.rate
    assert shown_in(shown.written()) == shown
    carried = CardState(command=reply.command, card_id="1", shown=shown)
    pressed = posted_by_message({"ts": "1.0", "blocks": list(with_state(reply.card, carried).blocks)})
    assert pressed is not None
    assert pressed.carried.shown == shown
    for written in (None, 7, "", "a|b", shown.written().replace("|8|", "|eight|"), "|" * 10):
        assert shown_in(written) is None


def test_what_was_measured_is_held_against_gpus_that_are_no_pick_any_more(talk: Talk) -> None:
    """Prices moved so far that the run of the card is on nobody's list: it took place there all the same."""
    talk.say("7b lora cur=usd")
    card = talk.cards[-1]
    assert card.shown
    shown = replace(card.shown, gpu="l40s", num_gpus=2)
    key, ledger = ChannelKey(team_id="T1", channel_id="C1"), Ledger(MemoryStore())
    said = Occasion(key=key, asker=ALEX, may_write=True, command=card.command, shown=shown, thread_ts="1.1")
    Bookkeeper(ledger, talk.answers).answer(talk.answers.read("actual 2h"), said)
    entries = ledger.entries(key)
    assert entries
    entry = entries[-1]
    there = talk.answers.reply(talk.answers.read("7b lora 2xl40s cur=usd"), ALEX).estimate
    assert there
    assert there.headline
    run_seconds = there.headline.time.run_seconds.likely
    assert entry.estimated_hours == pytest.approx(run_seconds / 3600, rel=1e-3)
    log = talk.answers.read("{'train_runtime': 7200.0, 'epoch': 3.0}", talk.answers.request(card.command))
    told = str(talk.answers.reply(log, ALEX, shown).card.blocks)
    assert fmt.duration(run_seconds, talk.answers.texts("en")) in told


def test_a_seller_that_is_left_out_is_named_as_left_out(talk: Talk) -> None:
    talk.say("7b lora 8xh100")
    said = header(talk.say("no-lambda"))
    assert "*without lambda*" in said
    assert "auto" not in said
