"""`ftcost serve`, before anything of Slack is imported."""

import os
import sys

import click

from bot.cli.mistakes import mistakes_in_one_line
from bot.settings import serving_settings_from


@click.command("serve", short_help="Run the Slack bot.")
def serve_command() -> None:
    """Run the Slack bot: Socket Mode where SLACK_APP_TOKEN is set, else HTTP on HOST and PORT."""
    from bot.cli.serve import serve  # noqa: PLC0415  -- Slack's SDK and the app take a second to import

    with mistakes_in_one_line():
        sys.exit(serve(serving_settings_from(os.environ)))
