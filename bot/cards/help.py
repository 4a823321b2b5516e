"""What can be said: examples that can be pressed, the keys of the grammar, and one key in full."""

from collections.abc import Iterator
from typing import Final

from bot.cards import action_ids, button_values, phrases
from bot.cards.block import (
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
from bot.i18n import Texts
from bot.language import Topic, fillers, help_topic, help_topics
from estimator.catalog import Defaults

MAX_SECTION_CHARS: Final = 2900
MAX_TOPIC_CHARS: Final = 60
FILLERS: Final = "fillers"
"""The topic that lists them."""


def help_card(texts: Texts, defaults: Defaults, *, program: str = "/ftcost", topic: str = "") -> Card:
    """Examples and every key; with `topic`, that key in full, or the words that carry nothing."""
    if topic.strip() == FILLERS:
        return fillers_card(texts)
    if not topic.strip():
        return _overview(texts, defaults, program)
    found = help_topic(topic, texts, defaults)
    return topic_card(found, texts=texts, program=program) if found else _unknown(topic, texts, defaults)


def is_topic(topic: str, texts: Texts, defaults: Defaults) -> bool:
    """Whether help has a word on it; on nothing in particular it has."""
    return topic.strip() in ("", FILLERS) or help_topic(topic, texts, defaults) is not None


def _unknown(topic: str, texts: Texts, defaults: Defaults) -> Card:
    """That there is no such key, and those there are."""
    said = texts("help.unknown", topic=code_span(clipped(topic.strip(), MAX_TOPIC_CHARS)))
    keys = texts("help.known", names=_names(texts, defaults))
    return Card(said.replace("`", ""), (section(said, block_id="unknown"), section(keys, block_id="all")))


def _overview(texts: Texts, defaults: Defaults, program: str) -> Card:
    examples = tuple(texts(f"help.example.{name}") for name in texts.group("help.example"))
    shown = "\n".join(code_span(f"{program} {example}") for example in examples)
    taken = phrases.defaults(defaults, texts)
    common = [(code_span(name), texts(f"help.key.{name}", **taken)) for name in texts.group("help.key")]
    bar = "|" if program.startswith("/") else "'|'"  # which a shell would take for a pipe
    first = button(
        texts("help.try"), f"{action_ids.EXAMPLE_PREFIX}0", button_values.state(examples[0]), primary=True
    )
    return Card(
        texts("help.text", program=program, example=examples[0]),
        (
            header(texts("help.title")),
            section(f"{texts('help.examples')}\n{shown}", block_id="examples"),
            fields(common, block_id="keys"),
            section(texts("help.commands", program=program, bar=bar), block_id="commands"),
            section(texts("help.keys", names=_names(texts, defaults), program=program), block_id="all"),
            actions(first, block_id="do"),
            context(texts("help.tip"), texts("help.fillers", program=program)),
        ),
    )


def _names(texts: Texts, defaults: Defaults) -> str:
    """Every key of the grammar, in its order."""
    return " ".join(code_span(each.name) for each in help_topics(texts, defaults))


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
    if topic.aliases:
        yield texts("help.topic.aliases", names=_listed(topic.aliases))
    if topic.others:
        yield texts("help.topic.others", names=_listed(topic.others))
    yield texts("help.topic.values", values=" ".join(map(code_span, topic.values)) or topic.kind)
    if topic.default:
        yield texts("help.topic.default", value=escape(phrases.default(topic.default, texts)))


def _listed(names: tuple[str, ...]) -> str:
    """Apart from each other: some of them are several words."""
    return " · ".join(map(code_span, names))
