"""The rule of thumb: one labelled line on every card, and the whole card where it was asked for."""

from bot.cards import format as fmt
from bot.cards import words
from bot.cards.texts import Texts
from estimator.outcome import Estimate, Option, RuleOfThumb
from estimator.spec import Checkpointing


def rule_line(estimate: Estimate, best: Option, texts: Texts) -> str:
    """The paper arithmetic with its four numbers, and why the detailed estimate differs."""
    return words.lines(
        arithmetic(estimate.rule_of_thumb, texts), f"_{why_it_differs(estimate, best, texts)}_"
    )


def arithmetic(rule: RuleOfThumb, texts: Texts) -> str:
    """`56 + 9 = 65 GB · 939 steps × 1.5 s = 23 min · 3 h × ¥27.08/h = ¥81.24`."""
    facts = {
        "fixed": fmt.whole_gb(rule.fixed_gb, texts),
        "dynamic": fmt.whole_gb(rule.dynamic_gb, texts),
        "total": fmt.whole_gb(rule.total_gb, texts),
        "steps": fmt.count(rule.num_steps, texts),
        "step": fmt.duration(rule.step_seconds, texts),
        "time": fmt.duration(rule.train_seconds, texts),
        "hours": fmt.factor(rule.billed_hours, texts),
    }
    if rule.cost is None or rule.price_per_hour is None or rule.gpu is None:
        return texts("rule.line_unpriced", **facts)
    return texts(
        "rule.line",
        **facts,
        price=fmt.exact_money(rule.price_per_hour, texts),
        cost=fmt.exact_money(rule.cost, texts),
        gpu=fmt.gpus(rule.gpu, rule.num_gpus, texts),
    )


def why_it_differs(estimate: Estimate, best: Option, texts: Texts) -> str:
    """The guessed seconds of a step as a share of the card's peak, beside what is measured."""
    rule, time = estimate.rule_of_thumb, best.time
    share = time.mfu * time.step_seconds.likely / rule.step_seconds
    reason = texts(
        "rule.too_fast" if share > 1 else "rule.slower",
        rule_step=fmt.duration(rule.step_seconds, texts),
        step=fmt.duration(time.step_seconds.likely, texts),
        share=fmt.percent(share, texts),
        mfu=fmt.percent(time.mfu, texts),
    )
    if best.plan.activation_checkpointing is not Checkpointing.FULL:
        return reason
    holds = texts("rule.with_checkpointing", total=fmt.whole_gb(rule.total_gb, texts))
    return words.joined(reason, holds, texts=texts, by="space")
