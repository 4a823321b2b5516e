"""In which language a terminal is answered."""

import os

from bot.i18n import Language
from bot.language.index import has_chinese


def language_of(text: str) -> Language:
    """Chinese where something Chinese is typed, else that of the terminal."""
    return "zh" if has_chinese(text) else terminal_language()


def terminal_language() -> Language:
    """That of the terminal: the first of LC_ALL, LC_MESSAGES and LANG that is set."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, names), "").lower().startswith("zh") else "en"
