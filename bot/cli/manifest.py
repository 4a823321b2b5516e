"""Commands for whoever runs the bot: manifest, completion."""

from typing import Final

import click
from click.shell_completion import get_completion_class

from bot.files import config_dir

MANIFESTS: Final = ("socket-listen", "socket-mention", "http-listen", "http-mention")


@click.command("manifest", short_help="Print a Slack app manifest.")
@click.argument("profile", type=click.Choice(MANIFESTS), default=MANIFESTS[0])
def manifest_command(profile: str) -> None:
    """Print the manifest to paste into api.slack.com/apps: Socket Mode or HTTP, listening or mention-only."""
    click.echo((config_dir() / "manifest" / f"{profile}.yaml").read_text(encoding="utf-8"), nl=False)


@click.command("completion", short_help="Print a completion script.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell: eval "$(ftcost completion bash)"."""
    from bot.cli.group import main  # noqa: PLC0415  -- this module is loaded by that one

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(main, {}, "ftcost", "_FTCOST_COMPLETE").source())
