"""What the card of an occasion's thread estimates: its own plan, at the price that it showed."""

from decimal import Decimal

from bot.answers.answers import Answerer
from bot.answers.occasion import Occasion
from bot.answers.shown import as_shown, same_run
from bot.cards import phrases
from bot.ledger import Entry
from estimator.money import FxRate, convert
from estimator.result import Estimate


class CardEstimates:
    """Estimates of cards that stand in a thread, made again from their commands."""

    def __init__(self, answers: Answerer) -> None:
        self._answers = answers

    def rates(self) -> tuple[FxRate, ...]:
        """The day's exchange rates."""
        return self._answers.service.rates()

    def is_private(self, occasion: Occasion) -> bool:
        """Whether its asker alone knows the card: what everybody may read says nothing of it."""
        request = self._answers.request(occasion.command)
        return request is not None and bool(request.private)

    def today(self, occasion: Occasion) -> Estimate | None:
        """The same run on the same GPUs, in the card's own money, at the prices of now."""
        request = self._answers.request(occasion.command)
        return same_run(self._answers, request, occasion.shown, occasion.asker) if request else None

    def beside(self, entry: Entry, occasion: Occasion) -> Entry:
        """`entry` with what the card estimates, its cost in the money of `entry`."""
        today = self.today(occasion)
        estimate = as_shown(today, occasion.shown) if today else None
        if estimate is None or (best := estimate.headline) is None:
            return entry
        said = entry._replace(
            estimated_hours=round(best.time.run_seconds.likely / 3600, 4),
            estimated_bytes=round(best.memory.process_bytes.likely),
        )
        if not best.quotes:
            return said
        quote, retries = best.quotes[0], estimate.schedule.retries
        cost = phrases.run_cost_of(quote).likely
        if entry.kind == "add":
            cost = phrases.retried_amount(quote, retries)
        found = convert(cost, entry.currency or cost.currency, self.rates())
        if found is None:
            return said
        amount = format(found[0].amount.quantize(Decimal("0.01")), "f")
        return said._replace(estimated_amount=amount, currency=found[0].currency)
