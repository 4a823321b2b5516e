"""Show the maths: each number of a card with its formula, its figures and its source."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards import dates, phrases, sections
from bot.cards import format as fmt
from bot.cards.assumptions import assumed_as_typed, explained
from bot.cards.block import (
    MAX_SECTION_CHARS,
    Block,
    Card,
    cell,
    clipped,
    code_span,
    context,
    cut,
    escape,
    header,
    section,
    table,
)
from bot.cards.citations import cited
from bot.cards.quantities import quantities
from bot.cards.requested import RequestedEstimate
from bot.cards.rule_of_thumb import reference_source, rule_facts
from bot.cards.sections import Surface
from bot.i18n import Texts
from estimator.memory.result import MemoryEstimate, Term
from estimator.result import Estimate, Option, Quote
from estimator.units import HOUR_SECONDS
from estimator.workload import Assumption

MAX_HOW_CHARS: Final = 200


def maths_card(
    requested: RequestedEstimate, terms: Sequence[Term] = (), *, texts: Texts, surface: Surface = "slack"
) -> Card:
    """How memory, time and cost of the headline come about, and the lines of the rule of thumb."""
    estimate = requested.estimate
    best = estimate.headline
    memory = tuple(_memory(best, terms, texts)) if best else ()
    told = [_time(best, texts), _cost(estimate, best, texts)] if best else []
    told.append(_rule(estimate, texts))
    others = [
        section(cut(each, MAX_SECTION_CHARS), block_id=f"maths{at}") for at, each in enumerate(told) if each
    ]
    small = context(
        sections.command_line(requested.copied, texts, asker=None, surface=surface, has_thread=False),
        texts(f"maths.ranges{'' if best is None or sections.is_run_published(best) else '_unpublished'}"),
    )
    return Card(texts("maths.title"), (header(texts("maths.title")), *memory, *others, small))


def _memory(best: Option, terms: Sequence[Term], texts: Texts) -> Iterator[Block]:
    """What fills the fullest GPU as a table whose lines add up to its last, and what is behind it."""
    memory = best.memory
    total = texts(
        f"maths.memory_total{'' if memory.is_published else '_unpublished'}",
        likely=fmt.gib(memory.process_bytes.likely, texts),
        range=fmt.gib_range(memory.process_bytes, texts),
        phase=texts(f"phase.{memory.phase}"),
        basis=_basis(memory.basis.group, texts),
        n=fmt.count(memory.basis.n, texts),
    )
    yield section(
        phrases.lines(texts("maths.memory"), sections.plan_line(best, texts), total), block_id="memory"
    )
    lines = [(each.part, _formula(each, texts), each.size_bytes) for each in terms] or [
        (name, "", size) for name, size in memory.parts.by_name().items()
    ]
    yield _table([each for each in lines if each[2] >= sections.MIN_PART_BYTES], memory, texts)
    if sources := list(dict.fromkeys(cited(each.source, texts) for each in terms if each.source)):
        said = texts("maths.sources", sources=phrases.joined(*sources, texts=texts))
        yield context(cut(said, MAX_SECTION_CHARS), block_id="sources")


def _table(lines: Sequence[tuple[str, str, int]], memory: MemoryEstimate, texts: Texts) -> Block:
    total = memory.process_bytes.likely
    shares = fmt.gib_shares([size for _, _, size in lines], total, texts)
    heads = [cell(texts(f"maths.{name}"), bold=True) for name in ("part", "how", "gib")]
    rows = [
        [cell(texts(f"part.{part}")), cell(clipped(how, MAX_HOW_CHARS)), cell(share)]
        for (part, how, _), share in zip(lines, shares, strict=True)
    ]
    sums = [cell(texts("maths.sum")), cell(""), cell(fmt.gib_number(total, texts))]
    return table([heads, *rows, sums], block_id="parts", align=("left", "left", "right"), wrapped=(0, 1))


def _formula(term: Term, texts: Texts) -> str:
    values = quantities(term.parameters, texts)
    return " = ".join(texts(f"term.{term.code}.{each}", **values) for each in ("formula", "numbers"))


def _basis(group: str, texts: Texts) -> str:
    """`deepspeed, full`: whose runs they are, in the words of the language."""
    words = (texts.given(f"basis.{re.sub(r'[^a-z0-9]+', '_', each)}", each) for each in group.split(", "))
    return escape(phrases.joined(*words, texts=texts, by="comma"))


def step_line(best: Option, texts: Texts) -> str:
    """A step: its time, its work, what bounds it."""
    time = best.time
    return texts(
        "maths.step",
        step=fmt.duration_range(time.step_seconds, texts),
        flops=fmt.number(time.step.model_flops / 1e12, texts),
        mfu=fmt.percent(time.mfu, texts),
        bound=texts(f"bound_by.{time.bound_by}"),
        tokens=fmt.magnitude(time.tokens_per_second_per_gpu.likely, texts),
    )


def step_shares(best: Option, texts: Texts) -> str:
    """What a step is spent on."""
    step = best.time.step
    shares = (_share(each.what, each.seconds, step.total_seconds, texts) for each in step.parts)
    return phrases.joined(*shares, texts=texts)


def run_shares(best: Option, texts: Texts) -> str:
    """What the run is spent on."""
    run = best.time.run_seconds.likely
    shares = (_share(each.what, each.seconds, run, texts) for each in best.time.lines)
    return phrases.joined(*shares, texts=texts)


def _time(best: Option, texts: Texts) -> str:
    time = best.time
    facts = {
        "steps": fmt.whole(time.num_steps, texts),
        "run": fmt.duration_range(time.run_seconds, texts),
        "basis": _basis(time.basis.group, texts),
        "n": fmt.count(time.basis.n, texts),
    }
    return phrases.lines(
        texts("maths.time"),
        step_line(best, texts),
        step_shares(best, texts),
        texts("maths.run", **facts),
        run_shares(best, texts),
        texts(f"maths.time_basis{'' if time.is_published else '_unpublished'}", **facts),
    )


def _share(what: str, seconds: float, whole: float, texts: Texts) -> str:
    """`gemm 11.1 s (85%)`; nothing for what takes under half a per cent."""
    if whole <= 0 or seconds / whole < 0.005:
        return ""
    name = texts.given(f"spent.{what}", what)
    return texts(
        "maths.share", what=name, time=fmt.duration(seconds, texts), share=fmt.percent(seconds / whole, texts)
    )


def _cost(estimate: Estimate, best: Option, texts: Texts) -> str:
    if not best.quotes:
        return ""
    return phrases.lines(texts("maths.cost"), *_quote_lines(estimate, best, best.quotes[0], texts))


def _quote_lines(estimate: Estimate, best: Option, quote: Quote, texts: Texts) -> Iterator[str]:
    hours = fmt.number(best.time.run_seconds.likely / HOUR_SECONDS, texts)
    price = phrases.hourly(quote, texts)
    own = fmt.money(quote.run_cost.likely, texts)
    yield texts("maths.cost_run", hours=hours, price=price, cost=own)
    if quote.in_currency:
        yield texts(
            "maths.cost_converted",
            cost=own,
            rate=fmt.rate(float(quote.in_currency.rate), texts),
            converted=fmt.money(quote.in_currency.run_cost.likely, texts),
            source=cited(quote.in_currency.rate_source, texts),
            date=dates.day(quote.in_currency.rate_date, texts),
        )
    yield texts("maths.cost_retried", **sections.cost_facts(quote, estimate.schedule.retries, texts))
    yield phrases.price(quote, texts)
    yield texts("context.source", source=cited(quote.source, texts))
    yield phrases.cheapest_to_book(best.quotes, texts)
    yield _left_out(texts)


def _left_out(texts: Texts) -> str:
    return texts("maths.left_out", what=texts("estimate.extras"))


def _rule(estimate: Estimate, texts: Texts) -> str:
    """The paper, line by line."""
    rule = estimate.rule_of_thumb
    facts = rule_facts(rule, texts)
    names = ["fixed", "dynamic", "memory", "time", "window", *(["cost"] if rule.cost else [])]
    lines = (
        texts(
            "maths.rule_line",
            what=texts(f"rule.step.{name}"),
            value=texts(f"rule.step.{name}_value", **facts),
        )
        for name in names
    )
    notes = (f"• {explained(note, texts)}" for note in rule.notes)
    return phrases.lines(texts("maths.rule"), *lines, *notes)


def assumptions_card(requested: RequestedEstimate, *, texts: Texts, surface: Surface = "slack") -> Card:
    """Every choice that nobody made, with its reason and source; every price with its own."""
    estimate = requested.estimate
    assumed = tuple(_reasons(estimate.assumptions, texts))
    quotes = [quote for option in estimate.options[:1] for quote in option.quotes[:5]]
    prices = [f"• {phrases.price(quote, texts)}" + _sourced(quote.source, texts) for quote in quotes]
    rule = estimate.rule_of_thumb
    told = (*prices, reference_source(rule, texts), _left_out(texts) if prices else "")
    blocks = [
        header(texts("assumptions.title")),
        section(
            cut(phrases.lines(*assumed), MAX_SECTION_CHARS) or texts("assumptions.none"), block_id="assumed"
        ),
        section(
            cut(
                phrases.lines(texts("assumptions.prices"), *told),
                MAX_SECTION_CHARS,
            ),
            block_id="prices",
        ),
        context(
            sections.command_line(requested.copied, texts, asker=None, surface=surface, has_thread=False)
        ),
    ]
    return Card(texts("assumptions.title"), tuple(blocks))


def _reasons(assumptions: tuple[Assumption, ...], texts: Texts) -> Iterator[str]:
    """A line for each reason, with everything that was taken for it."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for each in assumptions:
        reason = (explained(each, texts), each.source)
        grouped.setdefault(reason, []).append(code_span(assumed_as_typed(each, texts)))
    for (why, source), taken in grouped.items():
        yield f"• {' '.join(taken)} {why}{_sourced(source, texts)}"


def _sourced(source: str, texts: Texts) -> str:
    return f" · {cited(source, texts)}" if source else ""


def copy_card(command: str, *, texts: Texts) -> Card:
    """The command as text that can be selected: for Slack and for a terminal."""
    typed = escape(command.replace("`", ""))
    said = texts(
        "copy.text",
        slack=f"{sections.PROGRAM['slack']} {typed}",
        terminal=f"{sections.PROGRAM['terminal']} {typed}",
    )
    return Card(texts("copy.title"), (section(cut(said, MAX_SECTION_CHARS), block_id="copy"),))
