"""The ephemeral answer to a text that cannot be read: every problem at once, and what to press."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from bot.cards import action_ids, button_values, phrases
from bot.cards.block import Block, Card, actions, button, clipped, code_span, escape, section
from bot.i18n import Texts
from bot.language import message
from estimator.errors import Problem

MAX_PROBLEMS_SHOWN = 3
"""The rest is counted."""
MAX_LINE_CHARS = 600
MAX_SENTENCE_CHARS = 300
MAX_TOKEN_CHARS = 80


def error_card(problems: Sequence[Problem], text: str, *, texts: Texts) -> Card:
    """All `problems` of `text`, the line with its wrong words marked, and the corrected lines as buttons."""
    shown = problems[:MAX_PROBLEMS_SHOWN]
    said = phrases.lines(
        texts.counted("error.lead", len(problems), count=len(problems)),
        *(_line(problem, texts) for problem in shown),
        texts("error.more", count=len(problems) - len(shown)) if len(problems) > len(shown) else "",
        texts("error.typed", line=marked(text, [problem.token for problem in shown])) if text.strip() else "",
    )
    first = clipped(escape(message(problems[0], texts).replace("`", "")), 200)
    return Card(
        texts.counted("error.text", len(problems), count=len(problems), first=first),
        (section(said, block_id="problems"), _buttons(problems, text, texts)),
    )


def marked(text: str, tokens: Sequence[str]) -> str:
    """The text as typed, on one line and inert: code, its wrong words in bold."""
    line = clipped(" ".join(text.replace("`", "").split()), MAX_LINE_CHARS)
    wrong = sorted({each.strip() for each in tokens if each.strip()}, key=len, reverse=True)
    if not wrong:
        return code_span(line)
    pattern = rf"(?<!\S)({'|'.join(map(re.escape, wrong))})(?!\S)"
    pieces = (each.strip() for each in re.split(pattern, line))
    return " ".join(f"*{code_span(each)}*" if each in wrong else code_span(each) for each in pieces if each)


def _line(problem: Problem, texts: Texts) -> str:
    """The problem with its token, unless its sentence says that itself."""
    said = clipped(escape(message(problem, texts)), MAX_SENTENCE_CHARS)
    token = clipped(problem.token, MAX_TOKEN_CHARS)
    shown = token.strip() and escape(token) not in said
    return f"• {texts('error.problem', token=code_span(token), message=said) if shown else said}"


def corrected(text: str, problems: Sequence[Problem]) -> Iterator[tuple[str, str]]:
    """What the buttons run: (what was put in, the whole line).

    One problem: each of its suggestions. Several, each with a suggestion: the first of all at once.
    """
    if len(problems) == 1:
        problem = problems[0]
        for suggestion, line in zip_longest(problem.suggestions[:3], problem.lines[:3]):
            yield suggestion, line or _replaced(text, [(problem, suggestion)])
    elif problems and all(problem.suggestions for problem in problems):
        firsts = [(problem, problem.suggestions[0]) for problem in problems]
        yield " ".join(first for _, first in firsts), _replaced(text, firsts)


def _replaced(text: str, suggested: Sequence[tuple[Problem, str]]) -> str:
    """The text with a suggestion in the place of each token, the last one first: spans stay true."""
    for problem, suggestion in sorted(suggested, key=_place, reverse=True):
        start, end = problem.span or (0, 0)
        if problem.token and text[start:end] == problem.token:
            text = f"{text[:start]}{suggestion}{text[end:]}"
        elif problem.token:
            text = text.replace(problem.token, suggestion, 1)
    return text


def _place(suggested: tuple[Problem, str]) -> tuple[int, int]:
    return suggested[0].span or (0, 0)


def _buttons(problems: Sequence[Problem], text: str, texts: Texts) -> Block:
    runs = [
        button(
            texts("error.run", token=clipped(put_in, 40)),
            f"{action_ids.RUN_PREFIX}{at}",
            button_values.state(line),
            primary=at == 0,
        )
        for at, (put_in, line) in enumerate(corrected(text, problems))
    ]
    edit = button(
        texts("button.edit"), action_ids.EDIT, button_values.state(text), label=texts("button.edit_label")
    )
    return actions(*runs, edit, button(texts("button.help"), action_ids.HELP, "help"), block_id="do")
