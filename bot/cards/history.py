"""What was measured of a channel's runs beside what was estimated: one run, and all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import geometric_mean
from typing import Final

from bot.cards import format as fmt
from bot.cards import phrases
from bot.cards.action_ids import RUN_PREFIX
from bot.cards.block import Block, Card, button, cell, clipped, escape, section, table
from bot.cards.button_values import state
from bot.cards.ledger import sums_of
from bot.i18n import Texts
from bot.ledger import Budget, Entry
from estimator.money import Money

BAR_CELLS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an actual does to the budget."""

    committed: Entry | None = None
    """What was committed for the run."""
    before: Budget | None = None
    after: Budget | None = None


def actual_card(entry: Entry, effect: Effect, texts: Texts) -> Card:
    """Each quantity against its estimate, and what it does to the budget."""
    said = texts("ledger.actual", ratios=phrases.joined(*_measured(entry, texts), texts=texts))
    price = _by_price(entry)
    keep = None
    if price is not None:
        typed = f"actual {format(price.amount, 'f')}{price.currency.lower()}"
        keep = button(texts("ledger.keep_price"), f"{RUN_PREFIX}actual", state(typed))
    told = phrases.lines(said, *_effect(entry, effect, price, texts))
    return Card(said, (section(told, block_id="ledger", accessory=keep),))


def _measured(entry: Entry, texts: Texts) -> Iterator[str]:
    """`time 4.2 h, 1.31× the estimate`; without an estimate the value alone."""
    values = {
        "time": fmt.duration(entry.hours * 3600, texts) if entry.hours else "",
        "memory": fmt.gib(entry.process_bytes, texts) if entry.process_bytes else "",
        "money": fmt.exact_money(entry.money, texts) if entry.money else "",
    }
    ratios = ratios_of(entry)
    for name, value in values.items():
        if value:
            shown = texts(f"ledger.measured.{name}", value=value)
            ratio = fmt.number(ratios[name], texts, decimals=2) if name in ratios else ""
            yield texts("ledger.ratio", measured=shown, ratio=ratio) if ratio else shown


def _by_price(entry: Entry) -> Money | None:
    """What the hours cost at the price of the card, where nobody said what was paid."""
    if entry.amount or not (entry.hours and entry.estimated_hours and entry.estimated_amount):
        return None
    ratio = Decimal(str(entry.hours)) / Decimal(str(entry.estimated_hours))
    amount = (Decimal(entry.estimated_amount) * ratio).quantize(Decimal("0.01"))
    return Money(amount=amount, currency=entry.currency) if amount else None


def _effect(entry: Entry, effect: Effect, price: Money | None, texts: Texts) -> Iterator[str]:
    committed = effect.committed.money if effect.committed else None
    if price is not None:
        yield texts("ledger.by_price", cost=fmt.exact_money(price, texts))
        if committed:
            yield texts("ledger.stays", committed=fmt.exact_money(committed, texts))
    elif entry.amount and committed:
        yield texts("ledger.instead", committed=fmt.exact_money(committed, texts))
    if effect.after is None:
        return
    yield texts("ledger.sums", **sums_of(effect.after, texts))
    if effect.before and effect.before.remaining != effect.after.remaining:
        left = fmt.exact_money(effect.before.money(effect.before.remaining), texts)
        yield texts("ledger.left_before", left=left)


def ratios_of(entry: Entry) -> dict[str, float]:
    """Measured by estimated, for each quantity that has both."""
    pairs = {
        "time": (entry.hours, entry.estimated_hours),
        "memory": (entry.process_bytes, entry.estimated_bytes),
        "money": (float(entry.amount or 0), float(entry.estimated_amount or 0)),
    }
    return {
        name: measured / estimated for name, (measured, estimated) in pairs.items() if measured and estimated
    }


def history_card(actuals: Sequence[Entry], texts: Texts) -> Card:
    """Runs with what was measured of them, a bar a ratio, and the middle of all with n and spread."""
    heading = [
        cell(texts(f"ledger.history.{name}"), bold=True) for name in ("run", "time", "memory", "money")
    ]
    rows = [_history_row(each, texts) for each in actuals]
    said = texts("ledger.history.text", count=len(actuals))
    summary = phrases.lines(said, *_summaries(actuals, texts))
    drawn = table([heading, *rows], block_id="history")
    return Card(said, (section(summary, block_id="ledger"), drawn))


def _history_row(entry: Entry, texts: Texts) -> list[Block]:
    ratios = ratios_of(entry)
    shown = [_bar(ratios[name], texts) if name in ratios else "" for name in ("time", "memory", "money")]
    return [cell(clipped(escape(entry.command), 60)), *map(cell, shown)]


def _bar(ratio: float, texts: Texts) -> str:
    """`▇▇▇▇▇▇ 1.18×`: ten cells are twice the estimate."""
    cells = "▇" * max(1, min(BAR_CELLS, round(ratio * BAR_CELLS / 2)))
    return f"{cells} {fmt.number(ratio, texts, decimals=2)}×"


def _summaries(actuals: Sequence[Entry], texts: Texts) -> list[str]:
    found: dict[str, list[float]] = {}
    for entry in actuals:
        for name, ratio in ratios_of(entry).items():
            found.setdefault(name, []).append(ratio)
    return [
        texts(
            f"ledger.history.{name}_ratio",
            ratio=fmt.number(geometric_mean(ratios), texts, decimals=2),
            low=fmt.number(min(ratios), texts, decimals=2),
            high=fmt.number(max(ratios), texts, decimals=2),
            count=len(ratios),
        )
        for name, ratios in found.items()
    ]
