"""`ftcost` as somebody types it, in the process of the tests."""

from click.testing import CliRunner, Result

from bot.cli.group import main

SEED = ("7b", "fp16", "n=10000", "bs=32")
QUIET = {
    "LC_ALL": "",
    "LC_MESSAGES": "",
    "LANG": "",
    "FTCOST_PRICE_SOURCES": "",
    "REDIS_URL": "",
    "HF_HUB_OFFLINE": "1",
}
"""An environment that says nothing."""


def ftcost(*args: str, stdin: str = "", **environ: str) -> Result:
    """What it printed, and how it ended."""
    return CliRunner().invoke(main, args, input=stdin, env=QUIET | environ)
