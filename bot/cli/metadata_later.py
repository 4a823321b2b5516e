"""`importlib.metadata` when it is used: pydantic imports it to look for plugins, of which we want none.

With what it imports itself (e-mail, zip files) it is a twenty-fifth of the CPU of an answer in a terminal.
"""

import importlib
import sys
from types import ModuleType
from typing import Any, Final

_NAME: Final = "importlib.metadata"


class _Later(ModuleType):
    """In its place until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what `import` itself looks for
            raise AttributeError(name)
        return getattr(_loaded(), name)


def leave_metadata_for_later() -> None:
    """For a command: imports of `importlib.metadata` cost nothing until one of its functions is called."""
    if _NAME in sys.modules:
        return
    later = _Later(_NAME)
    later.__dict__["entry_points"] = lambda **wanted: _loaded().entry_points(**wanted)
    sys.modules[_NAME] = later
    importlib.__dict__["metadata"] = later


def _loaded() -> Any:
    """The module itself, which from now on stands in its own place."""
    if isinstance(sys.modules.get(_NAME), _Later):
        del sys.modules[_NAME]
    return importlib.import_module(_NAME)
