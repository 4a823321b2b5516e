"""Slack's limits as one table, and the check that every message passes before it is sent.

Source: the Block Kit reference of docs.slack.dev and slack_sdk's models, read 2026-11-24; the character cap
of a whole message is undocumented (bolt-js issue 2509 met it at 13.2 k).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

from bot.cards.block import TEXT_MOST_CHARS, VERDICT, Block, Card, cut, words_in

SlackSurface = Literal["message", "card", "modal", "home"]
"""`card`: a message within our own, tighter limits."""

MAX_BLOCKS: Final = {"message": 50, "card": 7, "modal": 100, "home": 100}
MAX_MESSAGE_CHARS: Final = 10_000
MAX_CARD_BYTES: Final = 3_500
MAX_TEXT_CHARS: Final = 40_000
MIN_SQUEEZED_CHARS: Final = 40
"""A text that is never cut."""
MIN_BELOW_CHARS: Final = 60
"""Of a text below the verdict: shorter than this it is no longer cut before the verdict is."""
ONLY_IN_MESSAGES: Final = frozenset(
    {"table", "data_table", "data_visualization", "container", "markdown", "context_actions"}
)
ONLY_IN_MODALS: Final = frozenset({"alert"})

LIMITS: Final[dict[str, dict[str, tuple[int, int]]]] = {
    # type of block or element -> path inside it -> fewest, most (characters of text, items of a list)
    "section": {"text.text": (1, TEXT_MOST_CHARS), "fields": (1, 10), "fields.*.text": (1, 2000)},
    "header": {"text.text": (1, 150)},
    "context": {
        "elements": (1, 10),
        "elements.*.text": (1, TEXT_MOST_CHARS),
        "elements.*.alt_text": (1, 2000),
    },
    "actions": {"elements": (1, 25)},
    "button": {"text.text": (1, 75), "value": (1, 2000), "url": (1, 3000), "accessibility_label": (1, 75)},
    "overflow": {"options": (1, 5)},
    "static_select": {"options": (1, 100), "option_groups": (1, 100), "placeholder.text": (1, 150)},
    "external_select": {"placeholder.text": (1, 150)},
    "radio_buttons": {"options": (1, 10)},
    "checkboxes": {"options": (1, 10)},
    "input": {"label.text": (1, 2000), "hint.text": (1, 2000)},
    "plain_text_input": {"placeholder.text": (1, 150), "initial_value": (1, 3000)},
    "number_input": {"placeholder.text": (1, 150)},
    "image": {"alt_text": (1, 2000), "image_url": (1, 3000), "title.text": (1, 2000)},
    "markdown": {"text": (1, 12_000)},
    "table": {"rows": (1, 100), "rows.*": (1, 20), "column_settings": (1, 20)},
    "data_table": {"rows": (2, 101), "caption": (1, 2000)},
    "data_visualization": {
        "title": (1, 50),
        "chart.axis_config.categories": (1, 20),
        "chart.axis_config.categories.*": (1, 20),
        "chart.series": (1, 6),
        "chart.series.*.name": (1, 20),
    },
    "container": {"title.text": (1, 150), "child_blocks": (1, 10)},
    "card": {"title.text": (1, 150), "subtitle.text": (1, 150), "body.text": (1, 200)},
    "carousel": {"elements": (1, 10)},
    "modal": {
        "title.text": (1, 24),
        "submit.text": (1, 24),
        "close.text": (1, 24),
        "private_metadata": (0, 3000),
        "callback_id": (1, 255),
    },
    "home": {"private_metadata": (0, 3000), "callback_id": (1, 255)},
}
OPTION_LIMITS: Final = {"text.text": (1, 75), "value": (1, 150), "description.text": (1, 75)}
CONFIRM_LIMITS: Final = {
    "title.text": (1, 100),
    "text.text": (1, 300),
    "confirm.text": (1, 30),
    "deny.text": (1, 30),
}
ID_LIMIT: Final = (1, 255)


def squeezed(card: Card) -> Card:
    """The card with a text cut again and again until it is within the limits of cards.

    What explains goes before what answers: the longest text below the verdict loses a line, the last,
    before a row of the table goes, and that before a word of the verdict. What the small print begins with,
    the price, may lose lines and no word of the first.
    """
    while violations(card, "card"):
        texts = [each for each in _objects(list(card.blocks)) if each.get("type") == "mrkdwn"]
        below = [each for each in _below_verdict(card) if _can_lose(each["text"])]
        rows = [] if below else [without_last_row(each) for each in card.blocks]
        if any(shorter is not block for shorter, block in zip(rows, card.blocks, strict=False)):
            card = Card(card.text, tuple(rows))
            continue
        longest = max(below or texts, key=lambda each: len(each["text"].encode()), default=None)
        if longest is None or len(longest["text"]) < MIN_SQUEEZED_CHARS:
            return card
        card = Card(card.text, tuple(_replaced(block, longest) for block in card.blocks))
    return card


def without_last_row(block: Block) -> Block:
    """A table of at least two rows less the last, which says least."""
    if block["type"] != "table" or len(block["rows"]) < 3:
        return block
    return {**block, "rows": block["rows"][:-1]}


def _below_verdict(card: Card) -> list[dict[str, Any]]:
    ids = [block.get("block_id") for block in card.blocks]
    below = card.blocks[ids.index(VERDICT) + 1 :] if VERDICT in ids else ()
    first = [block["elements"][0] for block in below if block["type"] == "context"]
    whole = [each for each in first if "\n" not in each["text"]]
    found = (each for each in _objects(list(below)) if each.get("type") == "mrkdwn")
    return [each for each in found if not any(each is one for one in whole)]


def _can_lose(text: str) -> bool:
    """A line of several, or words; a lone link would only be broken."""
    return len(text) >= MIN_BELOW_CHARS and ("\n" in text or "<" not in text)


def _replaced(thing: Any, longest: Mapping[str, Any]) -> Any:
    """A copy in which `longest` has lost a line, or a quarter of the only one."""
    if thing is longest:
        return {**longest, "text": _shorter(longest["text"])}
    if isinstance(thing, Mapping):
        return {key: _replaced(each, longest) for key, each in thing.items()}
    return [_replaced(each, longest) for each in thing] if isinstance(thing, list) else thing


def _shorter(text: str) -> str:
    kept, line_end, _last = text.rpartition("\n")
    return kept if line_end and kept.strip() else cut(text, len(text) * 3 // 4)


def violations(card: Card | Mapping[str, Any], surface: SlackSurface = "message") -> tuple[str, ...]:
    """Everything that Slack, or our own rule for cards, would refuse; empty for what may be sent."""
    view = {"text": card.text, "blocks": list(card.blocks)} if isinstance(card, Card) else card
    blocks = view.get("blocks", ())
    inside = [_objects(block) for block in blocks]
    found = [*_whole(view, inside, surface)]
    if isinstance(card, Card) and surface == "card" and card.size_bytes > MAX_CARD_BYTES:
        found.append(f"card: {card.size_bytes} bytes of blocks, at most {MAX_CARD_BYTES}")
    for at, block in enumerate(blocks):
        found += _of_block(block, inside[at], f"blocks[{at}]", surface)
    return tuple(found)


def _whole(view: Mapping[str, Any], inside: Sequence[list[Block]], surface: SlackSurface) -> Iterator[str]:
    yield from _length(len(inside), (1, MAX_BLOCKS[surface]), "blocks")
    yield from _repeated((block.get("block_id") for block in view.get("blocks", ())), "block_id")
    if surface in ("modal", "home"):
        yield from _checked(view, _PATHS[surface], surface)
        return
    every = list(chain.from_iterable(inside))
    yield from _length(len(view.get("text", "")), (1, MAX_TEXT_CHARS), "text")
    yield from _length(sum(map(len, _strings(every))), (0, MAX_MESSAGE_CHARS), "characters of the message")
    tables = sum(each.get("type") == "table" for each in every)
    yield from _length(tables, (0, 1), "tables in a message")
    markdown = sum(len(each["text"]) for each in every if each.get("type") == "markdown")
    yield from _length(markdown, (0, 12_000), "characters of markdown")


def _of_block(
    block: Mapping[str, Any], inside: list[Block], path: str, surface: SlackSurface
) -> Iterator[str]:
    kind = block.get("type", "")
    in_message = surface in ("message", "card")
    if (kind in ONLY_IN_MESSAGES and not in_message) or (kind in ONLY_IN_MODALS and surface != "modal"):
        yield f"{path}: a {kind} does not go on a {surface}"
    if kind == "section" and not (block.get("text") or block.get("fields")):
        yield f"{path}: a section needs text or fields"
    if kind == "table":
        yield from _of_table(block, path)
    if kind == "actions":
        yield from _repeated(
            (each.get("action_id") for each in block.get("elements", ())), f"{path}: action_id"
        )
    for each in inside:
        if not each.keys() <= _WITHOUT_LIMITS or each.get("type") in _PATHS:
            yield from _of_object(each, path)


_WITHOUT_LIMITS: Final = frozenset({"type", "text", "style", "emoji", "elements"})
"""What most objects have nothing beside: texts, cells. Their lengths are limits of what they stand in."""


def _of_object(thing: Mapping[str, Any], path: str) -> Iterator[str]:
    kind = str(thing.get("type", ""))
    yield from _checked(thing, _PATHS.get(kind, ()), f"{path}.{kind}")
    for option in [
        *thing.get("options", ()),
        *([thing["initial_option"]] if "initial_option" in thing else ()),
    ]:
        yield from _checked(option, _OPTION_PATHS, f"{path}.{kind}.option")
    if "confirm" in thing and isinstance(thing["confirm"], Mapping):
        yield from _checked(thing["confirm"], _CONFIRM_PATHS, f"{path}.{kind}.confirm")
    for name in ("action_id", "block_id"):
        if name in thing:
            yield from _length(len(thing[name]), ID_LIMIT, f"{path}.{kind}.{name}")


def _of_table(block: Mapping[str, Any], path: str) -> Iterator[str]:
    rows = block.get("rows", ())
    cells = [words_in(each) for row in rows for each in row]
    if len({len(row) for row in rows}) > 1:
        yield f"{path}: the rows of a table differ in length"
    if not all(text.strip() for text in cells):
        yield f"{path}: a cell of a table is empty"
    yield from _length(sum(map(len, cells)), (0, 10_000), f"{path}: characters of a table")


class _Path(NamedTuple):
    """A row of the table of limits, its path in steps."""

    name: str
    steps: tuple[str, ...]
    bounds: tuple[int, int]


def _paths(limits: Mapping[str, tuple[int, int]]) -> tuple[_Path, ...]:
    return tuple(_Path(name, tuple(name.split(".")), bounds) for name, bounds in limits.items())


_PATHS: Final = {kind: _paths(limits) for kind, limits in LIMITS.items()}
_OPTION_PATHS: Final = _paths(OPTION_LIMITS)
_CONFIRM_PATHS: Final = _paths(CONFIRM_LIMITS)


def _checked(thing: Mapping[str, Any], limits: Iterable[_Path], path: str) -> Iterator[str]:
    for name, steps, (fewest, most) in limits:
        for found in _at(thing, steps):
            if not fewest <= len(found) <= most:
                yield from _length(len(found), (fewest, most), f"{path}.{name}")


def _at(thing: Any, steps: tuple[str, ...]) -> Iterable[Any]:
    """What lies at the path; `*` stands for every item; nothing where a step is absent."""
    for at, step in enumerate(steps):
        if step == "*":
            return [found for each in thing for found in _at(each, steps[at + 1 :])]
        if not isinstance(thing, Mapping) or step not in thing:
            return ()
        thing = thing[step]
    return (thing,) if isinstance(thing, (str, list, tuple)) else ()


def _length(length: int, bounds: tuple[int, int], what: str) -> Iterator[str]:
    fewest, most = bounds
    if not fewest <= length <= most:
        yield f"{what}: {length}, allowed are {fewest} to {most}"


def _repeated(ids: Iterator[str | None], what: str) -> Iterator[str]:
    counted = Counter(each for each in ids if each is not None)
    yield from (f"{what}: {name!r} stands {count} times" for name, count in counted.items() if count > 1)


_NESTED: Final = (dict, list, tuple)


def _objects(thing: Any) -> list[Block]:
    """Every mapping inside, the outermost first; blocks are plain dicts and lists, as JSON has them."""
    found, waiting = [], [thing]
    while waiting:
        thing = waiting.pop()
        inside = thing
        if isinstance(thing, dict):
            found.append(thing)
            inside = thing.values()
        waiting += [each for each in reversed(inside) if isinstance(each, _NESTED)]
    return found


def _strings(objects: Iterable[Block]) -> Iterator[str]:
    """Every text of these that a reader sees."""
    for each in objects:
        text = each.get("text")
        if isinstance(text, str):
            yield text
