"""The cost card: the answer first, the decision second, what went in third, the small print last."""

from collections.abc import Iterator
from typing import Final, Literal

from bot.cards import action_ids, words
from bot.cards import format as fmt
from bot.cards.block import (
    Block,
    Card,
    actions,
    button,
    code_span,
    context,
    fields,
    header,
    option,
    overflow,
    section,
)
from bot.cards.limits import violations
from bot.cards.rule import rule_line
from bot.cards.texts import Texts
from estimator.outcome import Estimate, Option, Quote, Tag
from estimator.workload import Assumption

Surface = Literal["slack", "terminal"]
PROGRAM: Final = {"slack": "/ftcost", "terminal": "ftcost"}


def estimate_card(
    estimate: Estimate,
    *,
    texts: Texts,
    asker: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
) -> Card:
    """What the run needs, takes and costs, on the first of its options.

    `asker` is the user's id; `notice` one more line under the verdict, already in Slack's markup.
    The assumptions are cut to what the size of a card allows; the menu shows all of them.
    """
    best = estimate.headline
    if best is None:
        raise ValueError("an estimate without options has no cost card")
    shown = len(estimate.assumptions)
    card = _card(estimate, best, texts, asker, notice, surface, shown)
    while shown and violations(card, "card"):
        shown -= 1
        card = _card(estimate, best, texts, asker, notice, surface, shown)
    return card


def _card(
    estimate: Estimate,
    best: Option,
    texts: Texts,
    asker: str | None,
    notice: str,
    surface: Surface,
    shown: int,
) -> Card:
    blocks = [
        header(_headline(best, texts)),
        section(words.lines(*_verdict(estimate, best, texts), notice), block_id="verdict"),
        fields(_facts(estimate, best, texts), block_id="facts"),
        section(rule_line(estimate, best, texts), block_id="rule"),
        buttons(estimate, texts),
        context(
            command_line(estimate.command, texts, asker=asker, surface=surface),
            assumed(estimate.assumptions, texts, shown),
        ),
    ]
    return Card(_sentence(estimate, best, texts), tuple(blocks))


def _headline(best: Option, texts: Texts) -> str:
    time, gpus = fmt.duration(best.time.run_seconds.likely, texts), words.plan_gpus(best.plan, texts)
    if not best.quotes:
        return texts("estimate.header_unpriced", time=time, gpus=gpus)
    cost = fmt.money(words.run_cost(best.quotes[0]).likely, texts)
    return texts("estimate.header", cost=cost, time=time, gpus=gpus)


def _sentence(estimate: Estimate, best: Option, texts: Texts) -> str:
    """What notifications and screen readers say."""
    facts = {
        "model": words.model_name(estimate),
        "method": words.method(estimate.workload, texts),
        "time": fmt.duration(best.time.run_seconds.likely, texts),
        "gpus": words.plan_gpus(best.plan, texts),
        "verdict": texts(f"verdict.{best.memory.verdict}"),
        "memory": words.used(best, texts),
    }
    if not best.quotes:
        return texts("estimate.text_unpriced", **facts)
    return texts("estimate.text", **facts, **cost_facts(best.quotes[0], estimate.schedule.retries, texts))


def cost_facts(quote: Quote, retries: float, texts: Texts) -> dict[str, str]:
    """The names of a cost in a sentence: one run, its range, the tries, with retries, its range."""
    once, retried = words.run_cost(quote), words.retried_cost(quote)
    return {
        "cost": fmt.money(once.likely, texts),
        "cost_range": fmt.money_range(once, texts),
        "tries": words.tries(retries, texts),
        "retried": fmt.money(retried.likely, texts),
        "retried_range": fmt.money_range(retried, texts),
    }


def _verdict(estimate: Estimate, best: Option, texts: Texts) -> Iterator[str]:
    """Does it fit, what does it cost, at whose price, and what is faster."""
    memory, run = best.memory, best.time.run_seconds
    yield texts(
        f"estimate.{memory.verdict}",
        used=words.used(best, texts),
        range=fmt.gib_range(memory.process_bytes, texts),
    )
    time = {"time": fmt.duration(run.likely, texts), "time_range": fmt.duration_range(run, texts)}
    if not best.quotes:
        yield texts("estimate.time", **time)
        return
    yield texts("estimate.cost", **time, **cost_facts(best.quotes[0], estimate.schedule.retries, texts))
    yield words.price(best.quotes[0], texts)
    fastest = next((each for each in estimate.options[1:] if Tag.FASTEST in each.tags and each.quotes), None)
    if fastest:
        yield texts(
            "estimate.fastest",
            gpus=words.plan_gpus(fastest.plan, texts),
            time=fmt.duration(fastest.time.run_seconds.likely, texts),
            cost=fmt.money(words.run_cost(fastest.quotes[0]).likely, texts),
        )


def _facts(estimate: Estimate, best: Option, texts: Texts) -> Iterator[tuple[str, str]]:
    """What went in and what came out, two columns of it."""
    plan, time = best.plan, best.time
    yield texts("field.data"), data(estimate, best, texts)
    yield (
        texts("field.steps"),
        texts(
            "field.steps_value",
            steps=fmt.count(time.num_steps, texts),
            seconds=fmt.duration(time.step_seconds.likely, texts),
            range=fmt.duration_range(time.step_seconds, texts),
            bound=texts(f"bound_by.{time.bound_by}"),
        ),
    )
    yield texts("field.method"), words.recipe(best.workload, texts)
    yield (
        texts("field.plan"),
        words.joined(
            words.passes(plan, texts),
            words.sharding(plan, texts),
            words.checkpointing(plan.activation_checkpointing, texts),
            texts=texts,
        ),
    )
    yield texts("field.memory"), memory_parts(best, texts)
    yield texts("field.evidence"), evidence(best, texts)


def data(estimate: Estimate, best: Option, texts: Texts) -> str:
    """The data set and the tokens that the run sees."""
    schedule, length = estimate.schedule, best.workload.sequence_length
    seen = best.time.num_steps * best.plan.sequences_per_step * length
    common = {"length": fmt.count(length, texts), "total": fmt.magnitude(seen, texts)}
    epochs = texts.counted("field.epochs", schedule.num_epochs, count=fmt.factor(schedule.num_epochs, texts))
    if schedule.num_steps is not None:
        steps, batch = fmt.count(schedule.num_steps, texts), fmt.count(schedule.global_batch_size, texts)
        return texts("field.data_steps", **common, steps=steps, batch=batch)
    if schedule.num_tokens is not None:
        return texts(
            "field.data_tokens", **common, tokens=fmt.magnitude(schedule.num_tokens, texts), epochs=epochs
        )
    return texts("field.data_value", **common, samples=fmt.count(schedule.num_examples, texts), epochs=epochs)


def memory_parts(best: Option, texts: Texts) -> str:
    """What fills the card at the peak, parts of nothing left out."""
    parts = best.memory.parts
    named = ((name, getattr(parts, f"{name}_bytes")) for name in texts.group("part"))
    shown = (
        f"{texts(f'part.{name}')} {fmt.gib_number(size, texts)}" for name, size in named if size >= 2**25
    )
    return words.joined(*shown, texts=texts)


def evidence(best: Option, texts: Texts) -> str:
    """How far the measurements behind both ranges scatter, and how many they are."""
    memory, time = best.memory, best.time
    return texts(
        "field.evidence_value",
        memory_spread=fmt.spread(memory.process_bytes, texts),
        memory_rows=_rows(memory.basis.n, texts),
        time_spread=fmt.spread(time.run_seconds, texts),
        time_rows=_rows(time.basis.n, texts),
    )


def _rows(n: int, texts: Texts) -> str:
    return texts.counted("field.runs", n, count=fmt.count(n, texts)) if n else texts("field.no_runs")


def buttons(estimate: Estimate, texts: Texts) -> Block:
    """What can be done with the card; each carries the command."""
    state = action_ids.state(estimate.command)
    shown = [
        button(
            texts("button.compare"),
            action_ids.COMPARE,
            state,
            primary=True,
            label=texts("button.compare_label"),
        ),
        button(texts("button.edit"), action_ids.EDIT, state, label=texts("button.edit_label")),
        overflow(
            action_ids.MORE, [option(texts(f"button.{choice}"), choice) for choice in action_ids.MORE_CHOICES]
        ),
    ]
    if words.trains_everything(estimate.workload):
        lora = button(texts("button.lora"), action_ids.LORA, state, label=texts("button.lora_label"))
        shown.insert(1, lora)
    return actions(*shown, block_id=action_ids.state_block_id(estimate.command))


def command_line(command: str, texts: Texts, *, asker: str | None, surface: Surface) -> str:
    """The command that reproduces the card, who asked, and how to change it."""
    shown = code_span(f"{PROGRAM[surface]} {command}")
    said = texts("context.asked", command=shown, asker=asker) if asker else shown
    return words.joined(said, texts("context.reply") if surface == "slack" else "", texts=texts)


def assumed(assumptions: tuple[Assumption, ...], texts: Texts, shown: int | None = None) -> str:
    """Every choice that nobody made, as it would be typed; cut to `shown` of them."""
    if not assumptions:
        return ""
    listed = [assumption_as_typed(each, texts) for each in assumptions[:shown]]
    if hidden := len(assumptions) - len(listed):
        listed.append(texts.counted("context.more_assumed", hidden, count=hidden))
    return texts("context.assumed", list=words.joined(*listed, texts=texts, by="comma"))


def assumption_as_typed(assumption: Assumption, texts: Texts) -> str:
    """`seq=1024`."""
    return f"{texts.given(f'key.{assumption.what}', assumption.what)}={assumption.value}"
