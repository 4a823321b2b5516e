"""What is added to an actual by several at once is added up exactly."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from fakes import NoHub
from prices_on_a_day import prices_as_of

from bot.answers.answers import Answerer
from bot.answers.estimates import EstimateService
from bot.answers.ledger import Bookkeeper
from bot.answers.occasion import Occasion
from bot.answers.reply import Asker
from bot.files import load_catalog
from bot.ledger import ChannelKey, Ledger
from bot.ledger.budget import measured_in_thread
from bot.store.memory import MemoryStore

KEY = ChannelKey(team_id="T1", channel_id="C1")
WRITERS, TIMES = 4, 5


def test_what_several_add_at_once_is_added_up() -> None:
    answers, store = Answerer(EstimateService(load_catalog(), prices_as_of(), NoHub())), MemoryStore()
    said = Occasion(
        key=KEY,
        asker=Asker(language="en", user_id="U1"),
        may_write=True,
        command="7b lora 8xh100 cur=usd",
        thread_ts="1.1",
    )
    Bookkeeper(Ledger(store), answers).answer(answers.read("actual $1 1h"), said)

    def add(_number: int) -> None:
        replica = Bookkeeper(Ledger(store), answers)
        for _ in range(TIMES):
            assert "Together" in str(replica.answer(answers.read("actual +$2 +30min"), said).card.blocks)

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(add, range(WRITERS)))
    measured = measured_in_thread(Ledger(store).entries(KEY) or (), "1.1")
    assert measured
    assert Decimal(measured.amount) == 1 + 2 * WRITERS * TIMES
    assert measured.hours == 1 + 0.5 * WRITERS * TIMES
