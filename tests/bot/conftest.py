"""The names that the tests of the language read with: the shipped catalogue and a few providers."""

import pytest

from bot.files import load_catalog
from bot.language import Vocabulary, vocabulary_of

PROVIDERS = (
    "alibaba",
    "aws",
    "azure",
    "coreweave",
    "gcp",
    "lambda",
    "modal",
    "nebius",
    "oci",
    "runpod",
    "vast",
)


@pytest.fixture(scope="session")
def names() -> Vocabulary:
    """Models and GPUs as shipped."""
    return vocabulary_of(load_catalog(), dict.fromkeys(PROVIDERS, ()))
