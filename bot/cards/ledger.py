"""A channel's money in words: the line on a card, the sums, the entries, what was booked or taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.cards import format as fmt
from bot.cards import phrases
from bot.cards.action_ids import RUN_PREFIX
from bot.cards.block import Block, Card, button, clipped, code_span, context, section
from bot.cards.button_values import state
from bot.cards.entry_lines import booked_line, entry_line, listed_line, period_of, person, start_of
from bot.cards.slack_limits import MAX_BLOCKS
from bot.cards.trimming import SMALL, trimmed
from bot.i18n import Texts
from bot.ledger import Budget, Entry
from bot.ledger.bounds import MONEY, MOST_GIB, MOST_HOURS
from bot.ledger.fates import newest
from estimator.money import FxRate, Money, convert
from estimator.result import Estimate, Option

ADD: Final = "budget add"
"""What the button of a card stands for."""
MOST_SHOWN: Final = 12
MOST_MANAGERS: Final = 5


def told(name: str, texts: Texts, **values: str | int) -> Card:
    """One sentence of the ledger."""
    said = texts(f"ledger.{name}", **values)
    return Card(said, (section(said, block_id="ledger"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRun:
    """A run that a card estimates, and what its thread has in the budget already."""

    estimate: Estimate
    rates: Sequence[FxRate]
    before: Entry | None = None
    """What it would take the place of."""

    def room(self, budget: Budget) -> Decimal:
        """What the run may cost."""
        before = self.before.under(budget.limit) if self.before else None
        return budget.remaining + (before or Decimal(0))


def said_card(shown: str, said: str) -> Card:
    """Some lines, of which `said` is the first."""
    return Card(said, (section(shown, block_id="ledger"),))


def budget_line(budget: Budget, asked: AskedRun, texts: Texts) -> str:
    """What the channel has, what this run with its retries would leave, else which setup stays under."""
    best = asked.estimate.headline
    if best is None or not best.quotes:
        return ""
    cost = _cost(asked, best)
    if (run := _converted(cost, budget, asked.rates)) is None:
        no_rate = texts("ledger.no_rate", run=fmt.exact_money(cost, texts))
        return phrases.joined(sums_line(budget, texts), no_rate, texts=texts, by="space")
    left = asked.room(budget) - run.amount
    said = texts("ledger.line", **sums_of(budget, texts), run=_in_both(run, cost, texts))
    if asked.before and (money := asked.before.money):
        in_place = texts("ledger.in_place", before=fmt.exact_money(money, texts))
        said = phrases.joined(said, in_place, texts=texts, by="space")
    if budget.begins_later:
        return phrases.joined(said, _before_line(budget, texts), texts=texts, by="space")
    if left >= 0:
        leaves = texts("ledger.leaves", left=fmt.exact_money(budget.money(left), texts))
        return phrases.joined(said, leaves, texts=texts, by="space")
    over = texts("ledger.over", over=fmt.exact_money(budget.money(-left), texts))
    return phrases.lines(
        said, phrases.joined(over, cheapest_under(budget, asked, texts), texts=texts, by="space")
    )


def _in_both(run: Money, cost: Money, texts: Texts) -> str:
    """The run in the budget's money; in that of its card too where they differ: `¥447.87 ($67.32)`."""
    shown = fmt.exact_money(run, texts)
    if run.currency == cost.currency:
        return shown
    return texts("estimate.spent_converted", shown=shown, spent=fmt.exact_money(cost, texts))


def _cost(asked: AskedRun, option: Option) -> Money:
    """The run with its retries, as the card has it."""
    return phrases.retried_amount(option.quotes[0], asked.estimate.schedule.retries)


def _converted(cost: Money, budget: Budget, rates: Sequence[FxRate]) -> Money | None:
    found = convert(cost, budget.currency, rates)
    return budget.money(found[0].amount.quantize(Decimal("0.01"))) if found else None


def cheapest_under(budget: Budget, asked: AskedRun, texts: Texts) -> str:
    """The cheapest setup that the budget has room for; that there is none."""
    priced = [
        (cost.amount, option)
        for option in asked.estimate.options
        if option.fits
        and option.quotes
        and (cost := _converted(_cost(asked, option), budget, asked.rates))
        and cost.amount <= asked.room(budget)
    ]
    if not priced:
        return texts("ledger.none_under")
    amount, option = min(priced, key=lambda each: each[0])
    shown = fmt.exact_money(budget.money(amount), texts)
    return texts("ledger.under", gpus=phrases.plan_gpus(option.plan, texts), cost=shown)


def sums_of(budget: Budget, texts: Texts) -> dict[str, str]:
    """The numbers of a budget, as its sentences have them."""

    def shown(amount: Decimal) -> str:
        return fmt.exact_money(budget.money(amount), texts)

    return {
        "limit": shown(Decimal(budget.limit.amount)),
        "period": period_of(budget.limit, texts),
        "spent": shown(budget.spent),
        "committed": shown(budget.committed),
        "remaining": shown(budget.remaining),
    }


def _before_line(budget: Budget, texts: Texts) -> str:
    """That what was booked before the first day is in no sum; that it is still to come."""
    day = start_of(budget.limit, texts)
    before = ""
    if budget.num_before:
        before = texts.counted("ledger.before_start", budget.num_before, count=budget.num_before, day=day)
    later = texts("ledger.begins_later", day=day) if budget.begins_later else ""
    return phrases.joined(later, before, texts=texts, by="space")


def sums_line(budget: Budget, texts: Texts) -> str:
    """Limit, spent, committed, left; what is left out of the sums."""
    sums = texts("ledger.sums", **sums_of(budget, texts))
    return phrases.joined(sums, _before_line(budget, texts), texts=texts, by="space")


def forget_card(count: int, command: str, texts: Texts) -> Card:
    """What would be deleted of a channel, and the button whose command does it."""
    said = texts.counted("ledger.forget_channel", count, count=count)
    sure = button(texts("ledger.forget_button"), f"{RUN_PREFIX}forget", state(command))
    return Card(said, (section(said, block_id="ledger", accessory=sure),))


def with_note(card: Card, line: str) -> Card:
    """`card` with a line of small print of its channel's before its own."""
    return trimmed(_with_small_print(card, context(line)))


def _with_small_print(card: Card, first: Block) -> Card:
    """`card` with the lines of `first` at the head of its small print."""
    small = next((each for each in card.blocks if each.get("block_id") == SMALL), None)
    if small is None:
        return Card(card.text, (*card.blocks, {**first, "block_id": SMALL}))
    more = {**small, "elements": [*first["elements"], *small["elements"]]}
    return Card(card.text, tuple(more if each is small else each for each in card.blocks))


def with_line(card: Card, line: str, texts: Texts) -> Card:
    """`card` with the budget's line under it, and the button that books the run."""
    add = button(texts("ledger.add_button"), f"{RUN_PREFIX}budget", state(ADD))
    top, *others = card.blocks
    if len(card.blocks) >= MAX_BLOCKS["card"] and top["type"] == "context":  # how a paste was read
        card = _with_small_print(Card(card.text, tuple(others)), top)
    return trimmed(Card(card.text, (*card.blocks, section(line, block_id="budget", accessory=add))))


def not_allowed_card(managers: Sequence[str], texts: Texts) -> Card:
    """That they may read and not write, and who may."""
    return told("not_allowed", texts, who=_people(managers, texts))


def _people(managers: Sequence[str], texts: Texts) -> str:
    shown = [person(each) for each in managers[:MOST_MANAGERS]]
    rest = len(managers) - len(shown)
    return phrases.joined(*shown, f"+{rest}" if rest > 0 else "", texts=texts, by="comma")


def ledger_card(budget: Budget, entries: Sequence[Entry], texts: Texts, managers: Sequence[str] = ()) -> Card:
    """The sums, then the newest entries with who, when and which card; for its reader alone."""
    lines = [listed_line(each, texts) for each in newest(entries, MOST_SHOWN)]
    more = len(entries) - len(lines)
    if more > 0:
        lines.insert(0, texts.counted("ledger.more", more, count=more))
    may_change = texts("ledger.managed_by", who=_people(managers, texts)) if managers else ""
    return _with_sums(budget, lines, texts, may_change)


def booked_card(
    budget: Budget, entry: Entry, texts: Texts, *, replaced: Entry | None = None, advice: str = ""
) -> Card:
    """The sums, then what was just booked and by whom: nobody else is named to the whole channel.

    `replaced` is what it took the place of, `advice` what would have stayed under the limit.
    """
    instead = texts("ledger.replaced", entry=booked_line(replaced, texts)) if replaced else ""
    return _with_sums(budget, [entry_line(entry, texts)], texts, advice, instead)


def _with_sums(budget: Budget, entries: Sequence[str], texts: Texts, *more: str) -> Card:
    said = sums_line(budget, texts)
    if budget.remaining < 0:
        passed = texts("ledger.passed", over=fmt.exact_money(budget.money(-budget.remaining), texts))
        said = phrases.joined(said, passed, texts=texts, by="space")
    count = len(budget.unconverted)
    unconverted = texts.counted("ledger.unconverted", count, count=count) if count else ""
    return Card(
        said,
        (
            section(phrases.lines(said, *more, unconverted), block_id="ledger"),
            section(phrases.lines(*entries), block_id="entries"),
        ),
    )


def impossible_card(said: str, texts: Texts) -> Card:
    """That no run measures what was said, and within which bounds one can."""
    bounds = {
        "hours": fmt.count(round(MOST_HOURS), texts),
        "gib": fmt.count(MOST_GIB, texts),
        "low": MONEY.low,
        "high": fmt.count(int(MONEY.high), texts),
    }
    values = {name: str(value) for name, value in bounds.items()}
    return told("impossible", texts, said=code_span(clipped(said, 60)), **values)


def taken_back_card(
    taken: Entry | None, left: Entry | None, before: Budget | None, after: Budget | None, texts: Texts
) -> Card:
    """That what was measured counts no longer, what others measured, and what that does to the budget."""
    said = texts("ledger.taken_back", entry=booked_line(taken, texts) if taken else "")
    if left:
        stays = texts("ledger.still_measured", entry=booked_line(left, texts))
        said = phrases.joined(said, stays, texts=texts, by="space")
    if before is None or after is None or before.remaining == after.remaining:
        return said_card(said, said)
    had = texts("ledger.left_before", left=fmt.exact_money(before.money(before.remaining), texts))
    return said_card(phrases.lines(said, sums_line(after, texts), had), said)
