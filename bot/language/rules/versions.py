"""Versions of libraries: those of frameworks say how they behaved, others are set aside: `torch 2.5`."""

import re
from typing import Final

from bot.language import told_words
from bot.language.catalogued import RELEASES, USUAL_FRAMEWORK
from bot.language.index import MORE_SETTERS, SETTERS
from bot.language.kinds import Pairs, squash
from bot.language.rules.match import Match, TokenStream, opened_by, phrase_set, phrase_size
from bot.language.rules.values import FRAMEWORK_NAMES
from estimator.framework.release import may_exist

_LIBRARIES: Final = phrase_set(told_words.LIBRARIES)
_VERSION: Final = re.compile(
    r"[=<>~!^]*v?(?P<release>\d{1,4}(?:\.\d{1,3}){1,2})(?:\.\d+|\.?(?:post|dev|rc|a|b)\d*)*(?:\+\w+)?(?:-\w+)?",
    re.IGNORECASE | re.ASCII,
)
_WHOLE: Final = re.compile(r"[=<>~!^]*v?\d{1,4}", re.IGNORECASE | re.ASCII)
"""A version without a point: `cuda 12`, `driver 550`."""
_GLUED: Final = re.compile(
    r"(?P<name>[a-z][a-z_-]*[a-z])-?v?(?P<version>\d{1,4}(?:\.\d{1,3}){1,3}(?:\+\w+)?)|cu1[0-4]\d|py3\d{1,2}",
    re.IGNORECASE | re.ASCII,
)
_OF_WHOLE_NUMBERS: Final = frozenset(
    map(
        squash,
        (
            "cuda",
            "python",
            "driver",
            "nvidia driver",
            "driver version",
            "gcc",
            "ubuntu",
            "windows",
            "debian",
            "centos",
            "rocm",
            "cudnn",
            "驱动",
            "驱动版本",
            "显卡驱动",
        ),
    )
)
_MARKS: Final = frozenset(("version", "versions", "ver", "v", "版本", "是", "is", "release"))
_USUAL: Final[Pairs] = (("stack", USUAL_FRAMEWORK),)
_USUAL_NAMES: Final = frozenset(name for name, sets in FRAMEWORK_NAMES.items() if sets == _USUAL)
_OTHERS: Final = frozenset(name for name, sets in FRAMEWORK_NAMES.items() if sets != _USUAL)


@opened_by(_LIBRARIES)
def version(text: TokenStream, at: int) -> Match | None:
    """A library with its version; a framework's release is taken where nothing else names one."""
    if not text.phrases_said[at] or (size := phrase_size(text, at, _LIBRARIES)) == 0:
        return _glued(text, at)
    name, end = "".join(text.squashed(at + n) for n in range(size)), at + size
    end += text.squashed(end) in _MARKS
    is_bound = text.binds(end)
    end += is_bound
    end += text.squashed(end) in _MARKS
    word = text.word(end)
    if word is None or (text.is_apart(end) and not is_bound):
        return None
    found = _VERSION.fullmatch(word.text)
    if found is None and not (name in _OF_WHOLE_NUMBERS and _WHOLE.fullmatch(word.text)):
        return None
    return _match(text, name, found["release"] if found else "", end + 1 - at)


def _glued(text: TokenStream, at: int) -> Match | None:
    """`torch2.5`, `cuda12.4`, `cu121`, `transformers-4.44`."""
    found = _GLUED.fullmatch(text.atoms[at].text)
    if found is None or text.binds(at + 1):
        return None
    name = squash(found["name"] or "")
    if found["name"] and name not in _LIBRARIES:
        return None
    return _match(text, name, found["version"] or "", 1)


def _match(text: TokenStream, name: str, release: str, size: int) -> Match:
    sets = _sets(text, name, release)
    if not sets:
        return Match(size, "aside", casual=False)
    return Match(size, "sets", sets=sets, casual=False, weak=True)


def _sets(text: TokenStream, name: str, release: str) -> Pairs:
    """What the name sets; nothing of the usual framework where another, which stands on it, is named."""
    sets: Pairs = FRAMEWORK_NAMES.get(name) or SETTERS.get(name) or MORE_SETTERS.get(name) or ()
    if sets == _USUAL and not text.words.isdisjoint(_OTHERS):
        return ()
    released = _released(str(dict(sets).get("stack", "")), release)
    is_said_again = sets == _USUAL and len(text.words & _USUAL_NAMES) > 1  # `peft 0.13, transformers 4.45`
    return released or (() if is_said_again else sets)


def _released(stack: str, release: str) -> Pairs:
    """The release, where the number can be one of the framework's own: `peft 0.11` is none of its loop's."""
    if not release or stack not in RELEASES or not may_exist(release, **RELEASES[stack]):
        return ()
    return (("stack", stack), ("stack_release", release))
