"""The `ftcost` command: a word that is no command begins an estimate.

Only what a command needs is imported, so that `ftcost --version` answers in a blink.
"""

import codecs
import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any, Final

import click

from bot.cli import garbage
from bot.cli.metadata_later import leave_metadata_for_later

ESTIMATE: Final = "estimate"
COMMANDS: Final = {
    ESTIMATE: "bot.cli.estimate:estimate_command",
    "parse": "bot.cli.estimate:parse_command",
    "compare": "bot.cli.estimate:compare_command",
    "help": "bot.cli.estimate:help_command",
    "models": "bot.cli.estimate:models_command",
    "gpus": "bot.cli.estimate:gpus_command",
    "prices": "bot.cli.prices:prices_command",
    "read": "bot.cli.read:read_command",
    "recipe": "bot.cli.read:recipe_command",
    "budget": "bot.cli.budget:budget_command",
    "serve": "bot.cli.start:serve_command",
    "playground": "bot.cli.playground:playground_command",
    "manifest": "bot.cli.manifest:manifest_command",
    "completion": "bot.cli.manifest:completion_command",
    "validate": "bot.cli.validate:validate_command",
}
SAID_FIRST: Final = ("explain", "json")
"""Options of an estimate that people write as its command."""


class Spoken(click.Group):
    """Commands loaded when they are called; anything else is the text of an estimate."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **named: Any) -> Any:
        """Run a command; without `args` it is that of this process, which soon ends."""
        if args is None:
            garbage.leave_it_to_the_end()
            _draw_what_can_be_drawn()
            # plugins are looked for in every package
            os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
            leave_metadata_for_later()
        try:
            return super().main(args, *more, **named)
        except OSError as error:
            if args is not None or error.errno != errno.ENOSPC:
                raise
            os.dup2(
                os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
            )  # what is left to write goes nowhere
            click.echo(f"ftcost: {error.strerror}", err=True)
            sys.exit(1)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  -- click's signature
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  -- likewise
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The group's own, and those of an estimate, which is what most come for."""
        super().format_options(ctx, formatter)
        estimate = self.get_command(ctx, ESTIMATE)
        told = (each.get_help_record(ctx) for each in estimate.params) if estimate else ()
        with formatter.section("Options of an estimate"):
            formatter.write_dl([each for each in told if each])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `estimate` before the words of a spec."""
        return super().parse_args(ctx, routed(args))


PLAIN: Final = {
    "×": "x",
    "·": "|",
    "–": "-",
    "−": "-",
    "→": "->",
    "…": "...",
    "✓": "+",
    "✗": "-",
    "•": "-",
    "≈": "~",
    "¥": "CNY ",
    "€": "EUR ",
    "£": "GBP ",
    "¢": "c",
    "⁹": "^9",
    "─": "-",
}
"""What an old terminal can draw in the place of what it cannot."""


def _draw_what_can_be_drawn() -> None:
    """The nearest sign for what the terminal's encoding lacks, else a `?`, instead of a traceback."""
    codecs.register_error("nearest", _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="nearest")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(each, "?") for each in lacking), error.end


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001  -- click's
    """Print the version and end."""
    if not asked or ctx.resilient_parsing:
        return
    from importlib.metadata import version  # noqa: PLC0415  -- slow, and needed nowhere else

    click.echo(f"ftcost {version('ftcost')}")
    ctx.exit()


def routed(args: Sequence[str]) -> list[str]:
    """The arguments with their command first."""
    if not args:
        return ["--help"]
    if args[0] in SAID_FIRST:
        return [ESTIMATE, f"--{args[0]}", *args[1:]]
    is_command = args[0] in COMMANDS or args[0] in ("--help", "-h", "--version")
    return list(args) if is_command else [ESTIMATE, *args]


@click.group(
    cls=Spoken,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: ftcost 7b fp16 n=10000 bs=32",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Does the fine-tune fit, how long will it take, what will it cost?

    Say it in one line, in any order: ftcost llama-3.1-8b qlora r=16 n=50k seq=2k on 4090
    """


if __name__ == "__main__":
    sys.exit(main())
