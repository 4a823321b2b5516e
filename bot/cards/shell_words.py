"""A command as a shell reads it unharmed."""

import re
import shlex
from typing import Final

_OF_A_SHELL: Final = re.compile(r"""[|&;<>()$*?\[\]{}!#~'"\\`]""")


def in_quotes(words: str) -> str:
    """What a shell would take for its own (a pipe, `$5`) in quotes; the other words as they are."""
    return " ".join(shlex.quote(word) if _OF_A_SHELL.search(word) else word for word in words.split(" "))
