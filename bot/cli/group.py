"""The `ftcost` command: a word that is no command begins an estimate.

Only what a command needs is imported, so that `ftcost --version` answers in a blink.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Final

import click

ESTIMATE: Final = "estimate"
COMMANDS: Final = {
    ESTIMATE: "bot.cli.estimate:estimate_command",
    "parse": "bot.cli.estimate:parse_command",
    "compare": "bot.cli.estimate:compare_command",
    "help": "bot.cli.estimate:help_command",
    "models": "bot.cli.estimate:models_command",
    "gpus": "bot.cli.estimate:gpus_command",
    "prices": "bot.cli.estimate:prices_command",
    "serve": "bot.cli.serve:serve_command",
    "playground": "bot.cli.playground:playground_command",
    "manifest": "bot.cli.manifest:manifest_command",
    "completion": "bot.cli.manifest:completion_command",
    "validate": "bot.cli.validate:validate_command",
}


class Spoken(click.Group):
    """Commands loaded when they are called; anything else is the text of an estimate."""

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

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `estimate` before the words of a spec."""
        return super().parse_args(ctx, routed(args))


def routed(args: Sequence[str]) -> list[str]:
    """The arguments with their command first."""
    if not args:
        return ["--help"]
    is_command = args[0] in COMMANDS or args[0] in ("--help", "-h", "--version")
    return list(args) if is_command else [ESTIMATE, *args]


@click.group(
    cls=Spoken,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: ftcost 7b fp16 n=10000 bs=32",
)
@click.version_option(version("ftcost"), prog_name="ftcost", message="%(prog)s %(version)s")
def main() -> None:
    """Does the fine-tune fit, how long will it take, what will it cost?

    Say it in one line, in any order: ftcost llama-3.1-8b qlora r=16 n=50k seq=2k on 4090
    """


if __name__ == "__main__":
    sys.exit(main())
