"""The rule of thumb: one labelled line on every card, and the whole card where it was asked for."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Final

from bot.cards import format as fmt
from bot.cards import phrases, sections
from bot.cards.block import VERDICT, Block, Card, context, fields, header, section
from bot.cards.citations import cited
from bot.cards.price_notes import small_print
from bot.cards.requested import RequestedEstimate
from bot.cards.sections import Surface
from bot.cards.trimming import within_limits
from bot.i18n import Texts
from estimator.result import Estimate, Option, RuleOfThumb
from estimator.spec import Checkpointing, Method, Optimizer, Precision
from estimator.units import GIGA
from estimator.workload import Workload

REFERENCE_LIST: Final = "reference: "
"""How a source begins that stands among the reference prices; the sentence says so itself."""


def rule_card(
    requested: RequestedEstimate,
    *,
    texts: Texts,
    asker: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
    above: Block | None = None,
) -> Card:
    """The paper arithmetic as the headline, line by line, the detailed estimate beneath it."""
    build = partial(_card, requested, texts, asker, notice, surface)
    return within_limits(
        build, sections.num_listed(requested.estimate.assumptions), surface=surface, above=above
    )


def _card(
    requested: RequestedEstimate, texts: Texts, asker: str | None, notice: str, surface: Surface, shown: int
) -> Card:
    estimate = requested.estimate
    rule = estimate.rule_of_thumb
    facts = rule_facts(rule, texts)
    lead = texts("rule.lead", **facts) if rule.gpu and holds(rule) else texts("rule.lead_unheld", **facts)
    blocks = (
        header(texts("rule.header" if rule.cost else "rule.header_unpriced", **facts)),
        section(phrases.lines(lead, notice), block_id=VERDICT),
        fields(_steps(rule, facts, texts), block_id="facts"),
        section(phrases.lines(texts("rule.no_pool"), _detailed(estimate, texts)), block_id="detailed"),
        sections.buttons(requested, texts),
        context(
            sections.own_command_line(requested, texts, asker=asker, surface=surface),
            small_print(estimate, texts),
            reference_source(rule, texts),
            sections.assumed(estimate.assumptions, texts, shown),
        ),
    )
    return Card(texts(_sentence(rule), **facts), blocks)


def _sentence(rule: RuleOfThumb) -> str:
    if rule.gpu is None:
        return "rule.text_nowhere"
    if not holds(rule):
        return "rule.text_unheld"
    if rule.cost is None:
        return "rule.text_unpriced" if has_money(rule) else "rule.text_no_money"
    return "rule.text"


def holds(rule: RuleOfThumb) -> bool:
    """Whether the card of the rule holds the total; the core says where it does not."""
    return not any(note.code == "rule_no_pool" for note in rule.notes)


def has_money(rule: RuleOfThumb) -> bool:
    """Whether it is a run that the rule has a price for; where it has not, nobody need look for one."""
    return not any(note.code == "rule_no_money" for note in rule.notes)


def _steps(rule: RuleOfThumb, facts: dict[str, str], texts: Texts) -> Iterator[tuple[str, str]]:
    """The table of the paper: what each line is, and its arithmetic."""
    for name in ("fixed", "dynamic", "memory", "time", "window"):
        yield texts(f"rule.step.{name}"), texts(f"rule.step.{name}_value", **facts)
    if rule.cost:
        yield texts("rule.step.cost"), texts("rule.step.cost_value", **facts)


def _detailed(estimate: Estimate, texts: Texts) -> str:
    """What the physics says beside it, and why the two differ."""
    best = estimate.headline
    if best is None:
        return texts("rule.detailed_none")
    judged = phrases.joined(*list(sections.judgement(estimate, best, texts))[:2], texts=texts, by="line")
    title = texts("rule.detailed", gpus=phrases.plan_gpus(best.plan, texts))
    return phrases.lines(title, judged, why_it_differs(estimate, best, texts))


def rule_line(estimate: Estimate, best: Option | None, texts: Texts) -> str:
    """The paper arithmetic with its four numbers, and why the detailed estimate differs."""
    why = why_it_differs(estimate, best, texts) if best else ""
    return phrases.lines(arithmetic(estimate.rule_of_thumb, texts), why)


def arithmetic(rule: RuleOfThumb, texts: Texts) -> str:
    """`56 + 9 = 65 GB · 939 steps × 1.5 s = 23 min · 3 h × ¥27.08/h = ¥81.24`."""
    if rule.gpu is None:
        line = "rule.line_nowhere"
    elif not holds(rule):
        line = "rule.line_unheld"
    elif rule.cost is None:
        line = "rule.line_unpriced" if has_money(rule) else "rule.line_no_money"
    else:
        line = "rule.line"
    return texts(line, **rule_facts(rule, texts))


def reference_source(rule: RuleOfThumb, texts: Texts) -> str:
    """What the rule's hour costs and who says so, less the name of the list that it stands in."""
    said, price = rule.price_source.removeprefix(REFERENCE_LIST), rule.price_per_hour
    if not said or price is None:
        return ""
    return texts("rule.source", price=fmt.exact_money(price, texts), source=cited(said, texts))


def rule_facts(rule: RuleOfThumb, texts: Texts) -> dict[str, str]:
    """The names of the rule's quantities in a sentence."""
    places, sizes = paper_gb(rule)
    facts = {name: fmt.number(float(size), texts, decimals=places) for name, size in sizes.items()} | {
        "steps": texts.counted("rule.steps", rule.num_steps, count=fmt.whole(rule.num_steps, texts)),
        "step_as_typed": fmt.duration(rule.step_seconds, texts),
        "time": fmt.duration(rule.train_seconds, texts),
        "window": fmt.count(rule.window_hours, texts),
        "retries": fmt.factor(rule.retries, texts),
        "hours": fmt.factor(rule.billed_hours, texts),
        "gpu": fmt.gpus(rule.gpu, rule.num_gpus, texts) if rule.gpu else "",
    }
    if rule.cost and rule.price_per_hour:
        facts |= {
            "price": fmt.exact_money(rule.price_per_hour, texts),
            "cost": fmt.exact_money(rule.cost, texts),
            "converted": _converted(rule, texts),
            "whose": _whose(rule, texts),
        }
    return facts


def _whose(rule: RuleOfThumb, texts: Texts) -> str:
    """`, Crusoe`: whose price it is where it is no reference price."""
    seller = phrases.seller_name(rule.price_provider, "", texts) if rule.price_provider else ""
    return f"{texts('punctuation.comma')}{seller}" if seller else ""


def _converted(rule: RuleOfThumb, texts: Texts) -> str:
    """` ≈ $12.21`: what it is in the money of the card, where the reference price is in another."""
    own = rule.cost_in_currency
    return texts("rule.converted", cost=fmt.exact_money(own, texts)) if own else ""


PARTS: Final = ("weights", "gradients", "optimizer")


def paper_gb(rule: RuleOfThumb) -> tuple[int, dict[str, Decimal]]:
    """The decimals with which the paper's sums add up for a reader, and its gigabytes so rounded.

    None where that will do, else one; where even that does not, the sums are those of what is seen.
    """
    names = (*PARTS, "fixed", "dynamic", "total")
    exact = {name: Decimal(repr(getattr(rule, f"{name}_gb"))) for name in names}
    whole, tenths = ({name: round(size, places) for name, size in exact.items()} for places in (0, 1))
    if all(whole[name] or not exact[name] for name in names) and _adds(whole):
        return 0, whole
    if _adds(tenths):
        return 1, tenths
    sizes = dict(tenths)
    sizes["fixed"] = sum((sizes[name] for name in PARTS), Decimal(0))
    return 1, {**sizes, "total": sizes["fixed"] + sizes["dynamic"]}


def _adds(sizes: Mapping[str, Decimal]) -> bool:
    parts = sum((sizes[name] for name in PARTS), Decimal(0))
    return parts == sizes["fixed"] and sizes["fixed"] + sizes["dynamic"] == sizes["total"]


FP32_STATES_BYTES: Final = 16
"""Of a parameter with AdamW: weight, gradient and two moments in fp32, or a 16-bit pair and fp32 masters."""
_WITH_TWO_MOMENTS: Final = (Optimizer.ADAMW, Optimizer.PAGED_ADAMW)
_SHORT: Final = (Precision.FP16, Precision.BF16)
LEAST_SHARE: Final = 0.005
"""Of a peak: less reads 0 %, and no run that was measured had so little to do."""


def why_it_differs(estimate: Estimate, best: Option, texts: Texts) -> str:
    """Why the seconds of a step and the gigabytes are others; nothing where they are not."""
    gigabytes = _other_states(estimate, best.workload, texts) or _other_gigabytes(estimate, best, texts)
    reasons = _other_seconds(estimate, best, texts), gigabytes
    why = phrases.joined(*reasons, texts=texts, by="space")
    return texts("rule.why", why=why) if why else ""


def why_more(estimate: Estimate, texts: Texts) -> str:
    """Why the gigabytes of states are more, where nothing fits and no step has a time."""
    why = _other_states(estimate, estimate.workload, texts)
    return texts("rule.why", why=why) if why else ""


def _other_states(estimate: Estimate, workload: Workload, texts: Texts) -> str:
    """That the rule keeps everything in 16 bit, where fp32 states are counted: bytes a parameter of both."""
    is_whole = workload.method is Method.FULL and workload.optimizer in _WITH_TWO_MOMENTS
    if not (is_whole and workload.mixed_precision and workload.precision in _SHORT):
        return ""
    fixed = rule_facts(estimate.rule_of_thumb, texts)["fixed"]
    states = fmt.number(FP32_STATES_BYTES * estimate.num_params / GIGA, texts, decimals=0)
    told = texts("rule.fp32_states", fixed=fixed, states=states)
    return phrases.joined(told, _on_one_gpu(estimate, texts), texts=texts, by="space")


def _on_one_gpu(estimate: Estimate, texts: Texts) -> str:
    """What one GPU would hold, beside the gigabytes of the rule, where several share the job."""
    alone = estimate.on_one_gpu
    if alone is None:
        return ""
    return texts(
        "rule.on_one_gpu",
        gpu=fmt.gpus(alone.gpu, 1, texts),
        fp32=fmt.gib(alone.fp32_states_bytes, texts),
        half=fmt.gib(alone.half_states_bytes, texts),
    )


def _other_seconds(estimate: Estimate, best: Option, texts: Texts) -> str:
    """The guessed seconds of a step as a share of the card's peak, beside what is measured or was said."""
    rule, time = estimate.rule_of_thumb, best.time
    guessed, found = (fmt.duration(each, texts) for each in (rule.step_seconds, time.step_seconds.likely))
    if estimate.schedule.step_seconds is not None or guessed == found or time.mfu < LEAST_SHARE:
        return ""
    share = time.mfu * time.step_seconds.likely / rule.step_seconds
    counted = "" if time.is_published else "_as_counted"
    case = "said" if estimate.schedule.mfu is not None else ("too_fast" if share > 1 else "slower") + counted
    return texts(
        f"rule.{case}",
        step_as_typed=guessed,
        step=found,
        share=fmt.percent(share, texts),
        mfu=fmt.percent(time.mfu, texts),
        gpus=phrases.plan_gpus(best.plan, texts),
    )


def _other_gigabytes(estimate: Estimate, best: Option, texts: Texts) -> str:
    """That the rule counts a full fine-tune, and keeps hardly any activations."""
    total = rule_facts(estimate.rule_of_thumb, texts)["total"]
    if best.workload.method is not Method.FULL:
        return texts("rule.full_only", total=total)
    if best.plan.activation_checkpointing is Checkpointing.FULL:
        return texts("rule.with_checkpointing", total=total)
    return ""
