"""Answers that were asked for lately: who asks the same again is answered from here."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

MAX_ANSWERS: Final = 128

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class KeptAnswers(Generic[Question, Answer]):
    """The answers that were asked for last; safe to share between threads."""

    def __init__(self) -> None:
        self._by_question: OrderedDict[Question, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._by_question)

    def get(self, question: Question) -> Answer | None:
        """The answer to `question`, if it is kept."""
        with self._lock:
            if (answer := self._by_question.get(question)) is not None:
                self._by_question.move_to_end(question)
            return answer

    def put(self, question: Question, answer: Answer) -> None:
        """Keep `answer`; the one that nobody has asked for longest goes."""
        with self._lock:
            self._by_question[question] = answer
            while len(self._by_question) > MAX_ANSWERS:
                self._by_question.popitem(last=False)
