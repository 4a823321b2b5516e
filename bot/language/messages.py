"""What a problem says: the token, what was expected, an example, in words of the locales."""

from bot.i18n import Texts
from bot.language.grammar import KEYS
from estimator.errors import Problem

_LONGEST_ECHO = 80
_ECHOED = frozenset({"first", "second", "with", "unit", "detail", "said"})
"""Values that somebody else wrote."""
_EXAMPLES = {key.name: key.example for key in KEYS}


def message(problem: Problem, texts: Texts) -> str:
    """The problem as a sentence; nothing in it is escaped for Slack."""
    values = {
        "token": _echo(problem.token),
        "key": "",
        "example": _EXAMPLES.get(problem.parameters.get("key", ""), "7b lora bs=16"),
        "suggestion": problem.suggestions[0] if problem.suggestions else "",
        **{name: _echo(value) if name in _ECHOED else value for name, value in problem.parameters.items()},
    }
    sentence = texts(_sentence(problem, texts), **values)
    near = [f"`{name}`" for name in problem.suggestions if f"`{name}`" not in sentence]
    if not near:
        return sentence
    return sentence + texts("problem.did_you_mean", suggestions=texts("punctuation.list").join(near))


def _sentence(problem: Problem, texts: Texts) -> str:
    """The key of its sentence; where something near is known, that is said instead of what is expected."""
    bound = problem.parameters.get("bound")
    key = f"problem.{problem.code}{f'_{bound}' if bound else ''}"
    near = f"{key}_near"
    return near if problem.suggestions and near in texts else key


def _echo(token: str) -> str:
    token = token.replace("`", "'")
    return token if len(token) <= _LONGEST_ECHO else f"{token[:_LONGEST_ECHO]}…"
