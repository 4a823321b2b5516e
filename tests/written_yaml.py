"""YAML of ours read back, by the parser that costs a tenth of the one that PyYAML takes by itself."""

from typing import Any, Final

import yaml

SafeLoader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def loaded(text: str) -> Any:
    """The document."""
    return yaml.load(text, SafeLoader)  # noqa: S506  -- both loaders are the safe ones
