"""A follow-up: what changed, before -> after, by how much, and the way back."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

from bot.cards import action_ids, button_values, phrases, sections
from bot.cards import format as fmt
from bot.cards.block import VERDICT, Block, Card, actions, button, cell, context, escape, section, table
from bot.cards.changes import changes, gpus_asked, gpus_moved
from bot.cards.estimate import sentence
from bot.cards.nofit import MAX_FIXES, fix_sections, nofit_sentence, nofit_verdict, shortfall
from bot.cards.notes import base_line, setting_name, shown_value, unchanged_card
from bot.cards.own_limits import limit_header
from bot.cards.price_notes import small_print
from bot.cards.requested import RequestedEstimate
from bot.cards.rule_of_thumb import arithmetic
from bot.cards.sections import Surface
from bot.cards.trimming import within_limits
from bot.i18n import Texts
from estimator.compare import CostMeasure, Delta, delta
from estimator.money import Money
from estimator.result import Estimate, Option

MAX_CHANGES: Final = 6
PLAN_FIELDS: Final = (
    "micro_batch_size",
    "gradient_accumulation_steps",
    "zero_stage",
    "tensor_parallel_size",
    "pipeline_parallel_size",
    "activation_checkpointing",
    "stack",
)
"""What the planner does otherwise, where nobody asked for it in words."""


class _Beside(NamedTuple):
    """What stands on the card whatever changed."""

    link: str | None
    command_line: str
    notice: str


def delta_card(  # noqa: PLR0913  -- two estimates, who reads them and where, what else to say
    before: RequestedEstimate,
    after: RequestedEstimate,
    *,
    texts: Texts,
    base_link: str | None = None,
    asker: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
) -> Card:
    """The answer to `after`, told as a change of `before`, whose message `base_link` leads to.

    `notice` is one more line under the verdict, already in Slack's markup (what else was dropped).
    """
    moved = delta(before.estimate, after.estimate)
    if not moved.spec:
        return unchanged_card(after.command, {}, texts=texts)
    own = sections.command_line(after.copied, texts, asker=asker, surface=surface, has_thread=False)
    build = partial(_card, before, after, moved, texts, _Beside(base_link, own, notice))
    return within_limits(build, 1 + sections.num_listed(after.estimate.assumptions), surface=surface)


def _card(
    before: RequestedEstimate,
    after: RequestedEstimate,
    moved: Delta,
    texts: Texts,
    beside: _Beside,
    shown: int,
) -> Card:
    estimate = after.estimate
    best = estimate.headline
    changed = changes(moved, before.estimate, estimate, texts)
    told_moved = _moved(moved, before.estimate, estimate, texts)
    over = limit_header(estimate, best, texts) if best and best.fits else ""
    lead = phrases.lines(f"*{escape(over)}*" if over else "", f"{_lead(changed, texts)}{told_moved}")
    if best and best.fits:
        middle, said = (
            _fitting(before.estimate, estimate, moved, beside.notice, texts),
            sentence(estimate, best, texts),
        )
    else:
        middle, said = _unfitting(after, beside.notice, texts), nofit_sentence(after, texts)
    has_room = shown > 0
    small = (
        *_price(best, texts),
        base_line(before.command, beside.link, texts, has_room=has_room),
        beside.command_line,
        small_print(estimate, texts),
        _rule(before.estimate, estimate, texts) if has_room else "",
        sections.assumed(estimate.assumptions, texts, shown - 1) if has_room else "",
    )
    blocks = (
        section(lead, block_id="delta"),
        *middle,
        _buttons(before, after, texts),
        context(*small),
    )
    told = phrases.joined(*changed[:MAX_CHANGES], texts=texts, by="comma")
    return Card(texts("delta.text", changes=told, answer=said), blocks)


def _fitting(before: Estimate, after: Estimate, moved: Delta, notice: str, texts: Texts) -> Iterator[Block]:
    best = after.options[0]
    judged = (
        *sections.judgement(after, best, texts),
        _plan(before, after, moved, texts),
        notice,
    )
    yield section(phrases.lines(*judged), block_id=VERDICT)
    rows = [row for row in _rows(moved, texts) if row[1] != row[2]]
    if rows:
        heads = [cell(texts(f"delta.{name}"), bold=True) for name in ("metric", "before", "after", "change")]
        body = [[cell(text) for text in row] for row in rows]
        yield table([heads, *body], block_id="diff", align=("left", "right", "right", "right"))


def _unfitting(after: RequestedEstimate, notice: str, texts: Texts) -> Iterator[Block]:
    told = (f"*{nofit_verdict(after, texts)}*", notice, shortfall(after, texts))
    yield section(phrases.lines(*told), block_id=VERDICT)
    yield from fix_sections(after.fixes[:MAX_FIXES], after.estimate.schedule.retries, texts)


def _lead(changed: list[str], texts: Texts) -> str:
    named = [f"*{escape(each).replace('*', '')}*" for each in changed[:MAX_CHANGES]]
    if hidden := len(changed) - len(named):
        named.append(texts("context.more_assumed", count=hidden))
    return phrases.joined(*named, texts=texts)


def _rule(before: Estimate, after: Estimate, texts: Texts) -> str:
    """The paper arithmetic where it changed."""
    line = arithmetic(after.rule_of_thumb, texts)
    return "" if line == arithmetic(before.rule_of_thumb, texts) else line


def _price(best: Option | None, texts: Texts) -> tuple[str, ...]:
    return (phrases.price(best.quotes[0], texts),) if best and best.fits and best.quotes else ()


def _moved(moved: Delta, before: Estimate, after: Estimate, texts: Texts) -> str:
    """` · ¥352 → *¥372* with 3 tries (+5.8%) · 3.5 h → *3.8 h* a run (+5.5%)`, or that it is the same."""
    best = after.headline
    if best is None or not best.fits:
        return ""
    cost, time, gpus = (
        _cost_moved(before, after, texts),
        _time_moved(moved, texts),
        "" if gpus_asked(moved, before, after, texts) else gpus_moved(moved, before.headline, best, texts),
    )
    same = texts("delta.same") if best.quotes and not cost and not time else ""
    return "".join(texts("delta.and", what=each) for each in (cost, time, gpus, same) if each)


def _cost_moved(before: Estimate, after: Estimate, texts: Texts) -> str:
    """With the tries, each as its own card says it; nothing where there is no price, or it is the same.

    The new one alone where the old card had none, or another currency.
    """
    old, new = _retried(before), _retried(after)
    if new is None:
        return ""
    now, tries = fmt.money(new, texts), phrases.tries(after.schedule.retries, texts)
    if old is None or old.currency != new.currency:
        return texts("delta.cost_now", after=now, tries=tries)
    if (was := fmt.money(old, texts)) == now:
        return ""
    change = fmt.change(float(old.amount), float(new.amount), texts)
    return texts("delta.cost", before=was, after=now, tries=tries, change=change)


def _retried(estimate: Estimate) -> Money | None:
    """What stands in the header of its card."""
    best = estimate.headline
    if best is None or not best.fits or not best.quotes:
        return None
    return phrases.retried_amount(best.quotes[0], estimate.schedule.retries)


def _time_moved(moved: Delta, texts: Texts) -> str:
    time = next((each for each in moved.measures if each.name == "run_seconds"), None)
    if time is None:
        return ""
    was, now = fmt.duration(time.before, texts), fmt.duration(time.after, texts)
    change = fmt.change(time.before, time.after, texts)
    return "" if was == now else texts("delta.time", before=was, after=now, change=change)


def _ratio(cost: CostMeasure, texts: Texts) -> str:
    return fmt.change(float(cost.before.amount), float(cost.after.amount), texts)


def _plan(before: Estimate, after: Estimate, moved: Delta, texts: Texts) -> str:
    """On what it runs, where the lead does not say it, and what else the plan does otherwise."""
    best = after.options[0]
    in_lead = gpus_asked(moved, before, after, texts) or gpus_moved(moved, before.headline, best, texts)
    gpus = "" if in_lead else phrases.plan_gpus(best.plan, texts)
    said = phrases.joined(gpus, *_replanned(moved, texts), texts=texts, by="comma")
    return texts("delta.plan", changes=said) if said else ""


def _replanned(moved: Delta, texts: Texts) -> list[str]:
    """`micro batch 8 → 4`, `passes 4 → 8`: what nobody asked for in words."""
    asked = {each.field for each in moved.spec}
    return [
        texts(
            "delta.moved",
            what=setting_name(each.field, texts),
            before=shown_value(each.field, each.before, texts),
            after=shown_value(each.field, each.after, texts),
        )
        for each in moved.plan
        if each.field in PLAN_FIELDS and each.field not in asked
    ]


def _rows(moved: Delta, texts: Texts) -> Iterator[tuple[str, str, str, str]]:
    """Metric, before, after, change."""
    for cost in moved.costs[:1]:
        was, now = fmt.money(cost.before, texts), fmt.money(cost.after, texts)
        yield texts(f"delta.row.{cost.name}"), was, now, _ratio(cost, texts)
    for each in moved.measures:
        shown = MEASURES.get(each.name)
        if shown is None:
            continue
        was, now = shown(each.before, texts), shown(each.after, texts)
        yield texts(f"delta.row.{each.name}"), was, now, fmt.change(each.before, each.after, texts)


MEASURES: Final[dict[str, Callable[[float, Texts], str]]] = {
    "process_bytes": fmt.gib_number,
    "num_steps": fmt.whole,
    "step_seconds": fmt.duration,
}
"""How each measure of the table is shown; the time of a run stands in the lead."""


def _buttons(before: RequestedEstimate, after: RequestedEstimate, texts: Texts) -> Block:
    """Undo goes back to the spec that the card was compared with."""
    undo = button(
        texts("button.undo"),
        action_ids.UNDO,
        sections.carried(after.command, b=before.command),
        label=texts("button.undo_label"),
    )
    compare = sections.compare_button(after.command, texts)
    best = after.estimate.headline
    if best is None or not best.fits:
        compare.pop("style")
    shown = (compare, undo, sections.edit_button(after.command, texts), sections.more_menu(texts))
    return actions(*shown, block_id=button_values.state_block_id(after.command))
