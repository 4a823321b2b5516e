"""What a problem says: the token, what was expected, an example, in words of the locales."""

from bot.i18n import Texts
from bot.language.grammar import KEYS
from bot.language.problems import Problem

_LONGEST_ECHO = 80
_ECHOED = frozenset({"first", "second", "with", "unit"})
"""Values that were typed."""
_EXAMPLES = {key.name: key.example for key in KEYS}


def message(problem: Problem, texts: Texts) -> str:
    """The problem as a sentence; nothing in it is escaped for Slack."""
    values = {
        "token": _echo(problem.token),
        "key": "",
        "example": _EXAMPLES.get(problem.params.get("key", ""), "7b lora bs=16"),
        "suggestion": problem.suggestions[0] if problem.suggestions else "",
        **{name: _echo(value) if name in _ECHOED else value for name, value in problem.params.items()},
    }
    sentence = texts(f"mistake.{problem.code}", **values)
    if not problem.suggestions or problem.code == "number_first":
        return sentence
    names = texts("punctuation.list").join(f"`{name}`" for name in problem.suggestions)
    return sentence + texts("mistake.did_you_mean", suggestions=names)


def _echo(token: str) -> str:
    token = token.replace("`", "'")
    return token if len(token) <= _LONGEST_ECHO else f"{token[:_LONGEST_ECHO]}…"
