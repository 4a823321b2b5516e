"""Setups side by side: the verdict first, then a table of four columns, then a menu to take one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from bot.cards import action_ids, button_values, dates, phrases, sections
from bot.cards import format as fmt
from bot.cards.block import Block, Card, actions, cell, clipped, context, option, section, select, table
from bot.cards.price_notes import source_lines
from bot.cards.requested import RequestedEstimate
from bot.cards.sections import Surface
from bot.cards.trimming import within_limits
from bot.i18n import Texts
from estimator.memory.result import Verdict
from estimator.money import Money
from estimator.result import Estimate, Option, Quote
from estimator.sizes import size_as_typed

MAX_ROWS: Final = 8
MAX_SELLER_CHARS: Final = 24
MAX_WORDS_CHARS: Final = 48
_OF_GPUS: Final = ("gpu=", "gpus=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One row: what it is called, what it comes to, and what to run to take it."""

    name: str
    option: Option | None
    """None: nothing fits."""
    command: str
    """The whole command."""
    gpus: str = ""
    """What tells it from the other rows, where these are one run on other GPUs."""
    retries: float = 1.0
    """How often it is tried."""
    notes: tuple[str, ...] = ()
    """What the sources of its prices have to say for themselves."""
    num_params: int = 0
    """Of a bare size, where nothing else differs and the GPUs are given: how large it may be is asked."""

    @property
    def fits(self) -> bool:
        """Whether it runs."""
        return self.option is not None and self.option.fits

    @property
    def cost(self) -> Money | None:
        """With its tries, as on its own card."""
        if self.option is None or not self.option.quotes:
            return None
        return phrases.retried_amount(self.option.quotes[0], self.retries)


def compare_card(
    setups: Sequence[Setup],
    *,
    texts: Texts,
    command: str,
    asker: str | None = None,
    surface: Surface = "slack",
    has_thread: bool = True,
) -> Card:
    """`setups` by cost, those that do not fit last; `command` is what was compared.

    `has_thread`: it stands in the thread of the card that it compares, where a reply changes that card.
    """
    ranked = sorted(setups, key=_rank)[:MAX_ROWS]
    asked = sections.command_line(command, texts, asker=asker, surface=surface, has_thread=has_thread)
    return within_limits(partial(_card, ranked, texts, command, asked), len(ranked), surface=surface)


def _gpus(estimate: Estimate, texts: Texts) -> str:
    best, nearest = estimate.headline, estimate.nearest
    if best is not None:
        return phrases.plan_gpus(best.plan, texts)
    if nearest is not None:
        return fmt.gpus(nearest.gpu, nearest.num_gpus, texts)
    return fmt.gpu_name(estimate.spec.gpu or "")


def spec_setups(estimates: Sequence[RequestedEstimate], texts: Texts) -> tuple[Setup, ...]:
    """A row for each of several runs, named after the model, the method and the GPUs."""
    own, sizes = _own_words(estimates, texts), _sizes_alone(estimates)
    return tuple(
        Setup(
            name=phrases.joined(_run_name(each.estimate, texts), words, texts=texts, by="comma"),
            option=each.estimate.headline,
            command=each.command,
            retries=each.estimate.schedule.retries,
            notes=tuple(source_lines(each.estimate, texts)),
            num_params=num_params,
        )
        for each, words, num_params in zip(estimates, own, sizes, strict=True)
    )


def _sizes_alone(estimates: Sequence[RequestedEstimate]) -> list[int]:
    """The bare sizes of runs that are else the same, on GPUs that were given; else no size."""
    named = [each.estimate.spec.model or "" for each in estimates]
    sizes = [size_as_typed(name) or 0 for name in named]
    others = {
        tuple(word for word in each.command.split() if word != name)
        for each, name in zip(estimates, named, strict=True)
    }
    given = all(each.estimate.spec.gpu or each.estimate.spec.gpu_memory_gb for each in estimates)
    return sizes if given and all(sizes) and len(others) == 1 else [0] * len(sizes)


def _own_words(estimates: Sequence[RequestedEstimate], texts: Texts) -> list[str]:
    """What of each command only some have of those that train the same: the GPUs, which names have, aside."""
    commands = [(_trained(each.estimate, texts), each.command.split()) for each in estimates]
    shared: dict[str, set[str]] = {}
    for trained, words in commands:
        shared[trained] = shared.get(trained, set(words)) & set(words)
    own: list[str] = []
    for (trained, words), each in zip(commands, estimates, strict=True):
        told = [w for w in words if w not in shared[trained] and not _is_of_gpus(w, each.estimate)]
        own.append(" ".join(told))
    return [clipped(words, MAX_WORDS_CHARS) for words in own]


def _is_of_gpus(word: str, estimate: Estimate) -> bool:
    gpu = estimate.spec.gpu
    return word.startswith(_OF_GPUS) or (gpu is not None and gpu in word)


def _run_name(estimate: Estimate, texts: Texts) -> str:
    return phrases.joined(_trained(estimate, texts), _gpus(estimate, texts), texts=texts, by="comma")


def _trained(estimate: Estimate, texts: Texts) -> str:
    return texts(
        "compare.run", model=phrases.model_name(estimate), method=phrases.method(estimate.workload, texts)
    )


def _rank(setup: Setup) -> tuple[bool, bool, float]:
    cost = setup.cost
    return not setup.fits, cost is None, float(cost.amount) if cost else 0.0


def _card(setups: list[Setup], texts: Texts, command: str, asked: str, rows: int) -> Card:
    shown = setups[: max(1, rows)]
    usable = [option(_choice(each, texts), _taking(each)) for each in shown if each.fits and _taking(each)]
    lead = _lead(setups, texts)
    blocks = [section(lead, block_id="lead"), _table(shown, texts)]
    if usable:
        menu = select(action_ids.USE, texts("compare.use"), usable)
        room = button_values.command_in_id(button_values.state_block_id(command))
        edit = [] if room else [sections.edit_button(command, texts)]
        blocks.append(actions(menu, *edit, block_id=button_values.state_block_id(command)))
    blocks.append(context(asked, _prices(shown, texts), _notes(setups)))
    return Card(lead.replace("*", ""), tuple(blocks))


def _taking(setup: Setup) -> str:
    """The value of a line in the menu: a command, or what tells it from the others; empty: no room."""
    return next((e for e in (setup.command, setup.gpus) if len(e) <= button_values.MAX_OPTION_CHARS), "")


def _lead(setups: list[Setup], texts: Texts) -> str:
    """The cheapest that fits, and the fastest where it is another one; of sizes, the largest that fits."""
    fitting = [each for each in setups if each.fits]
    if not fitting:
        return texts("compare.none")
    if all(each.num_params for each in setups):
        largest = max(fitting, key=lambda each: each.num_params)
        return texts("compare.largest", setup=_choice(largest, texts))
    cheapest = fitting[0]
    fastest = min(fitting, key=_seconds)
    said = texts("compare.cheapest" if cheapest.cost else "compare.first", setup=_choice(cheapest, texts))
    if fastest is cheapest:
        return said
    return phrases.joined(
        said, texts("compare.fastest", setup=_choice(fastest, texts)), texts=texts, by="space"
    )


def _seconds(setup: Setup) -> float:
    return setup.option.time.run_seconds.likely if setup.option else float("inf")


def _choice(setup: Setup, texts: Texts) -> str:
    cost = fmt.money(setup.cost, texts) if setup.cost else ""
    time = fmt.duration(_seconds(setup), texts) if setup.option else ""
    return phrases.joined(setup.name, cost, time, texts=texts, by="comma")


def _table(setups: list[Setup], texts: Texts) -> Block:
    named = {name: texts(f"compare.{name}") for name in ("setup", "cost", "time")}
    if len(retries := {each.retries for each in setups}) == 1:
        named["cost"] = phrases.tries(retries.pop(), texts)
    heads = [cell(each, bold=True) for each in named.values()]
    body = [_row(each, texts) for each in setups]
    return table([heads, *body], block_id="setups", align=("left", "right", "right"))


def _row(setup: Setup, texts: Texts) -> list[Block]:
    verdict = setup.option.memory.verdict if setup.option else "does_not_fit"
    name = texts(f"compare.name.{verdict}", setup=setup.name)
    cost = fmt.money(setup.cost, texts) if setup.cost else ""
    if setup.option is None:
        return [cell(name), cell(cost), cell("")]
    if verdict is not Verdict.FITS:
        name = _filled(name, setup.option, texts)
    time = fmt.duration(setup.option.time.run_seconds.likely, texts) if setup.fits else ""
    if setup.option.quotes:
        name = _priced(name, setup.option.quotes[0], texts)
    return [cell(name), cell(cost), cell(time)]


def _priced(name: str, quote: Quote, texts: Texts) -> str:
    """`✓ 1× H200 · $2.29 Lambda`: what a GPU costs in an hour, and at whose house."""
    price, converted = quote.price_per_hour, quote.in_currency
    if converted:
        amount = price.amount * Decimal(str(converted.rate))
        price = Money(amount=amount, currency=converted.currency)
    paid = phrases.paid_gpus(quote)
    said = fmt.exact_money(fmt.per_gpu(price, paid), texts)
    if paid > quote.num_gpus:  # a larger machine is paid for
        said += texts("estimate.price_times", count=fmt.count(paid, texts))
    seller = clipped(phrases.seller_alone(quote, texts), MAX_SELLER_CHARS)
    return texts("compare.priced", name=name, price=said, seller=seller)


def _filled(name: str, option_: Option, texts: Texts) -> str:
    """`✗ 1× RTX 4090, too small: 59 of 24 GiB`; of what fits nobody asks by how much."""
    memory = option_.memory
    used, usable = (fmt.gib_short(each, texts) for each in (memory.process_bytes.likely, memory.usable_bytes))
    return texts("compare.filled", name=name, used=used, usable=usable)


def _notes(setups: list[Setup]) -> str:
    return phrases.lines(*dict.fromkeys(note for each in setups for note in each.notes))


def _prices(setups: list[Setup], texts: Texts) -> str:
    """The oldest day of these prices, and whether one is stale."""
    quotes = [each.option.quotes[0] for each in setups if each.option and each.option.quotes]
    if not quotes:
        return ""
    days = [quote.as_of for quote in quotes if quote.as_of]
    return phrases.joined(
        texts("compare.oldest", date=dates.day(min(days), texts)) if days else "",
        texts("estimate.stale") if any(quote.stale for quote in quotes) else "",
        texts=texts,
    )
