"""What was measured of a channel's runs beside what was estimated: one run, and all of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from bot.cards import format as fmt
from bot.cards import phrases
from bot.cards.action_ids import RUN_PREFIX
from bot.cards.block import Block, Card, bars, button, cell, clipped, code_span, escape, section, table
from bot.cards.button_values import state
from bot.cards.entry_lines import measured_line
from bot.cards.ledger import sums_line, told
from bot.i18n import Texts
from bot.ledger import Budget, Entry
from bot.ledger.commands import Unmarked
from bot.ledger.correction import QUANTITIES, Factor, factors_of, ratios_of
from estimator.money import Money
from estimator.result import Estimate, Option
from estimator.units import GIB

MOST_BARS: Final = 12
"""Pairs of them; Slack draws 20, a phone fewer."""


ACTUAL: Final = "actual "
"""Begins what the button of a measured run stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an actual does to the budget."""

    committed: Entry | None = None
    """What was committed for the run."""
    measured: Entry | None = None
    """What was measured of it before."""
    is_added: bool = False
    """Whether this came on top of that."""
    before: Budget | None = None
    after: Budget | None = None


def actual_card(entry: Entry, effect: Effect, texts: Texts) -> Card:
    """Each quantity against its estimate, and what it does to the budget."""
    said = texts("ledger.actual", ratios=phrases.joined(*_measured(entry, texts), texts=texts))
    is_paid = effect.measured is not None and bool(effect.measured.amount)
    price = None if is_paid else _by_price(entry)
    keep = None
    if price is not None:
        keep = button(texts("ledger.keep_price"), f"{RUN_PREFIX}actual", state(_typed(price)))
    shown = phrases.lines(said, *_effect(entry, effect, price, texts))
    return Card(said, (section(shown, block_id="ledger", accessory=keep),))


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


def _said_before(entry: Entry, before: Entry | None, texts: Texts) -> str:
    """What was measured before of what is said again."""
    if before is None:
        return ""
    again = before._replace(
        hours=before.hours if entry.hours else None,
        process_bytes=before.process_bytes if entry.process_bytes else None,
        amount=before.amount if entry.amount else "",
    )
    return measured_line(again, texts)


def _by_price(entry: Entry) -> Money | None:
    """What the hours cost at the price of the card, where nobody said what was paid."""
    if entry.amount or not (entry.hours and entry.estimated_hours and entry.estimated_amount):
        return None
    ratio = Decimal(str(entry.hours)) / Decimal(str(entry.estimated_hours))
    amount = (Decimal(entry.estimated_amount) * ratio).quantize(Decimal("0.01"))
    return Money(amount=amount, currency=entry.currency) if amount else None


def _typed(price: Money) -> str:
    """What books it, as anybody may type it."""
    return f"{ACTUAL}{format(price.amount, 'f')}{price.currency.lower()}"


def of_what_card(unmarked: Unmarked, currency: str, texts: Texts) -> Card:
    """That a number does not say what it measures, and what to type for each thing that it may be."""
    typed = [code_span(f"{ACTUAL}{each}") for each in unmarked.marked(currency)]
    choices = phrases.joined(*typed, texts=texts)
    return told("of_what", texts, said=code_span(clipped(unmarked.word, 60)), typed=choices)


def _effect(entry: Entry, effect: Effect, price: Money | None, texts: Texts) -> Iterator[str]:
    if before := _said_before(entry, effect.measured, texts):
        yield texts("ledger.together" if effect.is_added else "ledger.instead_measured", before=before)
    committed = effect.committed.money if effect.committed else None
    if price is not None:
        yield texts("ledger.by_price", cost=fmt.exact_money(price, texts), typed=code_span(_typed(price)))
        if committed:
            yield texts("ledger.stays", committed=fmt.exact_money(committed, texts))
    elif entry.amount and committed:
        yield texts("ledger.instead", committed=fmt.exact_money(committed, texts))
    if effect.after is None:
        return
    yield sums_line(effect.after, texts)
    if effect.before and effect.before.remaining != effect.after.remaining:
        left = fmt.exact_money(effect.before.money(effect.before.remaining), texts)
        yield texts("ledger.left_before", left=left)


def history_card(
    actuals: Sequence[Entry],
    texts: Texts,
    today: date,
    *,
    unmeasured: int = 0,
    left_out: int = 0,
    offer: Block | None = None,
) -> Card:
    """Runs with what was estimated and measured of them, as bars and as words, and the middle of all.

    `unmeasured` runs are committed and not in it, `left_out` say nothing that can be; `offer` is what may be
    done with the middle.
    """
    shown = [name for name in QUANTITIES if any(name in ratios_of(each) for each in actuals)]
    heading = [cell(texts(f"ledger.history.{name}"), bold=True) for name in ("run", *shown)]
    rows = [_history_row(each, shown, texts, today) for each in actuals]
    said = texts.counted("ledger.history.text", len(actuals), count=fmt.count(len(actuals), texts))
    waiting = texts("ledger.history.unmeasured", count=unmeasured) if unmeasured else ""
    impossible = ""
    if left_out:
        impossible = texts.counted("ledger.history.left_out", left_out, count=left_out)
    summary = phrases.lines(said, *factor_lines(factors_of(actuals), texts), waiting, impossible)
    columns = range(len(heading))
    drawn = table([heading, *rows], block_id="history", align=["left" for _ in columns], wrapped=columns)
    return Card(said, (section(summary, block_id="ledger", accessory=offer), *_chart(actuals, texts), drawn))


def correction_button(texts: Texts, *, takes_back: bool) -> Block:
    """Puts the channel's own ratios on its cards, or takes them off."""
    name = "uncorrect" if takes_back else "correct"
    return button(texts(f"ledger.{name}_button"), f"{RUN_PREFIX}{name}", state(f"history {name}"))


def factor_lines(factors: Mapping[str, Factor], texts: Texts) -> list[str]:
    """`Time: 1.18× (0.9–1.4, n=6)`, a line a quantity."""
    return [
        texts(f"ledger.history.{name}_ratio" + ("" if each.count > 1 else "_once"), **_factor(each, texts))
        for name, each in factors.items()
    ]


def _factor(factor: Factor, texts: Texts) -> dict[str, str | int]:
    def shown(number: float) -> str:
        return fmt.number(number, texts, decimals=2)

    ends = fmt.span(shown(factor.low), shown(factor.high), texts)
    return {"ratio": shown(factor.middle), "range": ends, "count": factor.count}


def correction_line(factors: Mapping[str, Factor], estimate: Estimate, texts: Texts) -> str:
    """What the card's numbers come to by the channel's own runs; marked as that, beside the estimate."""
    if (best := estimate.headline) is None:
        return ""
    said = [
        texts("ledger.corrected_value", value=value, **_factor(factor, texts))
        for name, factor in factors.items()
        if (value := _corrected(name, best, factor.middle, texts))
    ]
    return texts("ledger.corrected", values=phrases.joined(*said, texts=texts)) if said else ""


def _corrected(name: str, best: Option, by: float, texts: Texts) -> str:
    """One number of the headline times `by`; nothing where it has no price."""
    if name == "time":
        return fmt.duration(best.time.run_seconds.likely * by, texts)
    if name == "memory":
        return fmt.gib(best.memory.process_bytes.likely * by, texts)
    if not best.quotes:
        return ""
    cost = phrases.run_cost_of(best.quotes[0]).likely
    return fmt.money(Money(amount=cost.amount * Decimal(str(by)), currency=cost.currency), texts)


def _history_row(entry: Entry, shown: Sequence[str], texts: Texts, today: date) -> list[Block]:
    day = entry.day.removeprefix(f"{today.year}-")  # the year is said where it is another
    named = f"{day} {clipped(escape(entry.command), 40)}".strip()
    return [cell(named), *(cell(_pair(entry, name, texts)) for name in shown)]


def _pair(entry: Entry, name: str, texts: Texts) -> str:
    """`3.2 h → 4.2 h (1.31×)`: estimated, measured, one by the other."""
    ratio = ratios_of(entry).get(name)
    if ratio is None:
        return ""
    estimated, measured = _shown(entry, name, texts)
    ratio_shown = fmt.number(ratio, texts, decimals=2)
    return texts("ledger.history.pair", estimated=estimated, measured=measured, ratio=ratio_shown)


def _shown(entry: Entry, name: str, texts: Texts) -> tuple[str, str]:
    if name == "time":
        hours = (entry.estimated_hours or 0, entry.hours or 0)
        return fmt.duration(hours[0] * 3600, texts), fmt.duration(hours[1] * 3600, texts)
    if name == "memory":
        return fmt.gib(entry.estimated_bytes or 0, texts), fmt.gib(entry.process_bytes or 0, texts)
    estimated, measured = (Decimal(each or 0) for each in (entry.estimated_amount, entry.amount))
    return (
        fmt.money(Money(amount=estimated, currency=entry.currency), texts),
        fmt.money(Money(amount=measured, currency=entry.currency), texts),
    )


_NUMBERS: Final[dict[str, Callable[[Entry], tuple[float, float]]]] = {
    "time": lambda entry: (entry.estimated_hours or 0, entry.hours or 0),
    "memory": lambda entry: ((entry.estimated_bytes or 0) / GIB, (entry.process_bytes or 0) / GIB),
    "money": lambda entry: (float(entry.estimated_amount or 0), float(entry.amount or 0)),
}


def _bar(value: float) -> float:
    """As many decimals as the table beside has."""
    return round(value, 1 if value >= 1 else 2)


def _chart(actuals: Sequence[Entry], texts: Texts) -> Iterator[Block]:
    """Of the quantity that most runs have, the newest of them."""
    found = {name: [each for each in actuals if name in ratios_of(each)] for name in QUANTITIES}
    name = max(QUANTITIES, key=lambda each: len(found[each]))
    drawn = found[name][-MOST_BARS:]
    if not drawn:
        return
    numbers = [_NUMBERS[name](each) for each in drawn]
    series = {
        texts("ledger.history.estimated"): [_bar(estimated) for estimated, _ in numbers],
        texts("ledger.history.measured"): [_bar(measured) for _, measured in numbers],
    }
    labels = [f"{at}. {(each.command.split() or [''])[0]}" for at, each in enumerate(drawn, 1)]
    yield bars(texts(f"ledger.history.{name}_chart"), labels, series, block_id="chart")
