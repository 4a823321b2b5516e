"""What was read in a configuration or a log, in one line; a log beside the card of its thread; a recipe."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from bot.cards import format as fmt
from bot.cards import phrases
from bot.cards.action_ids import RUN_PREFIX
from bot.cards.block import (
    MAX_SECTION_CHARS,
    TEXT_MOST_CHARS,
    Block,
    Card,
    button,
    clipped,
    code_span,
    context,
    section,
)
from bot.cards.button_values import state
from bot.cards.history import ACTUAL
from bot.cards.sections import PROGRAM, Surface
from bot.cards.trimming import trimmed
from bot.i18n import Texts
from bot.language import Request, format_request
from bot.language.pastes.facts import GpuReading, LogFacts
from bot.language.pastes.paste import Paste
from bot.language.recipe import Recipe
from bot.language.tools.registry import RECIPES
from estimator.result import Estimate, Option
from estimator.spec import TrainingSpec
from estimator.units import HOUR_SECONDS
from estimator.workload import num_trainable_params

MAX_NAMES: Final = 6
MAX_NAME_CHARS: Final = 40
MAX_COMMAND_CHARS: Final = 400
FENCE: Final = "```"


def with_reading(
    card: Card, paste: Paste, *, request: Request | None = None, texts: Texts, surface: Surface
) -> Card:
    """A card that is drawn already under `reading_of` its configuration."""
    read = Card(card.text, (reading_of(paste, request=request, texts=texts), *card.blocks))
    return read if surface == "terminal" else trimmed(read)


def reading_of(paste: Paste, *, request: Request | None, texts: Texts) -> Block:
    """The line that says how a configuration was read.

    Where it is all that `request` says, the card's own command has it already.
    """
    is_whole = request is not None and request.spec == paste.spec
    return context(read_line(paste, texts, has_command=is_whole), block_id="paste")


def read_line(paste: Paste, texts: Texts, *, has_command: bool = False) -> str:
    """What it is, what was taken unless the card `has_command`, what was left aside."""
    kind = texts("paste.configuration", tool=paste.name)
    said = (
        texts("paste.read_whole", kind=kind)
        if has_command
        else texts("paste.read", kind=kind, command=_command(TrainingSpec.model_validate(paste.fields)))
    )
    own = _command(TrainingSpec.model_validate(paste.defaults)) if paste.defaults else ""
    return phrases.joined(
        said,
        texts("paste.defaults", command=own) if own else "",
        texts("paste.left_aside", names=_names(paste.left_aside, texts)) if paste.left_aside else "",
        texts=texts,
    )


def partial_card(paste: Paste, texts: Texts, surface: Surface) -> Card:
    """A configuration that names no model: what it says, and how to go on."""
    typed = format_request(Request(spec=TrainingSpec.model_validate(paste.fields)))
    asked = texts(
        "paste.no_model", command=code_span(clipped(f"{PROGRAM[surface]} llama-3.1-8b {typed}", 900))
    )
    return _card((read_line(paste, texts), asked))


def no_training_card(paste: Paste, texts: Texts, surface: Surface) -> Card:
    """A command that trains nothing, and a fine-tune of the model that it names."""
    command = code_span(clipped(paste.trains_nothing, MAX_NAME_CHARS))
    model = paste.fields.get("model")
    offered = texts("paste.fine_tune", command=code_span(f"{PROGRAM[surface]} {model} lora")) if model else ""
    return _card(tuple(filter(None, (texts("paste.trains_nothing", command=command), offered))))


def log_card(
    paste: Paste, estimate: Estimate | None, fixes: Sequence[str], *, texts: Texts, surface: Surface
) -> Card:
    """A log in one line, compared with the card of the thread, offered as an actual."""
    facts = paste.facts or LogFacts()
    lines = [
        texts(
            f"paste.kind_{paste.kind.replace('-', '_')}",
            facts=phrases.joined(*_facts(facts, texts), texts=texts),
        )
    ]
    share = _share_done(facts, estimate) if estimate else None
    if share is not None:
        lines.append(_so_far(facts, share, texts))
    if estimate is not None:
        lines.extend(_compared(facts, estimate, fixes, texts, share))
    whole = facts if share is None else None
    lines.extend(_offers(paste, whole, has_card=estimate is not None, texts=texts, surface=surface))
    measured = whole.as_actual() if whole and estimate and surface == "slack" else ""
    return _card(lines, _keep_button(measured, texts) if measured else None)


def _keep_button(measured: str, texts: Texts) -> Block:
    """Books what was measured, as if it were typed."""
    return button(texts("paste.keep"), f"{RUN_PREFIX}actual", state(f"{ACTUAL}{measured}"))


def recipe_card(
    recipe: Recipe,
    unsaid: Sequence[str],
    command: str,
    *,
    plans: Sequence[Option] = (),
    texts: Texts,
    surface: Surface,
) -> Card:
    """The configuration as a block of code, and what its tool cannot say.

    `plans`: what was estimated and what the tool runs in its place, where it is another.
    """
    said = _what_it_is(recipe, plans, texts)
    names = [texts.given(f"key.{each}", each) for each in unsaid]
    lost = texts("paste.unsaid", names=_names(names, texts)) if names else ""
    if surface == "terminal":
        return Card(said, (section(recipe.text, block_id="recipe"), context(said, lost)))
    code = clipped(recipe.text.replace(FENCE, ""), MAX_SECTION_CHARS)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        code = code.replace(character, entity)
    blocks: list[Block] = [
        section(said, block_id="notice"),
        section(f"{FENCE}{clipped(code, TEXT_MOST_CHARS - len(FENCE) * 2)}{FENCE}", block_id="recipe"),
    ]
    others = texts("punctuation.list").join(f"`recipe {each}`" for each in RECIPES if each != recipe.tool.key)
    return Card(
        said,
        (
            *blocks,
            context(
                code_span(clipped(command, MAX_COMMAND_CHARS)),
                lost,
                texts("paste.other_tools", commands=others),
            ),
        ),
    )


def _what_it_is(recipe: Recipe, plans: Sequence[Option], texts: Texts) -> str:
    """The same run, a launcher's part of it, or the tool's own plan of it."""
    named = {"tool": recipe.tool.name, "file": code_span(recipe.file_name)}
    if plans:
        other, own = (phrases.whole_plan(each, texts) for each in plans)
        return texts("paste.recipe_own", **named, plan=own, other=other)
    return texts("paste.recipe_part" if recipe.tool.stack is None else "paste.recipe", **named)


def as_said(spec: TrainingSpec, names: Set[str], texts: Texts) -> str:
    """Fields of `spec`, as they are typed."""
    others = dict.fromkeys(TrainingSpec.model_fields.keys() - names)
    typed = format_request(Request(spec=spec.model_copy(update=others)))
    return code_span(typed) if typed else _names([texts.given(f"key.{each}", each) for each in names], texts)


def _card(lines: Sequence[str], keep: Block | None = None) -> Card:
    return Card(lines[0], (section("\n".join(lines), block_id="paste", accessory=keep),))


def _command(spec: TrainingSpec) -> str:
    return code_span(clipped(format_request(Request(spec=spec)), MAX_COMMAND_CHARS))


def _names(names: Sequence[str], texts: Texts) -> str:
    shown = phrases.joined(
        *(code_span(clipped(each, MAX_NAME_CHARS)) for each in names[:MAX_NAMES]), texts=texts, by="comma"
    )
    rest = len(names) - MAX_NAMES
    return texts("paste.more", names=shown, count=rest) if rest > 0 else shown


def _facts(facts: LogFacts, texts: Texts) -> Iterator[str]:
    """What was measured, in the order in which people ask."""
    for reading in facts.gpus[:MAX_NAMES]:
        yield _gpu(reading, texts)
    found: dict[str, dict[str, str | int | None]] = {
        "run": {"time": _time(facts.run_seconds, texts)},
        "steps": {"count": facts.num_steps},
        "step": {"time": _time(facts.step_seconds, texts)},
        "examples": {"count": facts.num_examples},
        "trainable": {"count": _magnitude(facts.trainable_params, texts)},
        "params": {"count": _magnitude(facts.total_params, texts)},
    }
    for name, values in found.items():
        if None not in values.values():
            yield _sentence(name, values, texts)
    if not facts.gpus:
        yield from _sizes(facts, texts)
    if facts.loss is not None:
        yield texts("paste.loss", loss=fmt.number(facts.loss, texts))


def _sentence(name: str, values: Mapping[str, str | int | None], texts: Texts) -> str:
    count = values.get("count")
    if isinstance(count, int):
        return texts.counted(f"paste.{name}", count, count=fmt.count(count, texts))
    return texts(f"paste.{name}", **{each: str(value) for each, value in values.items()})


def _gpu(reading: GpuReading, texts: Texts) -> str:
    name = fmt.gpu_name(reading.gpu) if reading.gpu else code_span(reading.name or "GPU")
    if not reading.total_bytes:
        return name
    used, total = (fmt.gib(each, texts) for each in (reading.used_bytes, reading.total_bytes))
    return texts("paste.gpu", gpu=name, used=used, total=total)


def _time(seconds: float | None, texts: Texts) -> str | None:
    return None if seconds is None else fmt.duration(seconds, texts)


def _magnitude(number: int | None, texts: Texts) -> str | None:
    return None if number is None else fmt.magnitude(number, texts)


def _sizes(facts: LogFacts, texts: Texts) -> Iterator[str]:
    if facts.wanted_bytes:
        yield texts("paste.wanted", size=fmt.gib(facts.wanted_bytes, texts))
    if facts.peak_bytes is not None:
        yield texts("paste.used", size=fmt.gib(facts.peak_bytes, texts))
    if facts.gpu_memory_bytes is not None:
        yield texts("paste.total", size=fmt.gib(facts.gpu_memory_bytes, texts))
    if facts.host_bytes is not None:
        yield texts("paste.host", size=fmt.gib(facts.host_bytes, texts))


def _share_done(facts: LogFacts, estimate: Estimate) -> float | None:
    """What part of the card's run the log is of; None where it is all of it, or a run that died."""
    schedule = estimate.schedule
    return None if facts.died else facts.share_done(epochs=schedule.num_epochs, steps=schedule.num_steps)


def _whole_seconds(facts: LogFacts, share: float | None) -> float | None:
    """All of the run, of which `share` took place, at the pace so far."""
    if facts.run_seconds is None:
        return facts.hours * HOUR_SECONDS if facts.hours is not None else None
    return facts.run_seconds / (share or 1)


def _so_far(facts: LogFacts, share: float, texts: Texts) -> str:
    """How far the run is, and what all of it comes to."""
    percent = fmt.percent(share, texts)
    if (whole_seconds := _whole_seconds(facts, share)) is None:
        return texts("paste.so_far", percent=percent)
    return texts("paste.so_far_whole", percent=percent, time=fmt.duration(whole_seconds, texts))


def _compared(
    facts: LogFacts, estimate: Estimate, fixes: Sequence[str], texts: Texts, share: float | None
) -> Iterator[str]:
    """Beside the headline of the card: its hours or its step, its memory, its parameters.

    Of a run that is not over all of it counts, of which `share` took place.
    """
    best = estimate.headline
    if best is None:
        return
    if facts.run_seconds is not None and (whole_seconds := _whole_seconds(facts, share)) is not None:
        yield _pace(whole_seconds, best.time.run_seconds.likely, texts)
    elif facts.step_seconds is not None:
        yield _pace(facts.step_seconds, best.time.step_seconds.likely, texts)
    if facts.peak_bytes is not None and not facts.gpus:
        yield texts("paste.card_memory", size=fmt.gib(best.memory.process_bytes.likely, texts))
    if facts.trainable_params is not None:
        own = num_trainable_params(best.workload)
        yield texts("paste.card_trainable", count=fmt.magnitude(own, texts))
    if facts.died and fixes:
        yield texts("paste.smallest", change=code_span(fixes[0]))


def _pace(measured_seconds: float, estimated_seconds: float, texts: Texts) -> str:
    """By how much it was slower or faster than the card said."""
    ratio = measured_seconds / estimated_seconds
    said = fmt.duration(estimated_seconds, texts)
    if abs(ratio - 1) < 0.005:
        return texts("paste.as_said", time=said)
    word = "slower" if ratio > 1 else "faster"
    return texts(f"paste.{word}", time=said, percent=fmt.percent(abs(ratio - 1), texts))


def _offers(
    paste: Paste, whole: LogFacts | None, *, has_card: bool, texts: Texts, surface: Surface
) -> Iterator[str]:
    """What may be said next; `whole` is what was measured of a run that is over."""
    if has_card and whole and (measured := whole.as_actual()):
        yield texts("paste.actual", command=code_span(f"actual {measured}"))
    spec = TrainingSpec.model_validate(paste.fields)
    typed = format_request(Request(spec=spec))
    if paste.kind == "nvidia-smi" and has_card and typed:
        yield texts("paste.reply", command=code_span(f"on {typed}"))
    elif typed and not has_card:
        command = code_span(f"{PROGRAM[surface]} {'' if spec.model else 'llama-3.1-8b '}{typed}")
        yield texts("paste.ask_whole" if spec.model else "paste.ask", command=command)
