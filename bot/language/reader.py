"""Text -> Reading: the whole of the command language, as a pure function."""

from collections.abc import Sequence
from dataclasses import replace

from bot.language.asked_run import run_asked, stream_of, understood_of, with_good_suggestions
from bot.language.canonical import format_request
from bot.language.card_checks import field_checked
from bot.language.card_questions import field_asked
from bot.language.choices import compares, variants
from bot.language.commands import command_of, command_of_line, in_our_words, of_money, plain_command
from bot.language.diagnose import too_long, too_many
from bot.language.first_questions import gpu_priced, sizes_asked
from bot.language.follow_up import is_follow_up
from bot.language.index import key_named
from bot.language.ledger_words import money_line
from bot.language.merge import Reading
from bot.language.no_effect import idle_settings
from bot.language.normalize import normalized
from bot.language.questions import asks, topic
from bot.language.relative import in_numbers
from bot.language.request import Request
from bot.language.rules.match import TokenStream
from bot.language.tokens import atoms_of
from bot.language.understood import Understood, understood
from bot.language.vocabulary import Vocabulary
from estimator.errors import Problem


def read(text: str, vocabulary: Vocabulary, base: Request | None = None) -> Reading:
    """What `text` asks for: a run, or one changed from `base`; everything wrong with it at once."""
    if problem := too_long(text):
        return Reading(outcome="problems", problems=(problem,))
    clean, problem = _changed(normalized(text), vocabulary, base)
    if problem := problem or too_long(clean) or too_many(atoms := atoms_of(clean)):
        return Reading(outcome="problems", text=clean, problems=(problem,))
    if (
        command := command_of_line(clean, atoms) or (_field_of_card(clean, vocabulary) if base else None)
    ) is not None:
        return command
    found = understood_of(TokenStream(clean, tuple(atoms), vocabulary))
    if _says_nothing(found):
        return (
            command_of(clean, atoms)
            or (_asked(found) if base else None)
            or _sizes(found, base)
            or _help(found)
        )
    reading = run_asked(found, base)
    if reading.outcome == "spec":
        return _compared(found, base) or _beside_the_card(found, base, reading) or reading
    return (
        (None if _is_labelled(found) else _command(found, base))
        or _prices(found)
        or _sizes(found, base)
        or with_good_suggestions(_compared(found, base) or reading, vocabulary, base)
    )


def read_plain(  # noqa: C901, PLR0911  -- what is no follow-up is told from what is, step by step
    text: str, vocabulary: Vocabulary, base: Request | None = None
) -> Reading:
    """A plain reply in a card's thread: a follow-up, a follow-up with problems, or conversation."""
    conversation = Reading(outcome="conversation")
    if too_long(text):
        return conversation
    clean, problem = _changed(normalized(text), vocabulary, base, is_plain=True)
    if problem:
        return Reading(outcome="problems", text=clean, problems=(problem,))
    if too_long(clean):
        return conversation
    atoms = atoms_of(clean)
    if (money := money_line(clean)) is not None:
        return of_money(clean, money) if money.is_strict else conversation
    if plain_command(atoms):
        return command_of(clean, atoms) or conversation
    if too_many(atoms):
        return conversation
    if (asked := _field_of_card(clean, vocabulary)) is not None:
        return asked
    found = understood_of(TokenStream(clean, tuple(atoms), vocabulary))
    has_choices = bool(variants(found.text, found.matches, found.twice))
    if asks(found.text, found.matches, has_choices=has_choices):
        return _answer(found, base, vocabulary)
    if not is_follow_up(found.text, found.matches):
        return conversation
    reading = run_asked(found, base)
    takes_back = atoms[0].squashed == "undo" and reading.request is None
    command_read = command_of(clean, atoms) if takes_back else None
    return command_read or with_good_suggestions(reading, vocabulary, base)


def _changed(
    clean: str, names: Vocabulary, base: Request | None, *, is_plain: bool = False
) -> tuple[str, Problem | None]:
    """A reply to a card in words that say so anywhere, and with the number that `double` comes to."""
    return in_numbers(in_our_words(clean), base, names, is_plain=is_plain) if base else (clean, None)


def _answer(found: Understood, base: Request | None, vocabulary: Vocabulary) -> Reading:
    """What a question in a card's thread comes to: another card, a comparison, or a word of this one."""
    if not found.said:
        return _asked(found) or Reading(outcome="conversation")
    reading = run_asked(found, base)
    if reading.outcome == "spec":
        return _compared(found, base) or reading
    return with_good_suggestions(_compared(found, base) or reading, vocabulary, base)


def _asked(found: Understood) -> Reading | None:
    """A question about the card that sets nothing: `how much memory does it need?`."""
    about = topic(found.text)
    return _of_card(found.text.clean, about) if about else None


def _field_of_card(clean: str, vocabulary: Vocabulary) -> Reading | None:
    """A question for a field of the card: `what batch size did you use?`, `is it lora?`."""
    if idle := idle_settings(clean):
        return _of_card(clean, f"no_effect {idle}")
    about = field_asked(clean) or field_checked(
        clean, lambda value: understood_of(stream_of(value, vocabulary))
    )
    return _of_card(clean, about) if about else None


def _of_card(clean: str, about: str) -> Reading:
    return Reading(outcome="command", text=clean, command="ask", arguments=about)


def _help(found: Understood) -> Reading:
    return Reading(outcome="help", text=found.text.clean, unused=found.unused, not_done=found.not_done)


def _says_nothing(found: Understood) -> bool:
    """Fillers and words that are set aside alone."""
    return not found.said and all(match.role in _SILENT for _, match in found.matches)


_SILENT = ("filler", "aside", "choice")


def _compared(found: Understood, base: Request | None) -> Reading | None:
    """The comparison that a text with two choices asks for; its problems, if one of them has any."""
    choices = variants(found.text, found.matches, found.twice)
    readings = [run_asked(understood(found.text, matches), base) for matches in choices]
    wrong = next((reading for reading in readings if reading.request is None), None)
    if not readings or wrong is not None:
        return wrong
    return _comparison(found, readings)


def _beside_the_card(found: Understood, base: Request | None, reading: Reading) -> Reading | None:
    """`compare with qlora`, `和h100比`: what is said beside the card of the thread."""
    is_asked = any(match.role == "choice" and compares(found.text, at) for at, match in found.matches)
    if base is None or not is_asked or reading.request == base:
        return None
    return _comparison(found, (replace(reading, request=base), reading))


def _comparison(found: Understood, readings: Sequence[Reading]) -> Reading:
    requests = tuple(reading.request for reading in readings if reading.request is not None)
    return Reading(
        outcome="command",
        text=found.text.clean,
        command="compare",
        arguments=" | ".join(format_request(request, found.text.names) for request in requests),
        compared=requests,
        unused=found.unused,
        not_done=found.not_done,
        language=readings[0].language,
    )


def _command(found: Understood, base: Request | None) -> Reading | None:
    """A whole line that is a command; of `compare A and B` without a bar the choices are compared."""
    command = command_of(found.text.clean, found.text.atoms)
    if command is not None and command.command == "compare" and "|" not in command.arguments:
        return _compared(found, base) or command
    return command


def _is_labelled(found: Understood) -> bool:
    """`模型 qwen2.5-7b loar 4090`: the first word is the name of a field, and a run with a slip follows."""
    return key_named(found.text.squashed(0)) is not None and len(found.said) > 1


def _sizes(found: Understood, base: Request | None) -> Reading | None:
    """The usual sizes side by side, where somebody asks how large a model may be."""
    asked = sizes_asked(found, base)
    readings = [run_asked(each, base) for each in asked]
    if not readings or any(reading.request is None for reading in readings):
        return None
    return _comparison(asked[0], readings)


def _prices(found: Understood) -> Reading | None:
    gpu = gpu_priced(found)
    return Reading(outcome="command", text=found.text.clean, command="prices", arguments=gpu) if gpu else None
