"""Estimates that were asked for lately: who asks the same again is answered from here."""

import threading
from collections import OrderedDict
from typing import Final

from estimator.catalog import Catalog
from estimator.prices.book import PriceBook
from estimator.result import Estimate
from estimator.spec import TrainingSpec

MAX_ESTIMATES: Final = 128

Question = tuple[TrainingSpec, str, Catalog, PriceBook]


class KeptAnswers:
    """The answers that were asked for last; safe to share between threads."""

    def __init__(self) -> None:
        self._by_question: OrderedDict[Question, Estimate] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._by_question)

    def get(self, question: Question) -> Estimate | None:
        """The answer to `question`, if it is kept."""
        with self._lock:
            if (answer := self._by_question.get(question)) is not None:
                self._by_question.move_to_end(question)
            return answer

    def put(self, question: Question, answer: Estimate) -> None:
        """Keep `answer`; the one that nobody has asked for longest goes."""
        with self._lock:
            self._by_question[question] = answer
            while len(self._by_question) > MAX_ESTIMATES:
                self._by_question.popitem(last=False)
