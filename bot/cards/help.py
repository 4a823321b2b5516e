"""What can be said: examples that can be pressed, the keys of the grammar, and one key in full."""

from collections.abc import Iterator
from typing import Final

from bot.cards import action_ids, button_values, phrases
from bot.cards.block import (
    MAX_SECTION_CHARS,
    Card,
    actions,
    button,
    clipped,
    code_span,
    context,
    escape,
    fields,
    header,
    section,
)
from bot.cards.shell_words import in_quotes
from bot.i18n import Texts
from bot.language import Topic, fillers, help_topic, help_topics
from estimator.catalog import Defaults

MAX_TOPIC_CHARS: Final = 60
FILLERS: Final = "fillers"
"""The topic that lists them."""
ALL_KEYS: Final = "keys"
"""Likewise."""


def help_card(texts: Texts, defaults: Defaults, *, program: str = "/ftcost", topic: str = "") -> Card:
    """Examples and what is said most; with `topic` a key in full, all keys, the words that carry nothing."""
    if topic.strip() == FILLERS:
        return fillers_card(texts)
    if topic.strip() == ALL_KEYS:
        return _all_keys(texts, defaults, program)
    if not topic.strip():
        return _overview(texts, defaults, program)
    found = help_topic(topic, texts, defaults)
    return (
        topic_card(found, texts=texts, program=program)
        if found
        else _unknown(topic, texts, defaults, program)
    )


def is_topic(topic: str, texts: Texts, defaults: Defaults) -> bool:
    """Whether help has a word on it; on nothing in particular it has."""
    return topic.strip() in ("", FILLERS, ALL_KEYS) or help_topic(topic, texts, defaults) is not None


def _all_keys(texts: Texts, defaults: Defaults, program: str) -> Card:
    said = _known(texts, defaults, program)
    return Card(
        clipped(said.replace("*", "").replace("`", ""), MAX_SECTION_CHARS), (section(said, block_id="all"),)
    )


def _unknown(topic: str, texts: Texts, defaults: Defaults, program: str) -> Card:
    """That there is no such key, and those there are."""
    said = texts("help.unknown", topic=code_span(clipped(topic.strip(), MAX_TOPIC_CHARS)))
    keys = _known(texts, defaults, program)
    return Card(said.replace("`", ""), (section(said, block_id="unknown"), section(keys, block_id="all")))


def _overview(texts: Texts, defaults: Defaults, program: str) -> Card:
    examples = tuple(texts(f"help.example.{name}") for name in texts.group("help.example"))
    shown = "\n".join(code_span(f"{program} {example}") for example in examples)
    taken = phrases.defaults(defaults, texts)
    common = [(code_span(name), texts(f"help.key.{name}", **taken)) for name in texts.group("help.key")]
    in_slack = program.startswith("/")
    bar = "|" if in_slack else in_quotes("|")
    commands = (
        texts("help.commands", program=program, bar=bar),
        texts("help.in_slack") if in_slack else texts("help.in_terminal", program=program),
    )
    first = button(
        texts("help.try"), f"{action_ids.EXAMPLE_PREFIX}0", button_values.state(examples[0]), primary=True
    )
    return Card(
        texts("help.text", program=program, example=examples[0]),
        (
            header(texts("help.title")),
            section(f"{texts('help.examples')}\n{shown}", block_id="examples"),
            fields(common, block_id="keys"),
            section(phrases.lines(*commands), block_id="commands"),
            actions(first, block_id="do"),
            context(
                texts("help.tip") if in_slack else "",
                texts("help.keys", count=len(help_topics(texts, defaults)), program=program),
            ),
        ),
    )


def _known(texts: Texts, defaults: Defaults, program: str) -> str:
    """Every key of the grammar, in its order."""
    names = " ".join(code_span(each.name) for each in help_topics(texts, defaults))
    return texts("help.known", names=names, program=program)


def fillers_card(texts: Texts) -> Card:
    """The words that a sentence may have and that set nothing."""
    told = phrases.lines(texts("help.fillers_title"), escape(" ".join(fillers())))
    return Card(texts("help.fillers_title").strip("*"), (section(told, block_id="fillers"),))


def topic_card(topic: Topic, *, texts: Texts, program: str = "/ftcost") -> Card:
    """One key: what it sets, its other names, its values, its default, an example."""
    text = phrases.joined(topic.name, topic.description, texts=texts)
    told = phrases.lines(f"*{code_span(topic.name)}*  {escape(topic.description)}", *_details(topic, texts))
    example = texts("help.topic.example", example=code_span(f"{program} 7b {topic.example}"))
    return Card(text, (section(clipped(told, MAX_SECTION_CHARS), block_id="topic"), context(example)))


def _details(topic: Topic, texts: Texts) -> Iterator[str]:
    if topic.values:
        yield texts("help.topic.values", values=" ".join(map(code_span, topic.values)))
    else:
        yield texts("help.topic.kind", kind=topic.kind)
    if topic.default:
        yield texts("help.topic.default", value=escape(phrases.default(topic.default, texts)))
    if topic.aliases:
        yield texts("help.topic.aliases", names=_listed(topic.aliases))
    if topic.others:
        yield texts("help.topic.others", names=_listed(topic.others))


def _listed(names: tuple[str, ...]) -> str:
    """Apart from each other: some of them are several words."""
    return " · ".join(map(code_span, names))
