"""`ftcost TEXT` and `ftcost parse TEXT`: the same words and the same card, in a terminal."""

import gc
import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, Final, TextIO

import click

from bot.answers.answers import Answerer
from bot.answers.reply import EXIT_STATUS, Asker, Reply
from bot.bootstrap import prices_for, service_for
from bot.cards.block import Card
from bot.cards.requested import RequestedEstimate
from bot.cli.languages import language_of
from bot.cli.parse import (
    USER_ERROR,
    parse_batch,
    parse_document,
    problems_document,
    reading_document,
    request_of,
)
from bot.i18n import Language, Texts, load_texts
from bot.prices import Prices
from bot.prices.open import NO_NETWORK
from bot.settings import Settings, SettingsError, settings_from
from bot.settings.names import SERVED_ONLY
from estimator.document import estimate_document
from estimator.errors import Problem


def document_of(reply: Reply, texts: Texts) -> dict[str, Any]:
    """The estimate, the problems, or that help was asked for."""
    if reply.requested is not None:
        return {**requested_document(reply.requested), "unused": list(reply.unused), **_not_estimated(reply)}
    if reply.outcome == "problems":
        return problems_document(reply.problems, texts)
    if reply.outcome == "help":
        return {"help": True}
    from bot.cli.markup import plain  # noqa: PLC0415  -- an estimate is a document without it

    return {"text": plain(reply.card.text)}


def _document(reply: Reply) -> dict[str, Any]:
    return document_of(reply, answers().texts(reply.language))


def _not_estimated(reply: Reply) -> dict[str, Any]:
    return {"not_estimated": list(reply.not_done)} if reply.not_done else {}


def requested_document(requested: RequestedEstimate) -> dict[str, Any]:
    """The estimate, and what people type for it."""
    computed = estimate_document(requested.estimate)
    return {
        "schema_version": computed["schema_version"],
        "command": requested.command,
        **computed,
        "spec": requested.request.said(),
        "fixes": [
            {"change": written.change, "command": written.command, "option": fix["option"]}
            for written, fix in zip(requested.fixes, computed["fixes"], strict=True)
        ],
    }


SPINNER_AFTER_SECONDS: Final = 0.5
OPTION_CUTOFF: Final = 80
"""How much of an option must be there for a slip of it."""
WIDTH: Final = 100
"""Columns where the output is no terminal."""
SPOKEN: Final = {"ignore_unknown_options": True}
"""`-5` is a word of the text, to be answered as such."""
_WORDS = click.argument("words", nargs=-1)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the whole document.")
_BATCH = click.option(
    "--batch",
    type=click.File("r", encoding="utf-8", errors="replace"),
    help="""One request a line, {"text": "7b lora"}; - is standard input.""",
)


@cache
def answers() -> Answerer:
    """The answers of this process."""
    try:
        settings = settings_from(os.environ, leaving=SERVED_ONLY)
        service = service_for(settings, _prices(settings))
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    return Answerer(service, override_dir=settings.config_dir)


def _prices(settings: Settings) -> Prices:
    """The snapshot's, which asks no network, unless FTCOST_PRICE_SOURCES says otherwise."""
    sources = settings.price_sources if os.environ.get("FTCOST_PRICE_SOURCES") else NO_NETWORK
    if sources == NO_NETWORK:
        return prices_for(settings, sources, None)
    from bot.observe import configure_logging  # noqa: PLC0415  -- only sources on the network have a word to log
    from bot.store.memory import MemoryStore  # noqa: PLC0415  -- and what to keep

    configure_logging("console", "error")  # that one is down stands on the card
    return prices_for(settings, sources, MemoryStore())


@click.command("estimate", short_help="Estimate a fine-tune (the default).", context_settings=SPOKEN)
@_WORDS
@_JSON
@_BATCH
@click.option("--explain", is_flag=True, help="Show the maths under the card.")
@click.option("--lang", type=click.Choice(("en", "zh")), help="Language of the card.")
def estimate_command(
    words: tuple[str, ...], *, as_json: bool, batch: TextIO | None, explain: bool, lang: Language | None
) -> None:
    """Estimate memory, time and cost of one fine-tune, said in any order."""
    text = " ".join(words)
    _no_misspelt_option(words)
    asker = Asker(language=lang or language_of(text), surface="terminal")
    if batch is not None:
        gc.enable()  # a batch may be long
        for line in batch:
            click.echo(json.dumps(_answered_line(line, asker)))
        return
    with progress(asker.language):
        reply = answers().reply(answers().read(text), asker)
    if as_json:
        _print_json(_document(reply))
    else:
        print_reply(reply, explain=explain)
    sys.exit(EXIT_STATUS[reply.outcome] if reply.is_found else 1)


def print_reply(reply: Reply, *, explain: bool = False) -> None:
    """The card of a reply, and with `explain` how its numbers come about.

    What is wrong, or of a name that there is not, goes to standard error.
    """
    is_answer = reply.outcome not in {"problems", "not_here", "not_booked"} and reply.is_found
    stream = sys.stdout if is_answer else sys.stderr
    _draw(reply.card, stream)
    if reply.language == "zh" and not _draws_chinese(stream):
        from bot.cli.markup import plain  # noqa: PLC0415  -- a document is printed without it

        click.echo(
            plain(answers().texts("en")("terminal.no_chinese", encoding=str(stream.encoding))), err=True
        )
    if explain and reply.requested is not None:
        for told in (answers().maths, answers().sources):
            _draw(told(reply.requested, reply.language, "terminal"), stream)


def _draw(card: Card, stream: TextIO) -> None:
    """In colour for who looks at a terminal, else its lines."""
    if not stream.isatty():
        from bot.cli.plain import drawn_lines  # noqa: PLC0415  -- likewise

        if (drawn := drawn_lines(card, WIDTH)) is not None:
            stream.write("".join(f"{line}\n" for line in drawn))
            stream.flush()  # here a full disk can still be told
            return
    from rich.console import Console  # noqa: PLC0415  -- nothing else needs it, and it loads slowly

    from bot.cli.render import render  # noqa: PLC0415  -- likewise

    render(card, Console(file=stream, width=None if stream.isatty() else WIDTH, highlight=False))


def _draws_chinese(stream: TextIO) -> bool:
    try:
        "卡".encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _answered_line(line: str, asker: Asker) -> dict[str, Any]:
    """The document of one request of a batch: the estimate where it asks for one, else what `parse` says."""
    request = request_of(line)
    if isinstance(request, Problem):
        return problems_document((request,), answers().texts(asker.language))
    text, base, plain = request
    before = answers().read(base) if base else None
    if plain or (before is not None and before.request is None):
        return parse_document(
            text, vocabulary=answers().vocabulary, texts=answers().texts, base=base, plain=plain
        )[0]
    reading = answers().read(text, before.request if before else None)
    if reading.outcome == "command":
        return reading_document(reading, answers().texts)
    return _document(answers().reply(reading, asker))


def _command_of_the_language(name: str, short_help: str) -> click.Command:
    """`ftcost NAME …` for a command of the command language: it is read there, with its name."""

    def callback(words: tuple[str, ...], **options: Any) -> None:
        said: Any = estimate_command.callback
        said((name, *words), **options)

    return click.Command(
        name,
        context_settings=SPOKEN,
        callback=callback,
        params=estimate_command.params,
        short_help=short_help,
    )


compare_command = _command_of_the_language("compare", "Set runs side by side: compare SPEC '|' SPEC.")
help_command = _command_of_the_language("help", "What can be said, with examples.")
models_command = _command_of_the_language("models", "List the models known by name: models [WORD …].")
gpus_command = _command_of_the_language("gpus", "List the GPUs: gpus [WORD …].")
prices_of_command = _command_of_the_language("prices", "List what sellers ask: prices GPU.")


@click.command("parse", short_help="Show how a text is read.", context_settings=SPOKEN)
@_WORDS
@click.option("--base", help="The spec that the text changes.")
@click.option("--plain", is_flag=True, help="Read it as a plain reply in a thread.")
@_JSON
@_BATCH
def parse_command(
    words: tuple[str, ...], *, base: str | None, plain: bool, as_json: bool, batch: TextIO | None
) -> None:
    """Show the spec that a text sets, or everything that is wrong with it."""
    vocabulary, texts = answers().vocabulary, answers().texts
    if batch is not None:
        gc.enable()  # likewise
        for line in parse_batch(batch, vocabulary, texts):
            click.echo(line)
        return
    found, status = parse_document(
        " ".join(words), vocabulary=vocabulary, texts=texts, base=base, plain=plain
    )
    (_print_json if as_json else _print_pairs)(found)
    sys.exit(status)


@contextmanager
def progress(language: Language) -> Iterator[None]:
    """A spinner on standard error for what takes longer than half a second, where somebody looks."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415  -- as above

    console = Console(stderr=True)
    status = console.status(load_texts(language)("terminal.estimating"))
    timer = threading.Timer(SPINNER_AFTER_SECONDS, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        status.stop()


def _no_misspelt_option(words: Sequence[str]) -> None:
    """An option of ours with a slip (`--jsno`) is no word of the run; those of trainers are."""
    if not any(word.startswith("--") for word in words):
        return
    from rapidfuzz import fuzz, process  # noqa: PLC0415  -- most lines have no option at all

    context = click.get_current_context()
    ours = [name for param in context.command.params for name in param.opts if name.startswith("--")]
    for word in words:
        typed = word.partition("=")[0]
        near = process.extractOne(typed, (*ours, "--help"), scorer=fuzz.ratio, score_cutoff=OPTION_CUTOFF)
        if word.startswith("--") and near:
            said = load_texts(language_of(" ".join(words)))
            click.echo(said("terminal.no_option", option=word, near=near[0]), err=True)
            sys.exit(USER_ERROR)


def _print_json(found: dict[str, Any]) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _print_pairs(found: dict[str, Any]) -> None:
    """`key: value` lines for a person."""
    shown = partial(json.dumps, ensure_ascii=False)
    for name, value in found.items():
        for each in value if name == "problems" else [value]:
            click.echo(f"{name}: {each if isinstance(each, str) else shown(each)}")
