"""Slack's markup as pieces of text: one reading of it for coloured terminals, plain output and documents."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

SYMBOLS: Final = {
    "large_green_circle": "✓",
    "large_yellow_circle": "!",
    "red_circle": "✗",
    "warning": "!",
    "question": "?",
}
_MARKUP: Final = re.compile(
    r"`(?P<code>[^`\n]+)`|(?<!\w)\*(?P<bold>[^*\n]+)\*(?!\w)|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)"
    r"|<(?P<link>[^<>\n]+)>|:(?P<emoji>[a-z_]+): ?"
)
_BEFORE_CODE: Final = re.compile(r"(?<=[、。，：；？！（）“”]) (?=`)")
_AFTER_CODE: Final = re.compile(r"(?<=`) (?=[、。，：；？！（）“”])")
_FULL_WIDTH: Final = frozenset("、。，：；？！")
_STYLES: Final = {"code": "cyan", "bold": "bold", "italic": "italic"}


class Piece(NamedTuple):
    """Some text, and how a terminal that can draws it."""

    text: str
    style: str = ""


def pieces(mrkdwn: str) -> Iterator[Piece]:
    """The text in its styles; the spaces that Slack wants beside full-width marks are gone."""
    if not mrkdwn.isascii():
        mrkdwn = _AFTER_CODE.sub("", _BEFORE_CODE.sub("", mrkdwn))
    at, last = 0, ""
    for found in _MARKUP.finditer(mrkdwn):
        for piece in (_beside(last, mrkdwn[at : found.start()]), *_piece(found)):
            if piece.text:
                yield piece
                last = piece.text[-1]
        at = found.end()
    if at < len(mrkdwn):
        yield _beside(last, mrkdwn[at:])


def plain(mrkdwn: str) -> str:
    """Slack's markup as the words alone: no marks, no codes of emoji."""
    return "".join(piece.text for piece in pieces(mrkdwn))


def _beside(last: str, text: str) -> Piece:
    """`text` after the character `last`: a bold `经验法则：` needs a space in Slack, a reader does not."""
    text = _unescaped(text)
    return Piece(text.removeprefix(" ") if last in _FULL_WIDTH else text)


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    import html  # noqa: PLC0415  -- most texts have nothing escaped

    return html.unescape(text)


def _piece(found: re.Match[str]) -> Iterator[Piece]:
    kind = found.lastgroup or ""
    inner = found[kind]
    if kind == "emoji":
        yield Piece(f"{SYMBOLS[inner]} " if inner in SYMBOLS else found[0] if found[0][-1:] != " " else "")
    elif kind == "link":
        yield Piece(_unescaped(inner.rpartition("|")[2] if "|" in inner else inner))
    elif kind == "code":
        yield Piece(_unescaped(inner), _STYLES[kind])
    else:
        for each in pieces(inner):
            yield Piece(each.text, f"{_STYLES[kind]} {each.style}".rstrip())
