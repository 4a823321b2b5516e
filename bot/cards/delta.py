"""A follow-up: what changed, before -> after, by how much, and the way back."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from bot.cards import action_ids, parts, words
from bot.cards import format as fmt
from bot.cards.block import (
    Block,
    Card,
    actions,
    button,
    cell,
    clipped,
    code_span,
    context,
    escape,
    section,
    table,
)
from bot.cards.cost import sentence
from bot.cards.nofit import fix_sections, nofit_sentence, shortfall
from bot.cards.parts import Surface
from bot.cards.rule import arithmetic
from bot.cards.texts import Texts
from estimator.outcome import Estimate, Option

MAX_CHANGES: Final = 6
MAX_SAID_CHARS: Final = 80
SILENT_FIELDS: Final = frozenset({"language", "private", "rule_of_thumb"})
Change = tuple[str, str, str]
"""A field of the spec, its value before, its value after, as typed."""


def delta_card(
    before: Estimate,
    after: Estimate,
    *,
    texts: Texts,
    base_link: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
) -> Card:
    """The answer to `after`, told as a change of `before`, whose message `base_link` leads to.

    `notice` is one more line under the verdict, already in Slack's markup (what else was dropped).
    """
    changed = tuple(changes(before, after))
    if not changed:
        return unchanged_card(after, texts=texts)
    build = partial(_card, before, after, changed, texts, base_link, notice, surface)
    return parts.within_limits(build, len(after.assumptions))


def unchanged_card(estimate: Estimate, *, texts: Texts) -> Card:
    """One line: the card says already what was asked for."""
    said = texts("delta.unchanged", command=code_span(clipped(estimate.command, 1000)))
    return Card(texts("delta.unchanged_text"), (section(said, block_id="delta"),))


def _card(
    before: Estimate,
    after: Estimate,
    changed: tuple[Change, ...],
    texts: Texts,
    base_link: str | None,
    notice: str,
    surface: Surface,
    shown: int,
) -> Card:
    best = after.headline
    fits = best is not None and best.fits
    base = texts("delta.base", link=f"<{base_link}|{texts('delta.base_name')}>") if base_link else ""
    small = context(
        parts.command_line(after.command, texts, asker=None, surface=surface),
        base,
        parts.assumed(after.assumptions, texts, shown),
    )
    lead = section(f"{_lead(changed, texts)}{_cost_moved(before, after, texts)}", block_id="delta")
    middle = (
        _fitting(before, after, best, notice, texts) if best and fits else _unfitting(after, notice, texts)
    )
    blocks = (lead, *middle, _buttons(before, after, texts), small)
    said = sentence(after, best, texts) if best and fits else nofit_sentence(after, texts)
    plain_lead = words.joined(
        *(_plainly(each, texts) for each in changed[:MAX_CHANGES]), texts=texts, by="comma"
    )
    return Card(texts("delta.text", changes=plain_lead, answer=said), blocks)


def _fitting(before: Estimate, after: Estimate, best: Option, notice: str, texts: Texts) -> Iterator[Block]:
    yield section(words.lines(*parts.judgement(after, best, texts), notice), block_id="verdict")
    rows = [row for row in _rows(before, after, texts) if row[1] != row[2]]
    if rows:
        heads = [cell(texts(f"delta.{name}"), bold=True) for name in ("metric", "before", "after", "change")]
        body = [[cell(name), cell(old), cell(new), cell(moved)] for name, old, new, moved in rows]
        yield table([heads, *body], block_id="diff", align=("left", "right", "right", "right"))
    yield section(arithmetic(after.rule_of_thumb, texts), block_id="rule")


def _unfitting(after: Estimate, notice: str, texts: Texts) -> Iterator[Block]:
    yield section(
        words.lines(nofit_sentence(after, texts), shortfall(after, texts), notice), block_id="verdict"
    )
    yield from fix_sections(after.fixes[:3], texts)
    yield section(arithmetic(after.rule_of_thumb, texts), block_id="rule")


def changes(before: Estimate, after: Estimate) -> Iterator[Change]:
    """The fields of the spec that moved; what was not said is taken from what was assumed, else empty."""
    old, new = before.spec.said(), after.spec.said()
    for name in type(after.spec).model_fields:
        if name not in SILENT_FIELDS and old.get(name) != new.get(name):
            yield name, _said(before, old, name), _said(after, new, name)


def _said(estimate: Estimate, said: Mapping[str, Any], name: str) -> str:
    if name in said:
        return _typed(said[name])
    return next((each.value for each in estimate.assumptions if each.what == name), "")


def _typed(value: Any) -> str:
    """A value of a spec's JSON as people type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return "+".join(map(str, value))
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    return str(value)


def _lead(changed: tuple[Change, ...], texts: Texts) -> str:
    named = [f"*{escape(_plainly(each, texts))}*" for each in changed[:MAX_CHANGES]]
    if hidden := len(changed) - len(named):
        named.append(texts("context.more_assumed", count=hidden))
    return words.joined(*named, texts=texts, by="comma")


def _plainly(change: Change, texts: Texts) -> str:
    name, old, new = change
    unsaid = texts("delta.unsaid")
    return texts(
        "delta.moved",
        what=texts.given(f"key.{name}", name),
        before=clipped(old, MAX_SAID_CHARS) or unsaid,
        after=clipped(new, MAX_SAID_CHARS) or unsaid,
    )


def _cost_moved(before: Estimate, after: Estimate, texts: Texts) -> str:
    """` · ¥117 → ¥124 (+¥6.64, +5.7%)`; nothing where one of them has no price, or another currency."""
    old, new = (_likely_cost(each) for each in (before, after))
    if old is None or new is None or old.currency != new.currency:
        return ""
    shown, was = fmt.money(new, texts), fmt.money(old, texts)
    if shown == was:
        return texts("delta.same_cost", cost=shown)
    return texts(
        "delta.cost",
        before=was,
        after=shown,
        difference=fmt.money_change(old, new, texts),
        change=fmt.change(float(old.amount), float(new.amount), texts),
    )


def _likely_cost(estimate: Estimate) -> Any:
    best = estimate.headline
    return words.run_cost(best.quotes[0]).likely if best and best.quotes else None


def _rows(before: Estimate, after: Estimate, texts: Texts) -> Iterator[tuple[str, str, str, str]]:
    """Metric, before, after, change."""
    old, new = before.headline, after.headline
    if old is None or new is None:
        return
    pairs = {
        "run_cost": (_likely_cost(before), _likely_cost(after)),
        "with_retries": tuple(
            words.retried_cost(each.quotes[0]).likely if each.quotes else None for each in (old, new)
        ),
    }
    for name, (was, now) in pairs.items():
        if was is not None and now is not None and was.currency == now.currency:
            moved = fmt.change(float(was.amount), float(now.amount), texts)
            yield texts(f"delta.row.{name}"), fmt.money(was, texts), fmt.money(now, texts), moved
    yield from _measured(old, new, texts)
    yield texts("delta.row.gpus"), words.plan_gpus(old.plan, texts), words.plan_gpus(new.plan, texts), "–"


def _measured(old: Option, new: Option, texts: Texts) -> Iterator[tuple[str, str, str, str]]:
    measures = {
        "time": (old.time.run_seconds.likely, new.time.run_seconds.likely, fmt.duration),
        "memory": (old.memory.process_bytes.likely, new.memory.process_bytes.likely, fmt.gib_number),
        "steps": (old.time.num_steps, new.time.num_steps, fmt.whole),
        "step": (old.time.step_seconds.likely, new.time.step_seconds.likely, fmt.duration),
    }
    for name, (was, now, shown) in measures.items():
        yield texts(f"delta.row.{name}"), shown(was, texts), shown(now, texts), fmt.change(was, now, texts)


def _buttons(before: Estimate, after: Estimate, texts: Texts) -> Block:
    """Undo goes back to the spec that the card was compared with."""
    undo = button(
        texts("button.undo"),
        action_ids.UNDO,
        action_ids.state(after.command, b=before.command),
        label=texts("button.undo_label"),
    )
    compare = parts.compare_button(after.command, texts)
    if after.headline is None or not after.headline.fits:
        compare.pop("style")
    shown = (compare, undo, parts.edit_button(after.command, texts), parts.more_menu(texts))
    return actions(*shown, block_id=action_ids.state_block_id(after.command))
