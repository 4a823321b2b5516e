"""`ftcost read FILE` and `ftcost recipe TOOL SPEC`: configurations and logs in, configurations out."""

import json
import sys
from pathlib import Path
from typing import Final

import click

from bot.answers.recipes import recipe_reply
from bot.answers.reply import Asker
from bot.cli.estimate import answers, print_reply
from bot.cli.languages import terminal_language
from bot.i18n import Language
from bot.language.pastes.paste import Paste, recognised
from bot.language.pastes.text import MAX_BYTES
from bot.language.tools.registry import READABLE, recipe_tool

NOT_RECOGNISED: Final = 1
_LANG = click.option("--lang", type=click.Choice(("en", "zh")), help="Language of the answer.")


@click.command("read", short_help="Read a pasted configuration or log: read FILE, or - for standard input.")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print what was read, and estimate nothing.")
@_LANG
def read_command(file: str, *, as_json: bool, lang: Language | None) -> None:
    """Say what a configuration or a log is, what was taken and what was left aside; then the card."""
    language = lang or terminal_language()
    text = _text_of(file)
    paste = recognised(text, answers().vocabulary)
    if paste is None:
        _refuse("file_too_long" if len(text) > MAX_BYTES else "file_unknown", language, as_json=as_json)
    elif as_json:
        click.echo(json.dumps(paste.document(), ensure_ascii=False, indent=2))
    else:
        _show(text, paste, language)


def _show(text: str, paste: Paste, language: Language) -> None:
    asker = Asker(language=language, surface="terminal")
    print_reply(answers().reply(answers().read(text), asker))
    if paste.is_log:
        return


def _text_of(file: str) -> str:
    """The first bytes of the file: one more than what is read, so that longer ones are known."""
    try:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else _first_bytes(Path(file))
    except OSError as error:
        raise click.FileError(file, error.strerror or "") from error
    return raw.decode("utf-8", errors="replace")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _refuse(notice: str, language: Language, *, as_json: bool) -> None:
    said = answers().texts(language)(f"notice.{notice}", tools=READABLE)
    if as_json:
        click.echo(
            json.dumps(
                {"problems": [{"token": "", "message": _plain(said), "suggestions": []}]}, ensure_ascii=False
            )
        )
    else:
        click.echo(_plain(said), err=True)
    sys.exit(NOT_RECOGNISED)


def _plain(mrkdwn: str) -> str:
    from bot.cli.markup import plain  # noqa: PLC0415  -- a configuration is printed without it

    return plain(mrkdwn)


@click.command(
    "recipe",
    short_help="Write a run as a tool's configuration: recipe TOOL SPEC.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("tool")
@click.argument("words", nargs=-1, required=True)
@_LANG
def recipe_command(tool: str, words: tuple[str, ...], *, lang: Language | None) -> None:
    """Write the configuration of TOOL that runs exactly the plan that SPEC is estimated with."""
    asker = Asker(language=lang or terminal_language(), surface="terminal")
    reading = answers().read(" ".join(words))
    if recipe_tool(tool) is None or reading.request is None:
        print_reply(answers().reply(answers().read(f"recipe {tool} {' '.join(words)}"), asker))
        sys.exit(NOT_RECOGNISED)
    reply = recipe_reply(answers(), reading.request, tool, asker)
    if reply.outcome != "done":
        print_reply(reply)
        sys.exit(NOT_RECOGNISED)
    click.echo(reply.card.blocks[0]["text"]["text"], nl=False)
    for element in reply.card.blocks[1]["elements"]:
        click.echo(_plain(element["text"]), err=True)
