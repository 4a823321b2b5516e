"""What the shipped catalogue makes, made once for all tests of a process."""

from functools import cache

from bot.files import load_catalog
from bot.language import Vocabulary, vocabulary_of


@cache
def shipped_names() -> Vocabulary:
    """Its models and GPUs, and the sellers that the grammar knows."""
    return vocabulary_of(load_catalog())
