"""Whole lines that are commands: `prices h100`, `budget set 500 usd`, `compare A | B`, `undo`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.language import reply_words, sentences, small_words, words
from bot.language.first_questions import LISTS, language_asked
from bot.language.index import COMMANDS, is_known, key_named
from bot.language.kinds import squash
from bot.language.ledger_words import MoneyLine, money_line
from bot.language.merge import Outcome, Reading
from bot.language.normalize import unmarked
from bot.language.tokens import Atom, atoms_of
from bot.lazy_pattern import lazily


def plain_command(atoms: Sequence[Atom]) -> str | None:
    """`undo`, `reset`, `vs root` or `recipe TOOL` as the whole message."""
    said = [atom.text.lower() for atom in atoms if not atom.binds]
    message = " ".join(said)
    return message if message in words.PLAIN_COMMANDS or _asks_for_recipe(said) else None


def _asks_for_recipe(said: Sequence[str]) -> bool:
    if not said or COMMANDS.get(said[0]) != "recipe":
        return False
    if len(said) == _NAMED and not _is_everyday(said[1]):
        return True  # of a tool that nobody knows, too: the answer names those that are
    from bot.language.tools.registry import recipe_tool  # noqa: PLC0415  -- few ask, and ten tools are many to load

    return recipe_tool(" ".join(said[1:])) is not None


_NAMED = 2
"""Words of `recipe TOOL`."""


def _is_everyday(word: str) -> bool:
    """`recipe please`, `recipe works`: said to each other."""
    name = squash(word)
    return is_known(name) or name in sentences.ALL or not word.isascii() or name in small_words.AFTER_RECIPE


_MEANT: Final = {
    squash(reply): line for line, replies in reply_words.WHOLE_REPLIES.items() for reply in replies.split("|")
}
_OPENING: Final = lazily(rf"^(?:{'|'.join(reply_words.OPENINGS)})(?=\S)", re.IGNORECASE)
_AROUND: Final = lazily("|".join(reply_words.AROUND), re.IGNORECASE)


_RECIPE_ASKED: Final = lazily("|".join(reply_words.RECIPE_ASKED), re.IGNORECASE)
_LONGEST_ASKED: Final = 60
_LONGEST_AROUND: Final = 120
"""Characters of a message that is a wish with words around it."""


_THANKS: Final = frozenset(map(squash, reply_words.THANKS.split("|")))


def is_thanks(clean: str) -> bool:
    """Whether a whole message thanks, and asks for nothing."""
    return squash(unmarked(clean)) in _THANKS


_PRICE_ASKED: Final = lazily(reply_words.PRICE_ASKED, re.IGNORECASE)


def asks_price(clean: str) -> bool:
    """`全参要多少钱`, `how much is lora?`: on a card that has it, the answer is the card's own cost."""
    return _PRICE_ASKED.search(clean) is not None


def in_our_words(clean: str) -> str:
    """`full`, `in english` as the whole reply, in the words that say so anywhere; any other text as it is."""
    said = unmarked(clean)
    if meant := reply_words.ASKED_ALONE.get(clean.strip().lower()) or _MEANT.get(squash(said)):
        return meant
    if len(said) <= _LONGEST_AROUND and (around := _AROUND.fullmatch(said)):
        wanted = _in_order(around.groupdict())
        return _MEANT.get(squash(wanted), wanted) or clean
    if len(said) <= _LONGEST_ASKED and (asked := _RECIPE_ASKED.fullmatch(said)):
        return _recipe_of(asked["tool"] or asked["of_tool"]) or clean
    return _OPENING.sub("", clean).strip()


def _recipe_of(tool: str) -> str:
    """`recipe axolotl` of a tool that is known; empty of any other word: `my config`."""
    from bot.language.tools.registry import recipe_tool  # noqa: PLC0415  -- as above

    return f"recipe {tool}" if recipe_tool(tool) is not None else ""


def _in_order(around: Mapping[str, str | None]) -> str:
    """What stands among the words of `AROUND`, as it is read: a limit, a memory, or the words themselves."""
    if changed := around["changed"]:
        return f"{changed.strip()}={around['into_number']}" if key_named(squash(changed)) else ""
    if around["key"]:
        return f"{around['key']}{around['after']}"
    name, said = next((name, said.strip()) for name, said in around.items() if said)
    if name.startswith("limit"):
        return f"{'deadline' if _IS_DURATION.search(said) else 'budget'}={said.replace(' ', '')}"
    meant = {
        "enough": f"budget={said.replace(' ', '')}?",
        "into": f"{said} 能放下吗",
        "off": f"关掉{said}",
    }.get(name, said)
    return _MEANT.get(squash(meant), meant)


_IS_DURATION: Final = lazily(r"[\d ](?:h|hours?|hrs?|d|days?|minutes?|mins?|个?小时|天|分钟)$", re.IGNORECASE)


def command_of_line(clean: str, atoms: Sequence[Atom]) -> Reading | None:
    """A line of the ledger, or `compare A | B`, of which one run might be read without a problem.

    Or a list in another language: `gpus 4090 lang=zh`.
    """
    if (money := money_line(clean)) is not None:
        return of_money(clean, money)
    if (asked := language_asked(clean)) is not None:
        rest, language = asked
        listed = command_of(rest, atoms_of(rest))
        if listed is not None and listed.command in LISTS:
            return replace(listed, language=language)
    found = command_of(clean, atoms) if "|" in clean else None
    return found if found is not None and found.command == "compare" else None


def of_money(clean: str, money: MoneyLine) -> Reading:
    """A line of the ledger, whose arguments are read where the ledger is."""
    return Reading(outcome="command", text=clean, command=money.command, arguments=money.arguments)


def command_of(clean: str, atoms: Sequence[Atom]) -> Reading | None:
    """The command that the first word names; Chinese needs no space after it."""
    first, *after = clean.split(None, 1)[:2] or [""]
    rest = after[0] if after else ""
    name = COMMANDS.get(first.strip("`*_~\"'?.!:").lower())
    if name is None and atoms and not atoms[0].text.isascii():
        name, rest = COMMANDS.get(atoms[0].squashed), clean[atoms[0].end :]
    if name is None:
        return None
    outcome: Outcome = "help" if name == "help" else "command"
    return Reading(outcome=outcome, text=clean, command=name, arguments=rest.strip(" ,，:：?？"))
