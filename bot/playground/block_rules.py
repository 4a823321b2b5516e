"""What Slack refuses in blocks, by the tables of `block_types`; independent of the cards that it judges.

Pointers follow Slack's own error messages: `missing required field: text [json-pointer:/blocks/0/text]`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from bot.playground.block_types import (
    ACTION_ID_MOST,
    BLOCKS,
    BLOCKS_MOST,
    CHARTS_MOST,
    ELEMENTS,
    IN_ACTIONS,
    IN_INPUTS,
    LIMITS,
    MARKDOWN_CHARACTERS_MOST,
    MESSAGE,
    PLAIN_ONLY,
    Surface,
)
from bot.playground.wire import Json

Violation = str


def block_problems(blocks: Any, surface: Surface = MESSAGE) -> tuple[Violation, ...]:
    """Everything Slack would say against `blocks` on `surface`; empty when it takes them."""
    if not isinstance(blocks, list):
        return ("must be an array [json-pointer:/blocks]",)
    return (*_many(blocks, surface), *_each(blocks, surface, "/blocks"))


def _many(blocks: list[Any], surface: Surface) -> Iterator[Violation]:
    """Violations of the blocks taken together."""
    if len(blocks) > BLOCKS_MOST[surface]:
        yield f"no more than {BLOCKS_MOST[surface]} items allowed [json-pointer:/blocks]"
    known = [block for block in blocks if isinstance(block, dict)]
    names = [block["block_id"] for block in known if "block_id" in block]
    yield from (
        f"block_id already exists: {n} [json-pointer:/blocks]"
        for n in sorted({n for n in names if names.count(n) > 1})
    )
    kinds = [block.get("type") for block in known]
    if kinds.count("table") > 1:
        yield "only_one_table_allowed [json-pointer:/blocks]"
    if kinds.count("data_visualization") > CHARTS_MOST:
        yield f"no more than {CHARTS_MOST} data_visualization blocks allowed [json-pointer:/blocks]"
    if (
        sum(len(block.get("text", "")) for block in known if block.get("type") == "markdown")
        > MARKDOWN_CHARACTERS_MOST
    ):
        yield f"markdown blocks take {MARKDOWN_CHARACTERS_MOST} characters together [json-pointer:/blocks]"


def _each(blocks: list[Any], surface: Surface, at: str) -> Iterator[Violation]:
    for index, block in enumerate(blocks):
        yield from _block(block, surface, f"{at}/{index}")


def _block(block: Any, surface: Surface, at: str) -> Iterator[Violation]:
    """Violations of one block."""
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in BLOCKS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    required, optional, surfaces = BLOCKS[kind]
    if surface not in surfaces:
        yield f"unsupported block on this surface: {kind} [json-pointer:{at}]"
    yield from _keys(block, required, f"type block_id {optional}", at)
    yield from _lengths(block, kind, at)
    if len(block.get("block_id", "")) > ACTION_ID_MOST:
        yield f"must be less than 256 characters [json-pointer:{at}/block_id]"
    if kind in _INSIDE:
        yield from _INSIDE[kind](block, at)
    yield from _each(block.get("child_blocks", []), surface, f"{at}/child_blocks")


def _keys(thing: Json, required: str, optional: str, at: str) -> Iterator[Violation]:
    for name in required.split():
        if name not in thing:
            yield f"missing required field: {name} [json-pointer:{at}]"
    for name in thing.keys() - {*required.split(), *optional.split()}:
        yield f"invalid additional property: {name} [json-pointer:{at}]"


def _lengths(thing: Json, kind: str, at: str) -> Iterator[Violation]:
    """Every field of `thing` that is a text or a list, against `LIMITS`; every text object for its shape."""
    for name, value in thing.items():
        is_text_object = isinstance(value, dict) and value.get("type") in ("plain_text", "mrkdwn")
        if name in ("text", "title", "label", "hint") and isinstance(value, dict):
            yield from _text_object(value, f"{at}/{name}", plain_only=(kind, name) in PLAIN_ONLY)
        measured = value.get("text", "") if is_text_object else value
        least, most = LIMITS.get((kind, name), (0, 10**9))
        if not isinstance(measured, str | list) or least <= len(measured) <= most:
            continue
        what = "characters" if isinstance(measured, str) else "items"
        side = (
            f"must be less than {most + 1} {what}"
            if len(measured) > most
            else f"must be more than {least - 1} {what}"
        )
        yield f"{side} [json-pointer:{at}/{name}]"


def _text_object(text: Json, at: str, *, plain_only: bool = False) -> Iterator[Violation]:
    kinds = ("plain_text",) if plain_only else ("plain_text", "mrkdwn")
    if text.get("type") not in kinds:
        yield f"failed to match all allowed schemas: {' or '.join(kinds)} [json-pointer:{at}/type]"
    yield from _keys(text, "type text", "emoji verbatim", at)


def _section(block: Json, at: str) -> Iterator[Violation]:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text or fields [json-pointer:{at}]"
    for index, text in enumerate(block.get("fields", ())):
        yield from _text_object(text, f"{at}/fields/{index}")
        if not 1 <= len(text.get("text", "")) <= 2000:
            yield f"must be more than 0 and less than 2001 characters [json-pointer:{at}/fields/{index}/text]"
    if "accessory" in block:
        yield from _element(block["accessory"], frozenset(ELEMENTS), f"{at}/accessory")


def _elements(block: Json, at: str) -> Iterator[Violation]:
    elements = block.get("elements", [])
    names = [element.get("action_id") for element in elements]
    if len([n for n in names if n]) != len({n for n in names if n}):
        yield f"action_id already exists in this block [json-pointer:{at}/elements]"
    for index, element in enumerate(elements):
        yield from _element(element, IN_ACTIONS, f"{at}/elements/{index}")


def _context(block: Json, at: str) -> Iterator[Violation]:
    for index, element in enumerate(block.get("elements", [])):
        inside = f"{at}/elements/{index}"
        if element.get("type") == "image":
            yield from _element(element, frozenset({"image"}), inside)
            continue
        yield from _text_object(element, inside)
        if not 1 <= len(element.get("text", "")) <= 3000:
            yield f"must be more than 0 and less than 3001 characters [json-pointer:{inside}/text]"


def _input(block: Json, at: str) -> Iterator[Violation]:
    yield from _element(block.get("element", {}), IN_INPUTS, f"{at}/element")


def _element(element: Json, allowed: frozenset[str], at: str) -> Iterator[Violation]:
    """Violations of one interactive element."""
    kind = element.get("type", "")
    if kind not in allowed:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    required, optional = ELEMENTS[kind]
    yield from _keys(element, required, f"type action_id {optional}", at)
    yield from _lengths(element, kind, at)
    if len(element.get("action_id", "")) > ACTION_ID_MOST:
        yield f"must be less than 256 characters [json-pointer:{at}/action_id]"
    if element.get("style", "primary") not in ("primary", "danger"):
        yield f"must be a valid enum value [json-pointer:{at}/style]"
    if len(element.get("placeholder", {}).get("text", "")) > 150:
        yield f"must be less than 151 characters [json-pointer:{at}/placeholder/text]"
    for index, option in enumerate(element.get("options", ())):
        yield from _option(option, f"{at}/options/{index}")


def _option(option: Json, at: str) -> Iterator[Violation]:
    yield from _keys(option, "text value", "description url", at)
    for name, most in (("text", 75), ("description", 75), ("value", 150)):
        value = option.get(name, "x")
        words = value.get("text", "") if isinstance(value, dict) else value
        if not 1 <= len(words) <= most:
            yield f"must be more than 0 and less than {most + 1} characters [json-pointer:{at}/{name}]"


def _table(block: Json, at: str) -> Iterator[Violation]:
    rows = block.get("rows", [])
    if len({len(row) for row in rows}) > 1 or any(not 1 <= len(row) <= 20 for row in rows):
        yield f"rows must be of one length, 1 to 20 cells [json-pointer:{at}/rows]"
    texts = [cell_text(cell) for row in rows for cell in row]
    if any(not text for text in texts):
        yield f"must be more than 0 characters [json-pointer:{at}/rows]"
    if sum(map(len, texts)) > 10_000:
        yield f"must be less than 10001 characters [json-pointer:{at}/rows]"


def cell_text(cell: Json) -> str:
    """The words of a table cell."""
    if cell.get("type") in ("raw_text", "raw_number"):
        return str(cell.get("text", cell.get("value", "")))
    runs = (run for part in cell.get("elements", ()) for run in part.get("elements", ()))
    return "".join(str(run.get("text", run.get("name", run.get("url", "")))) for run in runs)


def _chart(block: Json, at: str) -> Iterator[Violation]:
    chart = block.get("chart", {})
    if chart.get("type") not in ("bar", "line", "area", "pie"):
        yield f"must be a valid enum value [json-pointer:{at}/chart/type]"
    points = chart.get("segments", []) + [
        point for series in chart.get("series", ()) for point in series.get("data", ())
    ]
    if any(len(point.get("label", "")) > 20 for point in points):
        yield f"must be less than 21 characters [json-pointer:{at}/chart]"
    categories = chart.get("axis_config", {}).get("categories", [])
    if len(categories) > 20 or len(chart.get("series", ())) > 12:
        yield f"too many categories or series [json-pointer:{at}/chart]"
    if any(
        {point.get("label") for point in series.get("data", ())} != set(categories)
        for series in chart.get("series", ())
    ):
        yield f"every series must cover every category [json-pointer:{at}/chart/series]"


_INSIDE: dict[str, Callable[[Json, str], Iterator[Violation]]] = {
    "actions": _elements,
    "context": _context,
    "data_visualization": _chart,
    "input": _input,
    "section": _section,
    "table": _table,
}
