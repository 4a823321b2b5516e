"""When two spellings are one name: `-`, `_`, a space and nothing are equal, and case is."""

_NOTHING = str.maketrans("", "", " -_'’:\t\n")


def squash(text: str) -> str:
    """The spelling under which a name is looked up: `RTX 4090` and `rtx-4090` give `rtx4090`."""
    return text.translate(_NOTHING).lower()
