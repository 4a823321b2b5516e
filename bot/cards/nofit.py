"""Nothing fits: what is missing, what is largest, and the changes that make it fit; no cost headline."""

from collections.abc import Iterator
from functools import partial

from bot.cards import action_ids, button_values, phrases, sections
from bot.cards import format as fmt
from bot.cards.assumptions import warning
from bot.cards.block import (
    VERDICT,
    Block,
    Card,
    actions,
    button,
    clipped,
    code_span,
    context,
    escape,
    header,
    section,
)
from bot.cards.price_notes import small_print
from bot.cards.requested import RequestedEstimate, WrittenFix
from bot.cards.rule_of_thumb import arithmetic, why_more
from bot.cards.sections import Surface
from bot.cards.trimming import within_limits
from bot.i18n import Texts
from estimator.framework.states import States
from estimator.memory.result import Verdict
from estimator.planner.limits import OWN_LIMITS
from estimator.planner.remarks import reading_remark
from estimator.result import Estimate, Nearest

MAX_FIXES = 3
MAX_CHANGE_CHARS = 100


def nofit_card(
    requested: RequestedEstimate,
    *,
    texts: Texts,
    asker: str | None = None,
    surface: Surface = "slack",
    above: Block | None = None,
) -> Card:
    """The shortfall of the nearest plan and the smallest changes that run, a button each."""
    build = partial(_card, requested, texts, asker, surface)
    return within_limits(
        build, sections.num_listed(requested.estimate.assumptions), surface=surface, above=above
    )


def _card(
    requested: RequestedEstimate, texts: Texts, asker: str | None, surface: Surface, shown: int
) -> Card:
    estimate = requested.estimate
    verdict = nofit_verdict(requested, texts)
    fixes = requested.fixes[:MAX_FIXES]
    blocks = (
        header(verdict),
        section(shortfall(requested, texts), block_id=VERDICT),
        *fix_sections(fixes, estimate.schedule.retries, texts),
        _buttons(requested.command, texts),
        context(
            sections.own_command_line(requested, texts, asker=asker, surface=surface),
            small_print(estimate, texts),
            phrases.lines(arithmetic(estimate.rule_of_thumb, texts), why_more(estimate, texts)),
            sections.assumed(estimate.assumptions, texts, shown),
        ),
    )
    return Card(nofit_sentence(requested, texts), blocks)


def nofit_sentence(requested: RequestedEstimate, texts: Texts) -> str:
    """What notifications and screen readers say: the verdict and the first way out."""
    verdict = f"{nofit_verdict(requested, texts)}{texts('punctuation.stop')}"
    return phrases.joined(verdict, _way_out(requested, texts), texts=texts, by="space")


def nofit_verdict(requested: RequestedEstimate, texts: Texts) -> str:
    """`7B, full fine-tune: does not fit on 1× RTX 4090`.

    Where nobody said what trains and adapters fit, that leads: `7B: LoRA fits on 1× RTX 4090`.
    """
    what = _what(requested.estimate, texts)
    if (fix := _adapters_that_fit(requested)) is None:
        return texts("nofit.header", **what)
    adapters = texts(f"method.{fix.option.workload.method}")
    plan = phrases.plan_gpus(fix.option.plan, texts)
    return texts("nofit.header_adapters", **{**what, "gpus": plan, "adapters": adapters})


def _adapters_that_fit(requested: RequestedEstimate) -> WrittenFix | None:
    """The first way out, where it only says what nobody said: what trains."""
    said, first = requested.request.spec, next(iter(requested.fixes), None)
    if said.method is not None or first is None or not first.option.workload.has_adapters:
        return None
    is_elsewhere = said.gpu is not None and first.option.plan.gpu != said.gpu
    return None if is_elsewhere else first


def _what(estimate: Estimate, texts: Texts) -> dict[str, str]:
    best, nearest = estimate.headline, estimate.nearest
    gpus = phrases.plan_gpus(best.plan, texts) if best else ""
    if not gpus and nearest:
        memory_gb = None if estimate.spec.gpu else estimate.spec.gpu_memory_gb
        gpus = fmt.gpus(nearest.gpu, nearest.num_gpus, texts)
        if memory_gb:  # nobody named the one that came nearest
            gpus = texts("nofit.of_memory", count=fmt.count(nearest.num_gpus, texts), size=f"{memory_gb:g}")
    return {
        "model": phrases.model_name(estimate),
        "method": phrases.method(estimate.workload, texts),
        "gpus": gpus or texts("nofit.any_gpu"),
    }


def shortfall(requested: RequestedEstimate, texts: Texts) -> str:
    """How much is missing on the nearest plan, and what takes most."""
    best, nearest = requested.estimate.headline, requested.estimate.nearest
    said = list(sections.largest_lines(requested.estimate, texts))
    if best is not None:
        said += [
            sections.fitted(best, texts),
            sections.memory_parts(best, texts),
        ]
    if nearest is not None:
        if best is None:
            needed = nearest.usable_bytes + nearest.missing_bytes
            shown = (fmt.gib_number(each, texts) for each in (needed, nearest.usable_bytes))
            said.append(texts("nofit.needs", **dict(zip(("needed", "usable"), shown, strict=True))))
        said.append(
            texts(
                "nofit.short",
                missing=fmt.gib(nearest.missing_bytes, texts),
                part=texts.given(f"part.{nearest.largest_part}", nearest.largest_part),
            )
        )
        said += [warning(each, texts) for each in nearest.warnings]
        said.append(_other_reading(nearest, texts))
    said.append(texts("nofit.fixes" if requested.fixes else "nofit.no_fix"))
    return phrases.lines(*said)


def _other_reading(nearest: Nearest, texts: Texts) -> str:
    """What 16-bit states would need, where fp32 ones were counted unasked and these help."""
    other = nearest.other_reading
    if other is None or other.states != States.HALF or other.verdict is Verdict.DOES_NOT_FIT:
        return ""
    return warning(reading_remark(other, counts_fp32=True), texts)


def fix_sections(fixes: tuple[WrittenFix, ...], retries: float, texts: Texts) -> Iterator[Block]:
    """One line a change with its memory, time and cost, and the button that makes it."""
    for at, fix in enumerate(fixes):
        use = button(
            texts("button.use"),
            f"{action_ids.FIX_PREFIX}{at}",
            sections.carried(fix.command),
            primary=at == 0,
            label=texts("button.use_label", change=fix.change),
        )
        yield section(
            phrases.lines(f"*{at + 1}.* {code_span(_change(fix))}", _figures(fix, retries, texts)),
            block_id=f"fix{at}",
            accessory=use,
        )


def _figures(fix: WrittenFix, retries: float, texts: Texts) -> str:
    """`1× RTX 4090 · 19.1 of 23.5 GiB · 2.9 h a run · $3.90 with 3 tries`: what its own card begins with.

    With the size that was to be as large as fits.
    """
    option = fix.option
    cost = texts("estimate.unpriced")
    if option.quotes:
        retried = phrases.retried_money(option.quotes[0], retries, texts)
        cost = texts("nofit.retried", cost=retried, tries=phrases.tries(retries, texts))
    return phrases.joined(
        *(sections.largest_size(name, option, texts) for name in fix.largest),
        phrases.plan_gpus(option.plan, texts),
        texts("nofit.used", used=phrases.used(option, texts)),
        sections.host_memory(option, texts),
        texts("nofit.a_run", time=fmt.duration(option.time.run_seconds.likely, texts)),
        cost,
        *(texts(f"nofit.breaks.{each.code}") for each in option.warnings if each.code in OWN_LIMITS),
        texts=texts,
    )


def _way_out(requested: RequestedEstimate, texts: Texts) -> str:
    if not requested.fixes:
        return texts("nofit.no_fix")
    first = requested.fixes[0]
    figures = _figures(first, requested.estimate.schedule.retries, texts)
    return texts("nofit.way_out", change=escape(_change(first)), figures=figures)


def _change(fix: WrittenFix) -> str:
    return clipped(fix.change, MAX_CHANGE_CHARS)


def _buttons(command: str, texts: Texts) -> Block:
    """No primary button here: the first fix has it."""
    compare = {key: value for key, value in sections.compare_button(command, texts).items() if key != "style"}
    return actions(
        compare,
        sections.edit_button(command, texts),
        sections.more_menu(texts),
        block_id=button_values.state_block_id(command),
    )
