"""The words of one language: look-ups in `config/locales/{language}.yaml`."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final, Literal, get_args

from babel import Locale

from bot.files import read_config, read_sellers

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


def language_named(name: object) -> Language | None:
    """The language of this name, as something kept says it; None for any other word."""
    return next((each for each in LANGUAGES if each == name), None)


class Texts:
    """Every sentence that a user can be shown, by a dotted key, in one language.

    `texts("card.fits", used="63.9")` fills the sentence; `counted` chooses among the forms of a plural.
    """

    def __init__(self, language: Language, sentences: Mapping[str, Any]) -> None:
        self.language: Language = language
        self._sentences = dict(_flat(sentences))
        self._chinese = frozenset(key for key, said in self._sentences.items() if _CHINESE.search(said))

    @cached_property
    def locale(self) -> Locale:
        """What Babel knows of the language; parsed once, for that takes longer than a whole card."""
        return Locale.parse(self._sentences["locale"])

    @property
    def keys(self) -> frozenset[str]:
        """Every key there is."""
        return frozenset(self._sentences)

    def __contains__(self, key: str) -> bool:
        return key in self._sentences

    def __call__(self, key: str, /, **values: str | int) -> str:
        """The sentence of `key` with its `{names}` filled in.

        Raises:
            KeyError: no such sentence, or one of its names is not given.
        """
        sentence = self._sentences[key]
        return filled(sentence, values) if key in self._chinese else sentence.format_map(values)

    def counted(self, key: str, count: float, /, **values: str | int) -> str:
        """The sentence of `key` in the plural form that the language has for `count`, else in `.other`."""
        form = f"{key}.{self.locale.plural_form(count)}"
        return self(form if form in self else f"{key}.other", **values)

    def given(self, key: str, fallback: str, /, **values: str) -> str:
        """The sentence of `key`, or `fallback` where the language has none that these values fill."""
        try:
            return self(key, **values)
        except KeyError:
            return fallback

    def group(self, prefix: str) -> tuple[str, ...]:
        """The names directly under `prefix`, in the order of the file."""
        start = f"{prefix}."
        return tuple(
            dict.fromkeys(k.removeprefix(start).split(".")[0] for k in self._sentences if k.startswith(start))
        )


_OF_CHINESE: Final = "[\u3400-\u4dbf\u4e00-\u9fff]"
_CHINESE: Final = re.compile(_OF_CHINESE)
_LATIN: Final = re.compile("[A-Za-z]")
_SPACE_WANTED: Final = re.compile(rf"{_OF_CHINESE}\n[A-Za-z0-9]|[A-Za-z0-9]\n{_OF_CHINESE}")
_SPACE_UNWANTED: Final = re.compile(rf"{_OF_CHINESE}(?: \n|\n ){_OF_CHINESE}")


def filled(sentence: str, values: Mapping[str, str | int]) -> str:
    """A Chinese `sentence` with its `{names}`: a space beside a Latin name, none beside a Chinese one.

    `RunPod` and `阿里云` stand in the same place; numbers without a letter are set as the sentence has them.
    """
    said = value = ""
    for text, name in _pieces(sentence):
        said = _beside(said, text, value)
        value = "" if name is None else str(values[name])
        said = _beside(said, value, value)
    return said


def _beside(left: str, right: str, value: str) -> str:
    """`left` and `right`, one of which ends or begins with `value`."""
    ends = f"{left[-2:]}\n{right[:2]}"
    if _SPACE_WANTED.search(ends) and _LATIN.search(value):
        return f"{left} {right}"
    if _SPACE_UNWANTED.search(ends):
        return left.removesuffix(" ") + right.removeprefix(" ")
    return left + right


@lru_cache(maxsize=4096)
def _pieces(sentence: str) -> tuple[tuple[str, str | None], ...]:
    """What stands before each name, and the name."""
    return tuple((text, name) for text, name, _, _ in Formatter().parse(sentence))


def _flat(sentences: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in sentences.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


@cache
def load_texts(language: Language, override_dir: Path | None = None) -> Texts:
    """The words of `language`, with those of the installation over them; read once a process.

    A seller is called what sellers.yaml calls it, unless the language has a name of its own.
    """
    said = read_config(f"locales/{language}", override_dir)
    sellers = {key: facts["name"] for key, facts in read_sellers(override_dir).items()}
    return Texts(language, {**said, "provider": {**sellers, **said["provider"]}})
