"""Text -> atoms: words, the marks that bind a value to its key, and Chinese cut into its words."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from bot.language.grammar import MAX_TOKENS
from bot.language.index import (
    ALL_NAMES,
    CHINESE,
    CHINESE_SIZES,
    CHINESE_WORDS,
    ENDS_OF_KEYS,
    MORE_SETTERS,
    SETTERS,
    has_chinese,
)
from bot.language.kinds import squash
from bot.language.numerals import NUMERAL
from bot.language.values import SIZE
from bot.language.words import METHODS, MODEL_VARIANTS
from bot.lazy_pattern import lazily

_RUN = lazily(
    # a number with a Chinese unit: 1万, 24小时, 27.08元/小时
    r"(?P<number>[¥$€£]?[+-]?\d[\d,._]*(?:e[+-]?\d+)?"
    r"(?:[百千万亿]+(?:人民币|元)?|(?:人民币|元|小时|分钟|天|毫秒|秒))(?:/(?:小时|卡时|[a-z]{1,8}))?"
    r"|[¥$€£]\d[\d,._]*/(?:小时|卡时))"
    # without the case of letters, which Chinese has not and the compiler would look for 28 000 times
    f"|(?P<chinese>(?-i:{CHINESE.pattern}+))|(?P<other>(?-i:[^{CHINESE.pattern[1:]}+))",
    re.IGNORECASE,
)
_NUMERAL = lazily(f"{NUMERAL}+")


def segmented(text: str) -> Iterator[tuple[str, int]]:
    """The words of `text`, each with where it begins; what is no word stays in one piece."""
    at = 0
    while at < len(text):
        found = _RUN.match(text, at)
        if found is None:
            break
        if found.lastgroup == "chinese":
            yield from _chinese(found.group(), at)
            at = found.end()
            continue
        end = _end_of_other(found) if found.lastgroup == "other" else found.end()
        yield text[at:end], at
        at = end


def _end_of_other(found: re.Match[str]) -> int:
    """A run that ends in a number leaves the number to the Chinese unit after it."""
    text, end = found.string, found.end()
    begin = end
    while begin > found.start() and text[begin - 1] in "0123456789.,_":
        begin -= 1
    is_number_after_mark = found.start() < begin < end and not text[begin - 1].isalnum()
    return begin if is_number_after_mark and _RUN.match(text, begin).lastgroup == "number" else end  # type: ignore[union-attr]  # a digit always matches


def _chinese(run: str, start: int) -> Iterator[tuple[str, int]]:
    at = unknown_from = 0
    while at < len(run):
        size = _size_at(run, at)
        if size == 0:
            at += 1
            continue
        if unknown_from < at:
            yield run[unknown_from:at], start + unknown_from
        yield run[at : at + size], start + at
        at = unknown_from = at + size
    if unknown_from < at:
        yield run[unknown_from:at], start + unknown_from


def _size_at(run: str, at: int) -> int:
    """Characters of the longest word or numeral at `at`; 0 where there is none."""
    numeral = _NUMERAL.match(run, at)
    longest_numeral = numeral.end() - at if numeral else 0
    for size in CHINESE_SIZES.get(run[at], ()):
        if size > longest_numeral and run[at : at + size] in CHINESE_WORDS:
            return size
    return longest_numeral


MOST_ATOMS = 3 * MAX_TOKENS + 1
"""A key with its value are three; with more there are too many tokens, and no need to count on."""
_TOKENS_GLUED = re.compile(r"(?P<number>\d[\d,._]*[kmb]?)(?P<noun>tok(?:en)?s?)", re.IGNORECASE | re.ASCII)
_SIZE_OF_VARIANT = re.compile(
    rf"(\d{{1,3}}(?:\.\d{{1,2}})?b)-(?:{'|'.join(MODEL_VARIANTS)})", re.IGNORECASE | re.ASCII
)
_METHOD_GLUED = re.compile(r"(?P<number>[a-z\d.-]*\d[a-z]?)-?(?P<noun>q?lora|dora)", re.IGNORECASE | re.ASCII)
"""`4张3090lora微调`, `7bqlora`, `qwen2.5-7b-lora`: a method at the end of a name."""
_BOTH_ENDS = "\"'`*_~()[]{}|—–…·/\\"
_END = _BOTH_ENDS + "?.!:"
_CHUNK = re.compile(r"[^\s;、。]+")
_LOOSE_COMMA = re.compile(r"(?<!\d),|,(?!\d)")
_COMMA_IN_DIGITS = re.compile(r"(?<=\d),(?=\d)")
_SEPARATORS = frozenset(" \t\r\n,;=:、。")
_ASKING = re.compile("[?!]")
_ADDRESS = re.compile(r"https?://|<!|<#|<@", re.IGNORECASE)


class Atom(NamedTuple):
    """A word, or (`binds`) the `=` or `:` between a key and its value."""

    text: str
    start: int
    """Where it stands in the text that `normalized` gave."""
    end: int
    binds: bool = False
    squashed: str = ""


def atoms_of(clean: str) -> list[Atom]:
    """The atoms of a text whose marks are undone, in order, up to `MOST_ATOMS`."""
    spaced = _COMMA_IN_DIGITS.sub(
        _comma_or_space, _ASKING.sub(_space_by_chinese, _LOOSE_COMMA.sub(" ", clean))
    )
    chunks = _CHUNK.finditer(spaced)
    atoms = (atom for chunk in chunks for atom in _atoms_of_chunk(chunk.group(), chunk.start()))
    return list(islice(atoms, MOST_ATOMS))


def _space_by_chinese(found: re.Match[str]) -> str:
    """A mark beside a Chinese character ends a sentence, without a space to say so."""
    text, at = found.string, found.start()
    return " " if CHINESE.match(text, at + 1) or (at and CHINESE.match(text, at - 1)) else found.group()


def _comma_or_space(found: re.Match[str]) -> str:
    """A comma after the last digit of a name (`h100,8 gpus`) separates; after a number it belongs to it."""
    text, at = found.string, found.start()
    while at > 0 and text[at - 1] not in _SEPARATORS:
        at -= 1
        if text[at].isalpha():
            return " " if text[at].isascii() else ","  # `数据量10,000条`
    if _GPU.fullmatch(text, at + (text[at] in _SEPARATORS), found.start()):
        return " "  # `lora,4090,10k samples`
    return ","


def _atoms_of_chunk(chunk: str, start: int) -> Iterator[Atom]:
    if chunk.isascii() and chunk.isalpha():  # most words: nothing to undo
        yield _word(chunk, start)
        return
    if chunk in {"*", "|"} or _ADDRESS.match(chunk):
        yield _word(chunk, start)
        return
    core, offset = _stripped(chunk)
    at = _binding_at(core)
    is_bound = at is not None
    while at is not None:
        key, cut = _stripped(core[:at])
        yield from _words(key, start + offset + cut, is_bound=core[at] == "=")
        start += offset + at
        yield Atom(core[at], start, start + 1, binds=True)
        chunk, start = core[at + 1 :], start + 1
        core, offset = _stripped(chunk)
        at = _binding_at(core) if has_chinese(core) else None
    yield from _words(core, start + offset, is_bound=is_bound)
    if ":" in chunk[offset + len(core) :]:
        end = start + offset + len(core)
        yield Atom(":", end, end + 1, binds=True)


def _stripped(chunk: str) -> tuple[str, int]:
    """`chunk` without the marks around it, and how many characters went from its start."""
    begun = chunk.lstrip(_BOTH_ENDS)
    core = begun.rstrip(_END)
    return (core, len(chunk) - len(begun)) if core.strip("-+&") else ("", 0)


def _binding_at(core: str) -> int | None:
    """Where `=` binds, or `:` after what ends a key, whichever comes first."""
    equals, colon = core.find("="), core.find(":")
    if colon < 0 or 0 <= equals < colon:
        return equals if equals >= 0 else None
    before = core[:colon]
    if colon == 0 or has_chinese(before) or squash(before) in ENDS_OF_KEYS:
        return colon
    return equals if equals >= 0 else None


def _words(text: str, start: int, *, is_bound: bool = False) -> Iterator[Atom]:
    if not text:
        return
    if not has_chinese(text):
        yield from _joined(text, start, is_bound=is_bound)
        return
    for piece, offset in segmented(text):
        core, cut = _stripped(piece)
        if core[:1] == "+" and core[1:2].isalpha():  # `全参微调+int8`
            core, cut = core[1:], cut + 1
        if core:
            yield from _joined(core, start + offset + cut, is_bound=is_bound)


def _joined(text: str, start: int, *, is_bound: bool) -> Iterator[Atom]:
    """`zero3+offload` and `600token` are two words, `7b/13b` are two and a choice; `q_proj+v_proj` is one."""
    if (sized := _SIZE_OF_VARIANT.fullmatch(text)) and not is_bound:
        text = sized[1]  # `14b-chat`: the shape of the size
    if (glued := _TOKENS_GLUED.fullmatch(text)) or (
        not is_bound and (glued := _METHOD_GLUED.fullmatch(text))
    ):
        yield _word(glued["number"], start)
        yield _word(glued["noun"], start + glued.start("noun"))
        return
    for part, mark in _parts(text, is_bound=is_bound):
        yield _word(part, start)
        start += len(part) + len(mark)
        if mark == "/":
            yield Atom(mark, start - 1, start, squashed="or")


def _parts(text: str, *, is_bound: bool) -> Iterator[tuple[str, str]]:
    """The words that are written as one, each with the mark after it; a key and its value keep their own."""
    for mark, is_word in _JOINTS[:1] if is_bound else _JOINTS:
        parts = mark.split(text)
        if len(parts) > 1 and all(map(is_word, parts)) and squash(text) not in ALL_NAMES:
            marks = [*mark.findall(text), ""]
            yield from zip(parts, marks, strict=True)
            return
    yield text, ""


def _is_setter(part: str) -> bool:
    return squash(part) in SETTERS or squash(part) in MORE_SETTERS


def _is_choice(part: str) -> bool:
    return SIZE.fullmatch(part) is not None or squash(part) in _METHODS or _GPU.fullmatch(part) is not None


_JOINTS = (
    (re.compile(r"\+"), _is_setter),
    (re.compile("[-_]"), lambda part: squash(part) in SETTERS),
    (re.compile("/"), _is_choice),
)
"""`lora+packing` and `deepspeed_zero3_offload` are several words, `7b/13b` and `a100/h100` two things."""
_GPU = re.compile(
    r"(?:\d{1,4}x)?"
    r"(?:[ahltv]\d{1,4}s?|g?b[23]\d\d|gh200|p40|p100|mi\d{3}[ax]?|(?:rtx-?)?(?:[2-5]0[5-9]0(?:ti|d)?|a\d{4})|910[bc])"
    r"(?:-\d{2,3}gb?)?(?:x\d{1,4})?",
    re.IGNORECASE | re.ASCII,
)
"""`A100/A800`, `2x3090/4x4090`, `mi300x/h100`: what the names of most GPUs look like."""
_METHODS = frozenset(squash(name) for word in METHODS for name in word.spellings)


def _word(text: str, start: int) -> Atom:
    return Atom(text, start, start + len(text), squashed=squash(text))
