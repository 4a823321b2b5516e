"""A paste as it is read."""

from bot.language import Vocabulary
from bot.language.pastes.paste import Paste, recognised


def paste_of(text: str, names: Vocabulary) -> Paste:
    paste = recognised(text, names)
    assert paste is not None
    return paste
