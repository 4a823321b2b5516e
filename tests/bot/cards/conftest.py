from pathlib import Path

import pytest

from bot.i18n import LANGUAGES, Language, Texts, load_texts


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the cards as they are now")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


@pytest.fixture
def texts(language: Language) -> Texts:
    return load_texts(language)


@pytest.fixture
def english() -> Texts:
    return load_texts("en")


@pytest.fixture
def chinese() -> Texts:
    return load_texts("zh")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture
def golden() -> Path:
    return Path(__file__).parent / "golden"
