"""Pieces that several cards share: what went in, what fills the GPU, the buttons, the small print."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from bot.cards import action_ids, button_values, phrases
from bot.cards import format as fmt
from bot.cards.assumptions import assumed_as_typed, explained
from bot.cards.block import Block, actions, button, clipped, code_span, option, overflow
from bot.cards.own_limits import breaks_limit, limit_lines, num_first
from bot.cards.price_notes import nearest_seller, small_print
from bot.cards.quantities import quantities
from bot.cards.requested import RequestedEstimate
from bot.cards.shell_words import in_quotes
from bot.i18n import Texts
from estimator.plan import Plan
from estimator.planner.host_memory import rests_on_host
from estimator.planner.largest import KEYS, LARGEST, LARGEST_TOO_LARGE
from estimator.planner.options import ONE_OF_THE_SIZE
from estimator.result import Estimate, Option, Quote
from estimator.spec import SizeField
from estimator.units import MIB
from estimator.workload import Assumption, Workload

Surface = Literal["slack", "terminal"]
PROGRAM: Final = {"slack": "/ftcost", "terminal": "ftcost"}
MIN_PART_BYTES: Final = 50 * MIB
"""Smaller parts would read 0.0 GiB."""
LONG_COMMAND_BYTES: Final = 300
"""A longer command is cut in the small print and travels with the message's metadata alone."""
MAX_ASSUMED: Final = 6
LEAST_REST: Final = 0.1
"""Of a run: less than this beside its steps is not said."""


def cost_facts(quote: Quote, retries: float, texts: Texts) -> dict[str, str]:
    """The names of a cost in a sentence: one run, its range, the tries, with retries, its range."""
    once, retried = phrases.run_cost_of(quote), phrases.retried_cost_of(quote)
    return {
        "cost": phrases.run_money(quote, texts),
        "cost_range": fmt.money_range(once, texts),
        "tries": phrases.tries(retries, texts),
        "retried": phrases.retried_money(quote, retries, texts),
        "retried_range": fmt.money_range(retried, texts),
    }


def judgement(estimate: Estimate, best: Option, texts: Texts) -> Iterator[str]:
    """Does it fit, the asker's limits that it breaks, what does one clean run cost, else the worst it breaks.

    A line each; a card that is too long loses the last.
    """
    broken = limit_lines(estimate, best, texts)[: num_first(best)]
    yield fitted(best, texts)
    if breaks_limit(best):
        yield from broken
    yield from largest_lines(estimate, texts)
    time = fmt.duration_range(best.time.run_seconds, texts)
    if best.quotes:
        yield texts(
            "estimate.cost", time=time, **cost_facts(best.quotes[0], estimate.schedule.retries, texts)
        )
    elif best.fits:
        elsewhere = nearest_seller(estimate, texts)
        yield texts("estimate.time_elsewhere" if elsewhere else "estimate.time", time=time)
        yield elsewhere
    if not breaks_limit(best):
        yield from broken


def largest_lines(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """What `seq=max` and its like came to."""
    for said in estimate.assumptions:
        if said.code in (LARGEST, LARGEST_TOO_LARGE):
            sized = quantities(said.parameters, texts)
            yield texts(f"estimate.{said.code}", **sized)


def largest_size(name: SizeField, option_: Option, texts: Texts) -> str:
    """`seq=57,856`: the size of a run that is as large as fits."""
    sizes: dict[SizeField, int] = {
        "sequence_length": option_.workload.sequence_length,
        "global_batch_size": option_.plan.sequences_per_step,
        "micro_batch_size": option_.plan.micro_batch_size,
    }
    return code_span(f"{KEYS[name]}={fmt.count(sizes[name], texts)}")


def run_line(estimate: Estimate, best: Option, texts: Texts) -> str:
    """What was read: `7B full fine-tune, fp16 · 10,000 × … = 30.7M · 939 steps × 13.1 s (11.4–15.6)`."""
    trained = f"{phrases.model_name(estimate)} {phrases.recipe(best.workload, texts)}"
    return phrases.joined(trained, data(estimate, best, texts), steps(best, texts), texts=texts)


def steps(best: Option, texts: Texts) -> str:
    """`939 steps × 13.1 s (11.4–15.6)`, and what the run has beside them."""
    counted = texts.counted(
        "field.steps_value",
        best.time.num_steps,
        steps=fmt.whole(best.time.num_steps, texts),
        seconds=fmt.duration_range(best.time.step_seconds, texts),
    )
    return _with_rest(counted, best, texts)


def _with_rest(steps: str, best: Option, texts: Texts) -> str:
    """`939 steps × 1.2 s + 6 min start-up and checkpoints`: the steps alone are not the run that is shown."""
    time = best.time
    rest = time.run_seconds.likely - time.num_steps * time.step_seconds.likely
    if rest < LEAST_REST * time.run_seconds.likely:
        return steps
    return texts("field.rest", steps=steps, rest=fmt.duration(rest, texts))


def other_warnings(estimate: Estimate, best: Option, texts: Texts) -> str:
    """What else it breaks, for the small print."""
    return phrases.lines(*limit_lines(estimate, best, texts)[num_first(best) :])


def fitted(option_: Option, texts: Texts) -> str:
    """The verdict, with the memory used, usable and likely."""
    memory = option_.memory
    spread = fmt.gib_range(memory.process_bytes, texts)
    return texts(f"estimate.{memory.verdict}", used=phrases.used(option_, texts), range=spread)


def data(estimate: Estimate, best: Option, texts: Texts) -> str:
    """The data set and the tokens that the run sees."""
    schedule, workload = estimate.schedule, best.workload
    common = {"length": _length(workload, texts)}
    if schedule.num_steps is not None:
        if workload.packing:
            common["length"] = texts("field.length", length=fmt.count(workload.sequence_length, texts))
        seen = schedule.num_steps * schedule.global_batch_size * workload.time_length
        count, batch = (fmt.whole(each, texts) for each in (schedule.num_steps, schedule.global_batch_size))
        steps = texts.counted("rule.steps", schedule.num_steps, count=count)
        total = fmt.magnitude(seen, texts)
        return texts("field.data_steps", **common, steps=steps, batch=batch, total=total)
    epochs = texts.counted("field.epochs", schedule.num_epochs, count=fmt.factor(schedule.num_epochs, texts))
    tokens = schedule.num_tokens or schedule.num_examples * workload.sample_length
    total = fmt.magnitude(tokens * schedule.num_epochs, texts)
    if schedule.num_tokens is not None:
        mean = texts("field.of_mean", **common) if workload.mean_length is not None else ""
        data_ = {"tokens": fmt.magnitude(tokens, texts), "epochs": epochs, "total": total}
        return texts("field.data_tokens", **data_, mean=mean)
    samples = fmt.count(schedule.num_examples, texts)
    return texts("field.data_value", **common, samples=samples, epochs=epochs, total=total)


def _length(workload: Workload, texts: Texts) -> str:
    """`1,024 tokens (all at full length)`; with a mean `550 tokens (up to 4,096)`, packed or not."""
    longest, said = (fmt.count(each, texts) for each in (workload.sequence_length, workload.sample_length))
    if workload.sample_length == workload.sequence_length:
        return texts("field.full_length", length=longest)
    kind = "packed_length" if workload.packing else "mean_length"
    return texts(f"field.{kind}", length=said, longest=longest)


def plan_line(option: Option, texts: Texts) -> str:
    """`batch 32 = micro 8 × 4 passes · not sharded · full checkpointing`."""
    return phrases.joined(
        phrases.batch(option.plan, texts),
        phrases.sharding(option, texts),
        checkpointing_words(option.plan, texts),
        host_memory(option, texts),
        texts=texts,
    )


def evidence(option: Option, texts: Texts, *, has_room: bool) -> str:
    """What the ranges rest on: left out for want of room only where runs like this were measured."""
    if is_run_published(option):
        return texts("estimate.ranges") if has_room else ""
    lacks = "speed" if option.memory.is_published else "memory" if option.time.is_published else "run"
    return texts(f"estimate.no_published_{lacks}")


def is_run_published(option: Option) -> bool:
    """Whether anybody published both memory and speed of runs like this one."""
    return option.memory.is_published and option.time.is_published


def host_memory(option: Option, texts: Texts) -> str:
    """`94 GiB of host memory a machine`, where states rest there."""
    if not rests_on_host(option.workload, option.plan):
        return ""
    return texts("field.host_memory", size=fmt.gib(option.memory.host_bytes, texts))


def checkpointing_words(plan: Plan, texts: Texts) -> str:
    """`full checkpointing`, `full checkpointing of 25 % of the layers`."""
    if plan.recomputed_share < 1:
        return texts("checkpointing.some", percent=f"{plan.recomputed_share:.0%}".removesuffix("%"))
    return texts(f"checkpointing.{plan.activation_checkpointing}")


def memory_parts(option: Option, texts: Texts) -> str:
    """What fills the card at the peak, what would read 0 left out."""
    return phrases.joined(
        *(
            f"{texts(f'part.{name}')} {fmt.gib_number(size, texts)}"
            for name, size in option.memory.parts.by_name().items()
            if size >= MIN_PART_BYTES
        ),
        texts=texts,
    )


def carried(command: str, **more: str) -> str:
    """What a button of the card carries; nothing where it would burst the card."""
    return "" if is_long("".join((command, *more.values()))) else button_values.state(command, **more)


def is_long(command: str) -> bool:
    """Whether a card has no room to repeat the command."""
    return len(command.encode()) > LONG_COMMAND_BYTES


def compare_button(command: str, texts: Texts) -> Block:
    """The primary button of a card."""
    label = texts("button.compare_label")
    return button(texts("button.compare"), action_ids.COMPARE, carried(command), primary=True, label=label)


def edit_button(command: str, texts: Texts) -> Block:
    """Opens the form."""
    return button(texts("button.edit"), action_ids.EDIT, carried(command), label=texts("button.edit_label"))


def more_menu(texts: Texts) -> Block:
    """The `…` menu of a card."""
    choices = (option(texts(f"button.{choice}"), choice) for choice in action_ids.MORE_CHOICES)
    return overflow(action_ids.MORE, choices)


def buttons(requested: RequestedEstimate, texts: Texts) -> Block:
    """What can be done with the card; each carries the command."""
    command = requested.command
    shown = [compare_button(command, texts), edit_button(command, texts), more_menu(texts)]
    if phrases.trains_everything(requested.estimate.workload):
        label = texts("button.lora_label")
        shown.insert(1, button(texts("button.lora"), action_ids.LORA, carried(command), label=label))
    return actions(*shown, block_id=button_values.state_block_id(command))


def as_typed(command: str, surface: Surface) -> str:
    """The command with the program before it, so that what is copied runs there."""
    return f"{PROGRAM[surface]} {in_quotes(command) if surface == 'terminal' else command}"


def command_line(
    command: str, texts: Texts, *, asker: str | None, surface: Surface, has_thread: bool = True
) -> str:
    """The command that reproduces the card, who asked, and, where a reply finds it, how to change it."""
    shown = code_span(as_typed(clipped(command, 100) if is_long(command) else command, surface))
    said = texts("context.asked", command=shown, asker=asker) if asker else shown
    return phrases.joined(
        said, texts("context.reply") if surface == "slack" and has_thread else "", texts=texts
    )


def own_command_line(
    requested: RequestedEstimate, texts: Texts, *, asker: str | None, surface: Surface
) -> str:
    """Likewise for the card of one estimate."""
    return command_line(
        requested.copied, texts, asker=asker, surface=surface, has_thread=requested.has_thread
    )


def num_listed(assumptions: Sequence[Assumption]) -> int:
    """How many of them a card says at most."""
    return min(len(assumptions), MAX_ASSUMED)


def assumed(assumptions: tuple[Assumption, ...], texts: Texts, shown: int) -> str:
    """Choices that nobody made, as they would be typed: six at most; the menu has them all."""
    if not assumptions:
        return ""
    if shown == 0:
        return texts("context.counted_assumed", count=len(assumptions))
    listed = [assumed_as_typed(each, texts) for each in assumptions[: min(shown, num_listed(assumptions))]]
    if hidden := len(assumptions) - len(listed):
        listed.append(texts("context.more_assumed", count=hidden))
    return texts("context.assumed", list=phrases.joined(*listed, texts=texts, by="comma"))


def one_of_the_size(estimate: Estimate, texts: Texts) -> str:
    """Which GPU was taken for `24gb`, and what else that may mean."""
    taken = (each for each in estimate.assumptions if each.code == ONE_OF_THE_SIZE)
    return next((explained(each, texts) for each in taken), "")


def price_small_print(estimate: Estimate, best: Option | None, texts: Texts, *, has_room: bool) -> str:
    """The headline's price, where there is room who asks less, and what the sources say of themselves."""
    quotes = best.quotes if best else ()
    price = phrases.price(quotes[0], texts) if quotes else ""
    less = phrases.cheapest_to_book(quotes, texts) if has_room else ""
    return phrases.lines(price, less, small_print(estimate, texts))
