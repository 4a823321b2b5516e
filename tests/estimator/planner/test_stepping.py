"""The first count at which a falling figure is not positive."""

import pytest

from estimator.planner.stepping import first_not_positive

LAYERS = 80


@pytest.mark.parametrize("power", [1, 3])
@pytest.mark.parametrize("before", [1, 2, 3, LAYERS])
def test_it_finds_what_halving_finds(power: int, before: int) -> None:
    for first in range(1, LAYERS + 2):

        def figure(count: int, first: int = first) -> float:
            return (first - count - 0.5) ** power

        assert first_not_positive(figure, before=before) == min(first, before)


def test_a_line_is_asked_in_few_questions() -> None:
    for first in range(1, LAYERS):
        asked: list[int] = []

        def figure(count: int, first: int = first, asked: list[int] = asked) -> float:
            asked.append(count)
            return 3.0 * (first - count) - 0.7

        assert first_not_positive(figure, before=LAYERS) == first
        assert len(asked) <= 5
