"""Who says so: a citation as a link to where it can be read, and our own words for our own."""

import re
from collections.abc import Iterator
from typing import Final

from bot.cards.block import clipped, code_span, escape
from bot.i18n import Texts
from bot.lazy_pattern import lazily

MAX_CITED_CHARS: Final = 120
MAX_LINKS: Final = 3
_REPOSITORY: Final = lazily(r"(?P<name>[A-Za-z0-9][\w-]{0,38}/[A-Za-z0-9][\w.-]{0,99})(?= \S)")
"""`owner/name`, before the file in it."""
_PAPER: Final = lazily(r"(?P<title>.*?),? ?\(?arXiv[: ](?P<number>\d{4}\.\d{4,5})\)?")
_SITE: Final = lazily(r"(?P<name>[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|ai|dev))\b")
_OWN_FILE: Final = lazily(r"(?P<path>(?:docs|config)/[\w/.-]+)")
_SNAPSHOT: Final = "snapshot: "
"""Before the origin of a price that came with us."""


def cited(name: str, texts: Texts) -> str:
    """The citation `name` as Slack's markup: links, else the words as they stand; ours translated."""
    if name.startswith(_SNAPSHOT):
        return texts("source.snapshot", origin=cited(name.removeprefix(_SNAPSHOT), texts))
    if own := _own_words(name, texts):
        return own
    links = tuple(dict.fromkeys(_links(name)))[:MAX_LINKS]
    if links:
        return texts("punctuation.comma").join(links)
    return texts("source.words", said=escape(clipped(name, MAX_CITED_CHARS)))


def _own_words(name: str, texts: Texts) -> str:
    """What the locales call it: one of our own, a live list, prose that begins with words they know."""
    head, slug = name.partition(": ")[0], _slug(name)
    if (live := f"source.live.{head}") in texts:
        return texts(live)
    known = (each for each in texts.group("source") if slug.startswith(each) and f"source.{each}" in texts)
    best = max(known, key=len, default="")
    return texts(f"source.{best}") if best else ""


def _slug(name: str) -> str:
    """`Public article: …` is `public-article-…`."""
    return re.sub(r"\W+", "-", name.lower()).strip("-")


def _links(name: str) -> Iterator[str]:
    """A link for each part that names a repository, a paper or a site."""
    for part in name.split("; "):
        if paper := _PAPER.match(part):
            title = clipped(paper["title"].strip(" ,("), MAX_CITED_CHARS) or f"arXiv:{paper['number']}"
            yield f"<https://arxiv.org/abs/{paper['number']}|{_label(title)}>"
        elif repository := _REPOSITORY.match(part):
            yield f"<https://github.com/{repository['name']}|{repository['name']}>"
        elif site := _SITE.search(part):
            yield f"<https://{site['name']}|{site['name']}>"
        elif own := _OWN_FILE.match(part):
            yield code_span(own["path"])


def _label(text: str) -> str:
    """A text that can stand in a link."""
    return escape(re.sub(r"[|<>`*_~]", "", text))
