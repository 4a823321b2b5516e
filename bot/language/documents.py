"""YAML, JSON and lines of `key: value` as one flat mapping. Nothing is constructed: only events are read."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Values = dict[str, Any]
"""Dotted name -> text, number, switch, None, or a list of them."""


class Unread:
    """In the place of a value: one that would have to be run, or a variable that nothing gives."""


MAX_DEPTH: Final = 12
MAX_NODES: Final = 3_000
_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,18}(?:_\d{3})*|\d{0,12}\.\d{0,18})(?:[eE][+-]?\d{1,3})?")
_WORDS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NOTHING: Final = ("", "null", "none", "~")
_LINE: Final = re.compile(r"[ \t]*(?:[-*•] )?[\"']?([A-Za-z_][\w.\-]{0,80})[\"']?[ \t]*[:=][ \t]*(.*)")
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][\w.]{0,80})\}")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")


class RefusedDocument(Exception):  # noqa: N818  -- reads as the sentence it raises
    """Aliases, or more depth or size than any configuration has."""


def scalar(text: str) -> Any:
    """The value that a word means: a switch, a number, nothing, else the text itself."""
    text = text.strip()
    lower = text.lower()
    if lower in _NOTHING:
        return None
    if lower in _WORDS:
        return _WORDS[lower]
    if len(text) > 40 or not _NUMBER.fullmatch(text) or not any(each.isdigit() for each in text):
        return text
    plain = text.replace("_", "")
    return int(plain) if plain.lstrip("+-").isdigit() else float(plain)


def read_document(text: str) -> Values:
    """The mapping that `text` says as JSON or YAML, or line by line where it is neither."""
    found = _read_document(text)
    return {name: _referred(value, found) for name, value in found.items()} if "${" in text else found


def _referred(value: Any, values: Values) -> Any:
    """`${variables.max_seq_len}` of OmegaConf: what stands there, once; also below the name of a job."""
    reference = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return value
    name = reference[1]
    place = name if name in values else next((each for each in values if each.endswith(f".{name}")), "")
    return values.get(place, value)


def _read_document(text: str) -> Values:
    stripped = text.strip()
    if stripped.startswith("{"):
        try:
            return flat(json.loads(stripped))
        except (ValueError, RecursionError, RefusedDocument):
            return read_lines(text)
    try:
        return dict(_limited(_yaml_pairs(text)))
    except (ValueError, RecursionError, RefusedDocument):
        return read_lines(text)


def read_lines(text: str) -> Values:
    """Lines of `key: value` and `key = value`, whatever else stands between them."""
    found: Values = {}
    for line in text.splitlines():
        if match := _LINE.match(_COMMENT.sub("", line[:500])):
            value = match[2].strip().rstrip(",").strip()
            if value.endswith("}") and "{" not in value:  # the last of a dictionary of Python
                value = value.rstrip("}").strip()
            if value not in ("{", "[", "|", ">"):
                found.setdefault(match[1], _listed(value))
    return found


def flat(document: Any) -> Values:
    """Nested mappings as one of dotted names."""
    return dict(_limited(_pairs(document, "", 0)))


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """One mapping of dotted names as nested ones."""
    document: dict[str, Any] = {}
    for name, value in values.items():
        *parents, last = name.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return document


def _listed(value: str) -> Any:
    if value.startswith("[") and value.endswith("]"):
        return [scalar(each.strip().strip("\"'")) for each in value[1:-1].split(",") if each.strip()]
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else scalar(value)


def _limited(pairs: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for count, (name, value) in enumerate(pairs):
        if count > MAX_NODES:
            raise RefusedDocument
        if name not in seen:
            seen.add(name)
            yield name, value


def _pairs(document: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > MAX_DEPTH:
        raise RefusedDocument
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from _pairs(value, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(document, Sequence) and not isinstance(document, str):
        yield name, [each for each in document if not isinstance(each, Mapping | list)]
        for each in filter(_is_mapping, document):
            yield from _pairs(each, name, depth + 1)
    elif name:
        yield name, scalar(document) if isinstance(document, str) else document


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _yaml_pairs(text: str) -> Iterator[tuple[str, Any]]:
    """Likewise of YAML, built from its events: no tag is obeyed, no alias followed."""
    import yaml  # noqa: PLC0415  -- slow, and most texts are no paste

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = list(_bounded(yaml.parse(text, Loader=loader)))
    except yaml.YAMLError as error:
        raise RefusedDocument from error
    document = _built(iter(events))
    if not isinstance(document, Mapping):
        raise RefusedDocument
    return _pairs(document, "", 0)


def _bounded(events: Iterator[Any]) -> Iterator[Any]:
    depth = 0
    for count, event in enumerate(events):
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > MAX_DEPTH or count > 2 * MAX_NODES or kind == "AliasEvent":
            raise RefusedDocument
        yield event


def _built(events: Iterator[Any]) -> Any:
    """The value that the next events make; its depth is bounded already."""
    for event in events:
        kind = type(event).__name__
        if kind == "ScalarEvent":
            return scalar(event.value) if event.implicit[0] and not event.style else event.value
        if kind == "SequenceStartEvent":
            return list(iter(lambda: _built(events), _END))
        if kind == "MappingStartEvent":
            return _mapping(events)
        if kind in ("SequenceEndEvent", "MappingEndEvent"):
            return _END
    return None


def _mapping(events: Iterator[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while (key := _built(events)) is not _END:
        value = _built(events)
        if isinstance(key, str | int | float):
            found.setdefault(str(key), value)
    return found


_END: Final = object()
