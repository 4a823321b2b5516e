"""config/locales/*.yaml -> Texts: read once a process."""

from functools import cache
from pathlib import Path

from bot.cards.texts import Language, Texts
from bot.files import read_config


@cache
def load_texts(language: Language, override_dir: Path | None = None) -> Texts:
    """The words of `language`."""
    return Texts(language, read_config(f"locales/{language}", override_dir))
